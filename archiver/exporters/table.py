"""A thread as a table for spreadsheets, one row a post or gap; and as plain text.

A spreadsheet runs a cell that begins with = + - @ or a tab as a formula, and strangers choose what their posts begin
with. Such a cell gets an apostrophe in front, and one that has apostrophes before such a sign one more: to have the
text back, take one away.
"""

import csv
import io
import re
from collections.abc import Iterable

from archiver.exporters.media import held
from archiver.exporters.said import votes
from archiver.exporters.style import USUAL, Style
from archiver.exporters.terminal import known_of, text
from archiver.exporters.view import View
from archiver.exporters.wording import cause, ended
from archiver.model import Document, Missing, Node, Post
from archiver.text import html
from archiver.text.characters import sound
from archiver.text.terminal import printable

COLUMNS = (
    *("position", "role", "id", "url", "author", "author_name", "created_at", "edited_at", "in_reply_to"),
    *("language", "content_warning", "text", "attachments", "quote", "missing", "reason"),
    *("descriptions", "files", "faults", "remarks", "poll", "quoted_author", "quoted_text"),
    *("kinds", "titles", "quoted_url", "quoted_content_warning"),
)
MARK = "\ufeff"  # without it some spreadsheets take UTF-8 for something else
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def table(document: Document, style: Style = USUAL) -> str:
    """Return the thread as CSV (RFC 4180), in reading order; the style has no say in it."""
    view = View(document)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for position, node in enumerate(document.thread.nodes):
        cells = {
            "position": str(position),
            "role": str(document.thread.roles.get(node.id, "")),
            **_cells(view, node),
        }
        writer.writerow({name: harmless(content) for name, content in cells.items()})
    return MARK + out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    cell = sound(cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain_text(document: Document, style: Style = USUAL) -> str:
    """Return the thread as plain text without anything that acts on a terminal; the style has no say in it."""
    return printable(text(document)) + "\n"


def _cells(view: View, node: Node) -> dict[str, str]:
    when = node.created_at.isoformat() if node.created_at else ""
    cells = {"id": node.id, "url": node.url or "", "in_reply_to": node.in_reply_to or "", "created_at": when}
    return cells | (_of_gap(node) if isinstance(node, Missing) else _of_post(view, node))


def _of_gap(gap: Missing) -> dict[str, str]:
    place = f"Its place is inferred {ended(gap.inferred)}" if gap.inferred else ""
    return {"missing": str(gap.reason), "reason": cause(gap), "remarks": place}


def _of_post(view: View, post: Post) -> dict[str, str]:
    poll, quote = post.poll, post.quote
    return {
        "author": post.author.handle,
        "author_name": post.author.name,
        "edited_at": post.edited_at.isoformat() if post.edited_at else "",
        "language": post.language or "",
        "content_warning": post.summary or "",
        "text": html.plain(post.content),
        "attachments": " ".join(item.url for item in post.attachments),
        "quote": post.quote.id if post.quote else "",
        "descriptions": _each(item.alt for item in post.attachments),
        "files": _each(held(item.file) for item in post.attachments),
        "faults": _each(item.fault for item in post.attachments),
        "remarks": "\n".join(known_of(view, post)),
        "poll": "\n".join(f"{option.text}: {votes(option.votes, poll)}" for option in poll.options) if poll else "",
        "quoted_author": quote.author.handle if isinstance(quote, Post) else "",
        "quoted_text": html.plain(quote.content) if isinstance(quote, Post) else cause(quote) if quote else "",
        "kinds": _each(item.kind for item in post.attachments),
        "titles": _each(item.title for item in post.attachments),
        "quoted_url": (quote.url or "") if quote else "",
        "quoted_content_warning": (quote.summary or "") if isinstance(quote, Post) else "",
    }


def _each(told: Iterable[str | None]) -> str:
    """Return a cell with a line for each attachment, empty where all of them are."""
    lines = [" ".join((text or "").split()) for text in told]
    return "\n".join(lines) if any(lines) else ""
