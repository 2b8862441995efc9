"""Posts that articles embed: whichever way the page writes its quotes, and what cannot be read off one."""

import json
from datetime import UTC, datetime

import pytest
from machine import answer, run
from old_pages import at
from samples import NOON

from archiver.errors import NetworkError, Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Post, Reason
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.embeds import article, parse_embeds
from archiver.platforms.x.state import State
from archiver.routes import Ref

PAGE = "https://news.example/story"
TEXT = '<p lang="en" dir="ltr">Words</p>'


def embed(
    id_: str = at(0), text: str = TEXT, signed: str = "&mdash; Ann Ash (@Ann)", day: str = "May 3, 2017", more: str = ""
) -> str:
    address = f"https://twitter.com/Ann/status/{id_}?ref_src=twsrc%5Etfw"
    return f'<blockquote class="twitter-tweet"{more}>{text}{signed} <a href="{address}">{day}</a></blockquote>'


def only(html: str) -> Post:
    [tweet] = parse_embeds(html)
    assert tweet.post
    return tweet.post


def test_an_embed_is_read() -> None:
    post = only(f"<article><p>Before</p>{embed()}<script async src='widgets.js'></script></article>")
    assert (post.id, post.url) == (at(0), f"https://x.com/Ann/status/{at(0)}")
    assert (post.author.id, post.author.handle, post.author.name) == ("@ann", "Ann", "Ann Ash")
    assert (post.content, post.language, post.truncated, post.day_only) == ("<p>Words</p>", "en", False, False)
    assert post.created_at == datetime(2017, 5, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "html",
    [
        embed(more=' data-conversation="none"'),
        embed().replace("twitter-tweet", "twitter-video"),
        embed().replace(' class="twitter-tweet"', ""),
        embed(text="", signed=f"{TEXT}<p>— Ann Ash (@Ann)</p>"),
        embed(text="", signed="<p>Words<br>— Ann Ash (＠Ann):</p>"),
        embed(text="", signed="Words — Ann Ash (@Ann)"),
        embed(text="<p>\n  Words\n  </p>\n"),
        embed(text='<p lang="en">Words</p><noscript>no</noscript>'),
        embed().replace("https://twitter.com/Ann/status", "https://mobile.twitter.com/i/web/status"),
        embed().replace("https://twitter.com/", "https://web.archive.org/web/2017/https://twitter.com/#!/"),
        embed().replace("https://twitter.com/", "https://x.com/"),
        embed(day="<time>3. Mai 2017</time>"),
    ],
)
def test_the_forms_of_an_embed_say_the_same(html: str) -> None:
    post = only(html)
    assert (post.id, post.author.handle, post.author.name, post.content) == (at(0), "Ann", "Ann Ash", "<p>Words</p>")
    assert post.created_at == datetime(2017, 5, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One<br>\n  Two &amp; three<br><br>Four", "<p>One<br>Two &amp; three</p><p>Four</p>"),
        (" One <br> Two", "<p>One<br>Two</p>"),
        (
            '.<a href="https://twitter.com/Bob?ref_src=1">@Bob</a>\n<a href="https://twitter.com/hashtag/t?src=hash">#t</a>',
            '<p>.<a href="https://x.com/Bob" class="mention">@Bob</a> '
            '<a href="https://x.com/hashtag/t" class="hashtag">#t</a></p>',
        ),
        (
            '<a href="https://t.co/a">https://t.co/a</a> <a href="https://t.co/b">pic.twitter.com/b</a>',
            '<p><a href="https://t.co/a">https://t.co/a</a> <a href="https://t.co/b">pic.twitter.com/b</a></p>',
        ),
        (
            '<a href="https://news.example/@Bob">@Bob</a> <a href="https://twitter.com/a">who</a>',
            '<p><a href="https://news.example/@Bob">@Bob</a> <a href="https://twitter.com/a">who</a></p>',
        ),
        ("A — B (@cy) said — so", "<p>A — B (@cy) said — so</p>"),
    ],
)
def test_a_text_is_laid_out_as_in_a_browser(text: str, expected: str) -> None:
    assert only(embed(text=f"<p>{text}</p>")).content == expected


