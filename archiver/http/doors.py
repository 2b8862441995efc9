"""What is known of hosts' limits that they do not say in their answers, by the door that is knocked at.

Platforms declare the doors of their hosts. A host can have several, each with a limit of its own. Any other host has
one, and says itself what it allows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.http.outgoing import host_of, path_of

BURST = 20.0  # requests that go out at once: a thread of common length takes fewer
INTERVAL = 0.5  # seconds between requests after that, where the host has not allowed more


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A part of a host: paths that begin in one of these ways.

    `burst` requests go at once, then one every `interval` (seconds).
    """

    host: str
    paths: tuple[str, ...] = ()
    burst: float = BURST
    interval: float = INTERVAL

    @property
    def is_common(self) -> bool:
        """Whether nothing is known of the host, so that it may allow more."""
        return not self.paths


# Wayback Machine: its staff's figures, with room, https://github.com/edgi-govdata-archiving/wayback/issues/137; who
# goes on asking for more than a minute after a refusal is shut out for an hour.
DOORS = (
    Door(host="web.archive.org", paths=("/cdx/", "/web/timemap/"), burst=1, interval=2.5),
    Door(host="web.archive.org", paths=("/",), burst=1, interval=0.2),
)
# Seconds for which a host is left alone after a refusal that does not say for how long. No platform declares one: what
# is decided after a refusal must be the same in years, whatever platforms there are then.
PAUSES = {"web.archive.org": 60.0}


def door_of(url: str, doors: Iterable[Door] = ()) -> Door:
    """Return the door that an address leads to; `doors` are those that platforms declare."""
    host = host_of(url)
    fitting = (door for door in (*doors, *DOORS) if door.host == host and path_of(url).startswith(door.paths))
    return next(fitting, Door(host=host))
