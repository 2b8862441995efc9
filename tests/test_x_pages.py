"""Old pages of twitter.com: every post wherever it stands, and a parent only where the page proves it."""

from collections.abc import Callable

import pytest
from old_pages import at, link, page, person, picture, posting, quoted, rows, scripted, tweet, written
from samples import NOON

from archiver.http.message import Request, Response
from archiver.model import Attachment, Counts, Missing, Post, Reason
from archiver.platforms.x.markup import page_of
from archiver.platforms.x.recorded import parse_page
from archiver.platforms.x.tweet import Tweet
from archiver.text.html import plain


def parsed(html: str | bytes) -> dict[str, Tweet]:
    return {tweet.id: tweet for tweet in parse_page(html)}


def post(html: str, id_: str = at(0)) -> Post:
    found = parsed(html)[id_].post
    assert found
    return found


def parents(html: str) -> dict[str, str | None]:
    return {id_: tweet.node.in_reply_to for id_, tweet in parsed(html).items()}


def test_a_post_is_read_with_all_that_the_page_tells() -> None:
    found = parsed(page(tweet(at(0), "Hello", focal=True)))[at(0)]
    assert (found.conversation, found.parent_author) == (at(0), None)
    assert found.post == Post(
        id=at(0),
        url=f"https://x.com/ann/status/{at(0)}",
        author=found.post.author,
        created_at=found.post.created_at,
        content="<p>Hello</p>",
        language="en",
        counts=Counts(replies=3),
    )
    author = found.post.author
    assert (author.id, author.handle, author.name) == ("101", "ann", "Ann Ash")
    assert author.avatar == "https://pbs.twimg.com/profile_images/ann.jpg"
    assert f"{found.post.created_at:%H:%M:%S.%f}" == "15:00:00.000000"


def test_the_time_of_an_old_id_is_the_one_that_the_page_tells() -> None:
    found = post(page(tweet("20", focal=True)), "20")
    assert (f"{found.created_at:%Y-%m-%d %H:%M}", found.day_only) == ("2017-05-03 15:00", False)


def test_text_bytes_and_shells_are_told_apart() -> None:
    html = page(tweet(at(0), "Grüße 🌿", focal=True))
    assert plain(post(html).content) == "Grüße 🌿"
    assert parsed(html.encode()) == parsed(html)
    assert parse_page('<div id="react-root"></div><noscript>JavaScript is not available.</noscript>') == []
    assert parse_page("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One\n\nTwo\nThree  four", "<p>One</p><p>Two<br>Three  four</p>"),
        ('So <img class="Emoji" alt="🌿" src="x.png"> it is', "<p>So 🌿 it is</p>"),
        (
            'To <a class="twitter-atreply" href="/Bob"><s>@</s><b>Bob</b></a>!',
            '<p>To <a href="https://x.com/Bob" class="mention">@Bob</a>!</p>',
        ),
        (
            '<a class="twitter-hashtag" href="/hashtag/%C3%9Cber?src=hash"><s>#</s><b>Über</b></a>',
            '<p><a href="https://x.com/hashtag/%C3%9Cber" class="hashtag">#Über</a></p>',
        ),
        (
            '<a class="twitter-cashtag" href="/search?q=%24ABC&src=ctag"><s>$</s><b>ABC</b></a>',
            '<p><a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a></p>',
        ),
        (
            f"See {link('https://news.example/a?b=1')}.",
            '<p>See <a href="https://news.example/a?b=1">https://news.example/a?b=1</a>.</p>',
        ),
        (
            f"See{link('https://news.example/card', 'twitter-timeline-link u-hidden')}",
            '<p>See <a href="https://news.example/card">https://news.example/card</a></p>',
        ),
        (
            f"See {link('https://news.example/card', 'twitter-timeline-link u-hidden')}",
            '<p>See <a href="https://news.example/card">https://news.example/card</a></p>',
        ),
        (
            link("", "twitter-timeline-link u-hidden", "pic.twitter.com/abc"),
            '<p><a href="https://t.co/abc">pic.twitter.com/abc</a></p>',
        ),
        ('<a href="/somewhere"> </a><!-- note --><script>x()</script> ', ""),
        ("", ""),
    ],
)
def test_a_text_keeps_its_lines_and_its_links(text: str, expected: str) -> None:
    assert post(page(tweet(at(0), text, focal=True))).content == expected


