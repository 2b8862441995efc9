"""Small pictures of flat colours for invented threads, drawn here so that they are nobody's: PNG of a few kB.

python -m tests.pictures FOLDER      writes them all, to be looked at
"""

import math
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

WIDTH, HEIGHT = 640, 400

Point = tuple[float, float]
Span = tuple[int, float, float]  # a row, and from where to where
Shape = tuple[str, Iterator[Span]]  # a colour such as "e8e4d9", and where it is


def png(width: int, height: int, ground: str, shapes: Sequence[Shape]) -> bytes:
    """Return a picture of shapes, each over those before it."""
    colours = list(dict.fromkeys([ground, *(colour for colour, _ in shapes)]))
    rows = [bytearray(width) for _ in range(height)]
    for colour, spans in shapes:
        for y, left, right in spans:
            first, end = max(round(left), 0), min(round(right), width)
            if 0 <= y < height and first < end:
                rows[y][first:end] = bytes([colours.index(colour)]) * (end - first)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", head), (b"PLTE", bytes.fromhex("".join(colours))), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def with_chunk(picture: bytes, kind: bytes, body: bytes) -> bytes:
    """Return a picture with one more chunk before its last one, which browsers pass over."""
    return picture[:-12] + _chunk(kind, body) + picture[-12:]


def scene(name: str) -> bytes:
    """Return one of the pictures that the stories show."""
    ground, shapes = SCENES[name]()
    return png(WIDTH, HEIGHT, ground, shapes)


def portrait(name: str) -> bytes:
    """Return somebody's picture of themselves: a head and shoulders, in colours of their own."""
    shirts = ("2b6f77", "a4472f", "5b4a8a", "3f6b35", "8a6a1f", "23507d", "7a3350")
    shirt = shirts[zlib.crc32(name[::-1].encode()) % len(shirts)]
    body = [(shirt, disc(80, 170, 68)), ("e3b894", disc(80, 70, 34)), ("3a2c24", disc(80, 52, 30))]
    return png(160, 160, "dfe6e4", [*body, ("e3b894", disc(80, 80, 29))])


def plain(name: str) -> bytes:
    """Return some picture for what has none of its own, another one for each name."""
    number = zlib.crc32(name.encode())
    colours = [f"{number >> shift & 0xFFFFFF | 0x404040:06x}" for shift in (0, 4, 8)]
    return png(160, 100, colours[0], [(colours[1], disc(50, 50, 30)), (colours[2], box(90, 30, 40, 40))])


def box(left: float, top: float, width: float, height: float) -> Iterator[Span]:
    """Yield a rectangle."""
    return ((y, left, left + width) for y in range(round(top), round(top + height)))


def disc(x: float, y: float, radius: float) -> Iterator[Span]:
    """Yield a circle."""
    for row in range(math.ceil(y - radius), math.floor(y + radius) + 1):
        half = math.sqrt(radius**2 - (row - y) ** 2)
        yield row, x - half, x + half


def corners(*points: Point) -> Iterator[Span]:
    """Yield a polygon that is nowhere hollow."""
    edges = list(zip(points, (*points[1:], points[0]), strict=True))
    for row in range(math.ceil(min(y for _, y in points)), math.floor(max(y for _, y in points)) + 1):
        met = [
            one[0] + (row - one[1]) * (other[0] - one[0]) / (other[1] - one[1])
            for one, other in edges
            if one[1] != other[1] and min(one[1], other[1]) <= row <= max(one[1], other[1])
        ]
        yield row, min(met), max(met)


def line(one: Point, other: Point, width: float = 6) -> Iterator[Span]:
    """Yield a stroke."""
    long = math.hypot(other[0] - one[0], other[1] - one[1])
    x, y = (other[1] - one[1]) / long * width / 2, (one[0] - other[0]) / long * width / 2
    return corners(
        (one[0] + x, one[1] + y), (other[0] + x, other[1] + y), (other[0] - x, other[1] - y), (one[0] - x, one[1] - y)
    )


