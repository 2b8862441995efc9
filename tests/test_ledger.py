"""The ledger: what a run's manifest says, how entries hang together, and when the store seals a run."""

import hashlib
import json
import sqlite3
from dataclasses import replace

import pytest
from samples import NOON, URL, a_post, a_thread, an_exchange, later, saved, sql

from archiver.exporters.markdown import render
from archiver.ledger import GENESIS, canonical, following, link, manifest, skew
from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs.recovery import recovered

RUN = {
    "id": "r",
    "url": URL,
    "asked": "{}",
    "tool": "t",
    "operator": "J. Doe",
    "started_at": "2026-03-12T12:00:00+00:00",
    "finished_at": "2026-03-12T12:01:00+00:00",
    "outcome": "complete",
    "failures": "[]",
}


def a_row(**fields: object) -> dict[str, object]:
    row = dict.fromkeys(("reason", "error", "peer", "tls", "cert_sha256", "request_head", "response_head"), "")
    row |= {"seq": 0, "attempt": 0, "asked_url": URL, "url": URL, "method": "GET", "request_body_sha256": None}
    row |= {
        "started_at": RUN["started_at"],
        "finished_at": RUN["finished_at"],
        "status": 200,
        "body_sha256": "ab",
        "complete": 1,
    }
    return {**row, **fields}


def test_json_is_written_in_one_way_only() -> None:
    assert canonical({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'.encode()


def test_an_entry_seals_its_manifest_and_the_entry_before() -> None:
    first = following(None, log="l", kind="capture", run="r", manifest=b"one", added_at="t")
    second = following(first, log="other", kind="redaction", run=None, manifest=b"two", added_at="u")
    assert (first.log, first.seq, first.prev) == ("l", 1, GENESIS)
    assert first.hash == hashlib.sha256(bytes(32) + hashlib.sha256(b"one").digest()).hexdigest()
    assert (second.log, second.seq, second.prev) == ("l", 2, first.hash)
    assert second.hash == link(first.hash, hashlib.sha256(b"two").hexdigest())
    assert second.receipt == f"ledger 2 · head {second.hash}"


@pytest.mark.parametrize(
    "field", ["url", "request_head", "response_head", "body_sha256", "finished_at", "peer", "complete"]
)
def test_a_manifest_changes_with_whatever_is_stored_of_an_exchange(field: str) -> None:
    assert manifest(RUN, [a_row()]) != manifest(RUN, [a_row(**{field: "2026-03-12T12:00:59+00:00"})])


@pytest.mark.parametrize("field", RUN)
def test_a_manifest_changes_with_whatever_is_stored_of_a_run(field: str) -> None:
    assert manifest(RUN, [a_row()]) != manifest({**RUN, field: "x"}, [a_row()])


def test_a_manifest_names_what_was_taken_out_and_the_largest_skew() -> None:
    rows = [
        a_row(response_head="Date: Thu, 12 Mar 2026 12:01:07 GMT\nSet-Cookie: [redacted]\n"),
        a_row(seq=1, request_head="Authorization: [redacted]\n", url=f"{URL}?token=[redacted]"),
        a_row(seq=2, response_head="date: Thu, 12 Mar 2026 11:59:00 GMT\n"),
        a_row(seq=3, response_head="Date: soon\n"),
    ]
    told = json.loads(manifest(RUN, rows))
    assert told["redacted"] == ["authorization", "set-cookie", "url"]
    assert told["clock_skew_s"] == skew(rows) == -120
    assert skew([a_row()]) is None


def test_the_store_seals_each_run_when_it_ends(archive: Archive) -> None:
    saved(archive, a_thread(a_post(1)))
    saved(archive, a_thread(a_post(2)), days=1)
    first, second = archive.ledger.entries()
    assert (first.seq, second.seq, second.prev) == (1, 2, first.hash)
    assert archive.ledger.head() == second
    for entry in (first, second):
        content = archive.ledger.manifest_of(str(entry.run))
        assert hashlib.sha256(content).hexdigest() == entry.manifest_sha256
        assert sql(archive, f"SELECT COUNT(*) FROM _bodies WHERE sha256 = '{entry.manifest_sha256}'") == [(1,)]


def test_a_run_that_was_killed_is_sealed_when_the_archive_is_opened_again(folder) -> None:  # type: ignore[no-untyped-def]
    with Archive.open(folder, now=NOON, operator="J. Doe") as archive:
        run = archive.begin(URL, Options(replies=True), NOON)
        archive.keep(run)(an_exchange())
        assert archive.ledger.head() is None
    with recovered(folder, now=later(days=1)) as (archive, _):
        head = archive.ledger.head()
        assert head
        told = json.loads(archive.ledger.manifest_of(run))
        assert (head.run, head.added_at) == (run, later(days=1).isoformat())
        assert (told["run"]["outcome"], told["run"]["operator"]) == ("interrupted", "J. Doe")
        assert len(told["exchanges"]) == 1


def test_what_is_no_run_can_be_noted(archive: Archive) -> None:
    entry = archive.ledger.note("redaction", {"reason": "by law"}, NOON)
    assert (entry.kind, entry.run, archive.ledger.head()) == ("redaction", None, entry)


@pytest.mark.parametrize(
    "act", ["UPDATE _ledger SET seq = 7", "DELETE FROM _ledger", "UPDATE _runs SET operator = 'x'"]
)
def test_the_ledger_is_append_only(archive: Archive, act: str) -> None:
    saved(archive, a_thread())
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        archive._db.execute(act)


def test_the_document_carries_the_receipt_of_the_run_that_it_shows(archive: Archive) -> None:
    id_ = saved(archive, a_thread())
    before = archive.document(id_)
    saved(archive, a_thread(a_post(7)), days=1)
    [first, _] = archive.ledger.entries()
    assert before.run.receipt == first.receipt
    assert render(before).endswith(f"**Receipt.** {first.receipt}\n")
    assert archive.document(id_) == before
    assert "Receipt" not in render(replace(before, run=replace(before.run, receipt="")))


def test_an_answer_out_of_a_cache_is_as_old_as_it_says() -> None:
    head = "Date: Thu, 12 Mar 2026 11:51:00 GMT\nAge: {}\n"
    assert skew([a_row(response_head=head.format(600))]) == 0
    assert skew([a_row(response_head=head.format("0"))]) == -600
    assert skew([a_row(response_head=head.format("soon"))]) is None
    assert skew([a_row(response_head=head.format("9" * 30))]) is None
