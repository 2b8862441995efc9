"""Real files for the pages that a browser looks at: pictures, an animation, a tone, a film in one and in pieces."""

import io
import math
import struct
import wave
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pictures import box, png

from archiver.files import copy
from archiver.media import hls
from tests.servers import films as films_of


def put(folder: Path, content: bytes) -> str:
    """Write a file under its digest, as the archive has it; return its place."""
    return copy([content], folder / "media").path


def striped(folder: Path, width: int, height: int, shade: int) -> str:
    stripes = [(f"{shade:02x}" * 3, box(left, 0, 40, height)) for left in range(0, width, 80)]
    return put(folder, png(width, height, "e6e6e6", stripes))


def tone() -> bytes:
    """Return a second of a tone."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(at / 3))) for at in range(8000)))
    return made.getvalue()


def gif() -> bytes:
    """Return an animation of two squares, with a code to start anew before each pixel: nothing is compressed."""
    side, frames = 16, b""
    for colour in (1, 2):
        codes = [code for _ in range(side * side) for code in (4, colour)] + [5]
        bits = sum(code << 3 * place for place, code in enumerate(codes)).to_bytes((3 * len(codes) + 7) // 8, "little")
        pieces = [bits[at : at + 255] for at in range(0, len(bits), 255)]
        frames += struct.pack("<3sBHBB", b"!\xf9\x04", 0, 50, 0, 0) + b"," + struct.pack("<4HB", 0, 0, side, side, 0)
        frames += b"\x02" + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"
    head = struct.pack("<6s2H3B", b"GIF89a", side, side, 0x81, 0, 0) + bytes.fromhex("ffffff1d6b3a0b5394000000")
    return head + b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + frames + b";"


def films(folder: Path) -> tuple[str, str]:
    """Write a film, and the same one in pieces with a playlist of them; return the places of both."""
    film, playlist, pieces = _made_films()
    names = {f"https://v.example/{name}": _beside(put(folder, piece)) for name, piece in pieces}
    ours = hls.parse(playlist, "https://v.example/video.m3u8").of_copies(names)
    return put(folder, film), put(folder, ours.encode())


@cache
def _made_films() -> tuple[bytes, bytes, Iterable[tuple[str, bytes]]]:
    with films_of.made() as made:
        there = made / "hls" / "360p"
        pieces = [(piece.name, piece.read_bytes()) for piece in there.glob("*.ts")]
        return (made / "film.mp4").read_bytes(), (there / "video.m3u8").read_bytes(), pieces


def _beside(place: str) -> str:
    return "../" + place.partition("/")[2]
