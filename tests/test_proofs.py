"""Proofs by authors: what a signed repository says of a post, whose key that is, and what `verify` makes of it."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from atmosphere import page_url
from fediverse import Mastodon
from hosted import Gateway, listening, settings
from repositories import (
    CURVES,
    DID,
    GENESIS,
    POST,
    Key,
    Repository,
    Signed,
    base58,
    car,
    did_of,
    entry,
    method,
    operation,
    signed,
)
from samples import NOON, a_post, a_thread
from world import World, answering, failing, keeping

from archiver import collecting
from archiver.cli import main as cli
from archiver.collecting import Rebuilt
from archiver.errors import Interrupted, NetworkError, RateLimited, Unproven
from archiver.evidence import proofs
from archiver.evidence.verify import verify
from archiver.layout import DATABASE
from archiver.model import Author
from archiver.options import Options
from archiver.platforms.bluesky.proof import log_url, proven_by
from archiver.platforms.bluesky.proof import proofs as proofs_of
from archiver.platforms.bluesky.signed.car import read
from archiver.platforms.bluesky.signed.cbor import Cid, cid_of, decode, encode
from archiver.platforms.bluesky.signed.identity import check_log, key_of
from archiver.platforms.bluesky.signed.repository import as_json, proven
from archiver.platforms.bluesky.signed.signatures import is_signed, key
from archiver.routes import follow
from archiver.store.audit import Audit
from archiver.store.store import Archive
from archiver.verbs import capture, imports

PATHS = [f"{POST}/3lbq2vxkm{number:03}a" for number in range(60)]
RECORDS = {path: {"$type": POST, "text": f"Herons, note {number}"} for number, path in enumerate(PATHS)}
REPOSITORY = Repository(RECORDS)
K256, P256 = Key(), Key(curve="p256")


def said(proof: bytes, path: str = PATHS[7], key: Key = K256, did: str = DID) -> Any:
    return proven(proof, did=did, path=path, key=key.public)


# --- DAG-CBOR


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"),
        (24, "1818"),
        (-1, "20"),
        (-257, "390100"),
        (65536, "1a00010000"),
        (1 << 63, "1b8000000000000000"),
        (None, "f6"),
        (True, "f5"),
        (False, "f4"),
        (1.5, "fb3ff8000000000000"),
        ("é", "62c3a9"),
        (b"\x01", "4101"),
        ([1, [2]], "82018102"),
        ({"b": 1, "aa": 2}, "a261620162616102"),
        (Cid(b"\x01\x71"), "d82a43000171"),
    ],
)
def test_a_value_has_one_encoding(value: object, written: str) -> None:
    assert (encode(value).hex(), decode(bytes.fromhex(written))) == (written, value)


@pytest.mark.parametrize(
    "wrong",
    [
        "",  # nothing
        "1817",  # a number that is longer than it needs to be
        "1c",  # a length that does not exist
        "0000",  # something left over
        "6261",  # cut
        "61ff",  # text that is none
        "a2616101616102",  # a key twice
        "a262616102616201",  # keys out of order
        "a10101",  # a key that is no text
        "9fff",  # a list without a length
        "c100",  # another tag
        "d82a420101",  # a link without its zero
        "d82a01",  # a link to a number
        "f7",  # undefined
        "f93e00",  # a short float
        "fb3ff8",  # a cut one
        "81" * 100_000,  # deeper than anybody can read
        "9bffffffffffffffff",  # longer than anything
    ],
)
def test_what_is_written_in_another_way_is_refused(wrong: str) -> None:
    with pytest.raises(Unproven, match="DAG-CBOR"):
        decode(bytes.fromhex(wrong))


@pytest.mark.parametrize("value", [{1}, 1 << 64, reduce(lambda inner, _: [inner], range(5000), [])])
def test_what_has_no_encoding_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"DAG-CBOR has no|64 bits|too deeply"):
        encode(value)


def test_a_record_reads_as_interfaces_show_it() -> None:
    name = cid_of(b"x")
    value = {"list": [1, "a"], "ref": name, "bytes": b"\xff\xfe"}
    assert as_json(value) == {"list": [1, "a"], "ref": {"$link": str(name)}, "bytes": {"$bytes": "//4"}}
    assert str(name).startswith("bafyrei")
    assert len(str(name)) == 59


# --- CAR files


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\x00", "cut off"),
        (b"\xff" * 12, "cut off"),
        (b"\x05ab", "cut off"),
        (b"\x01\xa0", "no CAR file"),
        (b"\x3a" + encode({"roots": [cid_of(b"")], "version": 2}), "no CAR file"),
        (REPOSITORY.proof(PATHS[7])[:-1], "cut off"),
        (b"<html>", "cut off"),
    ],
)
def test_what_is_no_car_file_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(Unproven, match=message):
        read(data)


# --- signatures


@pytest.mark.parametrize("curve", CURVES)
def test_a_signature_is_of_these_bytes_by_this_key(curve: str) -> None:
    key = Key(curve=curve)
    signature = key.sign(b"herons")
    assert is_signed(key.public, b"herons", signature)
    assert not is_signed(key.public, b"heronz", signature)
    assert not is_signed(Key(8, curve).public, b"herons", signature)
    assert not is_signed(key.public, b"herons", signature[:63])
    assert not is_signed(key.public, b"herons", bytes(64))


@pytest.mark.parametrize("curve", CURVES)
def test_of_two_signatures_that_fit_only_the_low_one_counts(curve: str) -> None:
    key = Key(curve=curve)
    high = key.sign(b"herons", low=False)
    assert not is_signed(key.public, b"herons", high)
    assert is_signed(key.public, b"herons", high, low=False)


@pytest.mark.parametrize("curve", CURVES)
def test_a_key_is_written_in_three_ways(curve: str) -> None:
    own = Key(curve=curve)
    old = {"k256": "EcdsaSecp256k1VerificationKey2019", "p256": "EcdsaSecp256r1VerificationKey2019"}[curve]
    assert key(own.did) == key(own.multibase) == key(own.uncompressed, old) == key(base58(own.public[2:]), old)
    assert key(own.did) == own.public


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "Multikey"),
        ("zQ3", "Multikey"),
        ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "Multikey"),
        ("z0", "Multikey"),
        ("z" * 99, "Multikey"),
        (K256.multibase, "JsonWebKey2020"),
        (K256.uncompressed, "Multikey"),
    ],
)
def test_a_key_that_is_none_is_named(text: str, kind: str) -> None:
    with pytest.raises(Unproven, match="is no key"):
        key(text, kind)


def test_a_key_beside_its_curve_is_named() -> None:
    with pytest.raises(Unproven, match="is no point of its curve"):
        is_signed(K256.public[:2] + b"\x02" + bytes(32), b"", bytes(64))


# --- repositories


@pytest.mark.parametrize("path", PATHS)
def test_each_record_is_proven(path: str) -> None:
    found = said(REPOSITORY.proof(path), path)
    assert (found.record, found.cid) == (RECORDS[path], str(cid_of(encode(RECORDS[path]))))


@pytest.mark.parametrize(
    "path", [f"{POST}/2", f"{POST}/3lbq2vxkm007aa", f"{POST}/z", "app.bsky.feed.like/3lbq2vxkm007a"]
)
def test_a_record_that_is_not_there_is_proven_not_to_be(path: str) -> None:
    found = said(REPOSITORY.proof(path), path)
    assert (found.record, found.cid, found.rev) == (None, "", "3lbq2vxkm4s2a")


def test_an_empty_repository_proves_that_nothing_is_there() -> None:
    assert said(Repository({}).proof(PATHS[0]), PATHS[0]).record is None


def test_the_other_curve_signs_as_well() -> None:
    assert said(Repository(RECORDS, key=P256).proof(PATHS[7]), key=P256).record == RECORDS[PATHS[7]]


@pytest.mark.parametrize("path", [PATHS[7], f"{POST}/3lbq2vxkm007aa"])
def test_one_changed_byte_anywhere_proves_nothing(path: str) -> None:
    proof = Repository({path: RECORDS[path] for path in PATHS[:12]}).proof(path)
    assert said(proof, path)
    for place in range(len(proof)):
        for change in (1, 0x80, 0xFF):
            wrong = bytearray(proof)
            wrong[place] ^= change
            with pytest.raises(Unproven):
                said(bytes(wrong), path)


def test_a_proof_is_of_one_account_by_one_key_and_of_one_record() -> None:
    proof = REPOSITORY.proof(PATHS[7])
    with pytest.raises(Unproven, match="not signed by this account's repository key"):
        said(proof, key=Key(8))
    with pytest.raises(Unproven, match="of another repository"):
        said(proof, did="did:plc:bobb2222222222222222222b")
    with pytest.raises(Unproven, match="is not in it"):
        said(proof, path=PATHS[8])
    assert said(proof, path=PATHS[7].replace("post", "like")).record is None


@pytest.mark.parametrize(
    "node", [name for name in REPOSITORY.blocks if name not in map(cid_of, map(encode, RECORDS.values()))] or [None]
)
def test_a_path_with_a_hole_proves_nothing(node: Cid) -> None:
    told = []
    for path in PATHS:
        try:
            told.append(said(REPOSITORY.proof(path, lacking=node), path).record == RECORDS[path])
        except Unproven as error:
            told.append(str(error))
    assert set(told) <= {True, "a block that the proof needs is not in it"}
    assert "a block that the proof needs is not in it" in told


@pytest.mark.parametrize(
    ("commit", "message"),
    [
        ({"version": 2}, "of another repository, or of a version"),
        ({"data": "x"}, "is not in it"),
        ({"data": cid_of(encode([]))}, "is not in it"),
        ({"data": cid_of(encode(RECORDS[PATHS[7]]))}, "not made like a repository"),
    ],
)
def test_a_commit_that_is_none_proves_nothing(commit: dict[str, Any], message: str) -> None:
    with pytest.raises(Unproven, match=message):
        said(replace(REPOSITORY, commit=commit).proof(PATHS[7]))


def test_a_tree_out_of_order_proves_nothing() -> None:
    leaf = cid_of(encode({}))
    entries = [{"p": 0, "k": name, "v": leaf, "t": None} for name in (b"b", b"a")]
    tree = encode({"l": None, "e": entries})
    unsigned = {"did": DID, "version": 3, "data": cid_of(tree), "rev": "x", "prev": None}
    commit = encode({**unsigned, "sig": K256.sign(encode(unsigned))})
    with pytest.raises(Unproven, match="out of order"):
        said(car(cid_of(commit), [commit, tree]), "c")


# --- accounts


def test_the_document_names_the_repositorys_key() -> None:
    other = {**method(DID, Key(8)), "id": f"{DID}#atproto_label"}
    document = {"id": DID, "verificationMethod": [other, method(DID, K256)]}
    assert key_of(document, DID) == K256.public
    old = {"id": "#atproto", "type": "EcdsaSecp256k1VerificationKey2019", "publicKeyMultibase": K256.uncompressed}
    assert key_of({"id": DID, "verificationMethod": [old]}, DID) == K256.public


@pytest.mark.parametrize(
    "document",
    [
        {"id": "did:web:ann.example", "verificationMethod": [method(DID, K256)]},
        {"id": DID, "verificationMethod": []},
        {"id": DID, "verificationMethod": [{**method(DID, K256), "type": "JsonWebKey2020"}]},
        {"id": DID},
        [],
    ],
)
def test_a_document_without_a_key_is_named(document: Any) -> None:
    with pytest.raises(Unproven, match=f"{DID}|is no key"):
        key_of(document, DID)


def history() -> list[dict[str, Any]]:
    """Four operations: a new key, then one that was taken back, then one for another handle."""
    first = signed(operation(Key(1), Key(3)), Key(3))
    second = signed(operation(K256, Key(4), first), Key(99), low=False)
    wrong = signed(operation(Key(66), Key(66), second), Key(4))
    last = signed(operation(K256, Key(4), second, alsoKnownAs=["at://ann.test"]), Key(4))
    return [entry(first), entry(second), entry(wrong, nullified=True), entry(last)]


def test_a_log_leads_from_the_account_to_its_key() -> None:
    log = history()
    check_log(log, did_of(log[0]["operation"]), K256.public)


def test_a_log_of_the_first_months_is_read() -> None:
    unsigned = {
        "type": "create",
        "signingKey": K256.did,
        "recoveryKey": Key(3).did,
        "handle": "ann.example.com",
        "service": "https://pds.example",
        "prev": None,
    }
    first = signed(unsigned, K256)
    check_log([entry(first)], did_of(first), K256.public)
    padded = {**first, "sig": f"{first['sig']}=="}
    check_log([entry(padded)], did_of(padded), K256.public)


def changed_log(change: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
    log = history()
    change(log)
    return log


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda log: log.pop(0), "begins with an operation of another account"),
        (lambda log: log.pop(1), "has a gap"),
        (lambda log: log.pop(), "nothing"),
        (lambda log: log.clear(), "cannot be read"),
        (lambda log: log[2].update(nullified=False), "has a gap"),
        (lambda log: log[3]["operation"].update(alsoKnownAs=[]), "is not signed by a key that may do so"),
        (lambda log: log[3]["operation"].update(sig="x"), "cannot be read"),
        (lambda log: log[0]["operation"].update(alsoKnownAs=json.loads("[" * 700 + "]" * 700)), "cannot be read"),
        (lambda log: log[3].pop("nullified"), "cannot be read"),
        (lambda log: log.append(entry(tombstone(log))), "cannot be read"),
        (lambda log: log.append(entry(later(log, Key(8), Key(4)))), "ends with another key"),
        (lambda log: log.append(entry(later(log, Key(8), Key(8)))), "is not signed by a key that may do so"),
    ],
)
def test_a_log_that_leads_elsewhere_is_named(change: Callable[[list[dict[str, Any]]], object], message: str) -> None:
    log = changed_log(change)
    did = did_of(history()[0]["operation"])
    if message == "nothing":
        check_log(log, did, K256.public)
        return
    with pytest.raises(Unproven, match=message):
        check_log(log, did, K256.public)


def later(log: list[dict[str, Any]], key: Key, by: Key) -> dict[str, Any]:
    return signed(operation(key, Key(4), log[-1]["operation"]), by)


def tombstone(log: list[dict[str, Any]]) -> dict[str, Any]:
    return signed({"type": "plc_tombstone", "prev": str(cid_of(encode(log[-1]["operation"])))}, Key(4))


# --- collected with the thread, and verified


SIGNED = "note: signed by the account's repository key, as the archive shows it"


def save(archive: Archive, world: World, url: str, **asked: str) -> capture.Saved:
    return capture.archive(archive, url, keeping(world), lambda: NOON, Options.of({"proof": "yes", **asked}))


def found(folder: Path, all_: bool = False) -> list[str]:
    with Audit.opened(folder) as audit:
        return [str(finding) for finding in (verify(audit) if all_ else proofs.findings(audit))]


def test_a_thread_is_saved_with_its_proofs_and_they_are_verified(archive: Archive) -> None:
    world = Signed()
    uris = world.thread(5, who="sig")
    other = world.post("bob", "Where?", uris[1])
    world.post("sig", "There.", other)
    saved = save(archive, world, page_url(uris[2]), replies="yes")
    asked = [url for url in world.urls if "sync.getRecord" in url]
    assert (len(asked), saved.failures) == (5, ())
    assert [proven_by(url) for url in asked] == uris
    assert world.urls.count(log_url(world.did)) == 1
    assert found(archive.folder) == [f"{SIGNED}: 5 posts"]
    assert [line for line in found(archive.folder, all_=True) if "problem" in line] == []
    assert collecting.reparse(archive) == Rebuilt(1, 1, ())


def test_a_storm_is_proven_as_a_thread_is(archive: Archive) -> None:
    world = Signed()
    uris = [world.post("sig", f"It is a heron, no {number}") for number in range(4)]
    world.post("sig", "Yes.", world.post("bob", "Really?", uris[1]))
    since, until = (NOON + timedelta(hours=hours) for hours in (0, 1))
    asked = {"since": since.isoformat(), "until": until.isoformat(), "platform": "bluesky"}
    saved = save(archive, world, world.did, **asked)
    assert (saved.document.thread.kind, len(saved.document.thread.posts), saved.failures) == ("storm", 5, ())
    assert sorted(map(proven_by, (url for url in world.urls if "sync.getRecord" in url))) == sorted(uris)
    assert found(archive.folder) == [f"{SIGNED}: 4 posts"]
    assert [line for line in found(archive.folder, all_=True) if "problem" in line] == []


def test_without_being_asked_nothing_is_proven(archive: Archive) -> None:
    world = Signed()
    uris = world.thread(3, who="sig")
    capture.archive(archive, page_url(uris[0]), keeping(world), lambda: NOON)
    assert [url for url in world.urls if "sync.getRecord" in url or "audit" in url] == []
    assert found(archive.folder) == []


def test_a_deleted_post_is_proven_to_be_gone(archive: Archive) -> None:
    world = Signed()
    uris = world.thread(4, who="sig")
    world.delete(uris[1])
    save(archive, world, page_url(uris[0]))
    assert found(archive.folder) == [
        f"{SIGNED}: 3 posts",
        "note: proven not to have been in the account's repository when it was asked: 1 post",
    ]


def test_what_is_signed_in_other_words_is_a_problem(archive: Archive) -> None:
    world = Signed()
    uris = world.thread(2, who="sig")
    world.changed[uris[1]] = "Storks, note no 2"
    saved = save(archive, world, page_url(uris[0]))
    [line, _] = found(archive.folder)
    assert line.startswith(
        f"problem: run {saved.document.run.id} ({page_url(uris[0])}): the proof of https://bsky.app/"
    )
    assert line.endswith("fails: what is signed is not what the archive shows")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE posts SET content = '<p>Storks</p>'", "what is signed is not what the archive shows"),
        ("UPDATE _bodies SET data = X'' WHERE size > 600", ""),
        ("DELETE FROM post_versions; UPDATE posts SET id = 'x/' || id", "and not shown by the archive: 2 posts"),
    ],
)
def test_what_is_changed_later_is_found(archive: Archive, change: str, message: str) -> None:
    world = Signed()
    save(archive, world, page_url(world.thread(2, who="sig")[0]))
    before = found(archive.folder)
    with closing(sqlite3.connect(archive.folder / DATABASE)) as connection:
        connection.executescript(f"PRAGMA foreign_keys = OFF; DROP TRIGGER _bodies_update; {change}")
    after = found(archive.folder)
    assert after != before
    assert message in " ".join(after)


def test_an_earlier_wording_is_proven_by_the_earlier_run(archive: Archive) -> None:
    world = Signed()
    uris = world.thread(2, who="sig")
    save(archive, world, page_url(uris[0]))
    world.records[uris[1]] = {**world.records[uris[1]], "text": "Herons, corrected"}
    save(archive, world, page_url(uris[0]))
    assert found(archive.folder) == [f"{SIGNED}: 4 posts"]


@pytest.mark.parametrize(
    ("part", "answer", "message"),
    [
        ("/log/audit", (200, [entry(signed(operation(Key(), Key(4)), Key(4)))]), "an operation of another account"),
        ("/log/audit", b"<html>", "says nothing of its key"),
        ("sync.getRecord", b"<html>", "it is cut off"),
    ],
)
def test_an_answer_that_proves_nothing_is_a_problem_later(
    archive: Archive, part: str, answer: Any, message: str
) -> None:
    world = Signed()
    url = page_url(world.thread(2, who="sig")[0])
    world.fault = answering(part, answer)
    assert save(archive, world, url).failures == ()
    lines = found(archive.folder)
    assert len(lines) == 2
    assert all(line.startswith("problem: run ") and line.endswith(message) for line in lines)


def test_a_proof_of_which_nothing_is_left_is_counted_as_withheld(archive: Archive) -> None:
    world = Signed()
    url = page_url(world.thread(2, who="sig")[0])
    world.fault = answering("sync.getRecord", b"")
    save(archive, world, url)
    assert found(archive.folder) == ["withheld: kept with a proof that is withheld: 2 posts"]


def test_a_record_that_is_no_post_is_a_problem(archive: Archive) -> None:
    world = Signed()
    [uri] = world.thread(1, who="sig")
    world.changed[uri] = None  # type: ignore[assignment]
    save(archive, world, page_url(uri))
    [line] = found(archive.folder)
    assert "what is signed is no post" in line


@pytest.mark.parametrize(
    ("part", "error", "told", "proven"),
    [
        ("/log/audit", NetworkError("plc sleeps"), "3 of 3 posts have no proof: plc sleeps", 0),
        ("sync.getRecord", RateLimited("not so fast"), "3 of 3 posts have no proof: not so fast", 0),
        ("/log/audit", (404, {}), f"{log_url(did_of(GENESIS))} answered 404", 0),
        ("sync.getRecord", (501, {"error": "MethodNotImplemented"}), "answers 501", 0),
        ("sync.getRecord", (400, {"error": "RepoDeactivated"}), "the author has deactivated the account", 0),
        ("THIRD", (400, {"error": "RecordNotFound"}), "1 of 3 posts have no proof: the repository answers", 2),
        ("SECOND", Interrupted("stopped"), "stopped by the user", 1),
    ],
)  # fmt: skip
def test_what_gets_in_the_way_of_a_proof_costs_only_the_proof(
    archive: Archive, part: str, error: Any, told: str, proven: int
) -> None:
    world = Signed()
    uris = world.thread(3, who="sig")
    third, second = (
        f"sync.getRecord?did={world.did}&collection={POST}&rkey={uris[place].rsplit('/')[-1]}" for place in (2, 1)
    )
    part = {"THIRD": third, "SECOND": second}.get(part, part)
    world.fault = failing(part, error) if isinstance(error, Exception) else answering(part, error)
    saved = save(archive, world, page_url(uris[0]))
    [failure] = saved.failures
    assert str(failure).startswith("proof: ")
    assert told in str(failure)
    assert len(saved.document.thread.posts) == 3
    assert saved.interrupted == isinstance(error, Interrupted)
    assert len([url for url in world.urls if proven_by(url)]) >= proven
    notes = [line for line in found(archive.folder) if line.startswith("note: ")]
    assert notes == [f"{SIGNED}: {proven} post{'s' if proven > 1 else ''}"] * bool(proven)


def test_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = Signed()
    uris = world.thread(3, who="sig")
    with listening(Gateway(world)) as hosted:
        world.pds = f"{hosted.site}/pds.example"
        asked = {"appview": f"{hosted.site}/public.api.bsky.app", "plc": f"{hosted.site}/plc.directory"}
        (tmp_path / "archiver.toml").write_text(settings({"bluesky": asked}))
        place = ["--archive", str(tmp_path)]
        assert cli.run([*place, "save", page_url(uris[0])]) == 0
        assert [path for path, _ in hosted.heard if proven_by(hosted.site + path)] == []
        assert cli.run([*place, "save", "--proof", page_url(uris[0])]) == 0
        assert [proven_by(hosted.site + path) for path, _ in hosted.heard][-3:] == uris
        world.fault = answering("/log/audit", (404, {}))
        assert cli.run([*place, "save", "--proof", page_url(uris[0])]) == 0
        assert "note: proof: 3 of 3 posts have no proof: " in capsys.readouterr().err
    assert cli.run([*place, "verify"]) == 0
    assert f"{SIGNED}: 3 posts" in capsys.readouterr().out


def test_a_recording_takes_the_proofs_along(archive: Archive, tmp_path: Path) -> None:
    world = Signed()
    saved = save(archive, world, page_url(world.thread(2, who="sig")[0]))
    capture.record(archive, saved.document.run.id, tmp_path / "recording")
    with Archive.open(tmp_path / "other", now=NOON) as other:
        assert imports.import_recording(other, tmp_path / "recording", lambda: NOON).failures == ()
    assert found(tmp_path / "other") == [f"{SIGNED}: 2 posts"]


def test_where_nobody_signs_anything_that_is_said(archive: Archive) -> None:
    world = Mastodon()
    root = world.post("ann", "<p>One</p>")
    saved = save(archive, world, world.url(root))
    assert [str(failure) for failure in saved.failures] == [
        "proof: posts on Mastodon and the fediverse are not signed in a way that can be kept"
    ]


def test_of_a_did_web_the_document_alone_says_whose_key_it_is() -> None:
    did = "did:web:ann.example"
    post, key = f"at://{did}/{PATHS[7]}", Key(5, "p256")
    car = Repository(RECORDS, did=did, key=key).proof(PATHS[7])
    document = json.dumps({"id": did, "verificationMethod": [method(did, key)]}).encode()
    proof = proofs.Proof(run="r", url="u", post=post, car=car, document=document, log=b"")
    assert proofs.told(proof, ["<p>Herons, note 7</p>"]) == proofs.SIGNED
    other = document.replace(key.multibase.encode(), Key(6, "p256").multibase.encode())
    with pytest.raises(Unproven, match="not signed"):
        proofs.told(replace(proof, document=other), [])


def test_of_a_did_web_no_log_is_asked_for() -> None:
    author = Author(id="did:web:ann.example", handle="ann.example")
    post = replace(a_post(1), id=f"at://{author.id}/{PATHS[7]}", author=author)
    thread = a_thread(post, platform="bluesky", author=author)
    service = [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example"}]
    world = World()
    world.fault = lambda request: (200, {"service": service} if "did.json" in request.url else b"")
    assert follow(proofs_of(thread), world) == ()
    assert world.urls == [
        "https://ann.example/.well-known/did.json",
        f"https://pds.example/xrpc/com.atproto.sync.getRecord?did={author.id}&collection={POST}&rkey={PATHS[7][-13:]}",
    ]


def test_other_addresses_prove_nothing() -> None:
    assert (
        proven_by("https://pds.example/xrpc/com.atproto.repo.getRecord?did=did:web:a&collection=app.bsky.feed.post")
        == ""
    )
    assert (
        proven_by("https://pds.example/xrpc/com.atproto.sync.getRecord?did=d&collection=app.bsky.feed.like&rkey=1")
        == ""
    )
    assert log_url("did:web:ann.example") == ""


def test_without_the_library_the_proofs_are_counted(archive: Archive) -> None:
    world = Signed()
    save(archive, world, page_url(world.thread(2, who="sig")[0]))
    program = (
        "import sys; from pathlib import Path; sys.modules['cryptography'] = None\n"
        "from archiver.evidence import proofs; from archiver.store.audit import Audit\n"
        "with Audit.opened(Path(sys.argv[1])) as audit: print(*proofs.findings(audit), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program, str(archive.folder)], capture_output=True, text=True)
    assert done.stdout == "note: 2 proofs are kept; install thread-archiver[proof] to check them\n"


def test_the_world_knows_whose_log_it_is() -> None:
    assert did_of(GENESIS) == Signed().did
    assert json.loads(json.dumps(Signed().log)) == Signed().log
