"""What verifying costs, as a ratio: python -m tests.bench_evidence (process time; the least of the rounds).

The archive is as large as a newsroom's of some years: 4,000 exchanges with 400,000 posts. The yardstick is what nobody
can save: to unpack each body once, hash it, and parse it as JSON. Also shown: what reading all answers again costs.
"""

import hashlib
import json
import random
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.evidence.finding import Level
from archiver.evidence.verify import verify
from archiver.http.message import Exchange, Request
from archiver.layout import DATABASE
from archiver.model import Author, Completeness, Post, Role, Thread
from archiver.options import Options
from archiver.store.audit import Audit
from archiver.store.store import Archive

RUNS, EXCHANGES, POSTS = 200, 20, 100  # posts are of one exchange, exchanges of one run
ROUNDS = 3
LARGEST = 1.5
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
ANN = Author(id="7", handle="ann@social.example", name="Ann", url="https://social.example/@ann")


def texts(number: int) -> list[str]:
    """Return the texts of one exchange: 30 words each, skewed as in a language."""
    words = random.Random(number)
    return [
        "<p>" + " ".join(f"{int(words.paretovariate(0.3)) % 40_000:x}" for _ in range(30)) + "</p>"
        for _ in range(POSTS)
    ]


def answer(ids: list[int], contents: list[str]) -> bytes:
    """Return posts as a server of the fediverse shows them."""
    account = {"id": "7", "acct": "ann", "display_name": "Ann", "url": ANN.url, "note": "<p>Rivers</p>", "bot": False}
    shown = [
        {
            "id": str(id_),
            "created_at": "2026-03-12T12:00:00.000Z",
            "in_reply_to_id": str(id_ - 1),
            "uri": f"https://social.example/users/ann/statuses/{id_}",
            "url": f"https://social.example/@ann/{id_}",
            "content": content,
            "account": account,
            "media_attachments": [],
            "replies_count": 1,
        }
        for id_, content in zip(ids, contents, strict=True)
    ]
    return json.dumps(shown).encode()


def make(archive: Archive) -> None:
    """Fill an archive, with threads and posts as well as answers."""
    for run in range(RUNS):
        first = 10**15 + run * EXCHANGES * POSTS
        id_ = archive.begin(f"https://social.example/@ann/{first}", Options(), NOON)
        keep = archive.keep(id_)
        posts: list[Post] = []
        for seq in range(EXCHANGES):
            ids = [first + seq * POSTS + place for place in range(POSTS)]
            contents = texts(run * EXCHANGES + seq)
            keep(exchange(seq, answer(ids, contents)))
            posts += [a_post(id_, content) for id_, content in zip(ids, contents, strict=True)]
        thread = Thread(
            id=posts[0].id,
            platform="mastodon",
            url=posts[0].url,
            focus=posts[0].id,
            author=ANN,
            nodes=tuple(posts),
            roles=dict.fromkeys((post.id for post in posts), Role.MAIN),
            completeness=Completeness(found=len(posts)),
        )
        archive.save(id_, thread)
        archive.finish(id_, "unknown", [], NOON + timedelta(minutes=1))


def exchange(seq: int, body: bytes) -> Exchange:
    """Return an answered GET."""
    url = f"https://social.example/api/v1/accounts/7/statuses?limit={POSTS}&page={seq}"
    return Exchange(
        request=Request(url=url),
        seq=seq,
        attempt=0,
        url=url,
        request_headers=(("Accept", "application/json"), ("User-Agent", "thread-archiver")),
        started_at=NOON,
        finished_at=NOON,
        status=200,
        reason="OK",
        headers=(("Content-Type", "application/json"), ("Date", "Thu, 12 Mar 2026 12:00:00 GMT")),
        body=body,
        peer="203.0.113.9",
        tls="TLSv1.3",
    )


def a_post(id_: int, content: str) -> Post:
    """Return a post of the model."""
    url = f"https://social.example/@ann/{id_}"
    return Post(id=str(id_), url=url, author=ANN, created_at=NOON, content=content)


def by_hand(folder: Path) -> None:
    """The yardstick: each body once, unpacked, hashed and parsed."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        for name, codec, data in db.execute("SELECT sha256, codec, data FROM _bodies"):
            body = zlib.decompress(data) if codec == "zlib" else data
            assert hashlib.sha256(body).hexdigest() == name
            json.loads(body)


def verified(folder: Path) -> None:
    """What is measured."""
    with Audit.opened(folder) as audit:
        assert not [finding for finding in verify(audit) if finding.level is Level.PROBLEM]


def timed(act: Callable[[Path], object], folder: Path) -> float:
    """Return the least processor time that an act takes."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act(folder)
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Print the times and their ratio; fail where it is too large."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "archive"
        with Archive.open(folder, now=NOON) as archive:
            make(archive)
        plain, ours = timed(by_hand, folder), timed(verified, folder)
        print(f"{'bytes of the database':45} {(folder / DATABASE).stat().st_size:12,}")
        print(f"{'hashing and parsing each body, seconds':45} {plain:12.2f}")
        print(f"{'verify, seconds':45} {ours:12.2f}")
        print(f"{'verify / hashing and parsing':45} {ours / plain:12.2f}   (at most {LARGEST})")
        assert ours / plain <= LARGEST


if __name__ == "__main__":
    main()
