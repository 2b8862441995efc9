"""Our own pages of threads as WARC records, so that a viewer of web archives shows what a person can read.

    warcinfo    that these records were made here, and not captured, and by which program
    resource    the page of a thread, and each file that it shows
    revisit     a file that it shows and that an answer before has: this names the answer, and holds nothing again

Their addresses are on a host that cannot exist (RFC 2606), so nobody takes them for somebody else's.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from archiver.exporters.file_names import file_name
from archiver.exporters.media import media_type
from archiver.exporters.page.thread import page
from archiver.http.message import Headers
from archiver.layout import PAGES
from archiver.model import Document, StoredFile
from archiver.warc.write import FIELDS, PREFIX, Read, Record, digest, fields_of, new_record, time

SITE = "http://thread-archiver.invalid/"
MADE, HEAD, RUNS = f"{PREFIX}made", f"{PREFIX}head", f"{PREFIX}runs"  # fields of the warcinfo
_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_TOLD = "pages of the threads, made out of what was captured, with the files that they show; nothing here was captured"


def address(document: Document) -> str:
    """Return the address of the page of a thread."""
    return f"{SITE}{PAGES}/{file_name(document.thread)}.html"


def info(tool: str, at: datetime, head: str, runs: Iterable[str]) -> Record:
    """Return the record before the pages: which program made them, out of which runs, at which head of the ledger."""
    fields = {"software": tool, "format": "WARC File Format 1.1", "description": _TOLD, MADE: "pages"}
    fields |= {HEAD: head, RUNS: " ".join(runs)}
    return new_record("warcinfo", time(at), (("Content-Type", FIELDS),), fields_of(fields), SITE)


def page_record(document: Document, at: datetime) -> Record:
    """Return the page of a thread."""
    html = page(document).encode("utf-8", "replace")
    return new_record("resource", time(at), _named(address(document), digest(html), "text/html"), html, SITE)


def file_record(file: StoredFile, at: datetime, read_file: Read) -> Record:
    """Return a file that a page shows."""
    fields = _named(SITE + file.path, f"sha256:{file.sha256}", media_type(file.path))
    return new_record("resource", time(at), fields, b"", SITE, file, read_file)


def repeated(file: StoredFile, at: datetime, answer: Mapping[str, str]) -> Record:
    """Return that a file that a page shows is the body of an `answer`, which its `url` and `date` name."""
    fields = (
        ("WARC-Target-URI", SITE + file.path),
        ("WARC-Payload-Digest", f"sha256:{file.sha256}"),
        ("WARC-Profile", _IDENTICAL),
        ("WARC-Refers-To-Target-URI", answer["url"]),
        ("WARC-Refers-To-Date", answer["date"]),
        ("Content-Type", "application/http; msgtype=response"),
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type(file.path)}\r\n\r\n".encode()
    return new_record("revisit", time(at), fields, head, SITE)


def _named(url: str, payload: str, kind: str) -> Headers:
    return (("WARC-Target-URI", url), ("WARC-Payload-Digest", payload), ("Content-Type", kind))