def test_links_that_an_archive_has_rewritten_lead_where_they_led() -> None:
    archived = "https://web.archive.org/web/20170503150000/https://news.example/a"
    assert 'href="https://news.example/a"' in post(page(tweet(at(0), link(archived), focal=True))).content


def test_an_unknown_language_is_none() -> None:
    html = page(tweet(at(0), focal=True)).replace('lang="en"', 'lang="und"')
    assert post(html).language is None


def test_pictures_and_films_are_attached_and_their_address_leaves_the_text() -> None:
    film = '<div class="PlayableMedia PlayableMedia--video"></div><div class="PlayableMedia PlayableMedia--gif"></div>'
    hidden = link("", "twitter-timeline-link u-hidden", "pic.twitter.com/abc")
    found = post(page(tweet(at(0), f"Look {hidden}", inside=picture("A", "A cat") + picture("B") + film, focal=True)))
    assert found.content == "<p>Look</p>"
    assert found.attachments == (
        Attachment(kind="image", url="https://pbs.twimg.com/media/A.jpg", alt="A cat"),
        Attachment(kind="image", url="https://pbs.twimg.com/media/B.jpg"),
        Attachment(kind="video", url=f"https://x.com/ann/status/{at(0)}/video/1"),
        Attachment(kind="gifv", url=f"https://x.com/ann/status/{at(0)}/video/1"),
    )


def test_a_quote_is_shown_as_one_and_its_address_leaves_the_text() -> None:
    inner = "To <span class='twitter-atreply' ><s>@</s><b>cy</b></span>"
    hidden = link(f"https://twitter.com/bob/status/{at(-9)}", "twitter-timeline-link u-hidden")
    quote = quoted(at(-9), text=inner, inside=picture("Q"))
    found = post(page(tweet(at(0), f"Look {hidden}", inside=quote, focal=True)))
    assert (found.content, found.attachments) == ("<p>Look</p>", ())
    assert isinstance(found.quote, Post)
    assert (found.quote.id, found.quote.author.id, found.quote.author.name) == (at(-9), "102", "Bob 🌿")
    assert found.quote.content == '<p>To <a href="https://x.com/cy" class="mention">@cy</a></p>'
    assert (found.quote.language, [file.url for file in found.quote.attachments]) == (
        "de",
        ["https://pbs.twimg.com/media/Q.jpg"],
    )


@pytest.mark.parametrize("quote", [quoted("20"), quoted(at(-9), text="")])
def test_a_quote_without_a_time_or_a_text_is_a_gap(quote: str) -> None:
    found = post(page(tweet(at(0), inside=quote, focal=True))).quote
    assert isinstance(found, Missing)
    assert found.reason is Reason.NOT_LOADED


def test_what_is_answered_is_told_by_the_place_above() -> None:
    html = page(
        tweet(at(3), focal=True, to="bob"),
        above=rows(tweet(at(0), by="bob"), tweet(at(1), to="bob"), tweet(at(2), by="bob", to="ann")),
    )
    assert parents(html) == {at(0): None, at(1): at(0), at(2): at(1), at(3): at(2)}
    assert [one.parent_author for one in parsed(html).values()] == [None, "102", "101", "102"]


def test_what_the_author_added_is_told_by_the_place_below() -> None:
    thread = rows(tweet(at(1), to="ann"), tweet(at(2), to="ann"))
    html = page(tweet(at(0), focal=True), thread=thread, others=rows(tweet(at(5), by="bob", to="ann")))
    assert parents(html) == {at(0): None, at(1): at(0), at(2): at(1), at(5): None}
    assert [one.parent_author for one in parsed(html).values()] == [None, "101", "101", "101"]


@pytest.mark.parametrize(
    "second",
    [
        '<div class="Tombstone">Dieser Tweet ist nicht verfügbar.</div>',
        tweet(at(1), to="ann") + tweet(at(2), to="ann"),
        tweet(at(-1), to="ann"),
        tweet(at(1)),
        tweet(at(1), to="ann", top=at(-7)),
        tweet(at(1), to="bob", by="cy"),
        tweet(at(1), to="ann", reply_to_users_json="[{}]"),
        tweet(at(1), to="ann", reply_to_users_json=""),
    ],
)
def test_no_parent_is_told_where_the_row_is_interrupted_or_disagrees(second: str) -> None:
    html = page(tweet(at(0), focal=True), thread=rows(second, tweet(at(9), to="ann", top=at(-3))))
    assert set(parents(html).values()) == {None}


