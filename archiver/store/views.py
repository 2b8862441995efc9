"""What is made of the derived tables for those who ask: the search, and views with readable columns."""

from typing import TYPE_CHECKING

from archiver.store.derived import create

if TYPE_CHECKING:
    from sqlite_utils import Database


def search(db: "Database") -> None:
    """Full text search over posts; sqlite-utils and Datasette find and use it by themselves."""
    forget = (
        "INSERT INTO posts_fts (posts_fts, rowid, text, summary) VALUES ('delete', OLD.rowid, OLD.text, OLD.summary)"
    )
    learn = "INSERT INTO posts_fts (rowid, text, summary) VALUES (NEW.rowid, NEW.text, NEW.summary)"
    create(
        db,
        """
        CREATE VIRTUAL TABLE posts_fts USING FTS5 (
          text, summary, content=[posts], tokenize='unicode61 remove_diacritics 2'
        )
        """,
        f"CREATE TRIGGER posts_inserted AFTER INSERT ON posts BEGIN {learn}; END",
        f"CREATE TRIGGER posts_deleted AFTER DELETE ON posts BEGIN {forget}; END",
        f"""
        CREATE TRIGGER posts_updated AFTER UPDATE OF text, summary ON posts
        WHEN OLD.text IS NOT NEW.text OR OLD.summary IS NOT NEW.summary
        BEGIN {forget}; {learn}; END
        """,
    )


def views(db: "Database") -> None:
    """The two questions that are asked most: which threads are there, and what does one say."""
    create(
        db,
        """
        CREATE VIEW thread_overview AS
        SELECT threads.id, threads.title, authors.handle AS author, authors.name AS author_name,
          threads.platform, threads.url,
          threads.found AS posts, COALESCE(counted.others, 0) AS others,
          (SELECT COUNT(*) FROM missing WHERE missing.thread = threads.id AND missing.counted IS NOT NULL) AS missing,
          threads.expected, threads.verdict, threads.proof, threads.stop, threads.route,
          counted.first_post_at, counted.last_post_at, threads.first_captured_at, threads.captured_at, threads.run
        FROM threads JOIN authors ON authors.id = threads.author
        LEFT JOIN (
          SELECT thread, SUM(role IS NULL OR role NOT IN ('main', 'branch', 'answer')) AS others,
            MIN(created_at) AS first_post_at, MAX(created_at) AS last_post_at
          FROM thread_posts JOIN posts ON posts.id = thread_posts.post GROUP BY thread
        ) AS counted ON counted.thread = threads.id
        """,
        """
        CREATE VIEW posts_with_context AS
        SELECT thread_posts.thread, threads.title, thread_posts.position, thread_posts.role,
          posts.id, posts.created_at, posts.edited_at, authors.handle AS author, authors.name AS author_name,
          posts.summary, posts.text, posts.url,
          posts.in_reply_to, parent_author.handle AS replies_to, parent.text AS replies_to_text,
          posts.quote, quoted_author.handle AS quotes, quoted.text AS quotes_text,
          (SELECT COUNT(*) FROM attachments WHERE attachments.post = posts.id) AS attachments,
          (SELECT COUNT(*) FROM post_versions WHERE post_versions.post = posts.id) AS earlier_versions
        FROM thread_posts
        JOIN threads ON threads.id = thread_posts.thread
        JOIN posts ON posts.id = thread_posts.post
        JOIN authors ON authors.id = posts.author
        LEFT JOIN posts AS parent ON parent.id = posts.in_reply_to
        LEFT JOIN authors AS parent_author ON parent_author.id = parent.author
        LEFT JOIN posts AS quoted ON quoted.id = posts.quote
        LEFT JOIN authors AS quoted_author ON quoted_author.id = quoted.author
        """,
    )
