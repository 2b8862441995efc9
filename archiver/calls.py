"""What the calls of any platform have in common: how a status is read, and how far a route gets."""

from collections.abc import Generator, Sized
from typing import Any

from archiver.errors import Gone, NetworkError, RateLimited, Refused, Unavailable
from archiver.http.message import Request, Response

FAILED = (Unavailable, NetworkError, RateLimited)
"""What a call may end with; a route that still has something to hand over catches these and no more."""

_GONE = frozenset((404, 410))
_CLOSED = frozenset((401, 403, 451))


def answer(response: Response) -> Any:
    """Return an answer's JSON.

    Raises Gone where the status says that it is not there, Refused for any other no. Answers from 500 on never come
    here: they are tried again, and then a NetworkError.
    """
    if response.status in _GONE:
        raise Gone(f"{response.url} answered {response.status}: not there")
    if response.status in _CLOSED:
        raise Refused(f"{response.url} answered {response.status}: not shown to everybody")
    if response.status >= 300:
        raise Refused(f"{response.url} answered {response.status}")
    return response.json()


def until_fails(calls: Generator[Request, Response, None], posts: Sized) -> Generator[Request, Response, str]:
    """Make calls to their end or to the first that fails; return why they ended early, "" if they did not.

    What they have added to `posts` stays, so the route can hand that over with the reason in `Proof.stop`. Where that
    is nothing, the error is raised: then another route is tried, or the user is told.
    """
    try:
        yield from calls
    except FAILED as error:
        if not posts:
            raise
        return str(error)
    return ""
