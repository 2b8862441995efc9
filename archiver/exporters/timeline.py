"""When each post of a storm was written, as a picture, and the same in words.

A dot is a post, a square one with media, a ring an edited one, a cross one that is gone since, a dashed ring a gap.
Posts of about the same time stand above each other. Times are UTC, and those of a second zone below: the one that is
asked for, or that was named when the storm was collected. A pure function of the document and that zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from archiver.exporters.file_names import file_name
from archiver.exporters.page.tags import Attribute, Safe, joined, tag
from archiver.exporters.view import View
from archiver.exporters.wording import MONTHS, counted, day, moment, spent
from archiver.layout import timeline_of
from archiver.model import Kind, Missing, Post, Thread

WIDTH, LEFT, RIGHT = 960, 14, 830
TALLEST, BEAD = 120, 11  # of the dots above each other; of one
STEPS = (1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200, 129600, 525600)  # minutes
TICKS = 7  # most labels on an axis
STORY = 8  # posts of a thread from which a picture tells more than a line
LISTED = 12  # numbers of posts in one sentence

STYLE = """
  text { font: 16px system-ui, sans-serif; fill: #5d5850; }
  .t-back { fill: #fcfbf8; }
  .t-axis { stroke: #b5ad9f; }
  .t-post { fill: #0b5394; }
  .t-edited { fill: #fcfbf8; stroke: #0b5394; stroke-width: 2; }
  .t-gone { stroke: #a3261d; stroke-width: 2.2; }
  .t-gap { fill: none; stroke: #8a4b00; stroke-width: 2; stroke-dasharray: 2.5 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b0a99c; } .t-back { fill: #171614; } .t-axis { stroke: #6b655b; } .t-post { fill: #8fc1f5; }
    .t-edited { fill: #171614; stroke: #8fc1f5; } .t-gone { stroke: #ff9d92; } .t-gap { stroke: #f2bd76; }
  }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A post or a gap in the picture; `at` is when it was written, inferred from what is before it where need be."""

    name: str
    at: datetime
    media: bool = False
    edited: bool = False
    gone: bool = False
    gap: bool = False
    inferred: bool = False


def marks(view: View) -> tuple[Mark, ...]:
    """Return what is in the picture: the author's posts and gaps, in the order of the times.

    A post of which only the day is known is left out: no place would be right.
    """
    return tuple(sorted(_marks(view), key=lambda mark: mark.at))


def _marks(view: View) -> Iterator[Mark]:
    last = None
    edited, gone = ({post.id for post in posts} for posts in (view.edited, view.gone))
    for node in view.thread.nodes:
        if not view.is_own(node):
            continue
        if isinstance(node, Missing):
            if at := node.dated_at or last:
                yield Mark(name="a missing post", at=at, gap=True, inferred=node.dated_at is None)
        elif not node.day_only:
            last = node.dated_at
            yield Mark(
                name=f"post {view.numbers[node.id]}",
                at=last,
                media=any(item.kind != "card" for item in node.attachments),
                edited=node.id in edited,
                gone=node.id in gone,
            )


def is_telling(view: View) -> bool:
    """Whether a picture says more than the dates do: a storm, or a long thread, of more than one moment."""
    found = marks(view)
    many = 2 if view.thread.kind is Kind.STORM else STORY
    return len(found) >= many and found[0].at < found[-1].at


def is_shown(view: View) -> bool:
    """Whether the Markdown document has the picture at its top, from a file beside it."""
    return view.thread.kind is Kind.STORM and is_telling(view)


def name(thread: Thread) -> str:
    """Return the name of the picture's file."""
    return timeline_of(f"{file_name(thread)}.md")


def inline(view: View) -> Safe:
    """Return the picture as a figure of a page, "" where it would tell nothing."""
    if not is_telling(view):
        return Safe()
    found, zone = marks(view), view.zone
    picture = _picture(found, zone)
    shown = tag("svg", picture.parts, viewBox=picture.box, role="img", aria_label=words_of(view))
    return tag(
        "figure",
        shown,
        tag("figcaption", _legend(found), f" Times in UTC, below in {zone}." if zone else " Times in UTC."),
        class_="timeline",
    )


def file(view: View) -> str:
    """Return the picture as a file of its own, which has its colours with it."""
    picture, words = _picture(marks(view), view.zone), words_of(view)
    back = tag("rect", width=WIDTH, height=picture.height, class_="t-back")
    about: dict[str, Attribute] = {"viewBox": picture.box, "width": WIDTH, "height": picture.height, "role": "img"}
    parts = [tag("title", words), Safe(f"<style>{STYLE}</style>\n"), back, picture.parts]
    return tag("svg", parts, xmlns="http://www.w3.org/2000/svg", aria_label=words, **about)


def words_of(view: View) -> str:
    """Return what the picture says, in words; for a document that `is_telling`."""
    found = marks(view)
    posts = [mark for mark in found if not mark.gap]
    told = [f"Timeline of {counted(len(posts), 'post')}, {_stretch(view)}"]
    busiest = _busiest(found)
    if len(found) > 2 and busiest[1] > 1:
        told.append(f"Most in one hour: {busiest[1]}, from {busiest[0]:%H:%M} UTC on {day(busiest[0])}")
    before, after = max(pairwise(found), key=lambda pair: pair[1].at - pair[0].at)
    told.append(f"Longest pause: {_spelled(after.at - before.at)}, after {before.name}")
    told += _listed("With pictures or other media", [mark.name for mark in posts if mark.media])
    told += _listed("Edited", [mark.name for mark in posts if mark.edited])
    told += _listed("No longer on the platform", [mark.name for mark in posts if mark.gone])
    if gaps := [mark for mark in found if mark.gap]:
        told.append(f"{counted(len(gaps), 'post')} missing")
    if days := sum(isinstance(node, Post) and node.day_only for node in view.thread.nodes):
        told.append(f"Not in it: {counted(days, 'post')} of which only the day is known")
    return ". ".join(told) + "."


def _stretch(view: View) -> str:
    own = [post for post in view.own if not post.day_only]
    ordered = sorted(own, key=lambda post: post.dated_at)
    return spent(ordered[0], ordered[-1]) if ordered else "of which none is here"


def _listed(what: str, names: list[str]) -> list[str]:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return [f"{what}: {', '.join(names[:LISTED])}{more}"] if names else []


def _busiest(found: tuple[Mark, ...]) -> tuple[datetime, int]:
    """Return the fullest hour: when it begins, with a post, and how many are in it."""
    best, first = (found[0].at, 0), 0
    for last, mark in enumerate(found):
        while mark.at - found[first].at >= timedelta(hours=1):
            first += 1
        if last - first + 1 > best[1]:
            best = (found[first].at, last - first + 1)
    return best


def _spelled(long: timedelta) -> str:
    minutes = round(long.total_seconds() / 60)
    if minutes >= 2880:
        return f"{minutes / 1440:.1f} days"
    hours, rest = divmod(minutes, 60)
    parts = ([counted(hours, "hour")] if hours else []) + ([counted(rest, "minute")] if rest or not hours else [])
    return " ".join(parts)


def _legend(found: tuple[Mark, ...]) -> str:
    """Return what the shapes mean, of those that are there."""
    told = ["A dot is a post"]
    told += ["a square has pictures or other media"] if any(mark.media for mark in found) else []
    told += ["a ring was edited"] if any(mark.edited for mark in found) else []
    told += ["a crossed one is no longer on the platform"] if any(mark.gone for mark in found) else []
    told += ["a dashed ring is missing"] if any(mark.gap for mark in found) else []
    return ", ".join(told) + "."


@dataclass(frozen=True, slots=True)
class _Picture:
    """The shapes of a picture, and how high it is."""

    parts: Safe
    height: int

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {self.height}"


def _picture(found: tuple[Mark, ...], zone: tzinfo | None) -> _Picture:
    scale = _Scale(found[0].at, found[-1].at)
    columns: dict[int, list[Mark]] = {}
    for mark in found:
        columns.setdefault(int(scale.x(mark.at) // BEAD), []).append(mark)
    highest = max(map(len, columns.values()))
    ground = min(TALLEST, BEAD * highest + 6)
    parts = [
        tag("line", x1=LEFT, x2=RIGHT, y1=ground + 4.5, y2=ground + 4.5, class_="t-axis"),
        *_axis(scale, UTC, ground + 26),
        *(_axis(scale, zone, ground + 54) if zone else ()),
        *_beads(columns, ground, min(float(BEAD), (ground - 6) / highest)),
    ]
    return _Picture(joined(parts), ground + (62 if zone else 34))


class _Scale:
    """Where a moment is in the picture."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self._long = max((last - first).total_seconds(), 1.0)

    def x(self, at: datetime) -> float:
        part = (at - self.first).total_seconds() / self._long
        return LEFT + 8 + part * (RIGHT - LEFT - 16)

    def ticks(self, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """Yield round moments of a zone, not too many, each with the time that is shown there."""
        minutes = self._long / 60
        step = next((step for step in STEPS if minutes / step <= TICKS), None)
        step = step or STEPS[-1] * (1 + int(minutes / STEPS[-1] / TICKS))
        first = _local(self.first, zone)
        offset = (first.utcoffset() if first else None) or timedelta()
        zero = datetime.min.replace(tzinfo=UTC)
        start = (self.first - zero + offset) // timedelta(minutes=step) * step
        for number in range(TICKS + 2):
            past = timedelta(minutes=start + number * step) - offset
            if self.first - zero <= past <= self.last - zero and (local := _local(zero + past, zone)):
                yield zero + past, local


def _local(at: datetime, zone: tzinfo) -> datetime | None:
    """Return a moment as a zone has it; at the very ends of what dates can be, there may be none."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return None


def _axis(scale: _Scale, zone: tzinfo, y: int) -> Iterator[Safe]:
    """Yield the ticks and times of one zone; the day is told where it begins anew."""
    shown = None
    for at, local in scale.ticks(zone):
        x = round(scale.x(at), 1)
        date = f", {local.day} {MONTHS[local.month - 1][:3]}" if local.date() != shown else ""
        told = [f"{local:%H:%M}", tag("tspan", date, class_="t-day") if date else None]
        anchor = "start" if x < LEFT + 50 else "middle"
        shown = local.date()
        yield tag("line", x1=x, x2=x, y1=y - 22, y2=y - 16, class_="t-axis")
        yield tag("text", told, x=x, y=y, class_="t-word", text_anchor=anchor)
    yield tag("text", _called(zone), x=WIDTH - 2, y=y, class_="t-word", text_anchor="end")


def _called(zone: tzinfo) -> str:
    return "UTC" if zone is UTC else str(zone).rpartition("/")[2].replace("_", " ")


def _beads(columns: dict[int, list[Mark]], ground: int, rise: float) -> Iterator[Safe]:
    """Yield a shape a post, one above the other where they would overlap."""
    radius = max(min(4.5, rise * 0.42), 0.6)
    for column, stack in columns.items():
        for height, mark in enumerate(stack):
            yield _bead(mark, column * BEAD + BEAD / 2, round(ground - 5 - height * rise, 1), round(radius, 1))


def _bead(mark: Mark, x: float, y: float, radius: float) -> Safe:
    told = tag("title", _told(mark))
    if mark.gap:
        return tag("circle", told, cx=x, cy=y, r=radius, class_="t-gap")
    kind = "t-edited" if mark.edited else "t-post"
    side = round(2 * radius - (1 if mark.edited else 0), 1)
    half = side / 2
    if mark.media:
        shape = tag("rect", told, x=x - half, y=round(y - half, 2), width=side, height=side, class_=kind)
    else:
        shape = tag("circle", told, cx=x, cy=y, r=half, class_=kind)
    if not mark.gone:
        return shape
    far = radius + 2
    cross = f"M{x - far} {y - far}L{x + far} {y + far}M{x - far} {y + far}L{x + far} {y - far}"
    return joined(shape, tag("path", d=cross, class_="t-gone"))


def _told(mark: Mark) -> str:
    parts = [f"{mark.name}, {moment(mark.at)}"] if not mark.inferred else [f"{mark.name}, after {moment(mark.at)}"]
    parts += ["with media"] if mark.media else []
    parts += ["edited"] if mark.edited else []
    parts += ["no longer on the platform"] if mark.gone else []
    return ", ".join(parts)
