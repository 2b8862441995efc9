"""The source `fxtwitter`: a service of volunteers that reads X, without a key. https://github.com/FxEmbed/FxEmbed

It learns which posts are asked for. It shows an author's chain around a post, but downwards only as far as X gave it in
one go, and so its answers never prove that a thread ends: the last post is asked again until nothing new comes.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from archiver.config import Base
from archiver.errors import NetworkError, RateLimited, Refused
from archiver.http.message import Request, Response
from archiver.model import Missing, Reason
from archiver.platforms.x.fx_status import parse_answer, parse_entry, parse_tombstone
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, status_url
from archiver.routes import Failure, Ref, Source

BASE = Base(key="fxtwitter", url="https://api.fxtwitter.com", by_name=True)
NAME = "fxtwitter"
ROUNDS = 20  # how often the last post of a chain is asked for more
PAGE = 100  # the most that a page of a search holds
PAGES = 100  # where a search without an end is given up

Call = Generator[Request, Response, None]


class OtherPost(Refused):
    """The answer is about another post than the one that was asked for; nothing of it is taken."""


def chain(state: State) -> Call:
    """Collect the author's chain around the pasted post, then around its last post, until that shows no new one."""
    ids: set[str] = set()
    last = state.focus
    for _ in range(ROUNDS):
        tweets = yield from ask(state, "thread", last)
        new = {tweet.id for tweet in tweets} - ids
        ids |= new
        last = max(ids, key=int)
        if not new or (NAME, last) in state.questions:
            return


def look(state: State, ids: Iterable[str]) -> Call:
    """Ask for posts one by one, each once in a run."""
    for id_ in ids:
        if (NAME, id_) not in state.questions:
            try:
                yield from ask(state, "status", id_)
            except OtherPost as error:
                state.failures.append(Failure(route=NAME, error=error))


def window(state: State, ref: Ref) -> Call:
    """Search for what the author of `ref` posted in its stretch of time, newest first.

    What the search leaves out nobody can tell, so this proves nothing.
    """
    assert ref.since is not None
    assert ref.until is not None
    handle = ref.author
    times = f"since_time:{math.floor(ref.since.timestamp())} until_time:{math.ceil(ref.until.timestamp())}"
    query = {"q": f"from:{handle} {times}", "feed": "latest", "count": PAGE}
    cursors = [""]
    for number in range(PAGES):
        page = {"cursor": cursors[-1]} if cursors[-1] else {}
        response = yield Request(url=f"{BASE.url}/2/search?{urlencode({**query, **page})}")
        answer, code = read(response)
        if code == 404 and number:
            return
        if code != 200:
            raise Refused(f"FxTwitter finds nothing by @{handle} in these times, or cannot search ({response.url})")
        tweets = parse_answer(answer)
        inside = (within(tweet, handle, ref.since, ref.until) for tweet in tweets)
        state.add([tweet for tweet in inside if tweet], NAME, response.fetched_at)
        cursor = (answer.get("cursor") or {}).get("bottom")
        older = all(time is not None and time < ref.since for time in map(written, tweets))
        if older or not cursor or cursor in cursors:
            return
        cursors.append(cursor)
    state.stop = f"the search of FxTwitter was given up after {PAGES} pages"


def within(tweet: Tweet, handle: str, since: datetime, until: datetime) -> Tweet | None:
    """Return what a search by author and time found, None where it is neither; an unread post is the author's."""
    time, node = written(tweet), tweet.node
    if time is None or not since <= time < until:
        return None
    if isinstance(node, Missing):
        return replace(tweet, node=replace(node, author=f"@{handle.lower()}"))
    return tweet if node.author.handle.lower() == handle.lower() else None


def written(tweet: Tweet) -> datetime | None:
    """Return when a post was written, for a tombstone as far as its id knows."""
    return tweet.post.created_at if tweet.post else time_of(tweet.id)


def ask(state: State, kind: str, id_: str) -> Generator[Request, Response, list[Tweet]]:
    """Fetch a "status" or the "thread" around it and add what it shows. Raises OtherPost and what `read` raises."""
    state.questions.add((NAME, id_))
    response = yield Request(url=f"{BASE.url}/2/{kind}/{id_}")
    answer, code = read(response)
    if code == 200:
        focal = parse_entry(answer.get("status"), asked=id_)
        if focal is None or focal.id != id_:
            raise OtherPost(
                f"{response.url} answered with {f'post {focal.id}' if focal else 'no post'}, which was not asked for; "
                f"nothing of it is taken"
            )
        tweets = parse_answer(answer, asked=id_)
    else:
        tweets = [Tweet(node=refusal(answer, code, id_))]
    state.add(tweets, NAME, response.fetched_at)
    return tweets


def read(response: Response) -> tuple[dict[str, Any], int]:
    """Return the answer and its code, which is 200, 401 for a private post or 404. Raises for any other."""
    answer = response.json()
    if not isinstance(answer, dict):
        raise Refused(f"{response.url} answered with JSON that is not an object; is that FxTwitter?")
    code = int(answer.get("code") or response.status)
    if code == 429:
        raise RateLimited(f"{response.url} asks us to stay away; try again later: it does not say when")
    if code >= 500:
        raise NetworkError(f"{response.url} answers {code}, a fault of its own; try again later")
    if code not in (200, 401, 404):
        raise Refused(f"{response.url} answered {code}: {answer.get('message') or 'without a word'}")
    return answer, code


def refusal(answer: dict[str, Any], code: int, id_: str) -> Missing:
    """Return the gap that a 401 or a 404 makes. That somebody else does not find a post is no word of X's."""
    status = answer.get("status")
    stone = parse_tombstone(status, id_) if isinstance(status, dict) else None
    if stone and stone.id == id_ and stone.reason is not Reason.UNKNOWN:
        return stone
    if code == 401:
        return Missing(id=id_, reason=Reason.PRIVATE, url=status_url(id_), detail="FxTwitter reports it as private")
    return Missing(id=id_, reason=Reason.UNKNOWN, url=status_url(id_), detail="FxTwitter does not find it")


SOURCE = Source(
    name=NAME,
    title="FxTwitter",
    run_by="volunteers, or you",
    needs="`x.fxtwitter`, its address; it sees what is asked for",
    shows="an author's chain around a post, long texts; a search by time",
    limits="what follows much further down; edits; never complete",
    thread="1 to 5",
    storm="1 or 2",
    base=BASE,
    switch=BASE.key,
    down=chain,
    look=look,
    window=window,
    is_owner=True,
)
