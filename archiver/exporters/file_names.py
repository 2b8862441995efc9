"""File names that every file system takes: short, lower-case ASCII, no reserved words, no two threads the same."""

import hashlib
import re

from archiver.model import Kind, Thread

LONGEST = 100  # bytes, without the extension; some file systems and archives take 120 in all


def file_name(thread: Thread) -> str:
    """Return a thread's file name without its extension: date, handle, id; `2026-03-02_ann_example.social_1100`.

    The date in front keeps off the names that Windows reserves. Where the id or the handle does not survive as it is
    (capitals, other scripts, length), and for storms, six hex digits of the id's hash keep two threads apart.
    """
    first = min(when for node in thread.posts or thread.nodes if (when := node.dated_at))
    last = "storm" if thread.kind is Kind.STORM else re.split("[/:]", thread.id.rstrip("/"))[-1]
    whole = f"{first:%Y-%m-%d}_{thread.author.handle.replace('@', '_')}_{last}"
    return _safe(whole, thread.id, thread.kind is Kind.STORM)


def account_name(handle: str) -> str:
    """Return the name of the file about an account, without its extension: `at_ann_example.social`."""
    return _safe(f"at_{handle.replace('@', '_')}", handle, False)


def _safe(whole: str, id_: str, marked: bool) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", whole.lower())[:LONGEST].rstrip(".-_")
    if name != whole or marked:
        name += "-" + hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return name
