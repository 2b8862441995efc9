"""What sources showed of a post: its earlier versions, and texts that are not the one in its place. Pure."""

import re
from collections.abc import Sequence

from archiver.model import Observation
from archiver.text import html

SHORTEST = 60  # characters of a text that a source cut off; less may be another text
# How an address begins within a word, and how one that was cut for readers does; between them may be no blank, as in
# Japanese. Both begin where no sign of a host is before them, so that a long text is read once.
_ADDRESS = re.compile(r"(?<![A-Za-z0-9.+-])[A-Za-z0-9.+-]*+://|\bpic\.(?:twitter|x)\.com|\bt\.co/")
_CUT = re.compile(r"(?<![\w.-])[\w-]++(?:\.[\w-]++)++/")


def known_editions(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """Return the earlier versions that sources know of, oldest first, each once and with its text if any has it."""
    best: dict[str, Observation] = {}
    for seen in observations:
        if seen.version and not (best.get(seen.version) and best[seen.version].content):
            best[seen.version] = seen
    return tuple(best[version] for version in sorted(best, key=lambda version: (len(version), version)))


def differing(content: str, observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """Return the observations of a post that show another text than `content`, each text once."""
    others = {_words(seen.content): seen for seen in observations if not seen.version}
    words = _words(content) if others else ""
    return tuple(seen for text, seen in others.items() if not _agree(words, text))


def _agree(one: str, other: str) -> bool:
    """Whether two texts are the same, or one the beginning of the other: sources cut long texts without a sign."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= SHORTEST and long.startswith(short))


def _words(content: str) -> str:
    """Return a text without what sources show differently: addresses, which are shortened, and white space."""
    return " ".join(filter(None, map(_without_address, html.plain(content).split()))).rstrip(" …")


def _without_address(word: str) -> str:
    if address := _ADDRESS.search(word):
        return word[: address.start()]
    before, _, after = word.rpartition("…")
    cut = _CUT.search(before)
    return before[: cut.start()] + after if cut else word
