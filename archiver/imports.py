"""What others have captured or made, archived as if we had asked for it: each kind of file is another `Send`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from archiver.importers import x_archive
from archiver.importers.media import copy_media
from archiver.pipeline import MEDIA, Clock, Saved, archive, import_recording
from archiver.platforms.x.tweet import SITE
from archiver.store.store import Archive


def import_(archive_: Archive, path: Path, clock: Clock, url: str = "") -> Iterator[Saved]:
    """Archive what a file or a folder holds; `url` says which thread is meant, where it may hold several."""
    if path.is_dir() and (path / "url").exists():
        yield import_recording(archive_, path)
    else:
        yield from _of_x(archive_, path)


def _of_x(archive_: Archive, path: Path) -> Iterator[Saved]:
    """Archive the threads in the archive that X gives to an account's owner."""
    with x_archive.read(path) as export:
        for root in export.threads:
            copy_media(export, root, archive_.folder / MEDIA)
            url = f"{SITE}/{export.account.told['username']}/status/{root}"
            yield archive(archive_, url, partial(export.sender, root), lambda: export.made_at, {"source": "x_archive"})
