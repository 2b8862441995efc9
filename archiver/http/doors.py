"""What is known of hosts' limits that they do not say in their answers: a table, by the door that is knocked at.

A host can have several doors, each with a limit of its own. Any other host has one, and says itself what it allows.
"""

from dataclasses import dataclass

from archiver.http.outgoing import host_of, path_of

BURST = 20.0  # requests that go out at once: a thread of common length takes fewer
INTERVAL = 0.5  # seconds between requests after that, where the host has not allowed more


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A part of a host: paths that begin in one of these ways.

    `burst` requests go at once, then one every `interval` (seconds). `pause` is how long the host is left alone after
    a refusal that does not say for how long.
    """

    host: str
    paths: tuple[str, ...] = ()
    burst: float = BURST
    interval: float = INTERVAL
    pause: float | None = None

    @property
    def is_common(self) -> bool:
        """Tell whether nothing is known of the host, so that it may allow more."""
        return not self.paths


# X: one request a second to what looks at the whole archive, https://docs.x.com/x-api/fundamentals/rate-limits.
# Wayback Machine: its staff's figures, with room, https://github.com/edgi-govdata-archiving/wayback/issues/137; who
# goes on asking for more than a minute after a refusal is shut out for an hour.
DOORS = (
    Door(host="api.x.com", paths=("/2/tweets/search/all",), burst=1, interval=1.0),
    Door(host="api.x.com", paths=("/2/tweets/counts/all",), burst=1, interval=1.0),
    Door(host="web.archive.org", paths=("/cdx/", "/web/timemap/"), burst=1, interval=2.5, pause=60.0),
    Door(host="web.archive.org", paths=("/",), burst=1, interval=0.2, pause=60.0),
)


def door_of(url: str) -> Door:
    """Return the door that an address leads to."""
    host = host_of(url)
    doors = (door for door in DOORS if door.host == host and path_of(url).startswith(door.paths))
    return next(doors, Door(host=host))
