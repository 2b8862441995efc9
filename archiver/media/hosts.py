"""Hosts that give nothing: after a few things in vain, the rest of what they have is for another run."""

from archiver.errors import ArchiverError, RateLimited
from archiver.http.addresses import PrivateAddress
from archiver.http.outcome import OverLimit, TooLarge
from archiver.http.outgoing import host_of

PATIENCE = 3  # things in a row without an answer, each tried several times

_OF_THE_THING = (OverLimit, TooLarge, PrivateAddress)


class Hosts:
    """What is known of the hosts of one run. A dead host would cost minutes for each of a hundred pictures."""

    def __init__(self) -> None:
        self._vain: dict[str, int] = {}
        self._said: dict[str, ArchiverError] = {}

    def check(self, url: str) -> None:
        """Raise what the host failed with if it is asked no more."""
        host = host_of(url)
        if self._vain.get(host, 0) >= PATIENCE:
            error = self._said[host]
            raise type(error)(*error.args)

    def answered(self, url: str) -> None:
        """Note that the host has answered, whatever it said."""
        self._vain[host_of(url)] = 0

    def failed(self, url: str, error: ArchiverError) -> None:
        """Note that no answer came, or that the host asks to stay away; what is wrong with the thing does not count."""
        cause = error.__cause__
        if not isinstance(error, RateLimited) and (cause is None or isinstance(cause, _OF_THE_THING)):
            return
        host = host_of(url)
        self._said[host] = error
        self._vain[host] = self._vain.get(host, 0) + 1
