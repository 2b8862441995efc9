"""Media that come in a web archive, which a run of ours has fetched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from archiver.files import copy
from archiver.http.message import Exchange, Keep, is_media
from archiver.kinds import HEAD, PAGE, PLAYLIST, kind_of
from archiver.model import StoredFile


def filing(keep: Keep, target: Path, hold: Callable[[StoredFile], None]) -> Keep:
    """Return a `Keep` that puts whole media into files, each told to `hold`, as when they were fetched."""

    def kept(exchange: Exchange) -> None:
        kind = kind_of(exchange.body[:HEAD]) if is_media(exchange.request_headers) else None
        if exchange.status == 200 and exchange.complete and kind and kind.name not in (PAGE, PLAYLIST):
            copied = copy([exchange.body], target)
            hold(copied)
            exchange = replace(exchange, body=b"", file=copied)
        keep(exchange)

    return kept
