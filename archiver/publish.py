"""Writing threads into a folder that can be published: the documents in any form, their media, an index, feeds.

Document ── pseudonyms ──► Document ── a form: record, article, json, … ──► threads/NAME.md ─┐
                              └── listing ──► index.md, feed.xml, feed.json, accounts/ ─────┴── Folder.put
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from itertools import product
from pathlib import Path, PurePosixPath

from archiver.errors import UsageError
from archiver.exporters import markdown, timeline
from archiver.exporters.article import FORMAT as ARTICLE_FORMAT
from archiver.exporters.article import article
from archiver.exporters.exact_json import exact
from archiver.exporters.feed import feeds
from archiver.exporters.file_names import account_name, file_name
from archiver.exporters.folder import Folder, Put, beside
from archiver.exporters.index import accounts, index, newest_first
from archiver.exporters.listing import Listing, listing
from archiver.exporters.media import held_files, is_playlist
from archiver.exporters.page.index import Row, words_of
from archiver.exporters.page.index import index as list_of_pages
from archiver.exporters.page.thread import FORMAT as PAGE_FORMAT
from archiver.exporters.page.thread import page
from archiver.exporters.pseudonyms import Readers, readers, with_pseudonyms
from archiver.exporters.style import USUAL, Style
from archiver.exporters.table import plain_text, table
from archiver.exporters.view import View
from archiver.files import copy_file
from archiver.layout import ACCOUNTS, ARTICLES, PAGE_INDEX, PAGES, THREADS, timeline_of
from archiver.ledger import Entry
from archiver.model import Author, Document
from archiver.store.rows import host_of
from archiver.store.store import Archive
from archiver.window import time_zone

_NOT_IN_ALIAS = re.compile(r"[\[\]|#^:%]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write a thread: in which folder, with which ending, and the function that writes it."""

    folder: str
    ending: str
    write: Callable[[Document, Style], str]


RECORD, ARTICLE, PAGE = "record", "article", "html"
FORMS: Mapping[str, Form] = {
    RECORD: Form(folder=THREADS, ending=".md", write=markdown.render),
    ARTICLE: Form(folder=ARTICLES, ending=".md", write=article),
    "json": Form(folder=THREADS, ending=".json", write=exact),
    "csv": Form(folder=THREADS, ending=".csv", write=table),
    "txt": Form(folder=THREADS, ending=".txt", write=plain_text),
    PAGE: Form(folder=PAGES, ending=".html", write=partial(page, home=f"../{PAGE_INDEX}")),
}


FORM_OF: Mapping[str, str] = {markdown.FORMAT: RECORD, ARTICLE_FORMAT: ARTICLE, PAGE_FORMAT: PAGE}
"""The forms that say of themselves what they are, by the names of their formats."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a document says that it was written: its format, whether with pseudonyms, the zone of a timeline or ""."""

    format: str
    pseudonyms: bool
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What whoever exports has chosen; `base` is where the folder will be published, for the feeds."""

    form: str = RECORD
    style: Style = USUAL
    pseudonyms: bool = False
    vault: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A thread that was written; `lacking` names files of its media that the archive should hold and does not."""

    document: Document
    put: Put
    lacking: tuple[str, ...] = ()


def publish(archive: Archive, names: Iterable[str], out: Path, choice: Choice) -> Iterator[Written]:
    """Write the named threads, or all, and what lists them; a file that is already so is not touched.

    Threads that are in the folder and not named stay in its lists. The archive's own folder gets no feeds, and has the
    media already. Raises UsageError for a folder within it, before anything is written.
    """
    if archive.folder.resolve() in out.resolve().parents:
        raise UsageError(f"{out} is within the archive itself; name a place outside {archive.folder}")
    named = [archive.index.find(name) for name in names]
    ids = dict.fromkeys(named or [summary.id for summary in archive.threads()])
    source = None if out.resolve() == archive.folder.resolve() else archive
    documents = map(archive.document, ids)
    if choice.pseudonyms:
        documents = map(partial(_hidden, readers_of(archive)), documents)
    with Folder(out) as folder:
        yield from write_threads(folder, documents, choice, source, others=bool(named))
        write_lists(folder, choice, archive.ledger.head() if source else None)


