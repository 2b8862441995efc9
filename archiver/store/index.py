"""Which thread is meant: by a person, by a capture of it, by an address that leads nowhere any more, by its words?"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from archiver.errors import ArchiveError, UsageError
from archiver.model import Author
from archiver.store.columns import own, stamp
from archiver.store.database import Database
from archiver.store.removals import Removals

MOST = 200  # posts in one answer of a search
LONGEST, WORDS = 200, 20  # signs and words of one search: each word more looks at the whole archive again
LEFT, RIGHT = "\x02", "\x03"  # around the words that were found; no stored text has such signs

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

_LISTED = 5
_LEAST = 6  # characters of a beginning: a shorter one is more likely a slip

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
# What a thread shows by itself and in quotes, and whatever quotes that.
_SHARING = """
    WITH RECURSIVE own (post) AS (
      SELECT post FROM thread_posts WHERE thread = ?1
      UNION SELECT quote FROM own JOIN posts ON posts.id = own.post WHERE quote NOTNULL
    ), quoting AS MATERIALIZED (
      SELECT id, quote FROM posts WHERE quote NOTNULL
    ), showing (post) AS (
      SELECT post FROM own UNION SELECT id FROM showing JOIN quoting ON quoting.quote = showing.post
    )
    SELECT DISTINCT thread FROM thread_posts JOIN showing USING (post) WHERE thread <> ?1 ORDER BY thread
"""
_PEOPLE = "SELECT id, handle, name, url, avatar FROM authors ORDER BY rowid"
_EARLIER_NAMES = "SELECT author, handle, name FROM author_versions ORDER BY author, number"

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


class ThreadIndex:
    """The threads of an archive, by what names them."""

    def __init__(self, db: Database):
        self._db = db

    def named(self, words: str) -> str:
        """Return the id of the thread that the words name and cannot but mean: what is lost by mistake is lost.

        They may be its number in the list, its id or URL, those of any post in it, or the URL that was asked for.
        Raises ArchiveError, naming the candidates, unless they name exactly one.
        """
        return self._only(words.strip(), self._exact(words.strip()))

    def find(self, words: str) -> str:
        """Return the id of the thread that the words name, as `named` does; they may begin a part of its id.

        Digits alone are a number or a whole id, and never a beginning.
        """
        ids = self._exact(words)  # an id may begin or end with what counts as a blank
        words = words.strip()
        ids = ids or self._exact(words)
        if not ids and len(words) >= _LEAST and not words.isdigit():
            ids = self._ids(_BEGINNING, words)
        return self._only(words, ids)

    def search(self, words: str) -> tuple[Found, ...]:
        """Return the posts that hold all words, the best first; each word may go on, one in quotation marks may not.

        Raises TooLong for a search that is too long.
        """
        parts = [(exact, loose.replace('"', "")) for exact, loose in _WORDS.findall(words)]
        terms = [f'"{exact}"' if exact else f'"{loose}"*' for exact, loose in parts if exact.strip() or loose]
        if len(words) > LONGEST or len(terms) > WORDS:
            raise TooLong(f"this search is too long; ask for at most {WORDS} words and {LONGEST} characters")
        if not terms:
            return ()
        return tuple(Found(*row) for row in self._db.rows(_FOUND, " ".join(terms)))

    def sharing(self, thread: str) -> tuple[str, ...]:
        """Return the ids of the other threads that show a post that this one shows, by itself or in a quote."""
        return tuple(self._ids(_SHARING, thread))

    def overlapping(self, id_: str, author: str, posts: Iterable[str], *, is_storm: bool) -> list[str]:
        """Return the ids of the threads that a capture is one of, by its first post, its author, and their posts.

        There may be several where an earlier capture has not seen the first post; the one that was captured last is
        last.
        """
        return [id_ for (id_,) in self._db.rows(_OVERLAPPING, id_, author, not is_storm, json.dumps(list(posts)))]

    def holding(
        self,
        platform: str,
        url: str,
        *,
        post: str = "",
        author: str = "",
        site: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> str | None:
        """Return the id of the thread that holds a post, or that was asked for by this address; None for none.

        `post` is the platform's id of the post or the last part of it, `author` a handle or an id, `site` the server
        whose id that is, where each has its own; a storm has only a time.
        """
        times = (stamp(time) if time else None for time in (since, until))
        by_address = self._db.rows(_ASKED_FOR, platform, url, *times)
        by_post = self._db.rows(_WITH_POST, platform, url, post, author.lower(), site) if since is None else []
        return next((str(id_) for (id_,) in (*by_post, *by_address)), None)

    def people(self) -> tuple[tuple[str, tuple[Author, ...]], ...]:
        """Return each author with the host that the id belongs to: as they are called now, then as they were before.

        In the order in which they came into the archive, which a later capture does not change.
        """
        former: dict[str, list[Author]] = {}
        for key, handle, name in self._db.rows(_EARLIER_NAMES):
            former.setdefault(key, []).append(Author(id=own(key), handle=handle, name=name))
        return tuple(
            (
                key.partition("/")[0],
                (Author(id=own(key), handle=handle, name=name, url=url, avatar=avatar), *former.get(key, ())),
            )
            for key, handle, name, url, avatar in self._db.rows(_PEOPLE)
        )

    def _exact(self, words: str) -> list[str]:
        ids = next(filter(None, (self._ids(way, words) for way in _WAYS)), []) if words else []
        for thread, is_there in self._db.rows(_NUMBERED, words):
            if not is_there and not ids:
                why = "it was removed" if thread in Removals(self._db).threads() else "it is not there any more"
                folder = self._db.path.parent
                raise ArchiveError(f"no thread in {folder} has the number {words} ({why}); see: archiver list")
            if is_there and thread not in ids:
                ids.append(thread)
        return ids

    def _ids(self, query: str, words: str) -> list[str]:
        return [str(id_) for (id_,) in self._db.rows(query, words)]

    def _only(self, words: str, ids: list[str]) -> str:
        if len(ids) > 1:
            raise ArchiveError(f"{words} may mean {len(ids)} threads: {self._listed(ids)}; give the id of one")
        if not ids:
            raise ArchiveError(f'no thread in {self._db.path.parent} is named by "{words}"; see: archiver list')
        return ids[0]

    def _listed(self, ids: list[str]) -> str:
        titles = {id_: title for id_, title in self._db.rows("SELECT id, title FROM threads")}
        names = [f'{id_} ("{titles[id_][:40]}")' for id_ in sorted(ids)[:_LISTED]]
        return ", ".join(names) + (", …" if len(ids) > _LISTED else "")
