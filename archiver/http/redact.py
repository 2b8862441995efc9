"""Take the secrets out of an exchange before anyone keeps it.

What names its holder (`Authorization`, cookies) or works for whoever has it (a token or a signature in an address, a
password in what is sent) becomes "[redacted]"; the name stays, so that a reader sees that there was one. Secrets are
known by their names, and addresses, headers and bodies share one list of them.
"""

import re
from dataclasses import replace

from archiver.http.message import Exchange, Headers

REDACTED = "[redacted]"
USER = "redacted"  # in the place of a name and a password before a host, where brackets would make it no address

# Ends of names, whatever is before them (`accessToken`, `X-Client-Token`).
_ENDS = (
    "token|secret|password|passwd|passphrase|signature|credentials?|cookie2?|csrf|xsrf|jwt|authori[sz]ation"
    "|authentication|session(?:[-_]?(?:id|key))?|(?:api|access|auth|private|secret|signing)_?key"
)
# Last words of names: alone, or after a mark (`X-Goog-Api-Key`, `user.pwd`).
_LAST_WORDS = "key|auth|pass|pwd|pin|otp|sid|sig|hmac|dpop|bearer|hdnts|hdnea|hdntl"
# Whole names, which mean something else within longer ones.
_WHOLE = "code|ticket|oauth_[a-z_]++"
# Cursors, without which a listing could not be followed, and names of what a cache holds.
_HARMLESS = "(?:next|prev|previous|page|pagination|continuation)[-_.]?token|(?:x-)?(?:cache|surrogate|idempotency)-key"

# Names are bounded, and `++` gives nothing back: a megabyte of anything is read once.
_SIGN = r"[a-z0-9_.\-]"
_NAME = (
    rf"(?!(?:{_HARMLESS})(?!{_SIGN}))"
    rf"(?:{_SIGN}{{0,64}}?(?:{_ENDS})|(?:{_SIGN}{{0,64}}[-_.])?(?:{_LAST_WORDS})|{_WHOLE})"
)
_SECRET = re.compile(_NAME, re.IGNORECASE)
# Between the separators of a query or a fragment; `;` also because "&amp;" is found in careless links.
_PARAMETER = re.compile(rf"""([?&#;]{_NAME}=)[^&#;<>"\s]++""", re.IGNORECASE)
# The same in what is sent: JSON, a form, and a form in parts. Bytes that hold no such name stay as they are.
_IN_JSON = re.compile(
    rf"""("{_NAME}"\s*+:\s*+)(?:"(?:[^"\\]|\\.)*+"?|[^\s",\[\]{{}}]++|\[[^\]]*+\]?|{{[^{{}}]*+}}?)""".encode(),
    re.IGNORECASE | re.DOTALL,
)
_IN_FORM = re.compile(rf"""((?:^|[?&;]){_NAME}=)[^&\s]++""".encode(), re.IGNORECASE)
_IN_PARTS = re.compile(
    rf"""(name="?{_NAME}(?!{_SIGN})[^\r\n]*+\r?\n(?:[^\r\n]++\r?\n){{0,9}}+\r?\n).*?(?=\r?\n--|\Z)""".encode(),
    re.IGNORECASE | re.DOTALL,
)
_HOLDER = re.compile(r"""(\bhttps?://|^//)[^/?#<>"\s]+@""", re.IGNORECASE)


def redacted(exchange: Exchange) -> Exchange:
    """Return the exchange without its secrets; the body of the answer is left as it came."""
    request = exchange.request
    return replace(
        exchange,
        request=replace(
            request,
            url=redacted_url(request.url),
            headers=redacted_headers(request.headers),
            body=redacted_body(request.body),
        ),
        url=redacted_url(exchange.url),
        request_headers=redacted_headers(exchange.request_headers),
        headers=redacted_headers(exchange.headers),
        error=redacted_url(exchange.error),
    )


def redacted_url(text: str) -> str:
    """Return an address, or a text with addresses in it, without tokens, signatures, names and passwords."""
    return _PARAMETER.sub(rf"\1{REDACTED}", _HOLDER.sub(rf"\1{USER}@", text))


def redacted_body(body: bytes) -> bytes:
    """Return what was sent without the fields that hold secrets: a JSON value, a form or its parts."""
    body = _IN_JSON.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    for pattern in (_IN_FORM, _IN_PARTS):
        body = pattern.sub(rb"\1" + REDACTED.encode(), body)
    return body


def redacted_headers(headers: Headers) -> Headers:
    """Return the headers in their order: secret ones without their value, the others as addresses are."""
    return tuple((name, REDACTED if is_secret(name) else redacted_url(value)) for name, value in headers)


def is_secret(name: str) -> bool:
    """Whether what has this name, such as a header, is a secret."""
    return _SECRET.fullmatch(name) is not None


def names_holder(url: str) -> bool:
    """Whether an address has a name or a password before its host."""
    return _HOLDER.match(url) is not None
