"""The derived tables: what the parsers read out of the truth, in the form that people query.

All ids here are `host/id`: the host of the thread's address and the platform's own id, since two servers may
use one id for different posts. Order matters in the functions only, which `schema.MIGRATIONS` lists.
"""

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def people_and_posts(db: "Database") -> None:
    """Authors and posts as they were last seen, and what they said before."""
    create(
        db,
        """
        CREATE TABLE authors (
          id TEXT PRIMARY KEY NOT NULL,  -- host/id, as all ids of derived tables
          handle TEXT NOT NULL,
          name TEXT NOT NULL,
          url TEXT NOT NULL,
          avatar TEXT,
          seen_at TEXT NOT NULL          -- when this name and handle were first seen
        )
        """,
        """
        CREATE TABLE author_versions (
          author TEXT NOT NULL REFERENCES authors(id),
          number INTEGER NOT NULL,       -- 1 is the earliest
          handle TEXT NOT NULL,
          name TEXT NOT NULL,
          seen_at TEXT NOT NULL,
          PRIMARY KEY (author, number)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE posts (
          id TEXT PRIMARY KEY NOT NULL,
          url TEXT NOT NULL,
          author TEXT NOT NULL REFERENCES authors(id),
          created_at TEXT NOT NULL,
          content TEXT NOT NULL,         -- clean HTML
          text TEXT NOT NULL,            -- the same as plain text
          summary TEXT,                  -- content warning or subject
          sensitive INTEGER NOT NULL,
          edited_at TEXT,
          language TEXT,
          in_reply_to TEXT,              -- id of a post that may not be here
          quote TEXT REFERENCES posts(id) DEFERRABLE INITIALLY DEFERRED,
          replies INTEGER,
          reposts INTEGER,
          likes INTEGER,
          quotes INTEGER,
          labels TEXT,                   -- JSON list, NULL where there are none
          version TEXT,
          quoted_only INTEGER NOT NULL,  -- 1: known only from a post that quotes it
          seen_at TEXT NOT NULL          -- when this content was first seen
        )
        """,
        "CREATE INDEX posts_author ON posts (author)",
        "CREATE INDEX posts_quote ON posts (quote) WHERE quote IS NOT NULL",
        """
        CREATE TABLE post_versions (
          post TEXT NOT NULL REFERENCES posts(id),
          number INTEGER NOT NULL,       -- 1 is the earliest; the newest content is in posts
          content TEXT NOT NULL,
          summary TEXT,
          text TEXT NOT NULL,
          edited_at TEXT,
          version TEXT,
          seen_at TEXT NOT NULL,
          PRIMARY KEY (post, number)
        ) WITHOUT ROWID
        """,
    )


