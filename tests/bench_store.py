"""What saving a thread costs, as ratios: python tests/bench_store.py (process time; median of the rounds)."""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from archiver.model import Author, Completeness, Counts, Post, Role, Thread
from archiver.options import Options
from archiver.store.columns import COLUMNS
from archiver.store.rows import Rows, rows_of
from archiver.store.store import Archive

POSTS, ROUNDS = 500, 7
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


def a_thread(number: int) -> Thread:
    """A chain of posts of common size: about 390 characters of HTML, its words skewed as in a language."""
    words = random.Random(number)
    author = Author(id="7", handle="ann@social.example", name="Ann", url="https://social.example/@ann")
    first = 10**17 + number * 10_000
    posts = tuple(
        Post(
            id=str(first + place),
            url=f"https://social.example/@ann/{first + place}",
            author=author,
            created_at=NOON + timedelta(minutes=place),
            content="<p>" + " ".join(f"{int(words.paretovariate(0.3)) % 40_000:06x}" for _ in range(56)) + "</p>",
            language="en",
            in_reply_to=str(first + place - 1) if place else None,
            counts=Counts(replies=1, reposts=place % 7, likes=place % 90),
        )
        for place in range(POSTS)
    )
    whole = Completeness(found=POSTS, expected=POSTS, proof="the listing ends", top_proven=True, end_proven=True)
    roles = dict.fromkeys((post.id for post in posts), Role.MAIN)
    return Thread(
        id=posts[0].id,
        platform="mastodon",
        url=posts[0].url,
        focus=posts[0].id,
        author=author,
        nodes=posts,
        roles=roles,
        completeness=whole,
    )


def timed(act: Callable[[], object]) -> float:
    """Return the seconds of processor time that an act takes."""
    start = time.process_time()
    act()
    return time.process_time() - start


def plainly(path: Path, rows: Rows) -> None:
    """The yardstick: the rows by executemany into bare tables with their key, no search, one transaction."""
    with sqlite3.connect(path) as db:
        for table, columns in COLUMNS.items():
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)}, UNIQUE ({', '.join(columns[:2])}))")
            db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' for _ in columns)})", rows[table])
    db.close()


def one_round(archive: Archive, plain_db: Path, thread: Thread) -> dict[str, float]:
    """Return what one thread costs, as ratios to the yardstick."""
    run = archive.begin(thread.url, Options(), NOON)
    rows: list[Rows] = []
    edited = replace(thread, nodes=(replace(thread.posts[0], content="<p>edited</p>"), *thread.nodes[1:]))
    make = timed(lambda: rows.append(rows_of(thread, latest=thread, run=run, seen_at=NOON)))
    plain = timed(lambda: plainly(plain_db, rows[0]))
    save = timed(lambda: archive.save(run, thread))
    again = timed(lambda: archive.save(run, thread))
    edit = timed(lambda: archive.save(run, edited))
    return {
        "executemany, milliseconds": plain * 1000,
        "making the rows / executemany": make / plain,
        "writing them, with search / executemany": (save - make) / plain,
        "writing them again, unchanged / executemany": (again - make) / plain,
        "writing them again, one edit / executemany": (edit - make) / plain,
        "save unchanged / first save": again / save,
    }


def main() -> None:
    """Print the median ratios of all rounds."""
    with tempfile.TemporaryDirectory() as name, Archive.open(Path(name) / "archive", now=NOON) as archive:
        rounds = [one_round(archive, Path(name) / "plain.db", a_thread(number)) for number in range(ROUNDS)]
        for what in rounds[0]:
            print(f"{what:45} {median(results[what] for results in rounds):8.2f}")
        size = (Path(name) / "archive" / "archive.db").stat().st_size
        print(f"{'bytes a post, without the answers':45} {size / POSTS / ROUNDS:8.0f}")


if __name__ == "__main__":
    main()
