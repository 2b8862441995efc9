"""What somebody's browser was shown of X and recorded (WARC, HAR): every answer in the file is read for posts.

Which these are the file knows: X's own interface has addresses that change every few weeks, so its importer is asked
for a list of them.
"""

from collections.abc import Generator

from archiver.errors import SHAPE_ERRORS, NetworkError, ParseError
from archiver.http.message import Request, Response
from archiver.platforms.x.captures import related
from archiver.platforms.x.embeds import parse_embeds
from archiver.platforms.x.known import Known
from archiver.platforms.x.markup import page_of
from archiver.platforms.x.pages import parse_page
from archiver.platforms.x.saved import parse_json
from archiver.platforms.x.tweet import Tweet
from archiver.routes import Failure, Ref, Source

Call = Generator[Request, Response, None]

ROUTE = "recorded"
LISTED = "imported:"  # and a host: the addresses there, as JSON, of which the file has an answer with text
HOSTS = ("x.com", "twitter.com", "twimg.com")
MOST = 2000  # answers that are read


def read_all(known: Known, ref: Ref) -> Call:
    """Read whatever the file has of X; kept is what belongs to the thread."""
    addresses: dict[str, None] = {}
    for host in HOSTS:
        response = yield Request(url=f"{LISTED}{host}")
        addresses |= dict.fromkeys(response.json())
    shown: list[tuple[Tweet, Response]] = []
    for address in list(addresses)[:MOST]:
        try:
            response = yield Request(url=address)
            shown += [(tweet, response) for tweet in _read(response)]
        except SHAPE_ERRORS as error:
            shape = f"{address} has an unknown shape ({type(error).__name__}: {error})"[:200]
            known.failures.append(Failure(route=ROUTE, error=ParseError(f"{shape}; its bytes are kept")))
        except NetworkError as error:
            known.failures.append(Failure(route=ROUTE, error=error))
    keep = related(known, {ref.id}, list(known.handles))
    kept = {id(tweet) for tweet in keep([tweet for tweet, _ in shown])}
    for tweet, response in shown:
        if id(tweet) in kept:
            known.add([tweet], ROUTE, response.fetched_at)


def _read(response: Response) -> list[Tweet]:
    content = response.content
    if content.lstrip()[:1] in (b"{", b"["):
        return parse_json(response.json())
    page = page_of(response)
    return parse_page(page) or parse_embeds(page)


SOURCE: Source[Known] = Source(
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
