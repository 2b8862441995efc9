"""A writer that is killed at any moment: all that it had acknowledged is there, and the file is sound."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from samples import later, sql

from archiver.store.store import Archive

KILLS = 24

WRITER = """
import itertools, sys
from pathlib import Path
from samples import NOON, URL, a_post, a_thread, an_exchange
from archiver.store.store import Archive

folder, first = Path(sys.argv[1]), int(sys.argv[2])
with Archive.open(folder, now=NOON) as archive:
    for number in itertools.count(first):
        run = archive.begin(URL, {}, NOON)
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


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(folder: Path) -> None:
    moments = random.Random(1)
    said: list[list[str]] = []
    for number in range(KILLS):
        said += killed(folder, number, moments.uniform(0, 0.06))
    with Archive.open(folder, now=later(days=1)) as archive:
        assert sql(archive, "PRAGMA integrity_check") == [("ok",)]
        assert sql(archive, "PRAGMA foreign_key_check") == []
        archive._db.execute("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")
        runs = {run.id: run.outcome for run in archive.runs()}
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
