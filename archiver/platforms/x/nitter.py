"""The source `nitter`: web pages of an instance of Nitter, which the configuration has to name. https://github.com/zedeus/nitter

A page holds the post, what stands above it, and what its author added below, both only up to a number of posts: then
the page of the first or of the last one shown goes on. Nobody can tell whether X gave the instance everything.
"""

from collections.abc import Generator, Iterable

from archiver.config import Base
from archiver.errors import Refused
from archiver.http.message import Request, Response
from archiver.model import Missing
from archiver.platforms.x.nitter_page import Page, parse_error, parse_page
from archiver.platforms.x.state import State
from archiver.platforms.x.tweet import Tweet, reason_of, status_url
from archiver.routes import Source
from archiver.urls import parts_of

BASE = Base(key="nitter", url="https://nitter.net", by_name=True)
NAME = "nitter"
ROUNDS = 20  # pages of one thread

Call = Generator[Request, Response, None]


def chain(state: State) -> Call:
    """Collect the thread around the pasted post, page by page upwards and downwards while there are new posts."""
    todo, ids = [state.focus], set[str]()
    for _ in range(ROUNDS):
        page = yield from ask(state, todo.pop(0))
        new = {tweet.id for tweet in page.tweets} - ids
        ids |= new
        todo += [id_ for id_ in (page.earlier, page.later) if id_ in new and (NAME, id_) not in state.questions]
        if not todo:
            return


def look(state: State, ids: Iterable[str]) -> Call:
    """Ask for posts one by one, each once in a run."""
    for id_ in ids:
        if (NAME, id_) not in state.questions:
            yield from ask(state, id_)


def ask(state: State, id_: str) -> Generator[Request, Response, Page]:
    """Fetch the page of a post and add what its main thread shows. Raises Refused for any other page."""
    state.questions.add((NAME, id_))
    response = yield Request(url=f"{BASE.url}/i/status/{id_}")
    html = response.content.decode("utf-8", "replace")
    words = parse_error(html) if response.status == 404 else ""
    if words:
        gap = Missing(id=id_, reason=reason_of(words), url=status_url(id_), detail=f"Nitter shows: “{words}”")
        page = Page(tweets=(Tweet(node=gap),), main=id_)
    elif response.status != 200:
        raise Refused(f"{response.url} answered {response.status}; check that an instance of Nitter is there")
    else:
        page = parse_page(html, [host for url in (response.url, BASE.url) if (host := parts_of(url).hostname)])
    if page.main != id_:
        raise Refused(
            f"{response.url} shows {f'post {page.main}, which was not asked for' if page.main else 'no post'}; "
            "check that an instance of Nitter is there, and that it lets programs in"
        )
    state.add(page.tweets, NAME, response.fetched_at)
    return page


SOURCE = Source(
    name=NAME,
    title="Nitter",
    run_by="volunteers, or you",
    needs="`x.nitter`, its address; it sees what is asked for",
    shows="an author's chain around a post",
    limits="whether there is more; storms; never complete",
    thread="2 to 5",
    storm="",
    base=BASE,
    switch=BASE.key,
    down=chain,
    look=look,
    shows_parents=False,
)
