"""Writes captures into a WARC, by pywb's own Python: `write_warc.py FILE`, and a JSON line for each capture in stdin.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

import io
import json
import sys

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

with open(sys.argv[1], "wb") as file:
    writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
    digests = {}
    for visit in map(json.loads, sys.stdin):
        url, time = visit["url"], visit["time"].replace("+00:00", "Z")
        answered = StatusAndHeaders(visit["status"], [("Content-Type", visit["kind"])], protocol="HTTP/1.1")
        if visit["repeats"]:
            first = visit["repeats"].replace("+00:00", "Z")
            record = writer.create_revisit_record(
                url, digests[url, first], url, first, http_headers=answered, warc_headers_dict={"WARC-Date": time}
            )
        else:
            body = io.BytesIO(visit["body"].encode("utf-8" if "utf-8" in visit["kind"] else "latin-1"))
            record = writer.create_warc_record(
                url, "response", payload=body, http_headers=answered, warc_headers_dict={"WARC-Date": time}
            )
            digests[url, time] = record.rec_headers.get_header("WARC-Payload-Digest")
        writer.write_record(record)
