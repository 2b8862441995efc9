"""How a document is written. The archive's own documents are all written in the usual way."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What whoever exports has chosen.

    `sensitive`: such pictures are shown, and not only linked. `replies`: an article has other people's as well.
    `zone`, where the author was, gives a timeline a second axis. `pseudonyms`: the document says that it has them.
    `media` leads from the document's folder to the one in which `media/` is. `author` stands in the front matter in
    the place of the author's name.
    """

    media: str = "../"
    sensitive: bool = False
    replies: bool = False
    author: str = ""
    zone: tzinfo | None = None
    pseudonyms: bool = False


USUAL = Style()
