"""ReplayWeb.page, the viewer that people who are handed a WACZ are told to open it in: its two files, from npm.

Its dependencies are packed into them, so nothing else is fetched.
"""

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from tests.servers.machine import Failed, run, tool

HOME = Path(__file__).parents[2] / ".browser" / "viewer"
PACKAGE = "replaywebpage@2.4.6"
INTEGRITY = "sha512-uG50jESRld0p+fY7+nUxIWl7hvfimreNjSmaNkc/a9a8gBdmb7PH4J42Iib+vgk9KrHd0HLScVT++LgqV5fwpQ=="
FILES = ("ui.js", "sw.js")
_PAGE = '<!doctype html><title>Viewer</title><script src="./ui.js"></script><replay-app-main></replay-app-main>'


def install() -> None:
    """Brings it from npm, unless exactly this one is here already."""
    installed = HOME / "installed"
    if installed.exists() and installed.read_text(encoding="utf-8") == INTEGRITY:
        return
    HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        [packed] = json.loads(run(tool("npm", "npm"), "pack", PACKAGE, "--json", folder=Path(name)))
        if packed["integrity"] != INTEGRITY:
            raise Failed(f"{PACKAGE} is not the one that was tried: {packed['integrity']}")
        with tarfile.open(Path(name) / packed["filename"]) as tar:
            for file in FILES:
                member = tar.extractfile(f"package/{file}")
                assert member
                (HOME / file).write_bytes(member.read())
    installed.write_text(INTEGRITY, encoding="utf-8")


def place(folder: Path) -> None:
    """Put the viewer into a folder that is served."""
    for file in FILES:
        shutil.copy(HOME / file, folder)
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")
