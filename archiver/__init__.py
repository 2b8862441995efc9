"""Thread archiver: any post's URL -> the whole thread, its evidence, its verdict, its article.

What a program of somebody else's may import is here, by name, and stays: what a platform is made of, what a thread is,
and an archive to read. Types are in `__init__.pyi`. Each is loaded when it is first asked for.
"""

from importlib import import_module

__version__ = "0.5.0"

_HOMES = {
    "archiver.model": (
        *("Attachment", "Author", "Completeness", "Counts", "Document", "Kind", "Missing", "Option", "Poll", "Post"),
        *("Reason", "Role", "Run", "Summary", "Thread", "Verdict", "utc"),
    ),
    "archiver.routes": ("Collected", "Failure", "Platform", "Ref", "Route", "Steps"),
    "archiver.http.message": ("Request", "Response"),
    "archiver.threads.assemble": ("assemble", "readable", "storm"),
    "archiver.threads.completeness": ("Proof",),
    "archiver.calls": ("FAILED", "answer", "until_fails"),
    "archiver.errors": ("ArchiverError", "Gone", "NetworkError", "RateLimited", "Refused"),
    "archiver.exporters.exact_json": ("read_exact",),
    "archiver.store.store": ("Archive",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'archiver' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
