"""The kept proofs of an archive: what its authors have signed, against what it shows of them.

A kept proof says that a post was in the author's repository, word for word, and that the repository's key has signed
that. It does not say who holds the key: on Bluesky that is mostly the server where the account is.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from archiver.errors import SHAPE_ERRORS, ArchiverError, Unproven
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.http.message import decoded, header
from archiver.platforms.bluesky.ids import COLLECTION, WEB, did_of, rkey_of, web_url
from archiver.platforms.bluesky.post import parse_facets
from archiver.platforms.bluesky.proof import key_urls, proven_by
from archiver.platforms.bluesky.signed.identity import check_log, key_of
from archiver.platforms.bluesky.signed.repository import proven
from archiver.platforms.bluesky.signed.signatures import installed
from archiver.store.audit import Audit
from archiver.store.exchanges import headers_of
from archiver.store.rows import key as key_in_archive
from archiver.text.facets import html_of

Row = Mapping[str, Any]

SIGNED = "signed"  # and word for word what the archive shows
UNSHOWN = "unshown"  # signed, and the archive shows no such post
ABSENT = "absent"
WITHHELD = "withheld"

_WORDS = {
    SIGNED: "signed by the account's repository key, as the archive shows it",
    UNSHOWN: "signed by the account's repository key, and not shown by the archive",
    ABSENT: "proven not to have been in the account's repository when it was asked",
    WITHHELD: "kept with a proof that is withheld",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A kept answer that should prove a post, and the answers of the same run that say whose key it is."""

    run: str
    url: str
    post: str
    car: bytes
    document: bytes
    log: bytes


def findings(audit: Audit) -> Iterator[Finding]:
    """Yield a problem for each proof that fails, and in a line each how many say what."""
    if not installed():
        if count := sum(1 for _ in proofs_in(audit)):
            yield note(f"{count} proofs are kept; install thread-archiver[proof] to check them")
        return
    said: Counter[str] = Counter()
    for proof in proofs_in(audit):
        try:
            held = audit.contents(key_in_archive(WEB, proof.post))
            said[told(proof, held)] += 1
        except Unproven as error:
            yield problem(f"the proof of {web_url(proof.post)} fails: {error}", proof.run, proof.url)
    for name, words in _WORDS.items():
        if said[name]:
            posts = f"{said[name]} post{'s' if said[name] > 1 else ''}"
            yield note(f"{words}: {posts}", level=Level.WITHHELD if name == WITHHELD else Level.NOTE)


def proofs_in(audit: Audit) -> Iterator[Proof]:
    """Yield all proofs that were kept, run by run."""
    for run, row in audit.runs().items():
        if "proof" in json.loads(row["asked"]):
            yield from _of_run(run, row["url"], audit.exchanges(run), audit)


def _of_run(run: str, url: str, exchanges: list[dict[str, Any]], audit: Audit) -> Iterator[Proof]:
    answers = {row["asked_url"]: row for row in exchanges if row["status"] == 200 and row["complete"]}

    @cache
    def content(asked: str) -> bytes:
        return _answer(answers[asked], audit) if asked in answers else b""

    for asked, row in answers.items():
        if post := proven_by(asked):
            document, log = map(content, key_urls(did_of(post)))
            yield Proof(run=run, url=url, post=post, car=_answer(row, audit), document=document, log=log)


def _answer(row: Row, audit: Audit) -> bytes:
    """Return an answer's body, b"" where it was withheld or is damaged: that is found elsewhere."""
    body = audit.body(row["body_sha256"]) or b""
    try:
        return decoded(body, header(headers_of(row["response_head"]), "content-encoding"), row["asked_url"])
    except ArchiverError:
        return b""


def told(proof: Proof, held: list[str]) -> str:
    """Return what a proof says, against the contents that the archive has of its post. Raises Unproven."""
    if not proof.car:
        return WITHHELD
    did = did_of(proof.post)
    found = proven(
        proof.car, did=did, path=f"{COLLECTION}/{rkey_of(proof.post)}", key=_key(did, proof.document, proof.log)
    )
    if found.record is None:
        return ABSENT
    if held and _content_of(found.record) not in held:
        raise Unproven("what is signed is not what the archive shows")
    return SIGNED if held else UNSHOWN


def _content_of(record: dict[str, Any]) -> str:
    try:
        return html_of(record["text"], tuple(parse_facets(record)))
    except SHAPE_ERRORS as error:
        raise Unproven(f"what is signed is no post ({type(error).__name__}: {error})") from error


@lru_cache(maxsize=64)
def _key(did: str, document: bytes, log: bytes) -> bytes:
    """Return the key of an account's repository, as document and log agree upon it."""
    key = key_of(_read(document, did), did)
    if did.startswith("did:plc:"):
        check_log(_read(log, did), did, key)
    return key


def _read(kept: bytes, did: str) -> Any:
    try:
        return json.loads(kept)
    except (ValueError, RecursionError) as error:
        raise Unproven(f"what was kept of {did} says nothing of its key") from error
