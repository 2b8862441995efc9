"""Sealing, end to end: an authority and calendars on 127.0.0.1, and openssl to check what they gave."""

import hashlib
import json
import shlex
import sqlite3
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from attacks import attacking, put
from cases import FIXTURES
from fediverse import Mastodon
from hosted import Hosted, listening, settings
from tsa import Answer, Authority, needs_openssl, posted, slowly

from archiver.cli import main as cli
from archiver.evidence.stamps import Stamp, digest_of, problems_of, request_of

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "a")


class Office:
    """An archive with one thread, who may be asked to stamp, and the command line."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str], stack: ExitStack) -> None:
        self.place, self.capsys, self.stack = place, capsys, stack
        self.heard: list[tuple[str, bytes]] = []
        self.patience = 30.0  # seconds; openssl takes long on a busy machine
        self("import", str(FIXTURES / "bluesky" / "nine-boxes"))

    def asks(self, *answers: Callable[[bytes], Answer], calendars: tuple[Callable[[bytes], Answer], ...] = ()) -> None:
        """Name authorities and calendars that answer in these ways."""

        def served(answer: Callable[[bytes], Answer]) -> str:
            return self.stack.enter_context(posted(lambda path, body: answer(body), self.heard))

        self.tsa = [f"{served(answer)}/tsr" for answer in answers]
        self.calendars = [served(answer) for answer in calendars]
        evidence = {"tsa": self.tsa, "calendars": self.calendars, "operator": "J. Doe"}
        text = settings({"evidence": evidence}).replace("timeout = 5", f"timeout = {self.patience}")
        (self.place / "archiver.toml").write_text(text)

    def __call__(self, *arguments: str) -> SimpleNamespace:
        """Run a command."""
        code = cli.run(["--archive", str(self.place), *arguments])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        lines = [json.loads(line) for line in said.out.splitlines()] if "--json" in arguments else []
        return SimpleNamespace(code=code, out=said.out, err=said.err, lines=lines)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Return rows of the archive."""
        with sqlite3.connect(self.place / "archive.db") as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    with ExitStack() as stack:
        yield Office(tmp_path / "archive", capsys, stack)


