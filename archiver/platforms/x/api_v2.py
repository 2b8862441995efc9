"""The source `api_v2`: X's official interface, with a token and for money. https://docs.x.com/x-api/introduction

    look            GET /2/tweets?ids=…       up to 100 posts
    conversation    look, then counts/all, then search/all: conversation_id:… from:…
    window          counts/all, then search/all: from:… -is:retweet

Every post that an answer shows is billed, so a search is never without `from:`, and is counted first. Without
`start_time` it would look at the last 30 days alone.
"""

import re
from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from archiver.config import Base, Token
from archiver.errors import SHAPE_ERRORS, ArchiverError, Gone, ParseError, Refused
from archiver.http.doors import Door
from archiver.http.message import Request, Response
from archiver.model import Reason, utc
from archiver.platforms.x.api_v2_post import parse_answer, posts_in
from archiver.platforms.x.api_v2_text import either
from archiver.platforms.x.entities import items
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.state import Sight, State
from archiver.platforms.x.tweet import is_nameless, status_url
from archiver.routes import Ref, Source

NAME = "api_v2"
BASE = Base(key="api", url="https://api.x.com")
TOKEN = Token(key="bearer", credential="x_bearer", base=BASE)
PRICE = 0.005  # US dollars a post that an answer shows
API = f"{BASE.url}/2/tweets"
BATCH = 100  # ids of one look-up
SMALLEST, LARGEST = 10, {"all": 500, "recent": 100}  # posts of one page of a search
COUNTED = timedelta(days=30)  # a page of counts holds 31 days, and costs as much as two posts
RECENT = timedelta(days=7)
MARGIN = timedelta(minutes=1)  # X counts and searches up to half a minute ago
FIRST_POST = utc("2006-03-21T00:00:00Z")
COUNT, AUTHOR = 2, 2  # what counts and an author cost, in posts
NAMED = {"all": "full-archive search", "recent": "search of the last seven days"}

FIELDS = {
    "tweet.fields": (
        "article,attachments,author_id,card_uri,conversation_id,created_at,edit_controls,entities,in_reply_to_user_id,"
        "lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,withheld"
    ),
    "expansions": (
        "author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys,attachments.poll_ids,"
        "edit_history_tweet_ids"
    ),
    "media.fields": "alt_text,media_key,preview_image_url,type,url,variants",
    "poll.fields": "end_datetime,id,options",
    "user.fields": "name,profile_image_url,username",
}
_UNKNOWN = re.compile(r"query parameter value \[([^\]]*)\] is not one of")
_TOO_LATE = "'end_time' must be"

# One request a second to what looks at the whole archive, https://docs.x.com/x-api/fundamentals/rate-limits.
DOORS = (
    Door(host="api.x.com", paths=("/2/tweets/search/all",), burst=1, interval=1.0),
    Door(host="api.x.com", paths=("/2/tweets/counts/all",), burst=1, interval=1.0),
)

Json = dict[str, Any]
Call = Generator[Request, Response, None]
Parameters = dict[str, str]


class Closed(Refused):
    """The token may not ask this; `at` is when X said so."""

    def __init__(self, message: str, at: datetime):
        super().__init__(message)
        self.at = at


def look(state: State, ids: Iterable[str]) -> Call:
    """See posts by their ids, each once in a run; X says of those that it does not show why."""
    fresh = [id_ for id_ in dict.fromkeys(ids) if (NAME, id_) not in state.questions]
    for first in range(0, len(fresh), BATCH):
        batch = fresh[first : first + BATCH]
        state.questions.update((NAME, id_) for id_ in batch)
        answer, response = yield from _get("", {"ids": ",".join(batch), **FIELDS}, len(batch) * 2)  # and authors
        state.add(parse_answer(answer), NAME, response.fetched_at)


