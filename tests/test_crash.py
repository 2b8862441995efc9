"""A writer that is killed at any moment, or has no room: what it had acknowledged is there, and the file is sound."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from fediverse import Mastodon
from hosted import Hosted, listening
from samples import NOON, a_thread, later, saved, sql
from savers import Savers

from archiver.errors import ArchiveError
from archiver.evidence.checking import check
from archiver.evidence.finding import Level
from archiver.layout import DATABASE
from archiver.store.store import Archive
from archiver.verbs.recovery import recovered

KILLS = 24

WRITER = """
import itertools, sys
from pathlib import Path
from samples import NOON, URL, a_post, a_thread, an_exchange
from archiver.options import Options
from archiver.verbs.recovery import recovered

folder, first = Path(sys.argv[1]), int(sys.argv[2])
with recovered(folder, now=NOON) as (archive, _):
    for number in itertools.count(first):
        run = archive.begin(URL, Options(), NOON)
        print("run", run, flush=True)
        for seq in range(3):
            archive.keep(run)(an_exchange(seq=seq, body=b"%d %d " % (number, seq) * 2000))
            print("exchange", run, seq, flush=True)
        id_ = archive.save(run, a_thread(*(a_post(number * 100 + n) for n in range(20))))
        print("thread", id_, flush=True)
        archive.finish(run, "complete", [], NOON)
        print("finished", run, flush=True)
"""


def killed(folder: Path, number: int, after: float) -> list[list[str]]:
    """Let a writer work for a while, kill it, and return what it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(folder), str(number * 1000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent) as process:
        assert process.stdout
        first = process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        said = (first + process.stdout.read()).split("\n")[:-1]  # a line that was cut was not said
    assert process.returncode == -signal.SIGKILL
    return [line.split() for line in said]


def test_a_copy_is_an_archive(folder: Path, tmp_path: Path) -> None:
    moments, said = random.Random(3), set[tuple[str, ...]]()
    for number in range(6):
        said |= {tuple(line) for line in killed(folder, number, moments.uniform(0, 0.06)) if line[0] == "exchange"}
        as_killed = shutil.copytree(folder, tmp_path / f"{number} as killed")
        with recovered(folder, now=later(days=1)) as (archive, _):
            threads = archive.threads()
        alone = tmp_path / f"{number} alone"
        alone.mkdir()
        shutil.copyfile(folder / DATABASE, alone / DATABASE)
        for copy in (as_killed, alone):
            with recovered(copy, now=later(days=1)) as (archive, _):
                assert archive.threads() == threads
                assert sql(archive, "PRAGMA integrity_check") == [("ok",)]
                kept = {("exchange", run, str(seq)) for run, seq in sql(archive, "SELECT run, seq FROM _exchanges")}
            assert said <= kept
            assert problems(copy) == []


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(folder: Path) -> None:
    moments = random.Random(1)
    said: list[list[str]] = []
    for number in range(KILLS):
        said += killed(folder, number, moments.uniform(0, 0.06))
    with recovered(folder, now=later(days=1)) as (archive, _):
        assert sql(archive, "PRAGMA integrity_check") == [("ok",)]
        assert sql(archive, "PRAGMA foreign_key_check") == []
        archive._db.execute("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")
        runs = {run.id: run.outcome for run in archive.history.runs()}
        kept = {("exchange", run, str(seq)) for run, seq in sql(archive, "SELECT run, seq FROM _exchanges")}
        threads = {line.id: line.posts for line in archive.threads()}
    acknowledged = set(map(tuple, said))
    assert {line for line in acknowledged if line[0] == "exchange"} <= kept
    assert {line[1] for line in acknowledged if line[0] == "run"} <= runs.keys()
    assert all(runs[line[1]] == "complete" for line in acknowledged if line[0] == "finished")
    assert {line[1] for line in acknowledged if line[0] == "thread"} <= threads.keys()
    assert set(threads.values()) == {20}  # a thread is saved whole or not at all
    assert "interrupted" in runs.values()
    assert set(runs.values()) <= {"complete", "interrupted"}


# A save from end to end, killed

MOMENTS = 100  # at least
POSTS = 40


def document(folder: Path) -> str:
    """Return the longest document, without what two runs cannot share: the run's id and its receipt in the ledger.

    A run that ended before it knew where the thread begins has left a document of the few posts that it knew.
    """
    text = max((path.read_text() for path in (folder / "threads").glob("*.md")), key=len)
    return re.sub(r"run [0-9a-f-]{36} of|ledger \d+ · head [0-9a-f]{64}", "", text)


def problems(folder: Path, deep: bool = False) -> list[str]:
    found = check(None, folder, (), later(days=1), deep)
    return [str(finding) for finding in found if finding.level is Level.PROBLEM]


