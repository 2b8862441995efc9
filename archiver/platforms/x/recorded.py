"""What somebody recorded or saved of X -> posts, whatever it is: pages, and JSON of any of its interfaces.

What an answer is, is told by its keys, not by its age. The source `recorded` reads what a browser was shown (WARC,
HAR). Which answers these are the file knows: X's own interface has addresses that change every few weeks, so the
importer is asked for a list of them.
"""

from collections.abc import Generator
from functools import partial
from typing import Any

from archiver.errors import SHAPE_ERRORS, NetworkError, ParseError
from archiver.http.message import Request, Response
from archiver.platforms.x import api_v2_post, fx_status, graphql, legacy, microdata, syndication, v1
from archiver.platforms.x.conclude import related
from archiver.platforms.x.embeds import parse_embeds
from archiver.platforms.x.markup import page_of
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, readable
from archiver.routes import LISTED, Failure, Ref, Source
from archiver.text.soup import soup_of

Json = dict[str, Any]
Call = Generator[Request, Response, None]

ROUTE = "recorded"
HOSTS = ("x.com", "twitter.com", "twimg.com")
MOST = 2000  # answers that are read
FX = {"tweetID", "tweet", "status", "thread", "results"}  # FxTwitter's names beside its `code`, and vxTwitter's
TEXTS = {"text", "full_text", "extended_tweet"}
SIGNS = (b"data-tweet-id", b"SocialMediaPosting")


def read_all(state: State, ref: Ref) -> Call:
    """Read whatever the file has of X; kept is what belongs to the thread."""
    addresses: dict[str, None] = {}
    for host in HOSTS:
        response = yield Request(url=f"{LISTED}{host}")
        addresses |= dict.fromkeys(response.json())
    seen_in: list[tuple[Tweet, Response]] = []
    for address in list(addresses)[:MOST]:
        try:
            response = yield Request(url=address)
            seen_in += [(tweet, response) for tweet in read(response)]
        except SHAPE_ERRORS as error:
            shape = f"{address} has an unknown shape ({type(error).__name__}: {error})"[:200]
            state.failures.append(Failure(route=ROUTE, error=ParseError(f"{shape}; its bytes are kept")))
        except NetworkError as error:
            state.failures.append(Failure(route=ROUTE, error=error))
    keep = related(state, {ref.id}, list(state.handles))
    wanted = {id(tweet) for tweet in keep([tweet for tweet, _ in seen_in])}
    for tweet, response in seen_in:
        if id(tweet) in wanted:
            state.add([tweet], ROUTE, response.fetched_at)


def read(response: Response) -> list[Tweet]:
    """Return every post of an answer by what is in it: what its headers say of its type may be somebody else's word."""
    if response.content.lstrip()[:1] in (b"{", b"["):
        return parse_json(response.json())
    page = page_of(response)
    return parse_page(page) or parse_embeds(page)


def parse_page(html: bytes | str) -> list[Tweet]:
    """Return every post of a page of twitter.com, in its order, whoever wrote it; [] for a page without any."""
    data = html.encode(errors="replace") if isinstance(html, str) else html
    if not any(sign in data for sign in SIGNS):
        return []
    page = soup_of(html)
    return [*legacy.parse(page), *microdata.parse(page)]


def parse_json(data: Any) -> list[Tweet]:
    """Return every post of a saved answer, or of a list of them; [] for JSON of another kind."""
    if isinstance(data, list):
        return [tweet for item in data for tweet in parse_json(item)]
    if not isinstance(data, dict):
        return []
    if _is_v2(data):
        return api_v2_post.parse_answer(data)
    if "tweetID" in data or ("code" in data and FX & data.keys()):
        return fx_status.parse_answer(data)
    if "html" in data:
        return parse_embeds(data["html"])
    if isinstance(data.get("statuses"), list):  # a search of version 1.1
        return parse_json(data["statuses"])
    if "mediaDetails" in data or data.get("__typename") == "TweetTombstone":
        return _syndicated(data)
    if "id_str" in data and TEXTS & data.keys():
        tweet = readable(partial(v1.parse_status, data), v1.id_in(data, "id") or "")
        return [tweet] if tweet else []
    return graphql.parse_graphql(data)


def _is_v2(data: Json) -> bool:
    """Whether this is an answer of the official API: `data` is a post or posts there, a tree elsewhere."""
    posts = data.get("data")
    first = posts[0] if isinstance(posts, list) and posts else posts
    return isinstance(first, dict) and {"id", "text"} <= first.keys()


def _syndicated(data: Json) -> list[Tweet]:
    """Read what embeds are made of; a tombstone in it does not say whose it is."""
    id_ = v1.id_in(data, "id")
    return [syndication.parse_result(data, id_)] if id_ else []


SOURCE: Source[State] = Source(
    name=ROUTE,
    title="X to the browser that recorded it",
    run_by="whoever recorded it",
    needs="`import FILE`: a WARC, WACZ or HAR of a browser that was shown the thread, or its page saved as HTML",
    shows="all posts that the browser was shown, long texts, descriptions of images",
    limits="what was never scrolled to; never complete, and the file's word alone",
    thread="0",
    storm="",
    shows_parents=False,
)
