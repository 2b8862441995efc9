"""X's text and the entities that mark it -> clean HTML. https://github.com/twitter/twitter-text

Indices count code points, in most formats of the escaped text. They are not always right, so each is checked against
what should stand there; what stands elsewhere is looked for.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from archiver.platforms.x.tweet import SITE
from archiver.text.facets import Facet, html_of

Kind = Literal["link", "mention", "hashtag", "hidden"]
Place = tuple[int, int]

UNESCAPED = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
ESCAPES = re.compile("|".join(UNESCAPED))
WIDE = {"@": "[@＠]", "#": "[#＃]", "$": "[$＄]"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of the text: `expected` is the t.co, @handle, #tag or $TAG there, `shown` what replaces it, if anything.

    "hidden" takes the range out, with the white space before it. A `start` of -1 is one that is not known.
    """

    start: int
    end: int
    kind: Kind
    expected: str
    href: str = ""
    shown: str | None = None


def html_of_text(text: str, marks: Iterable[Mark], *, escaped: bool) -> str:
    """Apply marks to a text; `escaped` says that `& < >` in it are escaped, and that indices count the escapes.

    A mark whose text is nowhere is ignored, like a second one at the same place: several pictures share one address.
    """
    raw, position, cut = "", 0, False  # cut: all that stood before was taken out
    links: list[tuple[Place, Mark]] = []
    for (start, end), mark in _placed(text, marks, escaped):
        between = _unescaped(text[position:start], escaped)
        raw += between.lstrip() if cut else between
        position = end
        if mark.kind == "hidden":
            raw = raw.rstrip()
            cut = not raw
            continue
        replacement = _unescaped(text[start:end], escaped) if mark.shown is None else mark.shown
        links.append(((len(raw), len(raw) + len(replacement)), mark))
        raw, cut = raw + replacement, False
    rest = _unescaped(text[position:], escaped)
    return html_of(*_in_bytes(raw + (rest.lstrip() if cut else rest), links))


def _placed(text: str, marks: Iterable[Mark], escaped: bool) -> list[tuple[Place, Mark]]:
    """Return the marks that stand in the text, in order, none inside another."""
    places: dict[Place, Mark] = {}
    lost = []
    for mark in marks:
        if mark.start >= 0 and _pattern(mark, escaped).fullmatch(text[mark.start : mark.end]):
            _place(places, (mark.start, mark.end), mark)
        else:
            lost.append(mark)
    for mark in lost:
        places_of_mark = (match.span() for match in _pattern(mark, escaped, alone=True).finditer(text))
        for place in sorted(places_of_mark, key=lambda place: abs(place[0] - mark.start)):
            if _place(places, place, mark):
                break
    return sorted(places.items(), key=lambda item: item[0])


def _place(places: dict[Place, Mark], place: Place, mark: Mark) -> bool:
    free = all(place[1] <= start or end <= place[0] for start, end in places)
    if free:
        places[place] = mark
    return free


def _pattern(mark: Mark, escaped: bool, alone: bool = False) -> re.Pattern[str]:
    """Match what a mark expects; `alone`: not as a part of a longer word. Japanese goes on right behind an address."""
    first, rest = mark.expected[:1], mark.expected[1:]
    pattern = WIDE.get(first, re.escape(first)) + re.escape(rest)
    if escaped:
        pattern = pattern.replace("&", "&(?:amp;)?")
    if alone:
        letter = r"\w" if first == "#" else "[A-Za-z0-9_]"
        pattern = f"(?<!{letter}){pattern}(?!{letter})"
    return re.compile(pattern, re.IGNORECASE)


def _unescaped(text: str, escaped: bool) -> str:
    return ESCAPES.sub(lambda match: UNESCAPED[match[0]], text) if escaped else text


def _in_bytes(text: str, links: list[tuple[Place, Mark]]) -> tuple[str, list[Facet]]:
    """Return the text and its links, which count bytes. A lone surrogate becomes U+FFFD, which is as long."""

    def at(position: int) -> int:
        return len(text[:position].encode(errors="surrogatepass"))

    return text, [Facet(at(start), at(end), mark.href, mark.kind) for (start, end), mark in links]


def marks_of(entities: Any, media: Iterable[Any] = (), hidden: Collection[str] = ()) -> list[Mark]:
    """Read entities as v1.1, GraphQL, syndication and the owner's archive have them; numbers may be strings.

    `media` are the post's files, whose address is taken out of the text, like those in `hidden`.
    """
    lists = entities if isinstance(entities, dict) else {}
    marks = [_mark(item, "hidden", item["url"]) for item in [*items(lists.get("media")), *media] if item.get("url")]
    for item in items(lists.get("urls")):
        url = item["url"]
        target = item.get("expanded_url") or url
        taken = url in hidden or target in hidden
        marks.append(_mark(item, "hidden", url) if taken else _mark(item, "link", url, target, target))
    for item in items(lists.get("user_mentions")):
        handle = item["screen_name"]
        marks.append(_mark(item, "mention", f"@{handle}", f"{SITE}/{handle}"))
    for item in items(lists.get("hashtags")):
        marks.append(_mark(item, "hashtag", f"#{item['text']}", hashtag_url(item["text"])))
    for item in items(lists.get("symbols")):
        marks.append(_mark(item, "hashtag", f"${item['text']}", cashtag_url(item["text"])))
    return marks


def hashtag_url(tag: str) -> str:
    """Return where a hashtag leads to; `tag` is without its #."""
    return f"{SITE}/hashtag/{quote(tag, safe='')}"


def cashtag_url(tag: str) -> str:
    """Return where a stock symbol leads to; `tag` is without its $."""
    return f"{SITE}/search?q=%24{quote(tag, safe='')}"


def items(value: Any) -> list[dict[str, Any]]:
    """Return a list of objects. An empty one may be missing, null or {}."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _mark(item: Mapping[str, Any], kind: Kind, expected: str, href: str = "", shown: str | None = None) -> Mark:
    start, end = (int(number) for number in item.get("indices") or (-1, -1))
    return Mark(start, end, kind, expected, href, shown)
