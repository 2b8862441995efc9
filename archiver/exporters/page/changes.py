"""What a post said before, and what other sources show of it: each as a difference of words that can be read."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from archiver.exporters import said
from archiver.exporters.page.content import anchor, language, time, written
from archiver.exporters.page.tags import Safe, joined, line, tag
from archiver.exporters.said import Foreign
from archiver.exporters.view import View
from archiver.exporters.wording import source
from archiver.model import Post
from archiver.text import html

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 4_000_000  # comparisons of words; above it two texts stand one after the other
ALIKE = 0.4  # of the letters; where less is the same, a text in pieces is harder to read than two

SINCE = joined(" (", tag("del", "taken out"), " and ", tag("ins", "put in"), " since)")
THERE = joined(" (", tag("del", "only above"), " and ", tag("ins", "only there"), ")")


def changes(view: View, one: Post) -> Safe | None:
    """Return all that is known of other texts of a post; None where there is none."""
    found = [*_editions(view, one), *_versions(view, one), *_contradictions(view, one)]
    if not found:
        return None
    told = tag("summary", changes_of(view, one))
    return tag("details", told, found, class_="changes", id=f"{anchor(view, one.id)}-changes", open=True)


def changes_of(view: View, one: Post) -> str:
    """Return in a few words what `changes` shows."""
    return "; ".join(filter(None, (said.earlier(view, one), said.contradicted(view, one))))


def _editions(view: View, one: Post) -> Iterator[Safe]:
    for edition in view.editions.get(one.id, ()):
        name = line(edition.version)
        if edition.content:
            heading = joined(f"Before it was edited, version {name}", SINCE)
            yield _change(one, heading, edition.content, one.content)
        else:
            yield tag("p", f"There was an earlier version ({name}). Its text was not captured.")


def _versions(view: View, one: Post) -> Iterator[Safe]:
    versions = view.document.versions.get(one.id, ())
    after = (*(version.content for version in versions[1:]), one.content)
    for version, then in zip(versions, after, strict=False):
        heading = joined("As captured on ", time(version.seen_at))
        if version.summary:
            heading = joined(heading, ", with the content warning “", tag("bdi", version.summary), "”")
        yield _change(one, joined(heading, SINCE), version.content, then)


def _contradictions(view: View, one: Post) -> Iterator[Safe]:
    for other in view.contradictions.get(one.id, ()):
        where = ("As shown by ", Foreign(source(other.route)), ", ", said.captured(other))
        heading = joined(written(view, where), THERE)
        yield _change(one, heading, one.content, other.content)


def _change(one: Post, heading: Safe, before: str, after: str) -> Safe:
    shown = difference(html.plain(before), html.plain(after))
    return joined(tag("p", heading, ":"), tag("div", shown, class_="text diff", lang=language(one), dir="auto"))


def difference(before: str, after: str) -> Safe:
    """Return both texts as one: what went is in `del`, what came in `ins`, whole words each."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) * len(new) > MOST:
        return _apart(old, new)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    same = sum(len("".join(old[start:end]).strip()) for kind, start, end, *_ in steps if kind == "equal")
    if same < ALIKE * max(len(before), len(after)):
        return _apart(old, new)
    parts = []
    for kind, start, end, new_start, new_end in steps:
        if kind == "equal":
            parts.append(joined("".join(old[start:end])))
        else:
            parts += [_part("del", old[start:end]), _part("ins", new[new_start:new_end])]
    return joined(parts)


def _apart(old: list[str], new: list[str]) -> Safe:
    return joined(_part("del", old), "\n\n" if old and new else "", _part("ins", new))


def _part(name: str, words: list[str]) -> Safe:
    return tag(name, "".join(words)) if words else Safe()