def test_a_save_that_is_killed_loses_nothing_and_the_next_one_makes_it_whole(tmp_path: Path) -> None:
    world, moments, seen = Mastodon(), random.Random(2), set()
    with listening(Hosted(world)) as hosted:
        world.site = hosted.site
        url = world.url(world.thread(POSTS)[POSTS // 2])
        hosted.delay = 0.01
        with closing(Savers(tmp_path / "first", url)) as savers:
            requests = len(hosted.heard)
            began = time.monotonic()
            assert savers.save(tmp_path / "whole", url) == 0
            took = time.monotonic() - began
            expected = document(tmp_path / "whole")
            for number in count():
                hosted.heard.clear()
                ended = savers.save(tmp_path / str(number), url, killed_after=moments.uniform(0, took))
                assert as_killed(tmp_path / str(number)) == []
                answered = [path for path, _ in hosted.heard][:-1]  # the client came back, so it had kept these
                assert savers.save(tmp_path / str(number), url) == 0
                first = made_whole(tmp_path / str(number), [f"{hosted.site}{path}" for path in answered], expected)
                assert ended == -signal.SIGKILL or first == "complete"
                seen.add((len(answered), first))
                shutil.rmtree(tmp_path / str(number))
                after, outcomes = {answered for answered, _ in seen}, {first for _, first in seen}
                # Until it was killed after each request.
                if number >= MOMENTS and after >= set(range(requests)) and outcomes == {"interrupted", "complete"}:
                    break
                assert number < 5 * MOMENTS, seen


def as_killed(folder: Path) -> list[str]:
    """Return the problems of an archive that nobody has opened since; one that was still being made has none."""
    if not (folder / DATABASE).exists():
        return []
    try:
        return problems(folder, deep=True)
    except ArchiveError as error:
        return [] if str(error).startswith(f"no archive in {folder}") else [str(error)]


def made_whole(folder: Path, answered: list[str], expected: str) -> str:
    """Check an archive in which a save was killed and another one ended; return the outcome of the first."""
    assert problems(folder, deep=True) == []
    with Archive.read(folder) as archive:
        runs = archive.history.runs()
        kept = [exchange.url for exchange in archive.history.last_exchanges(runs[0].id)]
    assert kept[: len(answered)] == answered
    assert [run.outcome for run in runs][1:] in ([], ["complete"])
    assert all(run.receipt for run in runs)
    assert document(folder) == expected
    return runs[0].outcome


# No room

FULL = "cannot grow: the disk is full"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk can be made by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_in_one_line_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    world = Mastodon()
    with listening(Hosted(world)) as hosted, small_disk(tmp_path / "disk", "1M") as disk:
        world.site = hosted.site
        first, second = world.url(world.thread(3)[0]), world.url(world.thread(3)[0])
        place = disk / "archive"
        (tmp_path / "archiver.toml").write_text("[network]\nallow_private = true\n[media]\nfetch = false\n")
        command = [
            sys.executable,
            "-m",
            "archiver",
            "--archive",
            str(place),
            "--config",
            str(tmp_path / "archiver.toml"),
        ]

        def save(url: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run([*command, "save", url], capture_output=True, text=True, check=False)

        assert save(first).returncode == 0
        room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "ballast").write_bytes(bytes(room - 4096))
        full = save(second)
        assert full.returncode == 2, full.stderr
        assert [line for line in full.stderr.splitlines() if line.startswith("error: ")] == [
            f"error: {place / DATABASE} {FULL}"
        ]
        assert "Traceback" not in full.stderr
        assert problems(place, deep=True) == []
        with Archive.read(place) as archive:
            assert [(line.posts, line.verdict) for line in archive.threads()] == [(3, "complete")]
        (disk / "ballast").unlink()
        assert save(second).returncode == 0
        assert problems(place, deep=True) == []
        with Archive.read(place) as archive:
            assert [line.posts for line in archive.threads()] == [3, 3]


def test_a_limit_of_the_system_on_files_is_told_in_one_line(folder: Path) -> None:
    with Archive.open(folder, now=NOON):
        pass
    size = (folder / DATABASE).stat().st_size
    limited = WRITER.replace(
        "import itertools, sys",
        f"import itertools, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f" resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 30_000}, {size + 30_000}))",
    )
    command = [sys.executable, "-c", limited, str(folder), "0"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"archiver.errors.NotWritable: {folder / DATABASE} ")
    said = {tuple(line.split()) for line in done.stdout.splitlines() if line.startswith("exchange")}
    with Archive.open(folder, now=later(days=1)) as archive:
        kept = {("exchange", run, str(seq)) for run, seq in sql(archive, "SELECT run, seq FROM _exchanges")}
    assert set() != said <= kept
    assert problems(folder) == []


def test_what_a_killed_writer_began_to_write_is_undone_for_the_next_reader(folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder, now=NOON) as archive:
        saved(archive, a_thread())
        db = archive._db.connection
        db.execute("PRAGMA cache_size = 1")  # so that the change reaches the file before the commit
        db.execute("BEGIN")
        db.execute("UPDATE posts SET content = hex(randomblob(100000))")
        copy = shutil.copytree(folder, tmp_path / "as killed")
        db.execute("ROLLBACK")
    assert (copy / f"{DATABASE}-journal").stat().st_size > 512
    with Archive.read(copy) as archive:
        assert [line.posts for line in archive.threads()] == [2]
    assert problems(copy) == []
    assert not (copy / f"{DATABASE}-journal").exists()
