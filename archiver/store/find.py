"""Which thread is meant: by a person, by a capture of it, by an address that leads nowhere any more?"""

import json
from collections.abc import Iterable
from datetime import datetime

from archiver.errors import ArchiveError
from archiver.store import removals
from archiver.store.database import Database
from archiver.store.rows import stamp

_LAST = "substr({0}, -length(?1) - 1) = '/' || ?1"  # the platform's own id, or the last parts of it, which are whole

# The first of these that finds anything decides, unless a number says otherwise; ?1 is what the person says.
_WAYS = (
    f"SELECT id FROM threads WHERE ?1 IN (id, url) OR {_LAST.format('id')}",
    f"""
    SELECT thread FROM thread_posts JOIN posts ON posts.id = post WHERE ?1 IN (post, url) OR {_LAST.format("post")}
    UNION SELECT thread FROM missing WHERE ?1 IN (id, url) OR {_LAST.format("id")}
    """,
    "SELECT threads.id FROM threads JOIN _runs ON _runs.id = threads.run WHERE _runs.url = ?1",
)
_BEGINNING = "SELECT id FROM threads WHERE instr('/' || id, '/' || ?1) > 0"  # of a part of its id
_NUMBERED = "SELECT thread, thread IN (SELECT id FROM threads) FROM _numbers WHERE CAST(number AS TEXT) = ?"

_SHOWN = 5
_LEAST = 6  # characters of a beginning: a shorter one is more likely a slip


def named(db: Database, words: str) -> str:
    """Return the id of the thread that the words name and cannot but mean: what is lost by mistake is lost.

    They may be its number in the list, its id or URL, those of any post in it, or the URL that was asked for. Raises
    ArchiveError, naming the candidates, unless they name exactly one.
    """
    return _only(db, words.strip(), _exact(db, words.strip()))


def find(db: Database, words: str) -> str:
    """Return the id of the thread that the words name, as `named` does; they may be the beginning of a part of its id.

    Digits alone are a number or a whole id, and never a beginning.
    """
    found = _exact(db, words)  # an id may begin or end with what counts as a blank
    words = words.strip()
    found = found or _exact(db, words)
    if not found and len(words) >= _LEAST and not words.isdigit():
        found = _ids(db, _BEGINNING, words)
    return _only(db, words, found)


def _exact(db: Database, words: str) -> list[str]:
    found = next(filter(None, (_ids(db, way, words) for way in _WAYS)), []) if words else []
    for thread, is_there in db.rows(_NUMBERED, words):
        if not is_there and not found:
            why = "it was removed" if thread in removals.removed_threads(db) else "it is not there any more"
            raise ArchiveError(f"no thread in {db.path.parent} has the number {words} ({why}); see: archiver list")
        if is_there and thread not in found:
            found.append(thread)
    return found


def _ids(db: Database, way: str, words: str) -> list[str]:
    return [str(id_) for (id_,) in db.rows(way, words)]


def _only(db: Database, words: str, found: list[str]) -> str:
    if len(found) > 1:
        raise ArchiveError(f"{words} may mean {len(found)} threads: {_listed(db, found)}; give the id of one")
    if not found:
        raise ArchiveError(f'no thread in {db.path.parent} is named by "{words}"; see: archiver list')
    return found[0]


