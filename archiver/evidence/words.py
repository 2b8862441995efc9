"""Do the words of posts stand in a document, whatever version wrote it? Letters and digits alone are compared. Pure.

Each version sets posts out in its own way, with its own remarks around them; the words of a post are the same in all.
That a document has them does not tell that it has nothing more.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from unicodedata import category

from archiver.model import Post
from archiver.text.blocks import Block
from archiver.text.reader import read

# What an article sets aside of the author's numbering.
_NUMBERING = re.compile(r"^[(\[]?\d{1,3}\s?/\s?\d{0,3}[)\]]?[.:]?\s|\s[(\[]?\d{1,3}\s?/\s?\d{0,3}[)\]]?[.:]?$")
_TAG = re.compile(r"</?[a-z]{1,10}>")  # which Markdown has where its own signs would not do
_OF_OTHERS = ("a", "ruby", "rt")  # links may be written out, and readings set beside


def absent(document: str, posts: Iterable[Post], *, is_page: bool, is_article: bool) -> Iterator[tuple[Post, str]]:
    """Yield each post of which some words are not in a document, with the first of these.

    `is_page` where it is HTML, `is_article` where the author's numbering may be set aside.
    """
    there = _letters(_without_tags(document) if is_page else _TAG.sub("", document))
    for post in posts:
        pieces = (_NUMBERING.sub("", piece.strip()) if is_article else piece.strip() for piece in _pieces(post))
        if lacking := next((piece for piece in pieces if _letters(piece) not in there), ""):
            yield post, lacking


def _pieces(post: Post) -> Iterator[str]:
    """Yield the stretches of a post's text between links, paragraph by paragraph."""
    for block in read(post.content):
        yield from _stretches(block)


def _stretches(block: Block) -> Iterator[str]:
    stretch = ""
    for line in block.lines:
        for run in line:
            if any(mark.tag in _OF_OTHERS for mark in run.marks):
                yield stretch
                stretch = ""
            else:
                stretch += run.text
        stretch += "\n"
    yield stretch


def _letters(text: str) -> str:
    """Return the letters, digits and the signs upon them: all else may be escaped, set or broken otherwise."""
    return "".join(sign for sign in unescape(text) if category(sign)[0] in "LNM")


def _without_tags(page: str) -> str:
    return "".join(part.partition(">")[2] for part in f">{page}".split("<"))
