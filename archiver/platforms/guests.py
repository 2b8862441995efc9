"""Platforms of other packages, by entry points in the group `archiver.platforms`: guests, who can break nothing.

A guest that cannot be loaded, is no platform, or has a name that is taken is left out with one line of warning. It is
asked after the built-in ones, and what its `match` and `profile` raise is a no.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint

from archiver.routes import Platform, Ref
from archiver.text.terminal import printable

GROUP = "archiver.platforms"
log = logging.getLogger("archiver")  # without a handler of its own, Python prints a warning as one line on stderr


@dataclass(frozen=True, slots=True)
class Guest:
    """A platform of another package, and that package: `archiver-telegram 0.1`."""

    platform: Platform
    package: str


def invited(entries: Iterable[EntryPoint], names: Iterable[str]) -> Iterator[Guest]:
    """Yield the platforms that can be used; `names` are those that are taken."""
    taken = set(names)
    for entry in entries:
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.module
        try:
            guest = _guest(entry, package, taken)
        except Exception as error:  # whatever a strange module does when it is loaded
            _warn(entry, package, f"{type(error).__name__}: {error}")
            continue
        taken.add(guest.platform.name)
        yield guest


def _guest(entry: EntryPoint, package: str, taken: set[str]) -> Guest:
    platform = entry.load()
    if not isinstance(platform, Platform):
        raise TypeError(f"{entry.value} is no Platform")
    if platform.name in taken:
        raise ValueError(f"there is a platform {platform.name} already")
    return Guest(replace(platform, match=_quiet(platform.match), profile=_quiet(platform.profile)), package)


def _quiet(read: Callable[[str], Ref | None]) -> Callable[[str], Ref | None]:
    """Return a function that takes an address for somebody else's where the guest trips over it."""

    def reading(text: str) -> Ref | None:
        try:
            return read(text)
        except Exception as error:
            log.debug("%s", error, exc_info=True)
            return None

    return reading


def _warn(entry: EntryPoint, package: str, reason: str) -> None:
    line = " ".join(f"the plug-in {entry.name} of {package} cannot be used: {reason}".split())
    log.warning("warning: %s", printable(line))