def conversation(state: State) -> Call:
    """See the pasted post, and all that its author wrote in the same conversation.

    A token that may not search the whole archive is enough while the conversation is younger than a week.
    """
    yield from look(state, [state.focus])
    sight_of_post = _sight(state)
    post = sight_of_post.tweet.post
    assert post is not None
    top = sight_of_post.tweet.conversation or post.id
    tops = sorted({top, *(id_ for sight in state.sights.get(top, ()) for id_ in sight.tweet.editions)}, key=int)
    words = " OR ".join(f"conversation_id:{id_}" for id_ in tops)
    who = post.author.id if is_nameless(post.author) else post.author.handle
    since = (time_of(tops[0]) or FIRST_POST) - timedelta(seconds=1)
    parameters = {
        "query": f"{f'({words})' if len(tops) > 1 else words} from:{who}",
        "start_time": _written(since),
    }
    counted_until = min(since + COUNTED, sight_of_post.seen_at - MARGIN)
    kind, count = yield from _counted({**parameters, "end_time": _written(counted_until)}, since)
    ids = yield from _search(state, kind, parameters, count)
    proof = f"X's {NAMED[kind]} gave all {len(ids)} posts by @{post.author.handle} in the conversation that it shows"
    state.end_proof = proof
    yield from _look_at_own_parents(state, post.author.id)
    lacking = max(0, count - sum((time_of(id_) or since) < counted_until for id_ in ids))
    if lacking and top not in state.sights:
        state.end_proof = ""  # as long as nobody has said whose conversation this is
        yield from look(state, [top])
    is_own = any(
        sight.tweet.post and sight.tweet.post.author.id == post.author.id for sight in state.sights.get(top, ())
    )
    if is_own:
        state.expected = len({state.newest(id_) for id_ in (*ids, top)}) + lacking
    # In somebody else's conversation nobody can tell whether what lacks belongs to this thread.
    state.end_proof = "" if lacking and not is_own else proof


def window(state: State, ref: Ref) -> Call:
    """See all that an author posted in a stretch of time, answers to others included."""
    assert ref.since is not None
    assert ref.until is not None
    parameters = {
        "query": f"from:{ref.author.removeprefix('@')} -is:retweet",
        "start_time": _written(ref.since),
        "end_time": _written(ref.until),
    }
    kind, count = yield from _counted(parameters, ref.since)
    ids = yield from _search(state, kind, parameters, count)
    part = "" if "end_time" in parameters else " up to now"
    state.end_proof = f"X's {NAMED[kind]} gave every post of the window{part} that it shows"
    state.expected = max(count, len(ids))


def _sight(state: State) -> Sight:
    """Return what X showed of the pasted post: its newest version."""
    for id_ in (state.newest(state.focus), state.focus):
        for sight in reversed(state.sights.get(id_, ())):
            if sight.route == NAME and sight.tweet.post:
                return sight
    stones = [sight.tweet.tombstone for sight in state.sights.get(state.focus, ()) if sight.route == NAME]
    words = next((stone.detail for stone in stones if stone and stone.detail), "its interface says nothing of it")
    kind = Gone if any(stone and stone.reason is Reason.DELETED for stone in stones) else Refused
    raise kind(f"X does not show {status_url(state.focus)} to this token: {words}")


def _look_at_own_parents(state: State, author: str) -> Call:
    """See what the author's posts answer and no search has shown, as long as it is the author's own."""
    while wanted := [id_ for id_ in _own_parents(state, author) if (NAME, id_) not in state.questions]:
        yield from look(state, wanted)


def _own_parents(state: State, author: str) -> list[str]:
    tweets = [sight.tweet for sights in state.sights.values() for sight in sights]
    parents = [
        tweet.node.in_reply_to
        for tweet in tweets
        if tweet.post and tweet.post.author.id == author and tweet.parent_author == author
    ]
    return [id_ for id_ in parents if id_ and not state.has_post(state.newest(id_))]


def _counted(parameters: Parameters, since: datetime) -> Generator[Request, Response, tuple[str, int]]:
    """Return which search the token may use, and how many posts it will find; an end that is not yet is left out."""
    try:
        return "all", (yield from _count("all", parameters))
    except Closed as error:
        if since < error.at - RECENT + MARGIN:
            raise
    return "recent", (yield from _count("recent", parameters))


def _count(kind: str, parameters: Parameters) -> Generator[Request, Response, int]:
    total = 0
    query = {**parameters, "granularity": "day"}
    while True:
        answer, _ = yield from _get(f"/counts/{kind}", query, COUNT)
        if "end_time" not in query:
            parameters.pop("end_time", None)
        total += int(either(answer["meta"], "total_tweet_count"))
        if not (token := answer["meta"].get("next_token")):
            return total
        query["next_token"] = token


