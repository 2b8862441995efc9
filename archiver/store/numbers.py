"""The numbers of threads in the list: given for good, by the order in which threads came into the archive."""

import json
from collections.abc import Iterable

from archiver.store.database import Database


def number(db: Database, thread: str, replaced: Iterable[str]) -> None:
    """Give a thread its number for good: that of one that it has taken in, or the next. Within a transaction."""
    ids = json.dumps(list(replaced))
    db.execute(
        "UPDATE OR IGNORE _numbers SET thread = ?1 WHERE number = "
        "(SELECT MIN(number) FROM _numbers WHERE thread IN (SELECT value FROM json_each(?2)))",
        [thread, ids],
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
