"""A page that was saved as a file, as the answer to the request for it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from archiver.errors import UsageError
from archiver.http.message import Exchange, Keep, Request, Response, Send
from archiver.http.outcome import LARGEST, decided


def sender(path: Path, keep: Keep, clock: Callable[[], datetime]) -> Send:
    """Return a `Send` that answers with the file's bytes. Raises UsageError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error
    if len(body) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MB; that is no saved page")

    def send(request: Request) -> Response:
        at = clock()
        exchange = Exchange(
            request=request,
            seq=0,
            attempt=0,
            url=request.url,
            request_headers=(),
            started_at=at,
            finished_at=at,
            status=200,
            body=body,
        )
        keep(exchange)
        return decided(exchange)

    return send
