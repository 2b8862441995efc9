"""The files beside the database: are they what it says of them? Media, what was attached, and copies of time stamps."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.stamps import OPENTIMESTAMPS, Stamp, data_of
from archiver.layout import SEALS
from archiver.store.audit import Audit

_PIECE = 1 << 20


def held(audit: Audit, withheld: Collection[str], attached: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the files that are listed, and with those that posts and the ledger name."""
    listed = audit.files()
    for path, sha256, size in listed:
        if path in withheld and not (audit.folder / path).exists():
            yield note(f"the file {path} is withheld, as the ledger says", level=Level.WITHHELD)
        elif said := _fault(audit.folder, path, sha256, size):
            yield problem(f"the file {path} {said}")
    known = {path for path, _, _ in listed}
    for path, url in audit.named_files():
        if path not in known and (said := _fault(audit.folder, path, Path(path).stem, None)):
            yield problem(f"the file {path} {said}", url=url or "")
    for sha256 in sorted(attached.keys() - {sha256 for _, sha256, _ in listed}):
        yield problem(f"the file {attached[sha256]}, is not listed any more")


def _fault(folder: Path, name: str, sha256: str, size: int | None) -> str:
    """Return in words what is wrong with a file that is named by its digest, "" where nothing is."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return "is outside of the archive"
    try:
        found, digest = 0, hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                found += len(piece)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if digest.hexdigest() != sha256:
        return "has another content than it had"
    return "" if size is None or found == size else f"has {found} bytes, and is said to have {size}"


def copies(folder: Path, stamps: Collection[tuple[int, Stamp]]) -> Iterator[Finding]:
    """Yield which of the files that were written for other programs are not what the archive holds of the stamps."""
    known: dict[str, set[bytes]] = {}
    for seq, stamp in stamps:
        base = f"{seq}-{stamp.head[:8]}"
        kept = {".head": data_of(stamp.head), ".tsq": stamp.request, ".tsr": stamp.reply}
        kept = {".head": kept[".head"], ".ots": stamp.reply} if stamp.kind == OPENTIMESTAMPS else kept
        for ending, content in kept.items():
            known.setdefault(base + ending, set()).add(content)
    for name, contents in sorted(known.items()):
        path = folder / SEALS / name
        if not path.exists() or path.read_bytes() in contents:
            continue
        if path.suffix == ".ots":
            yield note(f"{SEALS}/{name} was changed; “ots upgrade” does that. The archive has it as it was")
        else:
            yield problem(f"{SEALS}/{name} is not what the archive holds; what it holds is checked apart from it")
