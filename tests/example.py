"""The example of the documentation: the bundled storm, as `archiver export` writes it for a folder that is published.

python -m tests.example      write docs/example anew, if it says anything else than the program does now
"""

import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from archiver.publish import Choice, publish
from archiver.store.store import Archive
from archiver.verbs import imports

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "example"
STORM = ROOT / "fixtures" / "x" / "storm-by-search"
FOLDERS = ("threads", "articles", "media")
NOON = datetime(2026, 3, 13, 12, tzinfo=UTC)

# Each run has an id of its own, and so another seal; versions of libraries are those of the machine.
_OF_THE_RUN = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|head [0-9a-f]{64}"
    rb"|thread-archiver \d\S*; Python \S+; SQLite \S+; urllib3 [\d.]+"
)


def exported() -> dict[str, bytes]:
    """Return the files of a fresh export by their names."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        with Archive.open(Path(place) / "archive", now=NOON) as archive:
            imports.import_recording(archive, STORM, lambda: NOON)
            for form in ("record", "article"):
                list(publish(archive, (), out, Choice(form=form)))
        return files(out)


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in the folders of an export."""
    found = [path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(found)}


def plain(content: dict[str, bytes]) -> dict[str, bytes]:
    """Return files without what is another one with each run."""
    return {name: _OF_THE_RUN.sub(b"-", data) for name, data in content.items()}


def write() -> None:
    """Write the example, if it is another one."""
    made = exported()
    if plain(made) == plain(files(EXAMPLE)):
        return
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    for name, data in made.items():
        path = EXAMPLE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    write()
