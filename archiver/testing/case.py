"""A case: a folder of recorded answers, and what they give: the document, and files that a person can review."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.collecting import with_options
from archiver.errors import UnknownURL
from archiver.exporters.markdown import render
from archiver.http.message import Exchange, Send
from archiver.importers import folder
from archiver.importers.folder import Recording
from archiver.model import Document, Missing, Run, Thread
from archiver.platforms import normalised
from archiver.routes import Failure, Platform, Ref, collect
from archiver.store.rows import host_of
from archiver.testing.left_out import left_out

QUIET = ("route", "hint", "kind", "fault")  # fields that are shown only where they say something


def cases(fixtures: Path) -> list[Path]:
    """Return the folders of all cases."""
    return sorted(path.parent for path in fixtures.glob("*/url"))


def collected(platform: Platform, recording: Recording, send: Send) -> tuple[Thread, tuple[Failure, ...]]:
    """Collect the thread of a recording from whatever answers. Raises UnknownURL where it is not the platform's."""
    url, options = recording.url, recording.options
    ref = platform.profile(url) if options.since else platform.match(normalised(url))
    if ref is None and options.platform == platform.name:
        ref = Ref(url=url, id="")
    if ref is None:
        raise UnknownURL(f"{url} is no address of {platform.name}")
    return collect(platform, with_options(ref, options), send)


def document(platform: Platform, case: Path) -> Document:
    """Return the document that a case gives, by the same way as a saved one but for the database."""
    recording = folder.read(case)
    kept: list[Exchange] = []
    thread, failures = collected(platform, recording, folder.sender(recording, kept.append))
    run = Run(
        id="00000000-0000-0000-0000-000000000000",
        url=recording.url,
        tool="thread-archiver",
        started_at=min(exchange.started_at for exchange in kept),
        finished_at=max(exchange.finished_at for exchange in kept),
        outcome=str(thread.completeness.verdict),
        replies=recording.options.replies,
        requests=len(kept),
        hosts=tuple(dict.fromkeys(host_of(exchange.url) or exchange.url.partition("/")[0] for exchange in kept)),
        failures=tuple(str(failure) for failure in failures),
        zone=recording.options.zone,
        imported=recording.source,
    )
    return Document(thread=thread, run=run)


def goldens(platform: Platform, case: Path) -> dict[str, str]:
    """Return the files that lie beside a case's answers: its thread in three forms, and the texts that it has not."""
    made = document(platform, case)
    return {
        "thread.json": thread_json(made.thread),
        "thread.md": render(made),
        "tree.txt": tree(made.thread),
        "left-out.txt": left_out(made.thread, folder.read(case).exchanges),
    }


def tree(thread: Thread) -> str:
    """Return who answers whom as a drawing: each post below the one that it answers, by the ends of their ids."""
    below: dict[str | None, list[Any]] = {}
    ids = {node.id for node in thread.nodes}
    for node in thread.nodes:
        below.setdefault(node.in_reply_to if node.in_reply_to in ids else None, []).append(node)
    lines: list[str] = []
    waiting = [(node, "") for node in reversed(below.get(None, []))]
    seen: set[str] = set()
    while waiting:
        node, indent = waiting.pop()
        if node.id in seen:  # posts that answer each other in a circle are drawn once
            continue
        seen.add(node.id)
        who = f"({node.reason})" if isinstance(node, Missing) else node.author.handle
        above = f", answers {_end(node.in_reply_to)}" if node.in_reply_to and node.in_reply_to not in ids else ""
        lines.append(f"{indent}{_end(node.id)} {who}, {thread.roles[node.id]}{above}")
        waiting += [(answer, f"{indent} ") for answer in reversed(below.get(node.id, []))]
    return "\n".join([*lines, *(f"{_end(id_)}, in a circle" for id_ in sorted(ids - seen))]) + "\n"


def _end(id_: str) -> str:
    return id_.rstrip("/").rpartition("/")[2]


def thread_json(thread: Thread) -> str:
    """Return a thread as JSON that a person can read; what is not given is left out."""
    return json.dumps(plain(thread), ensure_ascii=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """Return a model object as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        given = (
            (entry.name, content)
            for entry in fields(value)
            if (content := getattr(value, entry.name)) != entry.default or entry.name not in QUIET
        )
        return {
            "is": type(value).__name__,
            **{key: plain(content) for key, content in given if content not in (None, (), False)},
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(content) for key, content in value.items()}
    if isinstance(value, tuple):
        return [plain(content) for content in value]
    return value
