"""Is the signature of a time stamp sound? OpenSSL judges, where it is on the machine; this program cannot.

Twice: with the certificates that came in the stamp, which tells whether anything in it was changed, and with root
certificates, which tells whether somebody known vouches for who stamped. The time is the stamp's own: certificates end.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import NotWritable
from archiver.evidence.der import Damaged
from archiver.evidence.stamps import Granted, Stamp, certificates_of, data_of, pem_of, read_reply, signers
from archiver.http.roots import roots

PATIENCE = 20  # seconds
_SOUND, _FAILED = b"Verification: OK", b"Verification: FAILED"


@dataclass(frozen=True, slots=True)
class Signature:
    """What OpenSSL says: None where it could not be asked. `said` is that in words."""

    is_sound: bool | None
    is_trusted: bool | None
    said: str


def signature(stamp: Stamp, trusted: Path | None = None) -> Signature:
    """Judge the signature of a stamp that was granted; `trusted` has root certificates, those of this computer else.

    Raises Damaged for an answer without a stamp, NotWritable where there is no room for what OpenSSL is to read.
    """
    granted = read_reply(stamp.reply)
    if not isinstance(granted, Granted):
        raise Damaged("it is no time stamp")
    program = shutil.which("openssl")
    if program is None:
        return Signature(None, None, "its signature was not checked: openssl is not on this computer")
    try:
        with tempfile.TemporaryDirectory(prefix="archiver-") as name:
            folder = Path(name)
            (folder / "head").write_bytes(data_of(stamp.head))
            (folder / "reply").write_bytes(stamp.reply)
            (folder / "chain").write_text(pem_of(certificates_of(stamp.reply)))
            asked = [program, "ts", "-verify", "-data", "head", "-in", "reply", "-untrusted", "chain"]
            asked += ["-attime", str(int(granted.time.timestamp()))]
            is_trusted = _judged([*asked, "-CAfile", str((trusted or roots()).resolve())], folder)
            is_sound = is_trusted or _judged([*asked, "-CAfile", "chain", "-partial_chain"], folder)
    except OSError as error:
        raise NotWritable(f"cannot check: {error.strerror}; set TMPDIR to a folder with more room") from error
    return Signature(is_sound, is_trusted, _said(is_sound, is_trusted, " / ".join(signers(stamp.reply)) or "no name"))


def _judged(command: list[str], folder: Path) -> bool | None:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = done.stdout + done.stderr
    return True if _SOUND in said else False if _FAILED in said else None


def _said(is_sound: bool | None, is_trusted: bool | None, names: str) -> str:
    if is_sound is None:
        return "its signature was not checked: openssl on this computer could not"
    if not is_sound:
        return "its signature is not sound"
    if is_trusted:
        return f"its signature is sound, by {names}, for which a root certificate vouches"
    return f"its signature is sound, by {names}, for which no root certificate here vouches; name one with --roots"
