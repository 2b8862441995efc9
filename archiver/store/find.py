"""Which thread does a person mean?"""

from archiver.errors import ArchiveError
from archiver.store.database import Database

# Numbers of the list count in this order: a new thread gets the next number, the others keep theirs.
IN_ORDER = "ORDER BY first_captured_at, id"

_OWN = "substr({0}, instr({0}, '/') + 1)"  # the platform's own id

# The first of these that finds anything decides; ?1 is what the person says.
_WAYS = (
    f"SELECT id FROM threads WHERE ?1 IN (id, url, {_OWN.format('id')})",
    f"""
    SELECT thread FROM thread_posts JOIN posts ON posts.id = post WHERE ?1 IN (post, url, {_OWN.format("post")})
    UNION SELECT thread FROM missing WHERE ?1 IN (id, url, {_OWN.format("id")})
    """,
    "SELECT threads.id FROM threads JOIN _runs ON _runs.id = threads.run WHERE _runs.url = ?1",
    f"""
    SELECT id FROM (SELECT id, ROW_NUMBER() OVER ({IN_ORDER}) AS number FROM threads)
    WHERE CAST(number AS TEXT) = ?1
    """,
    "SELECT id FROM threads WHERE instr('/' || id, '/' || ?1) > 0",  # the beginning of a part of its id
)

_SHOWN = 5


def find(db: Database, words: str) -> str:
    """Return the id of the thread that the words name.

    They may be its id or URL, those of any post in it, the URL that was asked for, its number in the list, or the
    beginning of a part of its id. Raises ArchiveError, naming the candidates, unless they name exactly one.
    """
    words = words.strip()
    for way in _WAYS if words else ():
        found = [id_ for (id_,) in db.rows(way, words)]
        if len(found) > 1:
            raise ArchiveError(f"{words} may mean {len(found)} threads: {_named(db, found)}; give the id of one")
        if found:
            return str(found[0])
    raise ArchiveError(f'no thread in {db.path.parent} is named by "{words}"; see: archiver list')


def _named(db: Database, ids: list[str]) -> str:
    titles = {id_: title for id_, title in db.rows("SELECT id, title FROM threads")}
    shown = [f'{id_} ("{titles[id_][:40]}")' for id_ in sorted(ids)[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(ids) > _SHOWN else "")
