"""A thread in a list: what the index, the list of pages, the feeds and the notes on accounts say of it."""

from dataclasses import dataclass, field, replace
from typing import Self

from archiver.exporters.verdict import missing_posts
from archiver.exporters.view import View
from archiver.model import Document, Role, Summary

TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One thread; `files` holds its files by their forms, relative to the folder.

    Times are texts, for it is kept as JSON beside the files; `written` is "" where nobody has read when that was.
    """

    id: str
    title: str
    author: str
    handle: str
    account: str
    platform: str
    url: str
    written: str
    captured: str
    posts: int
    missing: int
    verdict: str
    edited: int = 0
    gone: int = 0
    files: dict[str, str] = field(default_factory=dict)

    def with_files_of(self, newer: Self) -> Self:
        """Return the newer listing, with the files in other forms that this one names."""
        return replace(newer, files={**self.files, **newer.files})


def listing(document: Document, form: str, name: str) -> Listing:
    """Return what is to be listed of a thread that was written to a file."""
    view, thread, whole = View(document), document.thread, document.thread.completeness
    return Listing(
        id=f"{thread.url} {thread.id}",
        title=view.title,
        author=thread.author.name or thread.author.handle,
        handle=thread.author.handle,
        account=thread.author.url,
        platform=thread.platform,
        url=thread.url,
        written=f"{view.written:{TIME}}",
        captured=f"{view.captured:{TIME}}",
        posts=whole.found,
        missing=missing_posts(thread),
        verdict=str(whole.verdict),
        edited=len([post for post in view.edited if view.role(post) is Role.MAIN]),
        gone=len([post for post in view.gone if view.role(post) is Role.MAIN]),
        files={form: name},
    )


def summarized(summary: Summary) -> Listing:
    """Return what is to be listed of a thread of which only a summary was read."""
    return Listing(
        id=f"{summary.url} {summary.id}",
        title=summary.title,
        author=summary.author_name or summary.author,
        handle=summary.author,
        account="",
        platform=summary.platform,
        url=summary.url,
        written="",
        captured=f"{summary.captured_at:{TIME}}",
        posts=summary.posts,
        missing=summary.missing,
        verdict=str(summary.verdict),
        edited=summary.edited,
        gone=summary.gone,
    )