def test_a_page_of_may_2017_has_no_thread_of_its_own_and_still_all_posts() -> None:
    html = page(tweet(at(0), focal=True), others=rows(tweet(at(1), to="ann"), tweet(at(2), to="ann")))
    assert parents(html) == {at(0): None, at(1): None, at(2): None}


def test_who_is_answered_is_not_guessed() -> None:
    users = f'[{{"id_str": "{person("ann")["id_str"]}"}}, {{"id_str": "{person("bob")["id_str"]}"}}]'
    html = page(tweet(at(1), to="ann", focal=True, reply_to_users_json=users))
    assert parsed(html)[at(1)].parent_author is None


def test_a_post_that_stands_twice_is_one() -> None:
    assert list(parents(page(tweet(at(0), focal=True), others=rows(tweet(at(0)), tweet(at(1)))))) == [at(0), at(1)]


def test_a_withheld_post_is_a_gap_that_says_so() -> None:
    inside = '<div class="StreamItemContent--withheld">Dieser Tweet wird zurückgehalten.</div>'
    node = parsed(page(tweet(at(0), inside=inside, focal=True)))[at(0)].node
    assert isinstance(node, Missing)
    assert (node.reason, node.detail) == (Reason.WITHHELD, "X says: “Dieser Tweet wird zurückgehalten.”")


def test_a_strange_post_is_a_gap_and_does_not_cost_the_others() -> None:
    broken = tweet(at(1), to="ann").replace("tweet-text", "other")
    html = page(tweet(at(0), focal=True), thread=rows(broken, tweet(at(2), to="ann")))
    nodes = [one.node for one in parsed(html).values()]
    assert [type(node) for node in nodes] == [Post, Missing, Post]
    assert (nodes[1].in_reply_to, nodes[2].in_reply_to) == (at(0), at(1))


def test_a_page_in_schemas_words_is_read_with_its_parents() -> None:
    parent = f"https://twitter.com/Bob/status/{at(-4)}"
    quote = (
        '<div role="link"><div data-testid="tweetText">Not this</div><img src="https://pbs.twimg.com/media/Q"></div>'
    )
    files = '<img src="https://pbs.twimg.com/media/A?format=jpg" alt="A cat"><img src="https://pbs.twimg.com/media/B">'
    html = posting(at(0), "One\nTwo", parent=parent, inside=files + quote) + posting(
        at(1), None, inside=quote, by="bob"
    )
    first, second = parsed(html).values()
    assert first.post
    assert second.post
    assert (first.post.in_reply_to, first.parent_author) == (at(-4), "@bob")
    assert (first.post.content, first.post.language) == ("<p>One<br>Two</p>", "en")
    read = [(file.url.rpartition("/")[2], file.alt) for file in first.post.attachments]
    assert read == [("A?format=jpg", "A cat"), ("B", None)]
    assert (first.post.author.id, first.post.author.handle, first.post.counts) == ("101", "ann", Counts(likes=7))
    assert (second.post.content, second.post.in_reply_to, second.parent_author) == ("", None, None)
    assert second.post.author.avatar == "https://pbs.twimg.com/profile_images/bob.jpg"


def test_a_post_and_its_quote_may_say_the_same() -> None:
    quote = '<div role="link"><div data-testid="tweetText" lang="en"><span>Words</span></div></div>'
    assert post(posting(at(0), "Words", inside=quote)).content == "<p>Words</p>"


@pytest.mark.parametrize("id_", ["home", "", "\N{ARABIC-INDIC DIGIT ONE}", "1" * 20])
def test_what_has_no_id_costs_nothing_else(id_: str) -> None:
    html = page(tweet(at(0), focal=True), thread=rows(tweet(id_, to="ann"), tweet(at(2), to="ann")))
    assert parents(html) == {at(0): None, at(2): None}
    assert parents(page(tweet(id_, focal=True), thread=rows(tweet(at(2), to="ann")))) == {at(2): None}


def test_a_strange_posting_is_a_gap_and_one_without_an_id_nothing() -> None:
    strange = posting(at(1)).replace("additionalName", "other")
    found = parsed(posting(at(0)) + strange + posting("home"))
    assert [type(one.node) for one in found.values()] == [Post, Missing]


