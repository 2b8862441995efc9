"""Which posts hold these words? The full-text search for people: no query language that a stray sign could break."""

import re
from dataclasses import dataclass

from archiver.store.database import Database

MOST = 200  # posts in one answer
LEFT, RIGHT = "\x02", "\x03"  # around the words that were found; no stored text has such signs

_WORDS = re.compile(r'"([^"]+)"|(\S+)')
_FOUND = f"""
    SELECT thread_posts.thread, posts.id, snippet(posts_fts, -1, '{LEFT}', '{RIGHT}', '…', 24)
    FROM posts_fts
    JOIN posts ON posts.rowid = posts_fts.rowid
    JOIN thread_posts ON thread_posts.post = posts.id
    WHERE posts_fts MATCH ?1 ORDER BY posts_fts.rank, posts.created_at, posts.id LIMIT {MOST}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found, with the thread that it is in, by the archive's ids, and the words around."""

    thread: str
    post: str
    words: str


def search(db: Database, asked: str) -> tuple[Found, ...]:
    """Return the posts that hold all words, the best first; each word may go on, one in quotation marks may not."""
    parts = [(exact, loose.replace('"', "")) for exact, loose in _WORDS.findall(asked)]
    terms = [f'"{exact}"' if exact else f'"{loose}"*' for exact, loose in parts if exact.strip() or loose]
    if not terms:
        return ()
    return tuple(Found(*row) for row in db.rows(_FOUND, " ".join(terms)))
