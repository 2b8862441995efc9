"""The list in a file such as `window.YTD.tweets.part0 = [ … ]`, element by element, whatever its size.

It is JSON behind an assignment, and is read as JSON only: nothing is ever run. Of the file no more is in memory than a
few pieces; each element comes with the very bytes that it has in the file.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from archiver.errors import UsageError

LARGEST = 16 << 20  # characters of one element; a post has some thousand
LONGEST_START = 200  # characters before the list

_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Element:
    """One element: where its bytes begin in the file, the bytes, and what they say."""

    start: int
    raw: bytes
    value: dict[str, Any]


def elements(pieces: Iterable[bytes], name: str) -> Iterator[Element]:
    """Yield the objects of the list. Raises UsageError, with the name, where the file is cut or is something else."""
    text = _Text(iter(pieces), name)
    text.skip_to_list()
    sign = text.sign()
    while sign != "]":
        yield text.element()
        if (sign := text.sign()) == ",":
            text.take(1)
        elif sign != "]":
            text.refuse("is damaged: its list does not go on as it should")
    text.take(1)
    text.end()


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


class _Text:
    """The file's text as far as it is needed: what was taken is forgotten when more is read."""

    def __init__(self, pieces: Iterator[bytes], name: str):
        self._pieces = pieces
        self._name = name
        self._decoder = getincrementaldecoder("utf-8")()
        self._text = ""
        self._place = 0  # in the text, of what comes next
        self._taken = 0  # bytes of the file before it

    def skip_to_list(self) -> None:
        """Go to behind the first bracket."""
        while len(self._text) <= LONGEST_START and self._more():
            pass
        if (place := self._text.find("[", 0, LONGEST_START)) < 0:
            self.refuse("holds no list of X's making")
        self.take(place + 1)

    def sign(self) -> str:
        """Return the next character that is no white space, without taking it."""
        return self._sign() or self.refuse("ends in the middle; download the archive again")

    def element(self) -> Element:
        """Take the next object, after as many pieces as it needs."""
        if self.sign() != "{":
            self.refuse("is damaged: its list holds something that is no object")
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
                break
            except RecursionError:
                self.refuse("is nested too deeply to read")
            except ValueError as error:
                self._double(error)
        start, raw = self._taken, self._text[self._place : end].encode()
        self._place, self._taken = end, start + len(raw)
        return Element(start, raw, value)

    def end(self) -> None:
        """Go to the end, where nothing else may come."""
        while (sign := self._sign()) == ";":
            self.take(1)
        if sign:
            self.refuse("is damaged: something follows its list")

    def take(self, characters: int) -> None:
        """Go on by some characters."""
        self._taken += len(self._text[self._place : self._place + characters].encode())
        self._place += characters

    def refuse(self, why: str) -> NoReturn:
        """Raise UsageError with the file's name."""
        raise UsageError(f"{self._name} {why}")

    def _sign(self) -> str:
        self._skip_space()
        while self._place == len(self._text) and self._more():
            self._skip_space()
        return self._text[self._place : self._place + 1]

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._place)
        assert space is not None
        self.take(space.end() - self._place)

    def _double(self, error: ValueError) -> None:
        """Read as much again, so that no element is begun often; give up where that does not help."""
        size = len(self._text) - self._place
        if size >= LARGEST:
            self.refuse("is damaged, or has an element larger than anything that X writes")
        if not self._more():
            self.refuse(f"is damaged or ends in the middle ({error}); download the archive again")
        while len(self._text) - self._place < 2 * size and self._more():
            pass

    def _more(self) -> bool:
        try:
            piece = next(self._pieces, None)
            text = self._decoder.decode(piece or b"", final=piece is None)
        except UnicodeDecodeError:
            self.refuse("is damaged: it is not in UTF-8")
        self._text, self._place = self._text[self._place :] + text, 0
        return piece is not None
