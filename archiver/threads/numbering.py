"""The author's own "7/40": a witness for how many posts there are to be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model import Post
from archiver.text import html

NUMBERED = (
    re.compile(r"\W{0,2}(\d{1,3})\s?/\s?(\d{1,3})(?![\d/])"),
    re.compile(r"(?<![\d/.])(\d{1,3})\s?/\s?(\d{1,3})\W{0,2}$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """The author's own "7/40": how many there are to be, and which numbers were read."""

    total: int
    numbers: frozenset[int]


def numbering(posts: Iterable[Post]) -> Numbering | None:
    """Read the numbers that the author gave the posts; None unless half of the posts agree on one total."""
    posts = list(posts)
    marks = [found for post in posts if (found := mark(post))]
    totals = {total for _, total in marks}
    if len(totals) != 1 or len(marks) < 2 or 2 * len(marks) < len(posts):
        return None
    return Numbering(total=totals.pop(), numbers=frozenset(number for number, _ in marks))


def mark(post: Post) -> tuple[int, int] | None:
    """Read the number that the author wrote at a post's beginning or end, as (7, 40) for "7/40"."""
    text = html.plain(post.content).strip()
    for match in (NUMBERED[0].match(text), NUMBERED[1].search(text)):
        if match and 1 <= int(match[1]) <= int(match[2]) > 1:
            return int(match[1]), int(match[2])
    return None
