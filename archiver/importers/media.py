"""Copies of the media files of an owner's archive of X."""

from contextlib import closing
from pathlib import Path

from archiver.errors import ArchiveError, UsageError
from archiver.files import copy
from archiver.importers.x_archive import Export


def copy_media(export: Export, root: str, target: Path) -> dict[str, str]:
    """Copy the files of a thread's posts; return where each is, relative to the folder that `target` is in.

    They have to be copied before the thread is asked for, so that its answer can tell. A file that is damaged is left
    out: the post still has its address. Raises ArchiveError where nothing can be written.
    """
    copied = {}
    try:
        for id_, name, member in export.media(root):
            try:
                with closing(member.pieces()) as pieces:
                    copied[f"{id_}-{name}"] = copy(pieces, target)
            except UsageError:
                continue
    except OSError as error:
        raise ArchiveError(f"cannot write to {target}: {error.strerror}") from error
    export.copied[root] = copied
    return {name: file.path for name, file in copied.items()}
