"""Which posts hold these words? The full-text search for people: no query language that a stray sign could break."""

import re
from dataclasses import dataclass

from archiver.errors import UsageError
from archiver.store.database import Database

MOST = 200  # posts in one answer
LONGEST, WORDS = 200, 20  # signs and words of one search: each word more looks at the whole archive again
LEFT, RIGHT = "\x02", "\x03"  # around the words that were found; no stored text has such signs

_WORDS = re.compile(r'"([^"]+)"|(\S+)')
_FOUND = f"""
    SELECT thread_posts.thread, posts.id, snippet(posts_fts, -1, '{LEFT}', '{RIGHT}', '…', 24)
    FROM posts_fts
    JOIN posts ON posts.rowid = posts_fts.rowid
    JOIN thread_posts ON thread_posts.post = posts.id
    WHERE posts_fts MATCH ?1 ORDER BY posts_fts.rank, posts.created_at, posts.id LIMIT {MOST}
"""


class TooLong(UsageError):
    """A search of more words than are looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found, with the thread that it is in, by the archive's ids, and the words around."""

    thread: str
    post: str
    words: str


def search(db: Database, asked: str) -> tuple[Found, ...]:
    """Return the posts that hold all words, the best first; each word may go on, one in quotation marks may not.

    Raises TooLong for a search that is too long.
    """
    parts = [(exact, loose.replace('"', "")) for exact, loose in _WORDS.findall(asked)]
    terms = [f'"{exact}"' if exact else f'"{loose}"*' for exact, loose in parts if exact.strip() or loose]
    if len(asked) > LONGEST or len(terms) > WORDS:
        raise TooLong(f"this search is too long; ask for at most {WORDS} words and {LONGEST} characters")
    if not terms:
        return ()
    return tuple(Found(*row) for row in db.rows(_FOUND, " ".join(terms)))
