"""Nitter: its status pages, and the source that goes from page to page."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from nitter_pages import box, date, document, item, more, name
from world import Answer, World

from archiver.errors import Refused
from archiver.http.message import Request
from archiver.model import Attachment, Counts, Missing, Option, Poll, Post, Reason
from archiver.platforms.x import nitter
from archiver.platforms.x.collect import SOURCES
from archiver.platforms.x.nitter_page import parse_error, parse_page
from archiver.platforms.x.snowflake import first_id
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet
from archiver.routes import follow

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
CHAIN = [str(first_id(NOON + timedelta(seconds=number)) + 5) for number in range(9)]
ID, QUOTED = CHAIN[0], str(first_id(NOON - timedelta(days=1)))
HOSTS = ("nitter.example",)


def read(text: str = "Good day", inside: str = "", *, id_: str = ID, head: str = "", when: str = "") -> Tweet:
    (tweet,) = parse_page(document(item(id_, text, inside, main=True, head=head, when=when)), HOSTS).tweets
    return tweet


def post(text: str = "Good day", inside: str = "", *, id_: str = ID, when: str = "") -> Post:
    node = read(text, inside, id_=id_, when=when).node
    assert isinstance(node, Post)
    return node


def test_a_post_has_its_author_and_its_ids_time() -> None:
    node = post()
    assert (node.id, node.url, node.content) == (ID, f"https://x.com/AnnAsh/status/{ID}", "<p>Good day</p>")
    assert (node.author.id, node.author.handle, node.author.name) == ("@annash", "AnnAsh", "Ann Ash")
    assert node.author.avatar == "https://pbs.twimg.com/profile_images/1/a_bigger.jpg"
    assert (node.created_at, node.in_reply_to, node.day_only) == (NOON, None, False)


@pytest.mark.parametrize(
    ("text", "hour"), [("12:05 AM", 0), ("3:05 AM", 3), ("12:05 PM", 12), ("3:05 PM", 15), ("11:05 PM", 23)]
)
def test_the_time_of_an_old_id_is_the_pages(text: str, hour: int) -> None:
    told = post(id_="20", when=f"May 3, 2009 · {text} UTC")
    assert told.created_at == datetime(2009, 5, 3, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize("when", ["", "3 Mai 2009", "Mai 3, 2009 · 3:05 PM UTC"])
def test_an_old_id_without_a_time_is_a_gap(when: str) -> None:
    node = read(id_="20", when=when).node
    assert isinstance(node, Missing)
    assert node.reason is Reason.UNKNOWN


def test_an_item_without_an_author_is_a_gap() -> None:
    page = parse_page(document(item(main=True).replace('class="username"', 'class="x"')))
    assert isinstance(page.tweets[0].node, Missing)


def test_a_name_without_a_title_is_what_stands_there() -> None:
    page = parse_page(document(item(main=True).replace(' title="Ann Ash"', "")))
    assert page.tweets[0].post is not None
    assert page.tweets[0].post.author.name == "Ann Ash"
    page = parse_page(document(item(main=True).replace('class="avatar round"', "")))
    assert page.tweets[0].post is not None
    assert page.tweets[0].post.author.avatar is None


def test_lines_links_and_names_are_turned_back() -> None:
    text = (
        "  One &amp; two\n\n"
        '<a href="https://a.example/very/long/way">a.example/very/lo…</a> '
        '<a href="/search?f=tweets&amp;q=%23sun">#sun</a> <a href="/search?f=tweets&amp;q=%24ABC">$ABC</a> '
        '<a href="/Bo" title="Bo">@Bo</a>\n'
        f'<a href="https://nitter.example/bo/status/{QUOTED}#m">nitter.example/bo/st…</a> '
        '<a href="https://nitter.example/t.co/abc">nitter.example/t.co/…</a> '
        '<a href="/i/events/7?a=1#top">events</a> <a href="https://youtu.example/x#m">youtu.example/x</a>'
        '<span class="tweet-geo"> – at <a href="/search?q=place:1">A hill</a></span>\n'
    )
    links = [f"https://x.com/bo/status/{QUOTED}", "https://t.co/abc", "https://x.com/i/events/7?a=1#top"]
    links.append("https://youtu.example/x#m")
    assert post(text).content == (
        '<p>One &amp; two</p><p><a href="https://a.example/very/long/way">https://a.example/very/long/way</a> '
        '<a href="https://x.com/hashtag/sun" class="hashtag">#sun</a> '
        '<a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a> '
        '<a href="https://x.com/Bo" class="mention">@Bo</a><br>'
        + " ".join(f'<a href="{url}">{url}</a>' for url in links)
        + "</p>"
    )


def test_a_post_without_a_text() -> None:
    assert post("").content == ""
    page = parse_page(document(item(main=True).replace('class="tweet-content', 'class="x')))
    assert page.tweets[0].post is not None
    assert page.tweets[0].post.content == ""


def encoded(url: str) -> str:
    return urlsafe_b64encode(url.encode()).decode().rstrip("=")


PICTURE = "https://pbs.twimg.com/media/Ab_c-1.jpg"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/pic/orig/media%2FAb_c-1.jpg", PICTURE),
        ("/pic/orig/media%2FAb_c-1.jpg%3Fname%3Dorig", PICTURE),
        (f"/pic/enc/{encoded('media/a%2Fb.jpg')}", "https://pbs.twimg.com/media/a%2Fb.jpg"),
        ("https://pbs.twimg.com/media/pic/media%2Fa.jpg", "https://pbs.twimg.com/media/pic/media%2Fa.jpg"),
        ("/pic/media%2FAb_c-1.jpg", PICTURE),
        (f"/pic/orig/enc/{encoded('media/Ab_c-1.jpg')}", PICTURE),
        (f"/pic/enc/{encoded(PICTURE)}", PICTURE),
        ("/pic/orig/pbs.twimg.com%2Fmedia%2FAb_c-1.jpg", PICTURE),
        ("https://nitter.example/pic/orig/media%2FAb_c-1.jpg", PICTURE),
        (PICTURE, PICTURE),
    ],
)
def test_a_picture_has_its_own_address(path: str, url: str) -> None:
    inside = (
        '<div class="attachments"><div class="gallery-row"><div class="attachment image">'
        f'<a class="still-image" href="{path}"><img src="/pic/x" alt=""/></a></div></div></div>'
    )
    assert post(inside=inside).attachments == (Attachment(kind="image", url=url),)


VIDEO = "https://video.twimg.com/ext_tw_video/1/pu/vid/x.mp4"
PROXIED = "https%3A%2F%2Fvideo.twimg.com%2Fext_tw_video%2F1%2Fpu%2Fvid%2Fx.mp4"
PLAYED = '<video poster="/pic/x" data-url="/video/0AF0/https%3A%2F%2Fvideo.twimg.com%2Fx.m3u8"></video>'
OVERLAY = '<img src="/pic/x"/><div class="video-overlay"><form><button>Enable hls playback</button></form></div>'


@pytest.mark.parametrize(
    ("inside", "kind", "url"),
    [
        (f'{PLAYED}<a class="video-download" href="/video/0AF0/{PROXIED}" download=""></a>', "video", VIDEO),
        (PLAYED, "video", "https://video.twimg.com/x.m3u8"),
        (f'<video src="/video/enc/0AF0/{encoded(VIDEO)}"></video>', "video", VIDEO),
        (f'<video src="{VIDEO}"></video>', "video", VIDEO),
        (
            '<video class="gif"><source src="/pic/video.twimg.com%2Fg.mp4"/></video>',
            "gifv",
            "https://video.twimg.com/g.mp4",
        ),
        (OVERLAY, "video", f"https://x.com/AnnAsh/status/{ID}"),
    ],
)
def test_a_video_has_the_best_address_that_is_shown(inside: str, kind: str, url: str) -> None:
    files = (
        f'<div class="attachments card"><div class="gallery-video"><div class="attachment">{inside}</div></div></div>'
    )
    assert post(inside=files).attachments == (Attachment(kind=kind, url=url),)


def test_a_gif_is_known_by_its_gallery_too() -> None:
    film = '<div class="attachment"><video><source src="/pic/g.mp4"/></video></div>'
    files = post(inside=f'<div class="attachments media-gif">{film}</div>').attachments
    assert [file.kind for file in files] == ["gifv"]


@pytest.mark.parametrize(
    ("alt", "shown"),
    [('alt="A hill"', ""), ('alt=""', '<p class="alt-text">ALT  A hill</p>'), ("", '<p class="alt-text">A hill</p>')],
)
def test_what_the_author_says_of_a_picture(alt: str, shown: str) -> None:
    picture = f'<a class="still-image" href="/pic/orig/media%2Fa.jpg"><img {alt}/></a>'
    files = f'<div class="attachments"><div class="attachment">{picture}{shown}</div></div>'
    assert [file.alt for file in post(inside=files).attachments] == ["A hill"]


def test_a_card_is_a_link_preview() -> None:
    card = (
        '<div class="card large"><a class="card-container" href="https://nitter.example/i/events/7">'
        '<h2 class="card-title">A hill</h2><p class="card-description">Its way\nup</p></a></div>'
        '<div class="card"><div class="card-container"><a class="card-content-container" href="https://a.example/"></a>'
        '</div></div><div class="card"></div>'
    )
    assert post(inside=card).attachments == (
        Attachment(kind="card", url="https://x.com/i/events/7", title="A hill", description="Its way up"),
        Attachment(kind="card", url="https://a.example/"),
    )


def poll(info: str) -> str:
    meter = (
        '<div class="poll-meter{}"><span class="poll-choice-bar"></span><span class="poll-choice-value">50%</span>'
        '<span class="poll-choice-option">{}</span></div>'
    )
    meters = meter.format(" leader", "Yes") + meter.format("", "No")
    return f'<div class="poll">{meters}<span class="poll-info">{info}</span></div>'


@pytest.mark.parametrize(
    ("info", "votes"), [("1,234 votes • Final results", 1234), ("1 vote • 3 hours left", 1), ("", None)]
)
def test_a_poll_has_its_answers_and_all_votes(info: str, votes: int | None) -> None:
    options = (Option(text="Yes"), Option(text="No"))
    assert post(inside=poll(info)).poll == Poll(options=options, votes=votes)


def test_an_empty_count_is_0_and_one_that_is_not_shown_is_not_known() -> None:
    stat = '<span class="tweet-stat"><div class="icon-container"><span class="icon-{}" title=""></span> {}</div></span>'
    stats = stat.format("comment", "5") + stat.format("retweet", "") + stat.format("heart", "1,234")
    assert post(inside=f'<div class="tweet-stats">{stats}</div>').counts == Counts(replies=5, reposts=0, likes=1234)
    assert post().counts == Counts()


def quote(id_: str = QUOTED, text: str = "Before", link: bool = True) -> str:
    address = f'<a class="quote-link" href="/bo/status/{id_}#m"></a>' if link else ""
    return (
        f'<div class="quote quote-big">{address}<div class="tweet-name-row">{name("bo", "Bo")}{date("bo", id_)}</div>'
        f'<div class="quote-text" dir="auto">{text}</div><div class="quote-media-container"><div class="attachments">'
        '<div class="attachment"><a class="still-image" href="/pic/orig/media%2Fq.jpg"><img alt=""/></a></div></div>'
        "</div></div>"
    )


def test_a_quote_is_a_post_of_its_own() -> None:
    text = f'So: <a href="/bo/status/{QUOTED}#m">nitter.example/bo/st…</a>\n'
    made = post(text, quote())
    assert (made.content, made.attachments) == ("<p>So:</p>", ())
    assert isinstance(made.quote, Post)
    assert (made.quote.id, made.quote.author.handle, made.quote.content) == (QUOTED, "bo", "<p>Before</p>")
    assert [file.url for file in made.quote.attachments] == ["https://pbs.twimg.com/media/q.jpg"]


def test_the_address_of_another_post_stays() -> None:
    assert post(f'<a href="/bo/status/{ID}#m">x</a>', quote()).content.count("<a ") == 1
    assert post("", quote()).content == ""


def test_a_quote_that_is_not_shown_is_a_gap_if_its_id_is_known() -> None:
    link = f'<a class="unavailable-quote" href="/x/status/{QUOTED}">This Post is unavailable</a>'
    assert post(inside=f'<div class="quote unavailable">{link}</div>').quote == Missing(
        id=QUOTED,
        reason=Reason.UNKNOWN,
        url=f"https://x.com/i/status/{QUOTED}",
        detail="Nitter shows: “This Post is unavailable”",
    )
    assert post(inside='<div class="quote unavailable"><div class="unavailable-quote">No</div></div>').quote is None
    assert post(inside=quote(link=False)).quote is None


def test_a_newer_version_is_known_of() -> None:
    newer = (
        f'<div class="latest-post-version">There is a new one. <a href="/AnnAsh/status/{CHAIN[1]}#m">See it</a></div>'
    )
    assert read(inside=newer).editions == (ID, CHAIN[1])
    assert read().editions == ()


def test_each_post_of_the_main_thread_answers_the_one_before_it() -> None:
    page = parse_page(
        document(
            item(CHAIN[2], main=True),
            before=item(CHAIN[0], handle="bo") + item(CHAIN[1]),
            after=item(CHAIN[3]) + item(CHAIN[4]),
        )
    )
    assert [tweet.id for tweet in page.tweets] == CHAIN[:5]
    assert [tweet.node.in_reply_to for tweet in page.tweets] == [None, *CHAIN[:4]]
    assert [tweet.parent_author for tweet in page.tweets] == [None, "@bo", "@annash", "@annash", "@annash"]
    assert (page.main, page.earlier, page.later) == (CHAIN[2], "", "")


def test_who_wrote_the_parent_may_stand_in_its_address_only() -> None:
    above = item(CHAIN[0], handle="Bo").replace('data-username="Bo"', "")
    page = parse_page(document(item(CHAIN[1], main=True), before=above))
    assert page.tweets[1].parent_author == "@bo"


def test_a_cut_page_names_the_pages_that_go_on() -> None:
    page = parse_page(
        document(
            item(CHAIN[2], main=True),
            before=more(f"/AnnAsh/status/{CHAIN[1]}#m", "earlier-replies") + item(CHAIN[1]),
            after=item(CHAIN[3]) + more(f"/AnnAsh/status/{CHAIN[3]}#m"),
        )
    )
    assert (page.earlier, page.later) == (CHAIN[1], CHAIN[3])
    assert [tweet.node.in_reply_to for tweet in page.tweets] == [None, CHAIN[1], CHAIN[2]]
    assert parse_page(document(item(CHAIN[2], main=True), after=item(CHAIN[3]) + more(""))).later == ""


def test_what_is_not_shown_is_a_gap_in_its_place() -> None:
    page = parse_page(
        document(
            item(CHAIN[2], main=True),
            before=item(CHAIN[0])
            + box(f"/i/status/{CHAIN[1]}#m", "This Post was deleted by the Post author. Learn more", handle=""),
        )
    )
    gap = page.tweets[1]
    assert gap.node == Missing(
        id=CHAIN[1],
        reason=Reason.DELETED,
        url=f"https://x.com/i/status/{CHAIN[1]}",
        in_reply_to=CHAIN[0],
        detail="Nitter shows: “This Post was deleted by the Post author.”",
    )
    assert (gap.parent_author, page.tweets[2].node.in_reply_to, page.tweets[2].parent_author) == (
        "@annash",
        CHAIN[1],
        None,
    )


def test_what_follows_a_gap_without_an_id_has_no_known_parent() -> None:
    page = parse_page(document(item(CHAIN[2], main=True), before=item(CHAIN[0]) + box("", "This tweet is unavailable")))
    assert [(tweet.id, tweet.node.in_reply_to) for tweet in page.tweets] == [(CHAIN[0], None), (CHAIN[2], None)]


def test_a_repost_is_left_out() -> None:
    head = '<div class="retweet-header"><span>Bo retweeted</span></div>'
    page = parse_page(document(item(main=True, head=head), after=item(CHAIN[1])))
    assert [(tweet.id, tweet.node.in_reply_to) for tweet in page.tweets] == [(CHAIN[1], None)]


def test_a_main_post_that_is_not_shown_has_its_id() -> None:
    page = parse_page(document(box(f"/AnnAsh/status/{ID}#m", "This account has been suspended.")))
    assert page.main == ID
    assert isinstance(page.tweets[0].node, Missing)
    assert (page.tweets[0].node.reason, page.tweets[0].node.author) == (Reason.SUSPENDED, "@annash")
    assert parse_page(document("")).main == ""


def test_other_pages_show_nothing() -> None:
    assert parse_page("<html><body>Making sure you're not a bot!</body></html>").tweets == ()
    assert parse_error('<div class="error-panel"><span>Tweet not found</span></div>') == "Tweet not found"
    assert parse_error("<p>nginx</p>") == ""


class Nitter(World):
    """Shows pages of a chain, of which `above` and `below` so many posts are shown around the main one."""

    def __init__(self, *ids: str, above: int = 100, below: int = 100) -> None:
        super().__init__()
        self.ids = ids
        self.above = above
        self.below = below

    def answer(self, request: Request) -> Answer:
        id_ = request.url.removeprefix("https://nitter.net/i/status/")
        if id_ not in self.ids:
            return 404, '<div class="panel-container"><div class="error-panel"><span>Tweet not found</span></div></div>'
        number = self.ids.index(id_)
        first, last = max(0, number - self.above), min(len(self.ids) - 1, number + self.below)
        before = [item(each) for each in self.ids[first:number]]
        after = [item(each) for each in self.ids[number + 1 : last + 1]]
        if first > 0 and before:
            before.insert(0, more(f"/AnnAsh/status/{self.ids[first]}#m", "earlier-replies"))
        if last + 1 < len(self.ids) and after:
            after.append(more(f"/AnnAsh/status/{self.ids[last]}#m"))
        return 200, document(item(id_, main=True), "".join(before), "".join(after))


@pytest.mark.parametrize(
    ("focus", "above", "below", "pages"),
    [
        (0, 100, 100, [0]),
        (8, 100, 100, [8]),
        (0, 100, 3, [0, 3, 6]),
        (0, 2, 3, [0, 3, 6]),
        (8, 3, 100, [8, 5, 2]),
        (4, 2, 2, [4, 2, 6]),
    ],
)
def test_the_pages_of_a_thread_are_followed_both_ways(focus: int, above: int, below: int, pages: list[int]) -> None:
    state, world = State(sources=SOURCES, focus=CHAIN[focus]), Nitter(*CHAIN, above=above, below=below)
    follow(nitter.chain(state), world)
    assert world.urls == [f"https://nitter.net/i/status/{CHAIN[number]}" for number in pages]
    assert sorted(state.sights) == CHAIN
    assert [state.parent(id_)[0] for id_ in CHAIN] == [None, *CHAIN[:-1]]
    assert state.end_proof == ""


def test_a_thread_without_an_end_is_left_after_some_pages() -> None:
    ids = [str(int(ID) + number) for number in range(100)]
    world = Nitter(*ids, below=1)
    follow(nitter.chain(State(sources=SOURCES, focus=ids[0])), world)
    assert len(world.urls) == nitter.ROUNDS


def test_a_post_is_asked_for_once_in_a_run() -> None:
    state, world = State(sources=SOURCES), Nitter(*CHAIN, above=0, below=0)
    follow(nitter.look(state, [CHAIN[1], CHAIN[1]]), world)
    follow(nitter.look(state, [CHAIN[1], CHAIN[2]]), world)
    assert len(world.urls) == 2
    assert sorted(state.sights) == CHAIN[1:3]
    assert {sight.route for sights in state.sights.values() for sight in sights} == {"nitter"}


def test_not_finding_a_post_is_no_deletion_and_xs_words_count() -> None:
    state, world = State(sources=SOURCES), Nitter()
    follow(nitter.look(state, [ID]), world)
    gap = state.nodes()[ID]
    assert isinstance(gap, Missing)
    assert (gap.reason, gap.detail) == (Reason.UNKNOWN, "Nitter shows: “Tweet not found”")
    world.fault = lambda request: (
        404,
        '<div class="error-panel"><span>This Post was deleted by the Post author</span></div>',
    )
    follow(nitter.look(state, [CHAIN[1]]), world)
    gap = state.nodes()[CHAIN[1]]
    assert isinstance(gap, Missing)
    assert gap.reason is Reason.DELETED


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, "<p>nginx</p>"), "answered 404"),
        ((403, "<p>no</p>"), "answered 403"),
        ((200, "<title>Making sure you're not a bot!</title>"), "shows no post"),
        ((200, document(item(CHAIN[1], main=True))), "was not asked for"),
    ],
)
def test_any_other_page_is_refused(answer: Answer, why: str) -> None:
    state, world = State(sources=SOURCES), Nitter()
    world.fault = lambda request: answer
    with pytest.raises(Refused, match=why):
        follow(nitter.look(state, [ID]), world)
    assert state.sights == {}