def written(archive: Archive, thread: str, how: Manner) -> Iterator[str]:
    """Yield a thread as a document that says this of itself, once for each choice of which it does not tell."""
    form = FORM_OF[how.format]
    document = archive.document(thread)
    if how.pseudonyms:
        document = _hidden(readers_of(archive), document)
    zone = time_zone(how.zone) if how.zone else None
    for sensitive, replies, vault in product((False, True), (False, True), (False, True)):
        if (replies and form != ARTICLE) or (vault and form == PAGE):
            continue
        style = Style(sensitive=sensitive, replies=replies, zone=zone)
        choice = Choice(form=form, style=style, pseudonyms=how.pseudonyms, vault=vault)
        yield FORMS[form].write(document, _styled(choice, document.thread.author))


def readers_of(archive: Archive) -> Mapping[str, Readers]:
    """Return the pseudonyms of all authors of an archive, by the host of their ids; one number for each of them."""
    people: dict[str, list[tuple[int, tuple[Author, ...]]]] = {}
    for number, (host, names) in enumerate(archive.index.people(), 1):
        people.setdefault(host, []).append((number, names))
    return {host: readers(numbered) for host, numbered in people.items()}


def _hidden(known: Mapping[str, Readers], document: Document) -> Document:
    return with_pseudonyms(document, known.get(host_of(document.thread.url), Readers()))


def write_threads(
    folder: Folder, documents: Iterable[Document], choice: Choice, source: Archive | None, *, others: bool
) -> Iterator[Written]:
    """Write threads into a folder, with their files out of the archive `source`; `others` stay in the lists."""
    listed: list[Listing] = []
    for document in documents:
        put, told = write_thread(folder, document, choice)
        listed.append(told)
        lacking = () if source is None else copied(folder, document, source)
        yield Written(document=document, put=put, lacking=lacking)
    folder.list_threads(listed, others=others)


def write_thread(folder: Folder, document: Document, choice: Choice, over: bool = False) -> tuple[Put, Listing]:
    """Write one thread in one form; the file that it had before its author's handle changed goes."""
    form = FORMS[choice.form]
    name = f"{form.folder}/{file_name(document.thread)}{form.ending}"
    put = folder.put(name, form.write(document, _styled(choice, document.thread.author)), over)
    view = View(document, choice.style)
    if choice.form == RECORD and timeline.is_shown(view):
        folder.put(f"{form.folder}/{timeline.name(document.thread)}", timeline.file(view), over)
    told = listing(document, choice.form, name)
    if told.id in folder.threads:
        _retire(folder, folder.threads[told.id].files.get(choice.form, name), name)
    return put, told


def write_lists(folder: Folder, choice: Choice, head: Entry | None) -> None:
    """Write the index, the notes on accounts if they are wanted, and where there is a `head` the feeds."""
    listed = folder.threads.values()
    pages = indexes(folder)
    if choice.vault:
        pages |= dict(accounts(listed))
    if head:
        pages |= feeds(listed, f"urn:uuid:{head.log}", choice.base)
    for name, text in pages.items():
        folder.put(name, text)


def indexes(folder: Folder) -> dict[str, str]:
    """Return the lists of a folder by their names: those in Markdown, and a page where there are pages to list."""
    listed = newest_first(folder.threads.values())
    pages = [(one, one.files[PAGE]) for one in listed if PAGE in one.files]
    made = {PAGE_INDEX: list_of_pages([Row(one, name, words_of(folder.text(name))) for one, name in pages])}
    return index(listed) | (made if pages else {})


def keep_page(document: Document, place: Path, zone: tzinfo | None = None) -> Put:
    """Write a thread as a page into the archive's own folder, and the list of such pages."""
    with Folder(place) as folder:
        put, told = write_thread(folder, document, Choice(form=PAGE, style=Style(zone=zone)))
        folder.list_threads([told], others=True)
        folder.put(PAGE_INDEX, indexes(folder)[PAGE_INDEX])
    return put


def page_elsewhere(archive: Archive, document: Document, zone: tzinfo | None = None) -> Put:
    """Write a thread as a page, with its media, into a new folder for temporary files."""
    choice = Choice(form=PAGE, style=Style(zone=zone))
    with Folder(Path(tempfile.mkdtemp(prefix="archiver-"))) as folder:
        [written] = write_threads(folder, [document], choice, archive, others=False)
        folder.put(PAGE_INDEX, indexes(folder)[PAGE_INDEX])
    return written.put


