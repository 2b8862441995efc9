"""What stands around the posts, in every form of the document: front matter, header with the verdict, provenance."""

from collections.abc import Iterator, Mapping, Sequence

from archiver.exporters.media import held, lack
from archiver.exporters.numbers import (
    all_gone,
    captured_at,
    edited_posts,
    first_of,
    gone_posts,
    hidden_posts,
    named,
    numbered,
    own_posts,
    state_of,
    written_at,
)
from archiver.exporters.post import blocks, byline
from archiver.exporters.reduced import reduced
from archiver.exporters.sources import contradictions, editions, observed, one_place
from archiver.exporters.style import USUAL, Style
from archiver.exporters.verdict import Foreign, headline, missing_posts, place, reasons
from archiver.exporters.words import cause, counted, moment, sentence, span, spent
from archiver.model import Attached, Document, Kind, Missing
from archiver.text.escape import beside, heading, line, link, yaml
from archiver.text.markdown import markdown, quote
from archiver.threads.assemble import title
from archiver.threads.withheld import is_withheld

HIDDEN = (
    "Everybody but the author has a pseudonym here, in the texts of posts as well, and links to them are taken out. "
    "The archive has what was posted."
)


NOTABLE = (
    (gone_posts, "No longer on the platform"),
    (hidden_posts, "Not shown to everybody any more"),
    (edited_posts, "Edited"),
)
SHOWN = 8  # of such posts in one sentence


def front_matter(document: Document, form: str, style: Style, more: Mapping[str, str]) -> str:
    """Return flat YAML: Obsidian shows no nested properties; Hugo, Jekyll and MkDocs read title, date and tags."""
    thread, whole = document.thread, document.thread.completeness
    first = first_of(document)
    fields = {
        "title": yaml(title(thread)),
        "author": yaml(style.author or thread.author.name or thread.author.handle),
        "handle": yaml(f"@{thread.author.handle}"),
        "platform": yaml(thread.platform),
        "kind": str(thread.kind),
        "source": yaml(thread.url),
        "date": f"{written_at(document):%Y-%m-%dT%H:%M:%SZ}",
        "captured": f"{captured_at(document):%Y-%m-%dT%H:%M:%SZ}",
        "posts": str(whole.found),
        "missing": str(missing_posts(thread)),
        "verdict": str(whole.verdict),
        "lang": yaml((first and first.language) or "und"),
        "tags": f"[thread, {yaml(thread.platform)}]",
        **({"pseudonyms": "true"} if style.pseudonyms else {}),
        **more,
        "format": form,
    }
    return "\n".join(["---", *(f"{key}: {value}" for key, value in fields.items()), "---", ""])


def header(document: Document, style: Style = USUAL) -> Iterator[str]:
    """Yield title, byline and verdict: who wrote it, when, whether it is whole."""
    thread = document.thread
    found = thread.completeness.found
    own = own_posts(document)
    when = spent(*(pick(own, key=lambda post: post.dated_at) for pick in (min, max))) if own else ""
    origin = "the author’s page" if thread.kind is Kind.STORM else "original thread"
    more = f" and {len(own) - found} more by the author" if len(own) > found else ""
    yield f"# {heading(title(thread))}"
    yield (
        f"{byline(thread.author)} · {link(origin, thread.url)}  \n"
        f"{counted(found, 'post')}{more}{when and ', '}{when} · captured {moment(captured_at(document))}"
    )
    told = (verdict(document), changed(document), lack(thread), one_place(thread), *reduced(document, line))
    yield quote(blocks(*filter(None, (*told, HIDDEN if style.pseudonyms else ""))))


def verdict(document: Document) -> str:
    """Return the verdict in words, as one paragraph."""
    sentences = ("".join(_piece(document, piece) for piece in pieces) for pieces in reasons(document))
    return " ".join([f"**{headline(document.thread)}**", *sentences])


def _piece(document: Document, piece: str | Missing) -> str:
    if isinstance(piece, Missing):
        return place(document, piece)
    return line(piece) if isinstance(piece, Foreign) else piece


def changed(document: Document) -> str:
    """Return what a reader should know at once of posts that are here: which are gone since, and which were edited."""
    numbers, gone = numbered(document), all_gone(document)
    if gone:
        return f"**{state_of(document, gone)}.** {line(sentence(cause(gone)))}"
    told = [(words, [named(document, post, numbers).lower() for post in find(document)]) for find, words in NOTABLE]
    return " ".join(f"{words}: {', '.join(names[:SHOWN])}{beyond(names)}." for words, names in told if names)


def beyond(found: Sequence[object]) -> str:
    """Return how many more there are than are named in one sentence."""
    return f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""


def earlier(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield what edited posts said before."""
    if document.versions or any(one.version for one in document.thread.observations):
        yield "## Earlier versions"
    for post in document.thread.posts:
        for edition in editions(document.thread, post):
            name = named(document, post, numbers)
            if not edition.content:
                yield f"{name} had an earlier version ({line(edition.version)}). Its text was not captured."
                continue
            yield f"{name} before it was edited, version {line(edition.version)}:"
            yield quote(markdown(edition.content))
        for version in document.versions.get(post.id, ()):
            yield f"{named(document, post, numbers)} as captured on {moment(version.seen_at)}:"
            warning = f"**Content warning by the author:** {line(version.summary)}" if version.summary else ""
            yield quote(blocks(*filter(None, (warning, markdown(version.content)))))


def differences(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield what other sources showed of posts, where that is another text."""
    found = [(post, one) for post in document.thread.posts for one in contradictions(document.thread, post)]
    if found:
        yield "## Shown differently"
    for post, one in found:
        yield f"{named(document, post, numbers)} {observed(one)}:"
        yield quote(markdown(one.content))


def provenance(document: Document, style: Style = USUAL) -> Iterator[str]:
    """Yield where it all came from."""
    run = document.run
    hosts = ", ".join(line(host) for host in run.hosts)
    failures = "".join(f" Another way was tried and failed: {sentence(line(text))}" for text in run.failures)
    less = ", less what is withheld" if any(map(is_withheld, document.thread.nodes)) else ""
    source, came = f"from {hosts}", f"came{less}"
    if run.imported:
        source = f"out of the {run.imported_from} {line(run.imported)}: answers of {hosts}"
        came = f"was in that {run.imported_from}{less}, which alone vouches for where and when it came"
    yield "---"
    yield (
        f"**Provenance.** Collected by {line(run.tool)} {source}, {counted(run.requests, 'request')}, "
        f"{span(run.started_at, captured_at(document))}, by the route “{line(document.thread.route)}”.{failures} "
        f"Every answer is kept as it {came}: run {line(run.id)} of the archive."
    )
    yield from (attached(file, style) for file in document.attached)
    if run.receipt:
        yield f"**Receipt.** {line(run.receipt)}"


def attached(file: Attached, style: Style) -> str:
    """Return what there is to say of a file that was put beside the thread."""
    by = f" by {line(file.operator)}" if file.operator else ""
    note = f" {sentence(line(file.note))}" if file.note.strip() else ""
    where = beside(file.file, style.media + file.file) if held(file.file) else line(file.file)
    return (
        f"**Attached.** {line(file.name)}, {counted(file.size, 'byte')}, added{by} {moment(file.at)}.{note} "
        f"SHA-256 {line(file.sha256)}, kept as {where}."
    )
