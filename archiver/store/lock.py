"""One writer at a time: a lock of the operating system on a side file, which also says who holds it.

Not a long transaction: readers such as Datasette must get in between. The file stays when the writer ends, even by
force; the lock does not.
"""

import os
import sys
from pathlib import Path

from archiver.errors import ArchiveError

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _take(file: int) -> None:
        os.lseek(file, 1 << 20, os.SEEK_SET)  # far behind the text: a locked byte cannot be read there
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock(path: Path) -> int:
    """Lock a file and write our process id into it; closing the returned descriptor unlocks it.

    Raises ArchiveError naming the other process where it is locked, OSError where it cannot be made.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(file)
    except OSError as error:
        os.lseek(file, 0, os.SEEK_SET)  # where Windows looks for the lock is far behind the text
        holder = os.read(file, 20).decode("ascii", "replace").strip()
        os.close(file)
        if not holder:
            raise ArchiveError(f"{path} cannot be locked ({error.strerror}); is it on a network drive?") from error
        raise ArchiveError(
            f"another archiver (process {holder}) is writing to {path.parent}; try again when it has finished"
        ) from error
    os.ftruncate(file, 0)
    os.write(file, b"%d\n" % os.getpid())
    return file
