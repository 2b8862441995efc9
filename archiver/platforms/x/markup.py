"""Web pages that show posts: an element's text with its links -> clean HTML, the same as the other formats give.

Emoji are pictures there, line ends mostly plain newlines, and what a link leads to is told in several ways.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from archiver.http.message import Response
from archiver.platforms.x.entities import cashtag_url, hashtag_url
from archiver.platforms.x.tweet import SITE
from archiver.text.facets import Facet, html_of
from archiver.text.soup import attribute
from archiver.urls import joined

if TYPE_CHECKING:
    from bs4 import Tag

BREAK = "\n\n"
BLOCKS = ("p", "div", "blockquote")
UNREAD = ("script", "style", "template", "noscript")
# Text that stands for a link where the page shows one without leading anywhere: within a quoted post.
LINK_CLASSES = {"twitter-atreply", "twitter-hashtag", "twitter-cashtag", "twitter-timeline-link"}
ARCHIVED = re.compile(r"^(?:(?:https?:)?//web\.archive\.org)?/web/\d{1,14}(?:[a-z]{2}_)?/(?=https?:)")
STATUS = re.compile(
    r"(?:^|[/.])(?:twitter|x)\.com/(?:#!/)?(?:i/web|i|(?P<handle>[A-Za-z0-9_]{1,20}))/status(?:es)?/(?P<id>[0-9]{1,19})(?!\d)",
    re.IGNORECASE,
)
ID = re.compile(r"[0-9]{1,19}")
HANDLE = re.compile(r"[@＠]([A-Za-z0-9_]{1,20})")
TAG = re.compile(r"[#＃]([^\s#＃]+)")
CASHTAG = re.compile(r"[$＄]([A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)")
OURS = re.compile(r"https?://(?:[a-z0-9-]+\.)?(?:twitter|x)\.com/", re.IGNORECASE)
CHARSET = re.compile(r"""\bcharset=["']?([\w.:-]++)""", re.IGNORECASE)
LABELS = dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "us-ascii", "ascii"), "windows-1252")
SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; one with an `href` is a link, of a kind that `Facet` knows."""

    text: str
    href: str = ""
    kind: str = "link"


def page_of(response: Response) -> bytes | str:
    """Return a page as text in the encoding that the host names, as browsers read it, else its bytes.

    https://encoding.spec.whatwg.org/#names-and-labels: what is called ISO-8859-1 on the web is Windows-1252.
    """
    content, named = response.content, CHARSET.search(response.header("content-type"))
    if named is None or content.startswith(b"\xef\xbb\xbf"):
        return content
    try:
        return content.decode(LABELS.get(named[1].lower(), named[1]), "replace")
    except (LookupError, ValueError):  # no encoding, or none of texts
        return content


def shown(tag: "Tag | None") -> str:
    """Return the text of a tag in one line, "" where the tag is not there; emoji count as their text."""
    return SPACES.sub(" ", "".join(piece.text for piece in pieces_of(tag))).strip() if tag else ""


def original(url: str) -> str:
    """Return the address that a web archive has put its own in front of."""
    return ARCHIVED.sub("", url)


def status_in(url: str) -> tuple[str, str] | None:
    """Return the id and the handle ("" for none) that the address of a post holds, None for any other address."""
    match = STATUS.search(url)
    return (match["id"], match["handle"] or "") if match else None


def is_id(text: str) -> bool:
    """Whether a text is the id of a post: a page may have anything in its place."""
    return ID.fullmatch(text) is not None


def pieces_of(
    element: "Tag", *, exact: bool = True, left_out: Callable[["Tag"], bool] = lambda tag: False
) -> list[Piece]:
    """Cut an element into texts and links; the tags of which `left_out` says so go with all that is in them.

    `exact` says that white space counts, as it does in a post and not in an article.
    """
    from bs4 import Tag
    from bs4.element import NavigableString

    pieces: list[Piece] = []
    todo: list[object] = [*reversed(element.contents)]
    while todo:
        node = todo.pop()
        if type(node) is str or type(node) is NavigableString:
            _add_text(pieces, str(node), exact or type(node) is str)
        elif isinstance(node, Tag) and node.name not in UNREAD and not left_out(node):
            if node.name == "br":
                _add_text(pieces, "\n", True)
            elif node.name == "img":
                _add_text(pieces, attribute(node, "alt"), True)
            elif node.name == "a" or LINK_CLASSES.intersection(node.get_attribute_list("class")):
                _add_link(pieces, node)
            else:
                todo += [BREAK] * (node.name in BLOCKS) + [*reversed(node.contents)]
    return pieces


def content_of(pieces: Iterable[Piece]) -> str:
    """Return pieces as clean HTML, without the white space around them."""
    rest = [piece for piece in pieces if piece.text]
    while rest and not rest[0].text.strip():
        rest.pop(0)
    while rest and not rest[-1].text.strip():
        rest.pop()
    if rest:
        rest[0] = replace(rest[0], text=rest[0].text.lstrip())
        rest[-1] = replace(rest[-1], text=rest[-1].text.rstrip())
    facets, position = [], 0
    for piece in rest:
        end = position + len(piece.text.encode(errors="surrogatepass"))
        facets += [Facet(position, end, piece.href, piece.kind)] if piece.href else []
        position = end
    return html_of("".join(piece.text for piece in rest), facets)


def _add_text(pieces: list[Piece], text: str, exact: bool) -> None:
    """Add a text; white space that does not count becomes one blank, and none at the ends of a line."""
    before = pieces[-1].text if pieces else "\n"
    if not exact:
        text = SPACES.sub(" ", text)
        text = text.lstrip(" ") if before.endswith(("\n", " ")) else text
    elif text.startswith("\n") and pieces and not pieces[-1].href:
        pieces[-1] = replace(pieces[-1], text=before.rstrip(" "))
    if text:
        pieces.append(Piece(text))


def _add_link(pieces: list[Piece], tag: "Tag") -> None:
    """Add a link. One that the page hides, since it shows where it leads to, has lost the blank before it."""
    piece = _link_of(tag)
    if "u-hidden" in tag.get_attribute_list("class") and pieces and not pieces[-1].text[-1].isspace():
        pieces.append(Piece(" "))
    if piece.text:
        pieces.append(piece)


def _link_of(tag: "Tag") -> Piece:
    """Return a link with what X knows of it: the whole address, or whom or what it names."""
    text = SPACES.sub(" ", tag.get_text()).strip()
    if expanded := original(attribute(tag, "data-expanded-url")):
        return Piece(expanded, expanded)
    href = joined(f"{SITE}/", original(attribute(tag, "href")))
    if OURS.match(href):
        if match := HANDLE.fullmatch(text):
            return Piece(text, f"{SITE}/{match[1]}", "mention")
        if match := TAG.fullmatch(text):
            return Piece(text, hashtag_url(unquote(match[1])), "hashtag")
        if match := CASHTAG.fullmatch(text):
            return Piece(text, cashtag_url(match[1]), "hashtag")
    return Piece(text, href)