# Two captures are of one thread where the first post of one is on the main line of the other.
_OVERLAPPING = """
    SELECT id FROM (
      SELECT id, captured_at FROM threads WHERE id = ?1
      UNION SELECT id, captured_at FROM threads WHERE author = ?2 AND kind = 'thread' AND ?3 AND (
        id IN (SELECT value FROM json_each(?4))
        OR EXISTS (
          SELECT 1 FROM thread_posts WHERE thread = threads.id AND post = json_extract(?4, '$[0]')
            AND role IN ('main', 'branch', 'answer')
        )
      )
    ) ORDER BY captured_at, id
"""
_WITH_POST = """
    SELECT threads.id FROM posts JOIN thread_posts ON thread_posts.post = posts.id JOIN threads ON threads.id = thread
    JOIN authors ON authors.id = posts.author
    WHERE kind = 'thread' AND platform = ?1
      AND (posts.url = ?2 OR (?3 <> '' AND substr(posts.id, -length(?3) - 1) = '/' || ?3
        AND (?5 = '' OR substr(posts.id, 1, length(?5) + 1) = ?5 || '/')))
      AND (?4 = '' OR substr(authors.id, -length(?4) - 1) = '/' || ?4 OR EXISTS (
        SELECT 1 FROM (
          SELECT handle FROM author_versions WHERE author = authors.id UNION ALL SELECT authors.handle
        ) WHERE lower(handle) = ?4 OR substr(lower(handle), 1, length(?4) + 1) = ?4 || '@'
      ))
    ORDER BY captured_at DESC, threads.id LIMIT 1
"""
_ASKED_FOR = """
    SELECT threads.id FROM threads JOIN _runs ON _runs.id = threads.run
    WHERE platform = ?1 AND _runs.url = ?2 AND json_extract(asked, '$.since') IS ?3
      AND json_extract(asked, '$.until') IS ?4
    ORDER BY captured_at DESC, threads.id LIMIT 1
"""


def overlapping(db: Database, id_: str, author: str, own: Iterable[str], *, is_storm: bool) -> list[str]:
    """Return the ids of the threads that a capture is one of, by its first post, its author, and their posts.

    There may be several where an earlier capture has not seen the first post; the one that was captured last is last.
    """
    return [id_ for (id_,) in db.rows(_OVERLAPPING, id_, author, not is_storm, json.dumps(list(own)))]


def held(
    db: Database,
    platform: str,
    url: str,
    *,
    post: str = "",
    author: str = "",
    site: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> str | None:
    """Return the id of the thread that holds a post, or that was asked for by this address; None where there is none.

    `post` is the platform's id of the post or the last part of it, `author` a handle or an id, `site` the server
    whose id that is, where each has its own; a storm has only a time.
    """
    times = (stamp(time) if time else None for time in (since, until))
    asked = db.rows(_ASKED_FOR, platform, url, *times)
    known = db.rows(_WITH_POST, platform, url, post, author.lower(), site) if since is None else []
    return next((str(id_) for (id_,) in (*known, *asked)), None)


def number(db: Database, thread: str, replaced: Iterable[str]) -> None:
    """Give a thread its number for good: that of one that it has taken in, or the next. Within a transaction."""
    listed = json.dumps(list(replaced))
    db.execute(
        "UPDATE OR IGNORE _numbers SET thread = ?1 WHERE number = "
        "(SELECT MIN(number) FROM _numbers WHERE thread IN (SELECT value FROM json_each(?2)))",
        [thread, listed],
    )
    db.execute("INSERT OR IGNORE INTO _numbers (thread) VALUES (?)", [thread])


def number_all(db: Database) -> None:
    """Give each thread that has no number the next one; nothing seals numbers, so that somebody may have taken some."""
    db.execute(
        "INSERT INTO _numbers (thread) SELECT id FROM threads WHERE id NOT IN (SELECT thread FROM _numbers)"
        " ORDER BY first_captured_at, id"
    )


def last_number(db: Database) -> int:
    """Return the highest number that was ever given to a thread, 0 where there is none."""
    return max((int(number) for (number,) in db.rows("SELECT number FROM _numbers")), default=0)


def drop_unused(db: Database, above: int) -> None:
    """Take back the numbers above one that went to threads which others have taken in since. Within a transaction."""
    db.execute("DELETE FROM _numbers WHERE number > ? AND thread NOT IN (SELECT id FROM threads)", [above])


def _listed(db: Database, ids: list[str]) -> str:
    titles = {id_: title for id_, title in db.rows("SELECT id, title FROM threads")}
    shown = [f'{id_} ("{titles[id_][:40]}")' for id_ in sorted(ids)[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(ids) > _SHOWN else "")
