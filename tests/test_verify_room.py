"""A check that has no room for its copy says so, and not that the archive is another one than was sealed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.store.store import Archive
from archiver.warc.export import export_wacz

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limit on the size of files")

LIMITED = """
import resource, signal, sys
from archiver.cli import main as cli
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(cli.run(sys.argv[2:]))
"""


def limited(size: int, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `verify` where no file can become larger than `size`."""
    command = [sys.executable, "-c", LIMITED, str(size), "--archive", str(folder), "verify", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("what", ["--deep", "document", "wacz"])
def test_without_room_for_a_copy_nothing_is_said_to_be_forged(
    original: Path, tmp_path: Path, what: str, share: float
) -> None:
    if what == "wacz":
        with Archive.read(original) as archive:
            what = str(export_wacz(archive, [], tmp_path / "a.wacz").path)
    elif what == "document":
        what = str(next((original / "threads").glob("*.md")))
    done = limited(int((original / "archive.db").stat().st_size * share), original, what)
    assert (done.returncode, [line for line in done.stdout.splitlines() if line.startswith("problem")]) == (2, [])
    assert done.stderr.startswith("error: cannot check: no copy can be made to compare with (")
    assert "set TMPDIR to a folder with more room" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert limited(1 << 30, original, what).returncode == 0