@pytest.mark.parametrize("form", [written, scripted])
def test_what_x_writes_for_readers_who_are_not_logged_in_is_read(form: Callable[..., str]) -> None:
    html = form(at(0), "A &amp; B") + form(at(1), "Next", parent=at(0)) + form(at(2), by="bob", parent=at(1))
    assert parents(html) == {at(0): None, at(1): at(0), at(2): at(1)}
    found = parsed(html)
    assert found[at(1)].parent_author == "@ann"
    first = post(html)
    assert (first.content, first.url, first.counts) == (
        "<p>A &amp; B</p>",
        f"https://x.com/ann/status/{at(0)}",
        Counts(likes=7),
    )
    assert (first.author.id, first.author.handle, first.author.name) == ("101", "ann", "Ann Ash")
    assert first.author.avatar == "https://pbs.twimg.com/profile_images/ann.jpg"
    assert f"{first.created_at:%H:%M}" == "15:00"


def test_a_post_in_both_forms_is_one_and_the_readable_one_counts() -> None:
    [found] = parse_page(written(at(0), "In the tags") + scripted(at(0), "In the script"))
    assert found.post
    assert found.post.content == "<p>In the tags</p>"
    [found] = parse_page(
        written(at(0)).replace("dateCreated", "other").replace("articleBody", "other") + scripted(at(0))
    )
    assert found.post


@pytest.mark.parametrize(
    ("html", "detail"),
    [
        (written(at(0)).replace("articleBody", "other"), "the page shows it without its text"),
        (written(at(0)).replace("alternateName", "other"), "the page shows it without its author"),
        (scripted(at(0), text=None), "the page shows it without its text"),  # type: ignore[arg-type]
        (scripted(at(0), author=None), "the page shows it without its author"),
        (scripted("20", dateCreated="yesterday"), "X's answer for it has a form that is not known here (ValueError)"),
    ],
)
def test_what_lacks_its_text_or_its_author_is_a_gap(html: str, detail: str) -> None:
    [found] = parse_page(html)
    assert isinstance(found.node, Missing)
    assert found.node.detail == detail


def test_pictures_are_those_that_the_page_shows_or_names() -> None:
    url = "https://pbs.twimg.com/media/a.jpg"
    told = {"@type": "ImageObject", "url": url, "caption": "A heron"}
    for html, alt in (
        (written(at(0), inside=f'<img src="{url}" alt="A heron">'), "A heron"),
        (written(at(0), inside=f'<meta itemprop="image" content="{url}">'), None),
        (scripted(at(0), image=told), "A heron"),
        (scripted(at(0), image=[url, "https://abs.example/x.png"]), None),
    ):
        assert post(html).attachments == (Attachment(kind="image", url=url, alt=alt),)


def test_a_text_of_which_only_the_beginning_is_given_says_so() -> None:
    assert post(written(at(0), "So it begins…")).truncated
    assert post(scripted(at(0), "So it begins…")).truncated
    assert post(
        written(at(0)).replace('<div itemprop="articleBody">Words</div>', '<meta itemprop="text" content="So…">')
    ).truncated


@pytest.mark.parametrize(
    "script", ["{", "[1, null, {}]", '{"@type": 5}', "[" * 5000, '{"@type": ["Comment"], "identifier": "x"}']
)
def test_a_strange_script_costs_nothing(script: str) -> None:
    html = f'<script type="application/ld+json">{script}</script>{scripted(at(0))}'
    assert list(parsed(html)) == [at(0)]


@pytest.mark.parametrize(
    ("kind", "encoding", "read"),
    [
        ("text/html; charset=ISO-8859-1", "windows-1252", "Grüße – ja"),
        ('text/html; charset="utf-8"', "utf-8", "Grüße – ja"),
        ("text/html; charset=klingon", "utf-8", "Grüße – ja"),
        ("text/html; charset=hex", "utf-8", "Grüße – ja"),
        ("text/html", "utf-8", "Grüße – ja"),
        ("text/html; charset=windows-1252", "utf-8-sig", "Grüße – ja"),
    ],
)
def test_the_encoding_is_the_one_that_the_host_names(kind: str, encoding: str, read: str) -> None:
    told = "koi8-r" if "charset=ISO" in kind else "utf-8"
    body = f'<meta charset="{told}">{written(at(0), "Grüße – ja")}'.encode(encoding)
    response = Response(
        request=Request(url="https://x.com/a"), url="https://x.com/a", status=200, headers=(("Content-Type", kind),),
        body=body, fetched_at=NOON,
    )  # fmt: skip
    [found] = parse_page(page_of(response))
    assert found.post
    assert plain(found.post.content) == read
