"""What a run was asked for beside its address: stored with it, so that `reparse` asks the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from archiver.model import utc

_YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a run.

    `replies` asks for other people's posts, `proof` for what the author has signed. A storm has the times `since`
    (included) and `until` (not included), and `zone`, the time zone that was named with them. `platform` is set where
    the address alone does not tell. `third_parties` are the sources that the configuration turns on, `source` is the
    only one to ask, where that is chosen. `seal` is the entry of the ledger over which the run had the time stamped:
    it is no capture. `imported` is the file or folder that its answers were read out of, by name and digest,
    `imported_at` when that was, `imported_run` the run that it tells of.
    """

    replies: bool = False
    proof: bool = False
    since: datetime | None = None
    until: datetime | None = None
    zone: str = ""
    platform: str = ""
    third_parties: tuple[str, ...] = ()
    source: str = ""
    seal: int | None = None
    imported: str = ""
    imported_at: str = ""
    imported_run: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Self:
        """Return the options that were stored as these fields. Raises ValueError for a time or number that is none."""
        texts = {name: str(value) for name, value in fields.items() if value}
        return cls(
            replies="replies" in texts,
            proof="proof" in fields,
            since=utc(texts["since"]) if "since" in texts else None,
            until=utc(texts["until"]) if "until" in texts else None,
            zone=texts.get("tz", ""),
            platform=texts.get("platform", ""),
            third_parties=tuple(texts.get("on", "").split()),
            source=texts.get("source", ""),
            seal=int(texts["seal"]) if "seal" in texts else None,
            imported=texts.get("imported", ""),
            imported_at=texts.get("imported_at", ""),
            imported_run=texts.get("imported_run", ""),
        )

    def fields(self) -> dict[str, str]:
        """Return the options as they are stored, by names that stay: each is sealed with its run."""
        texts = {
            "imported": self.imported,
            "imported_at": self.imported_at,
            "imported_run": self.imported_run,
            "on": " ".join(self.third_parties),
            "platform": self.platform,
            "proof": _YES if self.proof else "",
            "replies": _YES if self.replies else "",
            "seal": "" if self.seal is None else str(self.seal),
            "since": self.since.isoformat() if self.since else "",
            "source": self.source,
            "tz": self.zone,
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: text for name, text in texts.items() if text}
