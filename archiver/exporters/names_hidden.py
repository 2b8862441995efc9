"""Names in texts and addresses, and what stands in their place once people have pseudonyms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from archiver.model import Author
from archiver.text.blocks import Block, Line, Mark, Run, joined, text_of, write
from archiver.text.reader import read
from archiver.urls import parts_of

SOMEBODY = "somebody"
SHORTEST = 2  # letters of a name; less would be found in the middle of everything
NUMBER = 6  # digits of an id

# Letters of scripts that part words by blanks. A name in any other is also found inside of what looks like a word.
_WORD = "0-9A-Za-z_\u00c0-\u024f\u0370-\u058f"
_EDGE = re.compile(f"[{_WORD}]")
_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{0,30}:(?://)?[^\s<>]*[^\s<>.,;:!?)\]]")
_HANDLE = re.compile(r"(?<![\w/.@])@([\w.-]*\w(?:@[\w.-]*\w)?)")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and the name that stands in the place of theirs."""

    name: str
    author: Author

    @property
    def id(self) -> str:
        """The id that goes with the name."""
        return self.name.lower().replace(" ", "-")


class Masks:
    """Replaces the names of people, and all mentions of anybody but the author of the thread."""

    def __init__(self, own: Author, people: Sequence[Person], names: Mapping[str, str], url: str):
        self._own = own
        self._names = names
        self._host = _host(url)
        self._words = {word.lower(): one for one in people for word in _words(one.author, own)}
        self._marks = {word.lower(): one for one in people for word in _marks(one.author)}
        self._locals = {local.lower(): one for one in people if len(local := _local(one.author)) > SHORTEST}
        self._named = _any_of(map(_bounded, _longest_first(self._words)))
        self._marked = _any_of(map(re.escape, _longest_first(self._marks)))
        self._in_path = _any_of(map(re.escape, _longest_first(self._locals)), "(?<=[/@])(?:", r")(?![\w-])")

    def text(self, text: str) -> str:
        """Return a text without the names."""
        text = _URL.sub(lambda match: self._masked_url(match[0]), text)
        text = self._named.sub(lambda match: self._name_of(match[0].lower()), text)
        return _HANDLE.sub(lambda match: match[0] if self._is_own(match[1]) else self._mentioned(match[1]), text)

    def content(self, html: str) -> str:
        """Return clean HTML without the names, and without links that lead to people."""
        return write(self._block(block) for block in read(html))

    def address(self, url: str, otherwise: str) -> str:
        """Return an address, or what stands in its place where it tells of anybody."""
        return otherwise if self.tells(url) or self._is_elsewhere(url) else url

    def tells(self, address: str) -> bool:
        """Whether an address holds anything of anybody."""
        return self.whose(address) is not None or self._named.search(unquote(address)) is not None

    def whose(self, address: str) -> Person | None:
        """Return of whom an address, or an id that is one, tells."""
        for form in dict.fromkeys((address.lower(), unquote(address).lower())):
            if found := self._marked.search(form):
                return self._marks[found[0]]
            if found := self._in_path.search(form):
                return self._locals[found[0]]
        return None

    def _is_elsewhere(self, url: str) -> bool:
        """Whether an address leads to something on the thread's own platform that is not its author's."""
        return bool(self._host) and _host(url) == self._host and not self._is_the_authors(url)

    def _is_the_authors(self, url: str) -> bool:
        own = self._own
        marks = [word for word in (own.url, own.handle, own.id, f"@{_local(own)}") if len(word) > SHORTEST]
        return any(mark.lower() in unquote(url).lower() for mark in marks)

    def _block(self, block: Block) -> Block:
        return block._replace(lines=tuple(map(self._line, block.lines)))

    def _line(self, line: Line) -> Line:
        runs = [self._run(mark, list(runs)) for mark, runs in _by_link(line)]
        masked = joined(run for group in runs for run in group)
        whole = text_of(masked)
        # A name may stand under several marks, one after the other: rather lose those.
        return masked if self.text(whole) == whole else (Run(self.text(whole)),)

    def _run(self, link: Mark | None, runs: list[Run]) -> list[Run]:
        if link is None or self._may_lead(link):
            return [run._replace(text=self.text(run.text)) for run in runs]
        bare = [run._replace(marks=tuple(mark for mark in run.marks if mark is not link)) for run in runs]
        if link.kind != "mention":
            return [run._replace(text=self.text(run.text)) for run in bare]
        handle = "".join(run.text for run in runs).strip().removeprefix("@")
        person = self.whose(link.href)
        name = person.name if person else self._names.get(link.href) or self._mentioned(handle)
        return [bare[0]._replace(text=name)]

    def _may_lead(self, link: Mark) -> bool:
        if link.kind == "mention":
            return self._is_the_authors(link.href)
        if link.kind == "hashtag":
            return self.whose(link.href) is None
        return self.address(link.href, "") != ""

    def _masked_url(self, url: str) -> str:
        if person := self.whose(url):
            return f"(an address of {person.name})"
        return f"(an address of {SOMEBODY})" if self._is_elsewhere(url) else url

    def _name_of(self, found: str) -> str:
        return (self._words.get(found) or self._words[found[1:]]).name

    def _is_own(self, handle: str) -> bool:
        return handle.lower() in (self._own.handle.lower(), _local(self._own).lower())

    def _mentioned(self, handle: str) -> str:
        return self._names.get(handle.lower(), SOMEBODY)


def _words(author: Author, own: Author) -> list[str]:
    """Return what a person is called, but for what the author of the thread is called as well."""
    words = [author.id, author.handle, author.name.strip(), author.url, author.avatar or "", f"@{_local(author)}"]
    also = {own.id, own.handle, own.name, f"@{_local(own)}"}
    return [word for word in words if word not in also and _is_telling(word)]


def _is_telling(word: str) -> bool:
    """Whether a word is somebody's wherever it stands: a short number may be any number."""
    return len(word) >= SHORTEST and word != "@" and not (word.isdecimal() and len(word) < NUMBER)


def _marks(author: Author) -> list[str]:
    words = (author.id, author.handle, author.url, author.avatar or "")
    return [word for word in words if len(word) > SHORTEST and _is_telling(word)]


def _local(author: Author) -> str:
    return author.handle.partition("@")[0]


def _bounded(word: str) -> str:
    before = f"(?<![{_WORD}])" if _EDGE.match(word) else ""
    after = f"(?![{_WORD}])" if _EDGE.match(word[-1]) else ""
    if word.startswith("@"):  # the beginning of a longer handle is somebody else's
        after = f"(?!@|[.-]*[{_WORD}])"
    return f"@?{before}{re.escape(word)}{after}"


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def _any_of(patterns: Iterable[str], before: str = "(?:", after: str = ")") -> re.Pattern[str]:
    either = "|".join(patterns)
    return re.compile(f"{before}{either}{after}" if either else "(?!)", re.IGNORECASE)


def _host(url: str) -> str:
    return parts_of(url).netloc.lower()


def _by_link(line: Line) -> Iterable[tuple[Mark | None, list[Run]]]:
    """Yield the runs of a line in groups: those of one link, and those of none."""
    groups: list[tuple[Mark | None, list[Run]]] = []
    for run in line:
        link = next((mark for mark in run.marks if mark.href), None)
        if groups and groups[-1][0] is link:
            groups[-1][1].append(run)
        else:
            groups.append((link, [run]))
    return groups
