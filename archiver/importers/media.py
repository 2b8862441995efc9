"""Media that come in a file: those of an owner's archive of X, and those that a run of ours has fetched."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from archiver.errors import ArchiveError, UsageError
from archiver.files import Copied, copy
from archiver.http.message import Exchange, Held, Keep, is_media
from archiver.importers.x_archive import Export
from archiver.kinds import HEAD, PAGE, PLAYLIST, kind_of


def copy_media(export: Export, root: str, target: Path) -> dict[str, str]:
    """Copy the files of a thread's posts; return where each is, relative to the folder that `target` is in.

    They have to be copied before the thread is asked for, so that its answer can tell. A file that is damaged is left
    out: the post still has its address. Raises ArchiveError where nothing can be written.
    """
    copied = {}
    for id_, name, member in export.media(root):
        try:
            with closing(member.pieces()) as pieces:
                copied[f"{id_}-{name}"] = copy(pieces, target)
        except ArchiveError:
            raise
        except UsageError:
            continue
    export.copied[root] = copied
    return {name: file.path for name, file in copied.items()}


def filing(keep: Keep, target: Path, hold: Callable[[Copied], None]) -> Keep:
    """Return a `Keep` that puts whole media into files, each told to `hold`, as when they were fetched."""

    def kept(exchange: Exchange) -> None:
        kind = kind_of(exchange.body[:HEAD]) if is_media(exchange.request_headers) else None
        if exchange.status == 200 and exchange.complete and kind and kind.name not in (PAGE, PLAYLIST):
            copied = copy([exchange.body], target)
            hold(copied)
            exchange = replace(exchange, body=b"", file=Held(copied.sha256, copied.size, copied.path))
        keep(exchange)

    return kept
