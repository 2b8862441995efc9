"""The root certificates that are trusted on this computer, as one file."""

import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]++)-----END CERTIFICATE-----")


def roots() -> Path:
    """Return the file in which they are, in PEM."""
    return Path(DEFAULT_CA_BUNDLE_PATH)


def certificates(path: Path) -> Iterator[bytes]:
    """Yield the certificates in a file of PEM, in DER."""
    for text in _PEM.findall(path.read_text(encoding="utf-8", errors="replace")):
        yield b64decode(text)
