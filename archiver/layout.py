"""Where things lie in an archive's folder, and in one that threads are exported to; docs/archive.md describes it."""

from pathlib import PurePosixPath

DATABASE = "archive.db"
LOCK = "archive.lock"
SETTINGS = "archiver.toml"  # may hold tokens: it is neither copied nor handed over

THREADS = "threads"  # documents: Markdown, JSON, CSV, plain text; timelines
ARTICLES = "articles"
PAGES = "pages"
ACCOUNTS = "accounts"  # notes on authors, for a vault
MEDIA = "media"  # files by their digests: media/ab/abcdef….jpg
PARTS = ".parts"  # in media: what has come of files that are not whole yet
SEALS = "seals"  # time stamps, beside the database that has them as well

EXPORTED = ".exported.json"  # which files were written, and as what
COMING = ".exported.part"  # which file is being written
INDEX = "index.md"
PAGE_INDEX = "index.html"
ATOM, JSON_FEED = "feed.xml", "feed.json"

DOCUMENTS = (THREADS, ARTICLES, PAGES)
"""The folders with documents that can be compared with what the archive gives."""

FOLDERS = (MEDIA, *DOCUMENTS, SEALS, ACCOUNTS)
LISTS = (EXPORTED, INDEX, "index-*.md", PAGE_INDEX, ATOM, JSON_FEED)
"""What this program writes beside the database, as folders and as patterns of file names."""

NOT_HANDED_OVER = (LOCK, SETTINGS)
"""Files of an archive that no list of what belongs to it names."""


def index_of_year(year: str) -> str:
    """Return the name of the index of one year, which a long index is cut into."""
    return f"index-{year}.md"


def timeline_of(document: str) -> str:
    """Return the name of the drawing beside a document."""
    return str(PurePosixPath(document).with_suffix(".svg"))
