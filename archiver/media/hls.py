"""Playlists of films in pieces, HTTP Live Streaming: which variant is best, which pieces, and a playlist of our copies.

Pure. https://www.rfc-editor.org/rfc/rfc8216
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from archiver.errors import ParseError

PIECES = 2000  # of one playlist; ten seconds each, that is five hours

_ATTRIBUTE = re.compile(r'(?<![A-Z0-9-])([A-Z0-9-]++)=("[^"\r\n]*"|[^,]*)')
_BYTES = re.compile(r"[0-9]{1,15}(?:@[0-9]{1,15})?")
_NUMBER = re.compile(r"[0-9]{1,15}")
_VARIANT, _MEDIA, _MAP, _KEY = "#EXT-X-STREAM-INF:", "#EXT-X-MEDIA:", "#EXT-X-MAP:", "#EXT-X-KEY:"
_END, _ON_DEMAND = "#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE:VOD"
# What a playlist of copies has of the one that they are of: how to play the pieces, and nothing that leads elsewhere.
_PLAYED = re.compile(
    r"#EXTM3U|#EXTINF:.*|#EXT-X-(?:VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|DISCONTINUITY"
    r"|INDEPENDENT-SEGMENTS|BYTERANGE|PROGRAM-DATE-TIME|START|KEY:METHOD=NONE|PLAYLIST-TYPE)(?::.*)?"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a film: the address of its playlist, and that of its sound, "" where that is not apart."""

    url: str
    bandwidth: int = 0
    sound: str = ""


@dataclass(frozen=True, slots=True)
class Playlist:
    """The lines of a playlist, and the address that gave it."""

    lines: tuple[str, ...]
    url: str

    def best(self) -> Variant | None:
        """Return the variant of the highest bandwidth, None where the playlist is of pieces itself."""
        variants = list(self._variants(self._sounds()))
        return max(variants, key=lambda variant: variant.bandwidth, default=None)

    def pieces(self) -> tuple[str, ...]:
        """Return the addresses of all pieces, each once. Raises ParseError for a film that cannot be kept whole."""
        if not any(line.startswith((_END, _ON_DEMAND)) for line in self.lines):
            raise ParseError("is a film that is still going on")
        if any(line.startswith(_KEY) and _attributes(line).get("METHOD") != "NONE" for line in self.lines):
            raise ParseError("is a film that is encrypted")
        addresses = tuple(dict.fromkeys(self._absolute(uri) for uri in filter(None, map(_uri, self.lines))))
        if not addresses or len(addresses) > PIECES:
            raise ParseError(f"is a film of {len(addresses)} pieces")
        return addresses

    def of_copies(self, names: Mapping[str, str]) -> str:
        """Return a playlist that plays the copies: `names` has a path for the address of each piece."""
        return "".join(f"{line}\n" for line in (*self._lines(names), _END))

    def _lines(self, names: Mapping[str, str]) -> Iterator[str]:
        for line in self.lines:
            uri = _uri(line)
            if uri is None:
                if _PLAYED.fullmatch(line):
                    yield line
            elif line.startswith(_MAP):
                part = _attributes(line).get("BYTERANGE", "")
                which = f',BYTERANGE="{part}"' if _BYTES.fullmatch(part) else ""
                yield f'{_MAP}URI="{names[self._absolute(uri)]}"{which}'
            else:
                yield names[self._absolute(uri)]

    def _variants(self, sounds: Mapping[str, str]) -> Iterator[Variant]:
        for line, following in zip(self.lines, self.lines[1:], strict=False):
            if line.startswith(_VARIANT) and not following.startswith("#"):
                attributes = _attributes(line)
                bandwidth = attributes.get("BANDWIDTH", "")
                yield Variant(
                    self._absolute(following),
                    int(bandwidth) if _NUMBER.fullmatch(bandwidth) else 0,
                    sounds.get(attributes.get("AUDIO", ""), ""),
                )

    def _sounds(self) -> Mapping[str, str]:
        """Return the sound of each group: the one that is played if nobody chooses, "" where it is in the film."""
        attributes = [_attributes(line) for line in self.lines if line.startswith(_MEDIA)]
        sounds = [sound for sound in reversed(attributes) if sound.get("TYPE") == "AUDIO"]
        sounds.sort(
            key=lambda sound: sound.get("DEFAULT") == "YES"
        )  # of a group the last counts: its default, or its first
        return {sound.get("GROUP-ID", ""): self._absolute(sound["URI"]) if sound.get("URI") else "" for sound in sounds}

    def _absolute(self, uri: str) -> str:
        try:
            return urljoin(self.url, uri)
        except ValueError as error:
            raise ParseError("has a piece without an address") from error


def parse(body: bytes, url: str) -> Playlist:
    """Read a playlist."""
    lines = (line.strip() for line in body.decode("utf-8", "replace").removeprefix("\ufeff").splitlines())
    return Playlist(tuple(filter(None, lines)), url)


def together(picture: str, sound: str, bandwidth: int) -> str:
    """Return a playlist that plays a film and its sound, by the paths of their own playlists."""
    return (
        "#EXTM3U\n#EXT-X-VERSION:6\n"
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="{sound}"\n'
        f'#EXT-X-STREAM-INF:BANDWIDTH={max(bandwidth, 1)},AUDIO="sound"\n{picture}\n'
    )


def _uri(line: str) -> str | None:
    """Return the piece that a line names, None for any other line."""
    if line.startswith(_MAP):
        return _attributes(line).get("URI") or None
    return None if line.startswith("#") else line


def _attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(line.partition(":")[2])}
