"""A case out of one small file: `case.toml` says what is asked and answered, with invented people and words.

    url = "https://heron.example/item/2"
    date = 2026-03-12T17:20:05Z                 # when the answers came
    options = { replies = "yes" }               # optional
    tree = ["1 ann, main"]                      # optional: what `tree.txt` must be
    left_out = []                               # the lines of `left-out.txt` that are meant

    [[posts]]                                   # a list of any name, to be named below
    id = "1"
    …
    [[answers]]
    get = "https://heron.example/api/2"
    json = { posts = "$posts" }                 # or `html = "<p>…"`, with `status = 404` where it is not 200

`$posts` stands for the whole list, `$posts.0` for its first entry.
"""

import json
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.http.message import Exchange, Request
from archiver.importers import folder
from archiver.options import Options

FILE = "case.toml"


def write(case: Path) -> None:
    """Write the recorded answers that a case's file describes beside it. Raises KeyError for an unknown `$name`."""
    described = tomllib.loads((case / FILE).read_text(encoding="utf-8"))
    for old in (path for pattern in ("*.http", "*.body.*") for path in case.glob(pattern)):
        old.unlink()
    folder.write(case, described["url"], Options.of(described.get("options", {})), _exchanges(described))


def unmet(case: Path, files: Mapping[str, str]) -> list[str]:
    """Return what of a case's files is not as its author has meant it: the tree, and each text that no post has."""
    described = tomllib.loads((case / FILE).read_text(encoding="utf-8"))
    texts = files["left-out.txt"].splitlines()
    faults = [f"no post has {text}" for text in texts if text not in described.get("left_out", [])]
    meant = described.get("tree")
    if meant is not None and meant != files["tree.txt"].splitlines():
        faults.append(f"the tree is not as it was meant, but\n{files['tree.txt']}")
    return faults


def differences(case: Path) -> list[str]:
    """Return the names of recorded files that are not as the case's file describes them."""
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place) / case.name
        fresh.mkdir()
        (fresh / FILE).write_bytes((case / FILE).read_bytes())
        write(fresh)
        files = [path for path in fresh.iterdir() if path.name != FILE]
        return sorted(path.name for path in files if not _is_same(path, case / path.name))


def _is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def _exchanges(described: Mapping[str, Any]) -> Iterator[Exchange]:
    at: datetime = described["date"].astimezone(UTC)
    for seq, answer in enumerate(described["answers"], 1):
        is_page = "html" in answer
        body = (
            answer["html"] if is_page else json.dumps(_filled(answer["json"], described), ensure_ascii=False, indent=1)
        )
        yield Exchange(
            request=Request(url=answer["get"]),
            seq=seq,
            attempt=0,
            url=answer["get"],
            request_headers=(),
            started_at=at,
            finished_at=at,
            status=answer.get("status", 200),
            headers=(("content-type", "text/html; charset=utf-8" if is_page else "application/json"),),
            body=body.encode(),
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _filled(value: Any, described: Mapping[str, Any]) -> Any:
    """Return a value in which each `$name` is what stands under that name, times as text."""
    if isinstance(value, dict):
        return {key: _filled(below, described) for key, below in value.items()}
    if isinstance(value, list):
        return [_filled(below, described) for below in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith("$"):
        name, _, number = value[1:].partition(".")
        entries = described[name]
        return _filled(entries[int(number)] if number else entries, described)
    return value
