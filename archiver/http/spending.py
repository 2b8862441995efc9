"""What requests cost: nothing that is billed is asked for beyond what the user has allowed. Sums alone, no network."""

import math
from collections.abc import Callable

from archiver.errors import Refused
from archiver.http.message import Request, Response, Send
from archiver.http.outgoing import host_of

Ask = Callable[[str], bool]

ENOUGH = 1.0  # dollars for a thread or storm of common length


class Spending:
    """A `Send` that adds up what the answers may be billed for, before they are asked for.

    `price` is in dollars a read, `limit` the dollars that may be spent without a question. Beyond it `ask` gets the
    question in words, and a yes raises the limit to what was asked; a no is remembered, and so is that there is nobody
    to ask. Raises Refused for what is not allowed.
    """

    def __init__(self, send: Send, price: float, limit: float, ask: Ask | None = None):
        self._send = send
        self._price = price
        self._limit = limit
        self._ask = ask
        self._reads = 0

    def __call__(self, request: Request) -> Response:
        """Ask what is allowed. An answer that says no is not billed."""
        if request.reads:
            self._allow(request)
        self._reads += request.reads
        response = self._send(request)
        if response.status >= 400:
            self._reads -= request.reads
        return response

    def _allow(self, request: Request) -> None:
        cost = round((self._reads + request.reads) * self._price, 6)  # without what floating point adds
        if cost <= self._limit:
            return
        dollars = math.ceil(round(cost * 100, 4)) / 100
        host = host_of(request.url)
        question = f"{host} charges for what it shows; together this may cost up to ${dollars:.2f}. Go on?"
        if self._ask and self._ask(question):
            self._limit = dollars
            return
        self._ask = None
        enough = max(dollars, ENOUGH)  # the first question is a small one, and more follow
        raise Refused(
            f"asking {host} would cost up to ${dollars:.2f} so far; allow it, such as with --max-cost {enough:.2f}"
        )
