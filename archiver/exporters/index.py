"""The index of a folder: one table, newest first; above a certain number one for each year. And notes on accounts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from archiver.exporters.file_names import account_name
from archiver.exporters.listing import Listing
from archiver.exporters.wording import counted, since
from archiver.layout import ACCOUNTS, INDEX, index_of_year
from archiver.model import Verdict
from archiver.text.escape import beside, heading, line, link, yaml

MOST = 500  # threads in one table
HEAD = "| Date | Author | Thread | Posts | Missing | Last checked |\n|---|---|---|--:|--:|---|"
RECORD = "record"


def index(listings: Iterable[Listing]) -> dict[str, str]:
    """Return the files of the index by their names."""
    listed = newest_first(listings)
    head = f"# Archived threads\n\n{counted(len(listed), 'thread')}"
    if len(listed) <= MOST:
        return {INDEX: f"{head}, newest first.\n\n{_table(listed)}\n"}
    years = {year: list(group) for year, group in groupby(listed, key=lambda thread: thread.written[:4])}
    lines = [f"- {beside(year, index_of_year(year))}: {counted(len(group), 'thread')}" for year, group in years.items()]
    pages = {
        index_of_year(year): f"# Archived threads of {year}\n\n{beside('All years', INDEX)}\n\n{_table(group)}\n"
        for year, group in years.items()
    }
    return {INDEX: "\n".join([f"{head}, by the year in which they were written.\n", *lines, ""]), **pages}


def newest_first(listings: Iterable[Listing]) -> list[Listing]:
    """Return threads in the order in which they are listed."""
    return sorted(sorted(listings, key=lambda thread: thread.id), key=lambda thread: thread.written, reverse=True)


def accounts(listings: Iterable[Listing]) -> Iterator[tuple[str, str]]:
    """Yield a note for each account, as a vault of Obsidian has it: its name, and its text with a list of threads."""
    by_handle = sorted(newest_first(listings), key=lambda thread: thread.handle)
    for handle, group in groupby(by_handle, key=lambda thread: thread.handle):
        yield f"{ACCOUNTS}/{account_name(handle)}.md", _account(list(group))


def _account(listed: Sequence[Listing]) -> str:
    who = listed[0]
    front = {"title": who.author, "handle": f"@{who.handle}", "url": who.account, "platform": who.platform}
    fields = "".join(f"{name}: {yaml(value)}\n" for name, value in front.items())
    rows = "\n".join(map(_line, listed))
    about = f"{link(f'@{who.handle}', who.account)} · {counted(len(listed), 'archived thread')}"
    return f"---\n{fields}tags: [account]\n---\n\n# {heading(who.author)}\n\n{about}\n\n{rows}\n"


def _line(thread: Listing) -> str:
    files = " · ".join(_named(thread, "../"))
    return f"- {thread.written[:10]} {files}: {counted(thread.posts, 'post')}, missing: {_missing(thread)}"


def _table(listed: Iterable[Listing]) -> str:
    return "\n".join([HEAD, *(f"| {' | '.join(_cells(thread))} |" for thread in listed)])


def _cells(thread: Listing) -> Iterator[str]:
    yield thread.written[:10]
    yield line(thread.author)
    yield " · ".join(_named(thread))
    yield f"{thread.posts}{since(thread.edited, thread.gone)}"
    yield _missing(thread)
    yield thread.captured[:10]


def _named(thread: Listing, up: str = "") -> Iterator[str]:
    """Yield the links to a thread's files: the title leads to the record, or to whatever there is."""
    forms = sorted(thread.files, key=lambda form: (form != RECORD, form))
    for number, form in enumerate(forms):
        yield beside(form if number else thread.title, up + thread.files[form])


def _missing(thread: Listing) -> str:
    if thread.verdict == Verdict.UNKNOWN:
        return "not known"
    return "none" if thread.verdict == Verdict.COMPLETE else str(thread.missing or "some")
