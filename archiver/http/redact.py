"""Take the secrets out of an exchange before anyone keeps it.

What names its holder (`Authorization`, cookies) or works for whoever has it (a token or a signature in an address, a
password in what is sent) becomes "[redacted]"; the name stays, so that a reader sees that there was one.
"""

import re
from dataclasses import replace

from archiver.http.message import Exchange, Headers

REDACTED = "[redacted]"

SECRET_HEADERS = frozenset(
    (
        *("authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "set-cookie2", "x-api-key"),
        *("x-auth-token", "x-access-token", "x-csrf-token", "x-xsrf-token", "x-guest-token", "x-amz-security-token"),
    )
)

_SECRET_PARAMETERS = (
    "access_?token|auth_?token|id_?token|refresh_?token|session_?token|token|oauth_[a-z_]+|jwt"
    "|api_?key|key|client_secret|secret|password|passwd|pwd|sig|signature|hmac|x-(?:amz|goog)-[a-z-]+"
)
# Between the separators of a query or a fragment; `;` also because "&amp;" is found in careless links.
_PARAMETER = re.compile(rf"""([?&#;](?:{_SECRET_PARAMETERS})=)[^&#;<>"\s]+""", re.IGNORECASE)
# The same in what is sent: JSON, a form, and a form in parts. Bytes that hold no such name stay as they are.
_IN_BODIES = rf"{_SECRET_PARAMETERS}|authorization|bearer|credentials?|cookie|session|auth|passphrase|pass|pin|otp"
_IN_JSON = re.compile(
    rf"""("(?:{_IN_BODIES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",\[\]{{}}]+|\[[^\]]*\]|{{[^{{}}]*}})""".encode(),
    re.IGNORECASE | re.DOTALL,
)
_IN_FORM = re.compile(rf"""((?:^|[?&;])(?:{_IN_BODIES})=)[^&\s]+""".encode(), re.IGNORECASE)
_IN_PARTS = re.compile(
    rf"""(name="?(?:{_IN_BODIES})"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n).*?(?=\r?\n--|\Z)""".encode(),
    re.IGNORECASE | re.DOTALL,
)
_USER = re.compile(r"(\bhttps?://)[^/?#@\s]+@", re.IGNORECASE)


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
    """Return an address, or a text with addresses in it, without tokens, signatures and passwords."""
    return _PARAMETER.sub(rf"\1{REDACTED}", _USER.sub(rf"\1{REDACTED}@", text))


def redacted_body(body: bytes) -> bytes:
    """Return what was sent without the fields that hold secrets: a JSON value, a form or its parts."""
    body = _IN_JSON.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    for pattern in (_IN_FORM, _IN_PARTS):
        body = pattern.sub(rb"\1" + REDACTED.encode(), body)
    return body


def redacted_headers(headers: Headers) -> Headers:
    """Return the headers in their order: secret ones without their value, the others as addresses are."""
    return tuple((name, REDACTED if name.lower() in SECRET_HEADERS else redacted_url(value)) for name, value in headers)
