"""Everything that can go wrong, with the exit code that the command line gives it.

    ArchiverError
    ├── UsageError            2    what the user asked for cannot be tried
    │   ├── UnknownURL             no platform here knows this address
    │   ├── AlreadyHere       0    all of a file is in the archive already
    │   ├── ConfigError            archiver.toml holds something that we do not understand
    │   └── ArchiveError           the folder or its database cannot be used
    │       └── NotWritable        it can be read only, or its disk is full
    ├── Unavailable           4    the platform answered, and the answer is no
    │   ├── Gone                   it says that this post is deleted or was never there
    │   └── Refused                a login wall, a private post, a block page, a closed interface
    │       └── NoAccount          a server serves nothing of an account: it is closed, or not there
    ├── RateLimited           5    it says when to come back
    ├── NetworkError          6    no usable answer came: name, connection, time, size, server fault
    │   ├── ParseError             an answer came in a shape that we do not know
    │   └── NotRecorded            what was kept or recorded has no answer to this: it was never asked
    ├── Unproven              7    what was kept as a proof proves nothing, or something else
    └── Interrupted         130    the user pressed Ctrl-C

`archiver verify` gives 7 as well where something is not as it was sealed: that is what it was asked, and no error.

Messages are one line: what happened, to which URL, what to do. Nothing here knows of the command line.
"""

from datetime import datetime

# What a parser fails with when it meets a shape that it does not know.
SHAPE_ERRORS = (
    *(KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError),
    AssertionError,  # `assert tag` tells a type checker what must be there; where it is not, the shape is unknown
)


class ArchiverError(Exception):
    """The base of all: catch this to catch anything that is not a bug."""

    exit_code = 1


class UsageError(ArchiverError):
    """What was asked for cannot be tried."""

    exit_code = 2


class UnknownURL(UsageError):
    """No platform knows this address."""


class AlreadyHere(UsageError):
    """All of what was to be taken in is in the archive already: nothing is to be done, and nothing is wrong."""

    exit_code = 0


class ConfigError(UsageError):
    """The configuration holds something unknown or of the wrong kind."""


class ArchiveError(UsageError):
    """The archive's folder or database cannot be used."""


class NotWritable(ArchiveError):
    """A folder or a file cannot be written: read-only media, rights, a full disk."""


class Unavailable(ArchiverError):
    """The platform answered, and the answer is no."""

    exit_code = 4


class Gone(Unavailable):
    """The platform says, for this very id, that the post is not there."""


class Refused(Unavailable):
    """The platform does not show this to us: login, private, blocked, closed."""


class NoAccount(Refused):
    """A server serves nothing of an account: it is closed, or not there."""


class RateLimited(ArchiverError):
    """The host asks us to stay away; `until` is UTC, None where it did not say."""

    exit_code = 5

    def __init__(self, message: str, until: datetime | None = None):
        super().__init__(message)
        self.until = until


class NetworkError(ArchiverError):
    """No usable answer came."""

    exit_code = 6


class ParseError(NetworkError):
    """An answer came, in a shape that no parser here knows; its bytes are kept."""


class NotRecorded(NetworkError):
    """What was kept or recorded holds no answer to this request: nobody asked it then."""


class Unproven(ArchiverError):
    """What was kept as a proof does not prove what it should; the message says why, without naming it."""

    exit_code = 7


class Interrupted(ArchiverError):
    """The user stopped the run; what came so far is kept."""

    exit_code = 130

    def __init__(self, message: str = "stopped by the user"):
        super().__init__(message)