def parts_of_posts(db: "Database") -> None:
    """What a post carries: files, a poll, a quote of something that is not here, links."""
    create(
        db,
        """
        CREATE TABLE attachments (
          post TEXT NOT NULL REFERENCES posts(id),
          position INTEGER NOT NULL,
          kind TEXT NOT NULL,
          url TEXT NOT NULL,
          alt TEXT,                      -- NULL: not given; '': given and empty
          title TEXT,
          description TEXT,
          media_type TEXT,
          PRIMARY KEY (post, position)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE polls (
          post TEXT PRIMARY KEY NOT NULL REFERENCES posts(id),
          multiple INTEGER NOT NULL,
          closes_at TEXT,
          voters INTEGER,
          votes INTEGER
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE poll_options (
          post TEXT NOT NULL REFERENCES posts(id),
          position INTEGER NOT NULL,
          text TEXT NOT NULL,
          votes INTEGER,                 -- NULL while the platform hides them
          PRIMARY KEY (post, position)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE missing_quotes (
          post TEXT PRIMARY KEY NOT NULL REFERENCES posts(id),
          id TEXT NOT NULL,
          reason TEXT NOT NULL,
          url TEXT,
          in_reply_to TEXT,
          author TEXT,
          detail TEXT NOT NULL,
          inferred TEXT NOT NULL,
          created_at TEXT,
          seen_at TEXT
        ) WITHOUT ROWID
        """,
        *(
            f"""
            CREATE TABLE {table} (
              post TEXT NOT NULL REFERENCES posts(id),
              position INTEGER NOT NULL,
              url TEXT NOT NULL,
              text TEXT NOT NULL,
              PRIMARY KEY (post, position)
            ) WITHOUT ROWID
            """
            for table in ("links", "mentions")
        ),
        """
        CREATE TABLE hashtags (
          post TEXT NOT NULL REFERENCES posts(id),
          position INTEGER NOT NULL,
          tag TEXT NOT NULL,             -- lower case, without #
          url TEXT NOT NULL,
          text TEXT NOT NULL,
          PRIMARY KEY (post, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX hashtags_tag ON hashtags (tag)",
    )


def whole_threads(db: "Database") -> None:
    """Threads, what is in them and in which order, what is not, and which run saw what."""
    create(
        db,
        """
        CREATE TABLE threads (
          id TEXT PRIMARY KEY NOT NULL,
          platform TEXT NOT NULL,
          url TEXT NOT NULL,
          title TEXT NOT NULL,           -- the first line of the first post
          author TEXT NOT NULL REFERENCES authors(id),
          focus TEXT NOT NULL,           -- id of the post that was asked for
          route TEXT NOT NULL,
          found INTEGER NOT NULL,        -- of the author's posts, as the next seven
          expected INTEGER,
          proof TEXT NOT NULL,
          top_proven INTEGER NOT NULL,
          end_proven INTEGER NOT NULL,
          stop TEXT NOT NULL,
          verdict TEXT NOT NULL,         -- complete, partial or unknown
          run TEXT NOT NULL REFERENCES _runs(id),
          first_captured_at TEXT NOT NULL,
          captured_at TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE thread_posts (
          thread TEXT NOT NULL REFERENCES threads(id),
          post TEXT NOT NULL REFERENCES posts(id),
          position INTEGER NOT NULL,     -- in reading order
          role TEXT,                     -- main, branch, answer, context or reply
          quoted INTEGER NOT NULL,       -- how many levels of quoted posts the platform showed here
          PRIMARY KEY (thread, post)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE missing (
          thread TEXT NOT NULL REFERENCES threads(id),
          number INTEGER NOT NULL,
          id TEXT NOT NULL,
          position INTEGER,              -- its place in the thread, NULL where it has none
          role TEXT,
          counted INTEGER,               -- its number among the known gaps, NULL where it is none
          gone INTEGER,                  -- its number among posts that are held here, but no longer shown
          reason TEXT NOT NULL,
          url TEXT,
          in_reply_to TEXT,
          author TEXT,
          detail TEXT NOT NULL,
          inferred TEXT NOT NULL,
          created_at TEXT,
          seen_at TEXT,
          PRIMARY KEY (thread, number)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE observations (
          post TEXT NOT NULL REFERENCES posts(id),
          run TEXT NOT NULL REFERENCES _runs(id),
          route TEXT NOT NULL,
          seen_at TEXT NOT NULL,
          PRIMARY KEY (post, run)
        ) WITHOUT ROWID
        """,
    )


def several_sources(db: "Database") -> None:
    """Threads that several sources show: who showed which post, when, and what; storms; files of the archive's own."""
    create(
        db,
        "ALTER TABLE posts ADD COLUMN route TEXT NOT NULL DEFAULT ''",  # '': the thread's own
        "ALTER TABLE posts ADD COLUMN truncated INTEGER NOT NULL DEFAULT 0",  # 1: only the beginning was shown
        "ALTER TABLE posts ADD COLUMN day_only INTEGER NOT NULL DEFAULT 0",  # 1: created_at is right to the day
        "ALTER TABLE threads ADD COLUMN kind TEXT NOT NULL DEFAULT 'thread'",  # or storm
        "ALTER TABLE threads ADD COLUMN hint TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE attachments ADD COLUMN file TEXT",  # where the archive holds it, relative to its folder
        "ALTER TABLE observations RENAME TO observations_by_run",
        """
        CREATE TABLE observations (
          post TEXT NOT NULL REFERENCES posts(id),
          run TEXT NOT NULL REFERENCES _runs(id),
          route TEXT NOT NULL,
          url TEXT NOT NULL,             -- the capture or article that showed it; '' for the platform itself
          version TEXT NOT NULL,         -- host/id of an earlier edition, '' for the post as it is shown
          seen_at TEXT NOT NULL,         -- when this was captured
          content TEXT,                  -- as this source had it; NULL where the run had one source
          PRIMARY KEY (post, run, route, url, version)
        ) WITHOUT ROWID
        """,
        "INSERT INTO observations SELECT post, run, route, '', '', seen_at, NULL FROM observations_by_run",
        "DROP TABLE observations_by_run",
    )


def places(db: "Database") -> None:
    """Where posts are said to be from."""
    create(db, "ALTER TABLE posts ADD COLUMN location TEXT")  # in the platform's words; NULL where nothing was said


def what_is_vouched_for(db: "Database") -> None:
    """Times that somebody but the author's app vouches for, what platforms say of a post, doubts about a proof."""
    create(
        db,
        "ALTER TABLE posts ADD COLUMN keyed_at TEXT",  # the time in the post's key; NULL where there is none
        "ALTER TABLE posts ADD COLUMN indexed_at TEXT",  # when the platform's server first saw it
        "ALTER TABLE posts ADD COLUMN quoted_version TEXT",  # of the quoted post, as it was when it was quoted
        "ALTER TABLE posts ADD COLUMN notices TEXT",  # JSON list: what the platform says of it; NULL where nothing
        "CREATE INDEX threads_author ON threads (author)",
        "ALTER TABLE threads ADD COLUMN proven_at TEXT",  # when a capture last proved it whole
        "ALTER TABLE threads ADD COLUMN doubts TEXT",  # JSON list: why the proof does not hold; NULL where nothing
    )


def create(db: "Database", *statements: str) -> None:
    """Run the statements one by one, since `executescript` would end the transaction."""
    for statement in statements:
        db.execute(textwrap.dedent(statement).strip())
