"""A process of its own in which a call to the system fails: each write, sync and rename, one after the other.

SQLite calls the system itself, past anything that Python could put in between. So a library of ours is put before it
(faults.c), which needs Linux and a C compiler.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("faults.c")
FAILED = 3  # the exit code of a save that ends with one clear error

# Imports take longer than a save, so each save is a fork of a process that has loaded all.
_WORKER = f"""
import ctypes, os, sys, traceback
from pathlib import Path
from samples import NOON
from archiver.errors import ArchiverError
from archiver.verbs.imports import import_recording
from archiver.media import crew
from archiver.verbs.recovery import recovered

crew.PATIENCE = crew.TICK  # nobody has anything left to put down
shim = ctypes.CDLL(None)
shim.fault_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_char]
shim.fault_calls.restype = ctypes.c_long

def save(folder, recording, at, mode):
    shim.fault_arm(os.fsencode(folder), int(at), mode.encode())
    try:
        with recovered(Path(folder), now=NOON) as (archive, _):
            import_recording(archive, Path(recording), lambda: NOON)
        return 0
    except ArchiverError:
        return {FAILED}
    except BaseException:
        traceback.print_exc()
        return 1

for line in sys.stdin:
    if line.split("\\t")[2] == "0":  # here, and not in a fork: the others find loaded what it needs
        print(save(*line.rstrip("\\n").split("\\t")) << 8, shim.fault_calls(), flush=True)
        continue
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        code = save(*line.rstrip("\\n").split("\\t"))
        os.write(tell, b"%d" % shim.fault_calls())
        os._exit(code)
    ended = os.waitpid(child, 0)[1]
    os.close(tell)
    print(ended, (os.read(told, 20) or b"0").decode(), flush=True)
    os.close(told)
"""


class Faults:
    """Saves, in each of which one call fails."""

    def __init__(self, place: Path) -> None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        compiler = shutil.which("cc") or shutil.which("gcc")
        if sys.platform != "linux" or compiler is None:
            give_up("needs Linux and a C compiler")
        library = place / "faults.so"
        built = subprocess.run(
            [str(compiler), "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], capture_output=True, check=False
        )
        if built.returncode:
            give_up(f"the C compiler cannot build {SOURCE.name}: {built.stderr.decode()[:200]}")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(  # type: ignore[call-overload]
            [sys.executable, "-c", _WORKER],
            cwd=SOURCE.parent,
            env={**os.environ, "LD_PRELOAD": str(library)},
            **pipes,
        )

    def close(self) -> str:
        """End it, and return what it has complained of."""
        return str(self._process.communicate()[1])

    def save(self, folder: Path, recording: Path, at: int = 0, mode: str = "k") -> tuple[int, int]:
        """Save a recording into an archive; return how that ended (minus a signal), and how many calls there were.

        Call number `at` does not come to its end; with 0, all do.
        """
        self._process.stdin.write(f"{folder}\t{recording}\t{at}\t{mode}\n")
        self._process.stdin.flush()
        ended, calls = self._process.stdout.readline().split()
        return os.waitstatus_to_exitcode(int(ended)), int(calls)
