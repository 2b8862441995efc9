"""FxTwitter and vxTwitter: their forms, and the source that asks for chains, for single posts and for a window."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from world import Answer, World

from archiver.errors import NetworkError, ParseError, RateLimited, Refused
from archiver.http.message import Request
from archiver.model import Attachment, Counts, Missing, Option, Poll, Post, Reason
from archiver.platforms.x import fxtwitter
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.fx_status import parse_answer, parse_entry
from archiver.platforms.x.snowflake import first_id
from archiver.platforms.x.state import State
from archiver.routes import Ref, follow

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
ANN = {"id": "71", "screen_name": "AnnAsh", "name": "Ann Ash", "avatar_url": "https://pbs.twimg.com/a.jpg"}
BO = {"id": "72", "screen_name": "bo", "name": "Bo"}


def at(seconds: float) -> str:
    """Return an id that was given out so long after noon."""
    return str(first_id(NOON + timedelta(seconds=seconds)) + 5)


ID, ABOVE, QUOTED = at(0), at(-60), at(-3600)


def status(id_: str = ID, text: str = "Good day", **more: Any) -> dict[str, Any]:
    """Return a post in the form of version 2."""
    return {"type": "status", "id": id_, "text": text, "author": ANN, "created_timestamp": NOON.timestamp(), **more}


def post(entry: dict[str, Any]) -> Post:
    tweet = parse_entry(entry)
    assert tweet is not None
    assert isinstance(tweet.node, Post)
    return tweet.node


def content(text: str, facets: list[dict[str, Any]] | None = None, **more: Any) -> str:
    raw = {} if facets is None else {"raw_text": {"text": text, "facets": facets}}
    return post(status(text=text, **raw, **more)).content


def test_a_post_has_its_author_its_place_and_its_counts() -> None:
    tweet = parse_entry(
        status(
            url="https://x.com/AnnAsh/status/1",
            lang="en",
            possibly_sensitive=True,
            replying_to={"screen_name": "Bo", "status": ABOVE},
            likes=1,
            reposts=2,
            quotes=3,
            replies=4,
        )
    )
    assert tweet is not None
    node = tweet.node
    assert isinstance(node, Post)
    assert (node.id, node.url, node.language) == (ID, f"https://x.com/AnnAsh/status/{ID}", "en")
    assert (node.author.id, node.author.handle, node.author.name) == ("71", "AnnAsh", "Ann Ash")
    assert (node.author.avatar, node.sensitive) == ("https://pbs.twimg.com/a.jpg", True)
    assert (node.in_reply_to, tweet.parent_author, tweet.conversation) == (ABOVE, "@bo", None)
    assert node.counts == Counts(likes=1, reposts=2, quotes=3, replies=4)
    assert not node.truncated


def test_a_post_of_version_1_is_read_as_well() -> None:
    answer = {"code": 200, "message": "OK", "tweet": status(replying_to="Bo", replying_to_status=ABOVE, retweets=5)}
    (tweet,) = parse_answer(answer)
    assert isinstance(tweet.node, Post)
    assert (tweet.node.in_reply_to, tweet.parent_author, tweet.node.counts.reposts) == (ABOVE, "@bo", 5)


@pytest.mark.parametrize(
    ("told", "author"),
    [
        ({"replying_to": {"status": ABOVE, "user_id": "12"}}, "12"),
        ({"replying_to": {"status": ABOVE}}, None),
        ({"replying_to": None, "replying_to_status": ABOVE}, None),
    ],
)
def test_a_parent_is_told_with_its_author_or_without(told: dict[str, Any], author: str | None) -> None:
    tweet = parse_entry(status(**told))
    assert tweet is not None
    assert (tweet.node.in_reply_to, tweet.parent_author) == (ABOVE, author)


def test_who_only_begins_with_a_name_answers_no_post() -> None:
    tweet = parse_entry(status(replying_to={"screen_name": "Bo", "status": None}))
    assert tweet is not None
    assert (tweet.node.in_reply_to, tweet.parent_author) == (None, None)


def test_the_time_is_the_ids_and_only_an_old_id_is_told_its() -> None:
    wrong = {"created_timestamp": 1, "created_at": "Thu Jan 01 00:00:01 +0000 1970"}
    assert post(status(**wrong)).created_at == NOON
    assert post(status("20")).created_at == NOON
    told = status("20", created_timestamp=None, created_at="Tue Mar 21 20:50:14 +0000 2006")
    assert post(told).created_at == datetime(2006, 3, 21, 20, 50, 14, tzinfo=UTC)


def test_what_is_no_language_is_none() -> None:
    assert post(status(lang="zxx")).language is None


def test_links_are_where_the_facets_say_and_nowhere_else() -> None:
    text = "#sun @Bo at https://a.example/long/way $ABC #sunset https://b.example #sun 👋"
    facets = [
        {"type": "hashtag", "indices": [0, 4], "original": "sun"},
        {"type": "hashtag", "indices": [50, 57], "original": "sunset"},
        {"type": "symbol", "indices": [40, 44], "original": "ABC"},
        {"type": "mention", "indices": [5, 8], "original": "bo", "id": "72"},
        {
            "type": "url",
            "indices": [12, 35],
            "original": "https://t.co/abcdefghij",
            "replacement": "https://a.example/long/way",
            "display": "a.example/lo…",
        },
        {"type": "bold", "indices": [0, 3]},
        {"type": "url"},
        {"type": "custom_emoji", "original": "#sun"},
    ]
    assert content(text, facets) == (
        '<p><a href="https://x.com/hashtag/sun" class="hashtag">#sun</a> '
        '<a href="https://x.com/bo" class="mention">@Bo</a> at '
        '<a href="https://a.example/long/way">https://a.example/long/way</a> '
        '<a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a> '
        '<a href="https://x.com/hashtag/sunset" class="hashtag">#sunset</a> https://b.example #sun 👋</p>'
    )


def test_an_address_that_was_not_put_in_is_put_in() -> None:
    facet = {
        "type": "url",
        "indices": [4, 27],
        "original": "https://t.co/abcdefghij",
        "replacement": "https://a.example",
    }
    assert (
        content("See https://t.co/abcdefghij", [facet])
        == '<p>See <a href="https://a.example">https://a.example</a></p>'
    )
    del facet["replacement"]
    assert 'href="https://t.co/abcdefghij"' in content("See https://t.co/abcdefghij", [facet])


def test_the_address_of_the_posts_own_picture_is_taken_out() -> None:
    facet = {"type": "media", "indices": [4, 27], "original": "https://t.co/abcdefghij", "id": "1"}
    assert content("Sun https://t.co/abcdefghij", [facet]) == "<p>Sun</p>"


def test_no_facets_are_no_links() -> None:
    assert content("#sun https://a.example", []) == "<p>#sun https://a.example</p>"


def test_without_facets_links_are_what_looks_like_them() -> None:
    assert content(
        "Hi @Bo, ＠bo: #Sonne ＃朝 $ABC https://a.example/@bo#x. R&#38;B bo@a.example @bo@b.example #1 www.c.example $1"
    ) == (
        '<p>Hi <a href="https://x.com/Bo" class="mention">@Bo</a>, '
        '<a href="https://x.com/bo" class="mention">＠bo</a>: '
        '<a href="https://x.com/hashtag/Sonne" class="hashtag">#Sonne</a> '
        '<a href="https://x.com/hashtag/%E6%9C%9D" class="hashtag">＃朝</a> '
        '<a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a> '
        '<a href="https://a.example/@bo#x">https://a.example/@bo#x</a>. '
        "R&amp;#38;B bo@a.example @bo@b.example #1 www.c.example $1</p>"
    )


def test_a_quote_is_a_post_and_its_address_is_taken_out() -> None:
    quote = status(QUOTED, "Before", author=BO, quote=status(at(-9000)))
    made = post(status(text=f"So: https://x.com/bo/status/{QUOTED}?s=20", quote=quote))
    assert made.content == "<p>So:</p>"
    assert isinstance(made.quote, Post)
    assert (made.quote.id, made.quote.content, made.quote.quote) == (QUOTED, "<p>Before</p>", None)


def test_an_address_before_the_end_and_another_posts_stay() -> None:
    text = f"https://x.com/bo/status/{QUOTED} and https://x.com/bo/status/{ABOVE}"
    made = post(status(text=text, quote=status(QUOTED)))
    assert made.content.count("<a ") == 2


@pytest.mark.parametrize("quote", [None, {}, {"type": "status"}, {"type": "tombstone", "reason": "deleted"}, "x"])
def test_a_quote_without_an_id_is_none(quote: Any) -> None:
    assert post(status(quote=quote)).quote is None


def test_a_quote_in_an_unknown_form_does_not_cost_the_post() -> None:
    made = post(status(quote={"type": "status", "id": QUOTED}))
    assert isinstance(made.quote, Missing)
    assert (made.quote.id, made.quote.reason) == (QUOTED, Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("deleted", Reason.DELETED),
        ("suspended", Reason.SUSPENDED),
        ("private", Reason.PRIVATE),
        ("blocked", Reason.BLOCKED),
        ("unavailable", Reason.UNKNOWN),
        ("eaten", Reason.UNKNOWN),
    ],
)
def test_a_tombstone_gives_its_reason_as_the_services_word(word: str, reason: Reason) -> None:
    stone = {"type": "tombstone", "reason": word, "message": "It is not here", "id": ID, "author": {"id": "71"}}
    tweet = parse_entry(stone)
    assert tweet is not None
    assert tweet.node == Missing(
        id=ID,
        reason=reason,
        url=f"https://x.com/i/status/{ID}",
        author="71",
        detail="FxTwitter reports: “It is not here”",
    )


def test_a_tombstone_may_say_less() -> None:
    tweet = parse_entry(
        {"type": "tombstone", "url": f"https://twitter.com/i/web/status/{ID}", "author": {"screen_name": "AnnAsh"}}
    )
    assert tweet is not None
    assert isinstance(tweet.node, Missing)
    assert (tweet.id, tweet.node.author, tweet.node.detail) == (ID, "@annash", "FxTwitter reports: “unavailable”")
    assert parse_entry({"type": "tombstone", "url": "https://a.example"}) is None
    assert parse_entry({"type": "tombstone"}, asked=ID) is not None


def test_files_come_in_the_posts_order_at_their_best() -> None:
    forms = [
        {"container": "m3u8", "url": "https://video.twimg.com/x.m3u8"},
        {"container": "mp4", "url": "https://video.twimg.com/none.mp4"},
        {"container": "mp4", "bitrate": 0, "url": "https://video.twimg.com/0.mp4"},
    ]
    better = [*forms, {"container": "mp4", "bitrate": 832000, "url": "https://video.twimg.com/832.mp4"}]
    media = {
        "all": [
            {"type": "video", "url": "https://video.twimg.com/some.mp4", "formats": better},
            {"type": "photo", "url": "https://pbs.twimg.com/media/A.jpg", "altText": "A hill"},
            {"type": "gif", "url": "https://video.twimg.com/some.mp4", "formats": forms},
            {"type": "video", "url": "https://video.twimg.com/only.mp4", "formats": {}},
            {"type": "mosaic_photo", "url": "https://mosaic.example/A.jpg", "formats": {"webp": "", "jpeg": ""}},
            {"url": "https://a.example"},
        ],
        "external": {"type": "video", "url": "https://video.example/embed"},
    }
    assert post(status(media=media)).attachments == (
        Attachment(kind="video", url="https://video.twimg.com/832.mp4"),
        Attachment(kind="image", url="https://pbs.twimg.com/media/A.jpg", alt="A hill"),
        Attachment(kind="gifv", url="https://video.twimg.com/0.mp4"),
        Attachment(kind="video", url="https://video.twimg.com/only.mp4"),
    )


def test_files_may_be_told_by_their_kind_only() -> None:
    media = {
        "photos": [{"type": "photo", "url": "https://pbs.twimg.com/media/A.jpg", "altText": ""}],
        "videos": [{"type": "video", "url": "https://video.twimg.com/x.mp4"}],
    }
    assert [(file.kind, file.alt) for file in post(status(media=media)).attachments] == [
        ("image", None),
        ("video", None),
    ]


def test_cards_and_articles_are_link_previews() -> None:
    card = {"url": "https://a.example", "title": "A hill", "description": "", "card_name": "summary"}
    article = {"id": "88", "title": "On hills", "preview_text": "There are"}
    assert post(status(card=card, article=article)).attachments == (
        Attachment(kind="card", url="https://a.example", title="A hill"),
        Attachment(kind="card", url="https://x.com/i/article/88", title="On hills", description="There are"),
    )
    assert post(status(card={"url": "card://1"}, article={"title": ""})).attachments == (
        Attachment(kind="card", url=f"https://x.com/i/status/{ID}"),
    )


def test_a_poll_is_read_and_one_without_choices_is_none() -> None:
    poll = {
        "choices": [{"label": "Yes", "count": 3, "percentage": 75}, {"label": "No", "count": 1, "percentage": 25}],
        "total_votes": 4,
        "ends_at": "2026-03-13T12:00:00Z",
    }
    options = (Option(text="Yes", votes=3), Option(text="No", votes=1))
    made = Poll(options=options, votes=4, closes_at=NOON + timedelta(days=1))
    assert post(status(poll=poll)).poll == made
    assert post(status(poll={"choices": poll["choices"]})).poll == Poll(options=options)
    assert post(status(poll={"choices": {}})).poll is None


def test_the_flat_form_of_vxtwitter() -> None:
    flat = {
        "tweetID": ID,
        "conversationID": ABOVE,
        "text": f"Look https://twitter.com/bo/status/{QUOTED}",
        "date": "Thu Mar 12 12:00:00 +0000 2026",
        "date_epoch": int(NOON.timestamp()),
        "tweetURL": f"https://twitter.com/AnnAsh/status/{ID}",
        "user_name": "Ann Ash",
        "user_screen_name": "AnnAsh",
        "user_profile_image_url": "https://pbs.twimg.com/a.jpg",
        "replyingTo": "Bo",
        "replyingToID": ABOVE,
        "retweets": 2,
        "likes": 3,
        "replies": 4,
        "lang": "de",
        "possibly_sensitive": False,
        "media_extended": [
            {"type": "image", "url": "https://pbs.twimg.com/media/A.jpg", "altText": "A hill"},
            {"type": "gif", "url": "https://video.twimg.com/x.mp4", "altText": None},
        ],
        "pollData": {"options": [{"name": "Yes", "votes": 3, "percent": 100}]},
        "article": None,
        "qrtURL": f"https://twitter.com/i/status/{QUOTED}",
        "retweetURL": None,
    }
    (tweet,) = parse_answer(flat)
    assert (tweet.conversation, tweet.parent_author) == (ABOVE, "@bo")
    node = tweet.node
    assert isinstance(node, Post)
    assert (node.id, node.in_reply_to, node.content, node.language) == (ID, ABOVE, "<p>Look</p>", "de")
    assert (node.author.id, node.author.name, node.author.avatar) == (
        "@annash",
        "Ann Ash",
        "https://pbs.twimg.com/a.jpg",
    )
    assert [(file.kind, file.alt) for file in node.attachments] == [("image", "A hill"), ("gifv", None)]
    assert node.poll == Poll(options=(Option(text="Yes", votes=3),))
    assert node.counts == Counts(reposts=2, likes=3, replies=4)
    assert isinstance(node.quote, Missing)
    assert (node.quote.id, node.quote.reason, node.quote.detail) == (QUOTED, Reason.NOT_LOADED, "")
    whole = post({**flat, "qrt": {**flat, "tweetID": QUOTED, "text": "Before"}}).quote
    assert isinstance(whole, Post)
    assert whole.content == "<p>Before</p>"
    bare = {"tweetID": ID, "text": "", "tweetURL": flat["tweetURL"], "date_epoch": 0}
    assert post(bare).author.handle == "AnnAsh"
    assert parse_answer({**flat, "retweetURL": "https://twitter.com/bo/status/1"}) == []


def test_reposts_strange_posts_and_what_is_none_do_not_cost_the_others() -> None:
    answer = {
        "code": 200,
        "status": status(),
        "thread": [status(), None, "x", {}, {"id": "abc"}, {"id": ABOVE, "text": 7}, status(at(9), reposted_by=BO)],
        "replies": [status(at(30), author=BO)],
        "results": {},
    }
    tweets = parse_answer(answer)
    assert [tweet.id for tweet in tweets] == [ID, ABOVE, at(30)]
    strange = tweets[1].node
    assert isinstance(strange, Missing)
    assert (strange.reason, "KeyError" in strange.detail) == (Reason.UNKNOWN, True)


class Fx(World):
    """Shows a chain of posts, `page` of them from the one that is asked for on, and all above."""

    def __init__(self, *ids: str, page: int = 100) -> None:
        super().__init__()
        self.ids = ids
        self.page = page

    def answer(self, request: Request) -> Answer:
        kind, id_ = request.url.removeprefix("https://api.fxtwitter.com/2/").split("/")
        if id_ not in self.ids:
            return 404, {"code": 404, "status": None, "thread": None, "author": None}
        posts = [
            status(each, replying_to={"screen_name": "AnnAsh", "status": above} if above else None)
            for each, above in zip(self.ids, [None, *self.ids], strict=False)
        ]
        number = self.ids.index(id_)
        thread = posts[: number + self.page] if kind == "thread" else None
        return 200, {"code": 200, "status": posts[number], "thread": thread, "author": ANN}


CHAIN = [at(number) for number in range(7)]


def asked(world: World) -> list[str]:
    return [url.removeprefix("https://api.fxtwitter.com/2/") for url in world.urls]


@pytest.mark.parametrize(
    ("focus", "page", "requests"),
    [(0, 100, [0, 6]), (6, 100, [6]), (0, 3, [0, 2, 4, 6]), (3, 3, [3, 5, 6]), (2, 1, [2])],
)
def test_the_last_post_is_asked_again_until_nothing_new_comes(focus: int, page: int, requests: list[int]) -> None:
    state, world = State(sources=SOURCES, focus=CHAIN[focus]), Fx(*CHAIN, page=page)
    follow(fxtwitter.chain(state), world)
    assert asked(world) == [f"thread/{CHAIN[number]}" for number in requests]
    assert sorted(state.sights) == (CHAIN if page > 1 else CHAIN[: focus + 1])
    assert state.parent(CHAIN[1]) == (CHAIN[0], "71")
    assert {sight.route for sights in state.sights.values() for sight in sights} == {"fxtwitter"}
    assert state.end_proof == ""


def test_a_chain_without_an_end_is_left_after_some_rounds() -> None:
    ids = [at(number) for number in range(100)]
    state, world = State(sources=SOURCES, focus=ids[0]), Fx(*ids, page=2)
    follow(fxtwitter.chain(state), world)
    assert len(world.urls) == fxtwitter.ROUNDS


def test_a_chain_that_another_source_has_shown_is_followed_all_the_same() -> None:
    state, world = State(sources=SOURCES, focus=CHAIN[0]), Fx(*CHAIN, page=4)
    state.add(parse_answer({"results": [status(id_) for id_ in CHAIN]}), "syndication", NOON)
    follow(fxtwitter.chain(state), world)
    assert len(world.urls) == 3


def test_a_post_is_asked_for_once_in_a_run() -> None:
    state, world = State(sources=SOURCES), Fx(*CHAIN)
    follow(fxtwitter.look(state, [CHAIN[1], CHAIN[2], CHAIN[1]]), world)
    follow(fxtwitter.look(state, [CHAIN[2], CHAIN[3]]), world)
    assert asked(world) == [f"status/{CHAIN[number]}" for number in (1, 2, 3)]
    assert sorted(state.sights) == CHAIN[1:4]


def answering(status_: int, content: Any) -> Callable[[Request], Answer]:
    return lambda request: (status_, content)


@pytest.mark.parametrize(
    ("code", "told", "reason", "detail"),
    [
        (404, None, Reason.UNKNOWN, "FxTwitter does not find it"),
        (401, None, Reason.PRIVATE, "FxTwitter reports it as private"),
        (
            404,
            {"type": "tombstone", "reason": "deleted", "message": "Gone"},
            Reason.DELETED,
            "FxTwitter reports: “Gone”",
        ),
        (404, {"type": "tombstone", "reason": "unavailable"}, Reason.UNKNOWN, "FxTwitter does not find it"),
        (404, {"type": "tombstone", "reason": "deleted", "id": ABOVE}, Reason.UNKNOWN, "FxTwitter does not find it"),
        (
            200,
            {"type": "tombstone", "reason": "suspended", "message": "Out"},
            Reason.SUSPENDED,
            "FxTwitter reports: “Out”",
        ),
    ],
)
def test_a_no_is_a_gap_and_not_finding_is_no_deletion(code: int, told: Any, reason: Reason, detail: str) -> None:
    state, world = State(sources=SOURCES), Fx()
    world.fault = answering(code, {"code": code, "status": told})
    follow(fxtwitter.look(state, [ID]), world)
    gap = state.nodes()[ID]
    assert isinstance(gap, Missing)
    assert (gap.reason, gap.detail) == (reason, detail)


@pytest.mark.parametrize("told", [status(ABOVE), status(ABOVE, reposted_by=BO), None, {}, 7])
def test_another_post_than_the_one_asked_for_is_not_taken(told: Any) -> None:
    state, world = State(sources=SOURCES, focus=ID), Fx()
    world.fault = answering(200, {"code": 200, "status": told, "thread": [status(ABOVE)]})
    with pytest.raises(fxtwitter.OtherPost, match="not asked for"):
        follow(fxtwitter.chain(state), world)
    assert state.sights == {}


def test_another_post_does_not_cost_those_that_are_asked_for_after_it() -> None:
    state, world = State(sources=SOURCES), Fx(*CHAIN)
    world.fault = lambda request: (200, {"code": 200, "status": status(ABOVE)}) if ID in request.url else None
    follow(fxtwitter.look(state, [ID, CHAIN[1]]), world)
    assert list(state.sights) == [CHAIN[1]]
    assert [failure.route for failure in state.failures] == ["fxtwitter"]


@pytest.mark.parametrize(
    ("status_", "answer", "error"),
    [
        (400, {"code": 400, "message": "bad id"}, Refused),
        (400, {"message": "bad id"}, Refused),
        (200, {"code": 429, "message": "Too Many Requests"}, RateLimited),
        (200, {"code": 500, "message": "upstream"}, NetworkError),
        (200, {"code": 403}, Refused),
        (200, [], Refused),
        (403, "<title>Just a moment</title>", Refused),
        (200, {"code": "all is well"}, ParseError),
    ],
)
def test_any_other_answer_is_an_error(status_: int, answer: Any, error: type[Exception]) -> None:
    world = Fx()
    world.fault = answering(status_, answer)
    with pytest.raises(error) as raised:
        follow(fxtwitter.look(State(sources=SOURCES), [ID]), world)
    assert "bad id" in str(raised.value) or status_ != 400


STORM = Ref(
    url="https://x.com/AnnAsh", id="", author="AnnAsh", since=NOON, until=NOON + timedelta(minutes=1, microseconds=1)
)


def page(*entries: dict[str, Any], bottom: str | None = None) -> Answer:
    return 200, {"code": 200, "results": list(entries), "cursor": {"top": None, "bottom": bottom}}


class Search(World):
    """Answers with one page after the other, then with the last one for ever."""

    def __init__(self, *pages: Answer) -> None:
        super().__init__()
        self.pages = pages

    def answer(self, request: Request) -> Answer:
        return self.pages[min(len(self.exchanges), len(self.pages) - 1)]

    @property
    def queries(self) -> list[dict[str, list[str]]]:
        return [parse_qs(urlsplit(url).query) for url in self.urls]


def test_a_window_is_searched_page_by_page() -> None:
    state = State(sources=SOURCES)
    world = Search(page(status(at(40)), status(at(20)), bottom="c1"), page(status(at(10)), status(at(0)), bottom=None))
    follow(fxtwitter.window(state, STORM), world)
    first = int(NOON.timestamp())
    query = {
        "q": [f"from:AnnAsh since_time:{first} until_time:{first + 61}"],
        "feed": ["latest"],
        "count": ["100"],
    }
    assert world.queries == [query, {**query, "cursor": ["c1"]}]
    assert sorted(state.sights) == [at(0), at(10), at(20), at(40)]
    assert (state.end_proof, state.stop) == ("", "")


def test_only_posts_of_the_author_and_of_the_window_are_taken() -> None:
    state = State(sources=SOURCES)
    entries = [
        status(at(70)),
        status(at(60), author={**ANN, "screen_name": "annash"}),
        status(at(30), author=BO),
        status(at(20), reposted_by=BO),
        {"id": at(10), "text": 7},
        status(at(0)),
        status(at(-1)),
        {"type": "tombstone", "reason": "deleted", "id": "20"},
    ]
    follow(fxtwitter.window(state, STORM), Search(page(*entries)))
    assert sorted(state.sights) == [at(0), at(10), at(60)]
    strange = state.nodes()[at(10)]
    assert isinstance(strange, Missing)
    assert strange.author == "71"


@pytest.mark.parametrize(
    "pages",
    [
        [page(status(at(40)), bottom="c1"), page(status(at(20)), bottom="c2"), page(status(at(10)), bottom="c1")],
        [page(status(at(40)), bottom="c1"), page(status(at(20)), bottom="c2"), page(bottom="c3")],
        [page(status(at(40)), bottom="c1"), page(status(at(20)), bottom="c2"), page(status(at(-9)), bottom="c3")],
        [page(status(at(40)), bottom="c1"), page(status(at(20)), bottom="c2"), (404, {"code": 404, "results": []})],
        [page(status(at(40)), bottom="c1"), page(status(at(20)), bottom="c2"), (200, {"code": 200, "results": []})],
    ],
)
def test_a_search_ends_where_a_cursor_comes_again_or_nothing_more_can_come(pages: list[Answer]) -> None:
    state, world = State(sources=SOURCES), Search(*pages)
    follow(fxtwitter.window(state, STORM), world)
    assert len(world.urls) == 3
    assert {at(20), at(40)} <= set(state.sights) <= {at(10), at(20), at(40)}


def test_a_window_holds_its_first_moment_and_not_its_last() -> None:
    exact = str(first_id(NOON)), str(first_id(NOON + timedelta(minutes=1)))
    state = State(sources=SOURCES)
    world = Search(page(*map(status, exact[:1]), bottom="c1"), page(*map(status, exact)))
    follow(fxtwitter.window(state, replace(STORM, until=NOON + timedelta(minutes=1))), world)
    assert len(world.urls) == 2
    assert list(state.sights) == [exact[0]]


def test_a_search_without_an_end_is_given_up_and_says_so() -> None:
    class Endless(Search):
        def answer(self, request: Request) -> Answer:
            return page(status(at(30)), bottom=f"c{len(self.exchanges)}")

    state, world = State(sources=SOURCES), Endless()
    follow(fxtwitter.window(state, STORM), world)
    assert len(world.urls) == fxtwitter.PAGES
    assert "given up" in state.stop


def test_a_search_that_finds_nothing_at_once_is_refused() -> None:
    with pytest.raises(Refused, match="finds nothing by @AnnAsh"):
        follow(fxtwitter.window(State(sources=SOURCES), STORM), Search((404, {"code": 404, "results": []})))