def _boxes() -> tuple[str, list[Shape]]:
    """Nine grey boxes on a long table, the first one open, feet behind the window."""
    shapes: list[Shape] = [("9fb7c4", box(400, 24, 190, 70)), ("7a6f62", box(392, 94, 206, 8))]
    shapes += [("4a4038", box(x, 34, 16, 52)) for x in (424, 448, 520, 544)]
    shapes += [("3a322c", box(x, 78, 26, 12)) for x in (424, 448, 520, 544)]
    shapes += [("b98a56", box(0, 262, 640, 26)), ("99703f", box(0, 288, 640, 8))]
    shapes += [("6f5230", box(x, 296, 22, 104)) for x in (40, 578)]
    for number in range(9):
        left = 26 + number * 66
        shapes += [("8d9299", box(left, 196, 58, 66)), ("6d7279", box(left, 196, 58, 12))]
        shapes += [("f2efe6", box(left + 14, 218, 30, 18))]
    shapes += [("cfc9ba", box(26, 186, 58, 22)), ("6d7279", corners((18, 196), (84, 196), (66, 168), (0, 168)))]
    shapes += [
        ("f7f3e8", box(120, 270, 80, 6)),
        ("d9a521", line((250, 272), (330, 280), 6)),
        ("ffffff", disc(420, 274, 9)),
    ]
    return "d8d0c0", [*shapes, ("ffffff", disc(438, 276, 9))]


def _letter() -> tuple[str, list[Shape]]:
    """The lower edge of a typed letter: a pencil note, underlined once, and a round stamp beside it."""
    shapes: list[Shape] = [("f6f1e2", box(70, 0, 500, 372)), ("d8cfb8", box(70, 372, 500, 6))]
    for row, long in enumerate((400, 380, 410, 396, 260)):
        shapes += [("4c4a47", box(120 + x, 40 + row * 34, 34, 7)) for x in range(0, long, 46)]
    strokes = (
        (130, 286),
        (150, 306),
        (166, 280),
        (190, 304),
        (206, 284),
        (236, 304),
        (254, 276),
        (280, 302),
        (300, 288),
    )
    shapes += [("84827d", line(one, other, 5)) for one, other in pairwise(strokes)]
    shapes += [
        ("84827d", line((124, 328), (308, 322), 5)),
        ("b4413a", disc(460, 288, 62)),
        ("f6f1e2", disc(460, 288, 54)),
    ]
    return "5d5147", [*shapes, ("b4413a", box(414, 274, 92, 8)), ("b4413a", box(424, 292, 72, 8))]


def _rules() -> tuple[str, list[Shape]]:
    """A page with a numbered heading and one short paragraph."""
    shapes: list[Shape] = [("ffffff", box(170, 30, 300, 370)), ("1d5c73", box(200, 70, 44, 44))]
    shapes += [("1d5c73", box(260, 84, 150, 16))]
    return "c4d7dc", [*shapes, *(("8b9599", box(200, 150 + row * 26, 240, 9)) for row in range(4))]