def keep(document: Document, place: Path, over: bool = False, former: Iterable[Document] = ()) -> Put:
    """Write a thread's record into the archive's own folder.

    `former` is what the thread was before: where it began at another post, its files go, unless somebody has edited
    them. `over` is for what must not stay: it overwrites what somebody has edited, and whatever else the folder says of
    it, and takes away what was printed or written beside.
    """
    with Folder(place) as folder:
        put, told = write_thread(folder, document, Choice(), over)
        for one in (listing(before, RECORD, "") for before in former):
            if one.id != told.id and (taken_in := folder.threads.pop(one.id, None)):
                for name in taken_in.files.values():
                    _retire(folder, name)
        folder.list_threads([told], others=True)
        if over:
            for form, name in folder.threads[told.id].files.items():
                if form in FORMS and form != RECORD:
                    write_thread(folder, document, Choice(form=form), over)
                for left in (beside(name), str(PurePosixPath(name).with_suffix(".pdf"))):
                    folder.drop(left)
            for name, text in indexes(folder).items():
                if name in folder.files:
                    folder.put(name, text, over)
    return put


def _retire(folder: Folder, former: str, name: str = "") -> None:
    """Take away the file that a thread had under another name, and its timeline, unless somebody has edited them."""
    if former != name:
        for left in (former, timeline_of(former)):
            folder.retire(left)


def copied(folder: Folder, document: Document, source: Archive) -> tuple[str, ...]:
    """Copy the files that a document names, and what they need, into a folder; return those that are not there."""
    named = held_files(document)
    files = dict.fromkeys([*named, *source.media.pieces(filter(is_playlist, named))])
    return tuple(name for name in files if not copy_file(source.folder / name, folder.path / name))


def _styled(choice: Choice, author: Author) -> Style:
    style = replace(choice.style, pseudonyms=choice.pseudonyms)
    if not choice.vault:
        return style
    alias = _NOT_IN_ALIAS.sub("", author.name).strip() or author.handle
    return replace(style, author=f"[[{ACCOUNTS}/{account_name(author.handle)}|{alias}]]")


def drop(document: Document, place: Path) -> tuple[str, ...]:
    """Take a thread out of the archive's own folder and lists; return the files that somebody has edited: they stay."""
    with Folder(place) as folder:
        listed = folder.threads.pop(listing(document, RECORD, "").id, None)
        names = [*(listed.files.values() if listed else ()), f"{FORMS[RECORD].folder}/{timeline.name(document.thread)}"]
        for name in names:
            folder.retire(name)
        for name, text in indexes(folder).items():
            if name in folder.files:
                folder.put(name, text)
        return tuple(name for name in names if (place / name).exists())


def renew(documents: Iterable[Document], place: Path) -> tuple[str, ...]:
    """Write threads anew in each form that the archive's own folder has of them; return the files that were edited."""
    edited: list[str] = []
    with Folder(place) as folder:
        for document in documents:
            known = folder.threads.get(listing(document, RECORD, "").id)
            for form in FORMS.keys() & known.files.keys() if known else ():
                put, told = write_thread(folder, document, Choice(form=form))
                folder.list_threads([told], others=True)
                edited += filter(None, [put.edited])
        for name, text in indexes(folder).items():
            if name in folder.files:
                folder.put(name, text)
    return tuple(edited)


def path_of(archive: Archive, document: Document) -> Path:
    """Return where a thread's record is in the archive's own folder."""
    return archive.folder / THREADS / f"{file_name(document.thread)}.md"


def write_sharing(archive: Archive, thread: str) -> None:
    """Write the documents of the threads that show a post of this one, which has changed."""
    for id_ in archive.index.sharing(thread):
        keep(archive.document(id_), archive.folder)


def documents(archive: Archive) -> dict[str, Document]:
    """Return all threads, by the archive's ids for them."""
    return {summary.id: archive.document(summary.id) for summary in archive.threads()}


def removed(archive: Archive, before: Mapping[str, Document]) -> tuple[str, ...]:
    """Take away the documents of threads that are gone, and write those anew that are others than they were `before`.

    Threads may share posts. Return the files that somebody has edited, which stay.
    """
    now = documents(archive)
    edited = [name for id_, document in before.items() if id_ not in now for name in drop(document, archive.folder)]
    return (*edited, *renew([one for id_, one in now.items() if before.get(id_) != one], archive.folder))