def test_a_text_that_was_cut_says_so() -> None:
    assert only(embed(text="<p>And then…</p>")).truncated


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("May 3, 2009", datetime(2009, 5, 3, tzinfo=UTC)),
        ("3 September 2009", datetime(2009, 9, 3, tzinfo=UTC)),
        ("Sept. 3, 2009", datetime(2009, 9, 3, tzinfo=UTC)),
    ],
)
def test_an_old_id_has_the_day_that_the_page_names(day: str, expected: datetime) -> None:
    post = only(embed("2000", day=day))
    assert (post.created_at, post.day_only) == (expected, True)


def test_older_embeds_have_the_whole_time() -> None:
    post = only(embed("2000", day="then").replace("<a href", '<a data-datetime="2009-05-03T17:00:00+02:00" href'))
    assert (f"{post.created_at:%H:%M}", post.day_only) == ("15:00", True)


@pytest.mark.parametrize("day", ["3. Mai 2009", "Mxy 3, 2009", "yesterday"])
def test_no_day_and_no_time_is_a_gap(day: str) -> None:
    [tweet] = parse_embeds(embed("2000", day=day))
    assert tweet.tombstone
    assert (tweet.tombstone.reason, tweet.tombstone.author) == (Reason.UNKNOWN, "@ann")


def test_an_unsigned_embed_has_the_handle_of_its_address() -> None:
    post = only(embed(signed=""))
    assert (post.author.handle, post.author.name, post.content) == ("Ann", "", "<p>Words</p>")


@pytest.mark.parametrize(
    ("html", "author"),
    [
        (embed(text="", signed=""), "@ann"),
        (embed(signed="").replace("/Ann/status", "/i/status"), None),
        (embed(text="", signed="", day=""), "@ann"),
    ],
)
def test_an_embed_without_its_text_or_its_author_is_a_gap(html: str, author: str | None) -> None:
    [tweet] = parse_embeds(html)
    assert isinstance(tweet.node, Missing)
    assert (tweet.node.reason, tweet.node.author) == (Reason.NOT_LOADED, author)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "file.html",
        '<?xml version="1.0"?><html><blockquote>Words</blockquote></html>',
        "<blockquote>Words <a href='https://news.example/1'>May 3, 2017</a></blockquote>",
        f"<blockquote>She wrote <a href='https://twitter.com/ann/status/{at(0)}'>this</a></blockquote>",
        "<blockquote class='twitter-tweet'><a>May 3, 2017</a></blockquote>",
    ],
)
def test_other_quotes_are_none(html: str) -> None:
    assert parse_embeds(html) == []


def test_each_post_is_there_once_and_with_its_text() -> None:
    html = embed(text="", signed="") + embed() + embed(text="<p>Later</p>") + embed(at(1)) + embed(text="", signed="")
    assert [(tweet.id, tweet.post and tweet.post.content) for tweet in parse_embeds(html)] == [
        (at(0), "<p>Words</p>"),
        (at(1), "<p>Words</p>"),
    ]


def test_an_embed_within_a_quote_is_the_inner_one() -> None:
    assert only(f"<blockquote>As she said: {embed()}</blockquote>").id == at(0)


def fetched(body: str, status: int = 200) -> State:
    state = State(sources=SOURCES)

    def send(request: Request) -> Response:
        assert request.url == PAGE
        return answer(request, body, status)

    run(article(state, Ref(url=PAGE, id="")), send)
    return state


@pytest.mark.parametrize("body", [embed(), json.dumps({"url": "…", "html": embed()})])
def test_an_article_or_an_answer_of_oembed_is_a_source(body: str) -> None:
    state = fetched(body)
    [[sight]] = state.sights.values()
    assert (sight.tweet.id, sight.route, sight.seen_at, sight.url) == (at(0), "embeds", NOON, PAGE)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, "", "save the page in a browser"),
        (404, "", "web archive"),
        (200, "<p>Words</p>", "holds no embedded post"),
    ],
)
def test_an_article_that_shows_none_is_refused(status: int, body: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        fetched(body, status)


def test_damaged_json_is_an_error() -> None:
    with pytest.raises(NetworkError, match="damaged"):
        fetched("{")