def test_a_head_is_stamped_and_openssl_agrees(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    [(head,)] = office.query("SELECT hash FROM _ledger")
    done = office("seal", "--json")
    [line] = done.lines
    assert done.code == 0
    assert (line["seq"], line["head"], line["stamped_by"]) == (1, head, office.tsa[0])
    assert line["time"].endswith("+00:00")
    base = office.place / "seals" / f"1-{str(head)[:8]}"
    assert line["files"] == [f"{base}.head", f"{base}.tsq", f"{base}.tsr", f"{base}.pem"]
    assert Path(f"{base}.head").read_text() == f"{head}\n"
    command = [part.replace("ROOTS.pem", str(authority.roots)) for part in shlex.split(line["checks"][0])]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"Verification: OK\n"
    by_query = ["openssl", "ts", "-verify", "-queryfile", f"{base}.tsq", "-in", f"{base}.tsr"]
    subprocess.run([*by_query, "-CAfile", str(authority.roots)], capture_output=True, check=True)
    assert not authority.vouches(Path(__file__), Path(f"{base}.tsr"))


def test_what_was_asked_and_answered_is_kept_as_a_run_of_its_own(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    [(kind, query)] = office.heard
    assert kind == "application/timestamp-query"
    [run] = office.query("SELECT url, asked, outcome, operator FROM _runs WHERE asked LIKE '%seal%'")
    assert run == (office.tsa[0], '{"seal": "1"}', "sealed", "J. Doe")
    [(anchored, request, reply)] = office.query("SELECT seq, request_sha256, reply_sha256 FROM _anchors")
    [(sent, came)] = office.query("SELECT request_body_sha256, body_sha256 FROM _exchanges WHERE method = 'POST'")
    assert (anchored, request, reply) == (1, sent, came)
    assert sent == hashlib.sha256(query).hexdigest()
    assert office.query("SELECT COUNT(*) FROM _ledger") == [(2,)]
    assert office("reparse").code == 0
    assert office("list").out.count("\n") == 1


def test_no_password_of_an_authority_or_a_calendar_is_stored_or_told(office: Office, authority: Authority) -> None:
    office.asks(
        lambda query: (503, b""),
        lambda query: (200, authority.reply(query)),
        calendars=(lambda digest: (200, PROMISE),),
    )
    file = office.place / "archiver.toml"
    file.write_text(file.read_text().replace("http://", "http://joe:c4n4ry@"))
    done = office("seal")
    assert (done.code, office.tsa[1].replace("//", "//redacted@") in done.out) == (0, True)
    assert "c4n4ry" not in done.out + done.err + office("verify", "--report").out
    assert "c4n4ry" not in repr([office.query(f"SELECT * FROM {table}") for table in ("_runs", "_anchors")])
    manifests = office.query("SELECT data FROM _bodies JOIN _ledger ON sha256 = manifest_sha256 WHERE codec = 'zlib'")
    assert not [data for (data,) in manifests if b"c4n4ry" in zlib.decompress(data)]  # type: ignore[arg-type]


def test_sealing_is_told_in_words(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    said = office("seal").out
    assert said.startswith("sealed: receipt 1:")
    assert f"\n  stamped by {office.tsa[0]} at 20" in said
    assert "\n    openssl ts -verify -data " in said


def test_certificates_in_the_order_of_openssl_are_taken(office: Office, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "chained", chain=True)
    office.asks(lambda query: (200, authority.reply(query)))
    [line] = office("seal", "--json").lines
    head, _, reply, chain = map(Path, line["files"])
    assert authority.vouches(head, reply)
    assert authority.roots.read_text().split("-----\n")[1] in chain.read_text()


def test_verification_asks_openssl_whether_a_signature_is_sound(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    done = office("verify")
    words = "its signature is sound, by Clock, for which no root certificate here vouches; name one with --roots"
    assert [line for line in done.out.splitlines() if line.startswith("warning") and line.endswith(words)]
    assert done.code == 0
    done = office("verify", "--roots", str(authority.roots))
    words = "its signature is sound, by Clock, for which a root certificate vouches"
    assert [
        line for line in done.out.splitlines() if line.startswith("note: ledger entry 1: stamped by") and words in line
    ]
    assert words in office("verify", "--report", "--roots", str(authority.roots)).out


def test_without_openssl_the_signature_is_said_not_to_be_checked(
    office: Office, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    monkeypatch.setenv("PATH", str(office.place))
    done = office("verify", "--report")
    assert done.code == 0
    assert "its signature was not checked: openssl is not on this computer" in done.out


def test_a_stamp_is_checked_as_of_its_own_time(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    [line] = office("seal", "--json").lines
    command = shlex.split(line["checks"][0].replace("ROOTS.pem", str(authority.roots)))
    at = command.index("-attime") + 1
    assert abs(datetime.fromisoformat(line["time"]).timestamp() - int(command[at])) < 1
    long_after = [*command[:at], "2500000000"]
    assert b"certificate has expired" in subprocess.run(long_after, capture_output=True, check=False).stderr
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"Verification: OK\n"


def test_a_time_that_was_changed_by_hand_is_found(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    [(time,)] = office.query("SELECT substr(added_at, 1, 4) FROM _anchors")
    reply = next(office.place.glob("seals/*.tsr")).read_bytes()
    forged = reply.replace(b"\x18\x0f" + str(time).encode(), b"\x18\x0f2017")
    assert forged != reply
    with attacking(office.place) as db:
        db.execute("UPDATE _anchors SET reply_sha256 = ?", [put(db, forged)])
    done = office("verify")
    assert done.code == 7
    assert "has a signature that is not sound: it was changed" in done.out
    assert "stamps:     none over this entry or a later one" in office("verify", "--report").out


def test_a_stamp_that_was_taken_away_is_named(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    assert "and that stamp is not kept" not in office("verify").out
    with attacking(office.place) as db:
        db.execute("DELETE FROM _anchors")
    for path in office.place.glob("seals/*"):
        path.unlink()
    said = office("verify").out
    assert f"{office.tsa[0]} stamped ledger entry 1 in it, and that stamp is not kept as one" in said


def test_a_promise_of_a_calendar_that_was_taken_away_is_named(office: Office) -> None:
    office.asks(calendars=(lambda _: (200, PROMISE), lambda _: (200, PROMISE[:-1] + b"X"), lambda _: (200, b"soon")))
    office("seal")
    assert "and that stamp is not kept" not in office("verify").out
    with attacking(office.place) as db:
        db.execute("DELETE FROM _anchors")
    said = office("verify").out
    for calendar in office.calendars[:2]:
        assert f"{calendar}/digest promised to stamp ledger entry 1 in it, and that stamp is not kept as one" in said
    assert f"{office.calendars[2]}/digest promised" not in said


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("url", "https://qualified.example", "by https://qualified.example came from http://"),
        ("added_at", "2017-05-03T20:00:00+00:00", "the time stamp of 2017-05-03T20:00:00+00:00 by http://"),
    ],
)
def test_another_calendar_or_time_beside_a_promise_is_found(
    office: Office, column: str, value: str, words: str
) -> None:
    office.asks(calendars=(lambda _: (200, PROMISE), lambda _: (200, PROMISE)))
    office("seal")
    assert office("verify").code == 0
    with attacking(office.place) as db:
        db.execute(f"UPDATE _anchors SET {column} = ?", [value])
    done = office("verify")
    assert (done.code, words in done.out) == (7, True)


def test_another_address_beside_a_stamp_is_found(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    with attacking(office.place) as db:
        db.execute("UPDATE _anchors SET url = 'https://timestamp.example'")
    assert f"by https://timestamp.example came from {office.tsa[0]}" in office("verify").out


def test_another_time_beside_a_stamp_is_found(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)))
    office("seal")
    with attacking(office.place) as db:
        db.execute("UPDATE _anchors SET added_at = '2017-05-03T20:00:00+00:00'")
    assert f"the time stamp of 2017-05-03T20:00:00+00:00 by {office.tsa[0]} came at 20" in office("verify").out


def refusing(tmp_path: Path) -> Callable[[bytes], Answer]:
    """An authority that knows another kind of digest."""
    authority = Authority(tmp_path / "refusing", digests="sha512")
    return lambda query: (200, authority.reply(query))


def test_a_refusal_is_kept_and_told(office: Office, tmp_path: Path) -> None:
    office.asks(refusing(tmp_path))
    done = office("seal")
    assert (done.code, done.out) == (4, "")
    assert f"{office.tsa[0]} gave no time stamp: rejected: " in done.err
    assert "bad algorithm" in done.err
    assert office.query("SELECT kind, url FROM _anchors") == [("rfc3161", office.tsa[0])]
    assert office.query("SELECT outcome FROM _runs WHERE asked LIKE '%seal%'") == [("failed",)]


def test_the_next_authority_is_asked(office: Office, authority: Authority, tmp_path: Path) -> None:
    office.asks(refusing(tmp_path), lambda query: (200, authority.reply(query)), lambda query: (500, b""))
    done = office("seal", "--json")
    assert (done.code, done.lines[0]["stamped_by"]) == (0, office.tsa[1])
    assert f"another was asked and failed: {office.tsa[0]}: " in done.err
    assert len(office.heard) == 2


@pytest.mark.parametrize(
    ("answer", "code", "words", "anchors"),
    [
        ((200, b"<html>not a stamp</html>"), 6, "cannot read as a time stamp", 1),
        ((200, b""), 6, "cannot read as a time stamp", 1),
        ((200, b"\x30\x80" + b"\0" * 40), 6, "cannot read as a time stamp", 1),
        ((403, b"no"), 4, "answered 403 instead of a time stamp", 0),
        ((500, b"oops"), 6, "answers 500", 0),
    ],
)
def test_an_answer_that_is_no_stamp_is_kept_and_told(
    office: Office, answer: Answer, code: int, words: str, anchors: int
) -> None:
    office.asks(lambda query: answer)
    done = office("seal")
    assert (done.code, words in done.err, done.err.count("\n")) == (code, True, 1)
    assert office.query("SELECT COUNT(*) FROM _anchors") == [(anchors,)]
    body = hashlib.sha256(answer[1]).hexdigest()
    assert office.query("SELECT body_sha256 FROM _exchanges WHERE method = 'POST'") == [(body,)]


def test_an_authority_that_does_not_answer_in_time_is_left(office: Office, authority: Authority) -> None:
    def answer(query: bytes) -> Answer:
        return 200, authority.reply(query)

    office.patience = 3.0
    office.asks(slowly(answer, 9.0), answer)
    done = office("seal", "--json")
    assert (done.code, done.lines[0]["stamped_by"]) == (0, office.tsa[1])
    assert "did not answer in time" in done.err


def test_a_stamp_over_something_else_is_no_anchor(office: Office, authority: Authority) -> None:
    other: list[bytes] = []

    def earlier(query: bytes) -> Answer:
        other.append(authority.reply(query))
        return 200, other[0]

    office.asks(earlier)
    assert office("seal").code == 0
    done = office("seal")
    assert (done.code, "is over something else and answers another request" in done.err) == (6, True)
    [(head,)] = office.query("SELECT hash FROM _ledger WHERE seq = 2")
    stamp = Stamp(kind="rfc3161", url="", head=str(head), request=office.heard[1][1], reply=other[0])
    assert problems_of(stamp) == ["is over something else", "answers another request"]
    assert office.query("SELECT seq FROM _anchors") == [(1,)]


PROMISE = b"\xf0\x04abcd\x08\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e\x1a\x19https://cal.example/calend"


def test_calendars_promise(office: Office, authority: Authority) -> None:
    office.asks(
        lambda query: (200, authority.reply(query)), calendars=(lambda _: (200, PROMISE), lambda _: (200, b"soon"))
    )
    done = office("seal", "--json")
    [line] = done.lines
    assert (done.code, line["promised_by"]) == (0, [office.calendars[0]])
    assert "without a promise to stamp" in done.err
    proof = Path(line["files"][-1]).read_bytes()
    assert proof.endswith(b"\x08" + digest_of(line["head"]) + PROMISE)
    assert office.heard[1][1] == digest_of(line["head"])
    assert line["checks"][1].startswith("ots verify -f ")
    assert office.query("SELECT kind, url FROM _anchors") == [
        ("rfc3161", office.tsa[0]),
        ("opentimestamps", office.calendars[0]),
    ]


def test_calendars_alone_suffice(office: Office) -> None:
    office.asks(calendars=(lambda _: (200, PROMISE), lambda _: (200, PROMISE)))
    done = office("seal")
    assert done.code == 0
    assert "complete it in some hours with: ots upgrade" in done.out
    [file] = (office.place / "seals").glob("*.ots")
    assert file.read_bytes().endswith(b"\xff" + PROMISE + PROMISE)


def test_nothing_to_seal_and_nobody_to_ask(office: Office, tmp_path: Path) -> None:
    office.asks()
    done = office("seal")
    assert (done.code, "set evidence.tsa in archiver.toml" in done.err) == (2, True)
    office.place = tmp_path / "empty"
    done = office("seal")
    assert (done.code, "make one with: archiver save URL" in done.err) == (2, True)


def test_what_is_saved_is_sealed_at_once(office: Office, authority: Authority) -> None:
    world = Mastodon()
    hosted = office.stack.enter_context(listening(Hosted(world)))
    world.site = hosted.site
    office.asks(lambda query: (200, authority.reply(query)))
    done = office("save", world.url(world.thread(2)[0]), "--seal", "--json")
    saved, sealed = done.lines
    assert (done.code, saved["receipt"]) == (0, sealed["receipt"])
    office.asks(lambda query: (403, b""))
    done = office("save", world.url("112150000000000001"), "--seal")
    assert (done.code, "answered 403 instead of a time stamp" in done.err) == (4, True)


def test_verification_takes_a_stamp_and_finds_a_replaced_one(office: Office, authority: Authority) -> None:
    office.asks(lambda query: (200, authority.reply(query)), calendars=(lambda _: (200, PROMISE),))
    office("seal")
    office.asks(lambda query: (403, b""))
    office("seal")
    done = office("verify", "--deep")
    assert done.code == 0, done.out
    assert f"stamped by {office.query('SELECT url FROM _anchors')[0][0]} at 20" in office("verify", "--report").out
    other = authority.reply(request_of(digest_of("ab" * 32), 7))
    with sqlite3.connect(office.place / "archive.db") as db:
        db.execute("DROP TRIGGER _anchors_update")
        row = (hashlib.sha256(other).hexdigest(), len(other), "raw", other)
        db.execute("INSERT INTO _bodies VALUES (?, ?, ?, ?)", row)
        db.execute("UPDATE _anchors SET reply_sha256 = ? WHERE kind = 'rfc3161'", row[:1])
    done = office("verify")
    assert done.code == 7
    assert "is over something else" in done.out