def _search(
    state: State, kind: str, parameters: Parameters, count: int
) -> Generator[Request, Response, dict[str, None]]:
    """Search to the last page; return the ids that were found. The first page is charged with all that is counted."""
    ids: dict[str, None] = {}
    query = {**parameters, **FIELDS}
    charged = 0
    while True:
        size = min(LARGEST[kind], max(SMALLEST, count - len(ids)))
        reads = max(count, len(ids) + size) + AUTHOR
        query["max_results"] = str(size)
        answer, response = yield from _get(f"/search/{kind}", query, max(0, reads - charged))
        charged = max(charged, reads)
        state.add(parse_answer(answer), NAME, response.fetched_at)
        ids.update(dict.fromkeys(posts_in(answer)))
        token = answer["meta"].get("next_token")
        if not token or token == query.get("next_token"):
            return ids
        query["next_token"] = token


def _get(path: str, query: Parameters, reads: int) -> Generator[Request, Response, tuple[Json, Response]]:
    """Ask, and ask once more without what this version of X's interface does not know; that leaves `query`."""
    response = yield _request(path, query, reads)
    if response.status == 400 and _without_unknown(query, response):
        response = yield _request(path, query, reads)
    return _answer(response), response


def _request(path: str, query: Parameters, reads: int) -> Request:
    return Request(url=f"{API}{path}?{urlencode(query, safe=':,')}", auth=TOKEN.credential, reads=reads)


def _without_unknown(query: Parameters, response: Response) -> bool:
    """Take out the fields that an answer does not know, and an end that is not yet; whether there were any."""
    text = response.content.decode(errors="replace")
    unknown = {field for names in _UNKNOWN.findall(text) for field in names.split(",")}
    before = dict(query)
    for name in FIELDS.keys() & query.keys():
        query[name] = ",".join(field for field in query[name].split(",") if field not in unknown)
    if _TOO_LATE in text:
        query.pop("end_time", None)
    return query != before


def _answer(response: Response) -> Json:
    """Return the answer's JSON. Raises Refused for a no, Closed where the token may not ask this at all."""
    if response.status != 200:
        raise _refusal(response)
    answer = response.json()
    if not isinstance(answer, dict):
        raise ParseError(f"{_short(response)} answered with something that is not an object; its bytes are kept")
    return answer


def _refusal(response: Response) -> ArchiverError:
    words, problem = _words(response)
    message = f"X answers {response.status} for {_short(response)}{words}"
    if response.status == 403 and "client-forbidden" in problem:
        return Closed(f"{message}; the app of this token may not ask this", response.fetched_at)
    advice = {
        401: "; check x.bearer in archiver.toml",
        402: "; what your account has paid is used up, see console.x.com",
    }
    return Refused(message + advice.get(response.status, ""))


def _words(response: Response) -> tuple[str, str]:
    """Return what a refusal says, as " (…)", and the name of the problem."""
    try:
        body = response.json()
        errors = [str(error.get("message")) for error in items(body.get("errors")) if error.get("message")]
        words = str(next(iter(errors), body.get("detail") or body.get("title") or ""))
        return (f" ({' '.join(words.split())[:200]})" if words else ""), str(body.get("type"))
    except (ArchiverError, *SHAPE_ERRORS):
        return "", ""


def _short(response: Response) -> str:
    return response.url.partition("?")[0]


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


SOURCE = Source(
    name=NAME,
    title="X’s API",
    run_by="X, for money",
    needs="`x.bearer`, the credential `x_bearer`; a yes, or `--max-cost`",
    shows="every post of an author in a conversation or a time, found by search; long texts, descriptions of "
    "images, polls, ids of earlier versions",
    limits="what is deleted, protected or withheld, anything of suspended accounts",
    thread="3, about $0.23",
    storm="2, about $0.25",
    base=BASE,
    switch=TOKEN.key,
    down=conversation,
    look=look,
    window=window,
    is_owner=True,
    counts=True,
)