def _drawing() -> tuple[str, list[Shape]]:
    """A child's drawing: a house, a sun, a cat; a word below it, crossed out."""
    shapes: list[Shape] = [("f5c542", disc(520, 84, 46))]
    for turn in range(10):
        x, y = math.cos(turn * math.pi / 5), math.sin(turn * math.pi / 5)
        shapes += [("f5c542", line((520 + 58 * x, 84 + 58 * y), (520 + 84 * x, 84 + 84 * y), 6))]
    shapes += [("c0392b", corners((110, 170), (220, 70), (330, 170))), ("d98e4a", box(130, 170, 180, 140))]
    shapes += [("6b4226", box(200, 230, 44, 80)), ("8fc1e3", box(150, 196, 36, 36)), ("8fc1e3", box(258, 196, 36, 36))]
    shapes += [
        ("444444", disc(430, 280, 34)),
        ("444444", disc(470, 244, 22)),
        ("444444", corners((452, 240), (456, 206), (470, 228))),
    ]
    shapes += [("444444", corners((472, 228), (486, 206), (490, 240))), ("444444", line((400, 290), (372, 246), 8))]
    shapes += [("f0f0f0", disc(463, 242, 3)), ("f0f0f0", disc(478, 242, 3)), ("5fa052", line((60, 312), (590, 316), 8))]
    letters = (
        (250, 340, 250, 376),
        (250, 358, 272, 358),
        (272, 340, 272, 376),
        (326, 376, 326, 344),
        (326, 344, 340, 360),
    )
    more = (
        (340, 360, 354, 344),
        (354, 344, 354, 376),
        (368, 342, 368, 376),
        (368, 344, 388, 344),
        (368, 359, 384, 359),
        (368, 374, 388, 374),
    )
    shapes += [("3b5ba5", line((a, b), (c, d), 5)) for a, b, c, d in (*letters, *more)]
    shapes += [("3b5ba5", disc(299, 358, 18)), ("fbf7ea", disc(299, 358, 13))]
    return "fbf7ea", [*shapes, ("c0392b", line((236, 372), (404, 346), 5))]


def _pier() -> tuple[str, list[Shape]]:
    """A pier at dusk, and people with candles on it."""
    shapes: list[Shape] = [
        ("c97b5a", box(0, 150, 640, 60)),
        ("e3a06b", box(0, 190, 640, 34)),
        ("274257", box(0, 224, 640, 176)),
    ]
    shapes += [("1c1f26", box(0, 268, 640, 16)), *(("1c1f26", box(x, 284, 12, 90)) for x in range(30, 640, 96))]
    for number in range(20):
        x, tall = 36 + number * 30, 40 + number * 37 % 17
        shapes += [("14161b", box(x, 268 - tall, 16, tall)), ("14161b", disc(x + 8, 262 - tall, 9))]
        shapes += [("ffd977", disc(x + 19, 252 - tall / 2, 4)), ("f3efe2", box(x + 17, 256 - tall / 2, 4, 10))]
    return "3b3f63", shapes


def _ferry() -> tuple[str, list[Shape]]:
    """A ferry that has cast off, seen from the pier."""
    shapes: list[Shape] = [("f3dcb0", disc(110, 150, 44)), ("3f6d82", box(0, 236, 640, 164))]
    shapes += [
        ("ffffff", corners((250, 196), (560, 196), (520, 252), (276, 252))),
        ("1f3d5c", corners((262, 224), (540, 224), (520, 252), (276, 252))),
    ]
    shapes += [("f4f4f1", box(300, 156, 190, 40)), ("f4f4f1", box(330, 126, 110, 30)), ("b23a31", box(390, 86, 34, 40))]
    shapes += [("2b4a63", box(x, 168, 14, 14)) for x in range(314, 480, 26)]
    shapes += [("8fa3a8", disc(404, 66, 16)), ("9db0b4", disc(374, 50, 20)), ("adbec1", disc(336, 38, 24))]
    shapes += [("6b97a8", line((560, 262), (640, 274), 5)), ("6b97a8", line((180, 258), (262, 254), 5))]
    return "a9c0c4", [
        *shapes,
        ("4b3b2e", box(0, 356, 200, 14)),
        ("4b3b2e", box(60, 320, 14, 80)),
        ("4b3b2e", box(150, 320, 14, 80)),
    ]


SCENES: dict[str, Callable[[], tuple[str, list[Shape]]]] = {
    "boxes": _boxes,
    "letter": _letter,
    "rules": _rules,
    "drawing": _drawing,
    "pier": _pier,
    "ferry": _ferry,
}


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    for title in SCENES:
        (Path(sys.argv[1]) / f"{title}.png").write_bytes(scene(title))
