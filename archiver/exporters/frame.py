"""What stands around the posts, in every form of the document: front matter, header with the verdict, provenance."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archiver.exporters.media import held, lack
from archiver.exporters.post import blocks, byline
from archiver.exporters.reduced import reduced
from archiver.exporters.verdict import Foreign, headline, missing_posts, place, reasons
from archiver.exporters.view import View
from archiver.exporters.words import cause, counted, moment, sentence, source, span, spent, state_of
from archiver.model import Attached, Kind, Missing, Observation, Post
from archiver.text.escape import beside, heading, line, link, yaml
from archiver.text.markdown import markdown, quote
from archiver.threads.withheld import is_withheld

HIDDEN = (
    "Everybody but the author has a pseudonym here, in the texts of posts as well, and links to them are taken out. "
    "The archive has what was posted."
)


SHOWN = 8  # of such posts in one sentence


def front_matter(view: View, form: str, more: Mapping[str, str]) -> str:
    """Return flat YAML: Obsidian shows no nested properties; Hugo, Jekyll and MkDocs read title, date and tags."""
    thread, style, whole = view.thread, view.style, view.thread.completeness
    fields = {
        "title": yaml(view.title),
        "author": yaml(style.author or thread.author.name or thread.author.handle),
        "handle": yaml(f"@{thread.author.handle}"),
        "platform": yaml(thread.platform),
        "kind": str(thread.kind),
        "source": yaml(thread.url),
        "date": f"{view.written:%Y-%m-%dT%H:%M:%SZ}",
        "captured": f"{view.captured:%Y-%m-%dT%H:%M:%SZ}",
        "posts": str(whole.found),
        "missing": str(missing_posts(thread)),
        "verdict": str(whole.verdict),
        "lang": yaml((view.first and view.first.language) or "und"),
        "tags": f"[thread, {yaml(thread.platform)}]",
        **({"pseudonyms": "true"} if style.pseudonyms else {}),
        **more,
        "format": form,
    }
    return "\n".join(["---", *(f"{key}: {value}" for key, value in fields.items()), "---", ""])


def header(view: View) -> Iterator[str]:
    """Yield title, byline and verdict: who wrote it, when, whether it is whole."""
    thread = view.thread
    found = thread.completeness.found
    own = view.own
    when = spent(*(pick(own, key=lambda post: post.dated_at) for pick in (min, max))) if own else ""
    origin = "the author’s page" if thread.kind is Kind.STORM else "original thread"
    more = f" and {len(own) - found} more by the author" if len(own) > found else ""
    yield f"# {heading(view.title)}"
    yield (
        f"{byline(thread.author)} · {link(origin, thread.url)}  \n"
        f"{counted(found, 'post')}{more}{when and ', '}{when} · captured {moment(view.captured)}"
    )
    told = (verdict(view), changed(view), lack(thread), one_place(view), *reduced(view, line))
    yield quote(blocks(*filter(None, (*told, HIDDEN if view.style.pseudonyms else ""))))


def verdict(view: View) -> str:
    """Return the verdict in words, as one paragraph."""
    sentences = ("".join(_piece(view, piece) for piece in pieces) for pieces in reasons(view))
    return " ".join([f"**{headline(view.thread)}**", *sentences])


def _piece(view: View, piece: str | Missing) -> str:
    if isinstance(piece, Missing):
        return place(view, piece)
    return line(piece) if isinstance(piece, Foreign) else piece


def notable(view: View) -> list[tuple[Sequence[Post], str]]:
    """Return the posts of which a reader should know something at once, and what."""
    return [
        (view.gone, "No longer on the platform"),
        (view.hidden, "Not shown to everybody any more"),
        (view.edited, "Edited"),
    ]


def changed(view: View) -> str:
    """Return what a reader should know at once of posts that are here: which are gone since, and which were edited."""
    if lost := view.lost_whole:
        return f"**{state_of(view.thread, lost)}.** {line(sentence(cause(lost)))}"
    named = [(words, [view.names[post.id].lower() for post in posts]) for posts, words in notable(view)]
    return " ".join(f"{words}: {', '.join(names[:SHOWN])}{beyond(names)}." for words, names in named if names)


def one_place(view: View) -> str:
    """Return a sentence on the one page that shows all posts, "" where there is none: what is here is its copy."""
    if not (seen := view.only_place):
        return ""
    page = link(seen.url, seen.url) if "://" in seen.url else line(seen.url)
    shown = f"All posts are shown as {line(source(seen.route))} kept them, in {page}"
    return f"{shown}: a copy, and no word of the platform."


def observed(seen: Observation) -> str:
    """Return who showed it, and when that was captured."""
    when = f"captured {moment(seen.seen_at)}"
    where = link(when, seen.url) if seen.url.startswith(("https://", "http://")) else when
    return f"as shown by {line(source(seen.route))}, {where}"


def beyond(found: Sequence[object]) -> str:
    """Return how many more there are than are named in one sentence."""
    return f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""


def earlier(view: View, posts: Iterable[Post]) -> Iterator[str]:
    """Yield what edited posts said before."""
    if view.document.versions or any(seen.version for seen in view.thread.observations):
        yield "## Earlier versions"
    for post in posts:
        name = view.names[post.id]
        for edition in view.editions.get(post.id, ()):
            if not edition.content:
                yield f"{name} had an earlier version ({line(edition.version)}). Its text was not captured."
                continue
            yield f"{name} before it was edited, version {line(edition.version)}:"
            yield quote(markdown(edition.content))
        for version in view.document.versions.get(post.id, ()):
            yield f"{name} as captured on {moment(version.seen_at)}:"
            warning = f"**Content warning by the author:** {line(version.summary)}" if version.summary else ""
            yield quote(blocks(*filter(None, (warning, markdown(version.content)))))


def differences(view: View, posts: Iterable[Post]) -> Iterator[str]:
    """Yield what other sources showed of posts, where that is another text."""
    others = [(post, seen) for post in posts for seen in view.contradictions.get(post.id, ())]
    if others:
        yield "## Shown differently"
    for post, seen in others:
        yield f"{view.names[post.id]} {observed(seen)}:"
        yield quote(markdown(seen.content))


def provenance(view: View) -> Iterator[str]:
    """Yield where it all came from."""
    document, run = view.document, view.document.run
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
        f"{span(run.started_at, view.captured)}, by the route “{line(document.thread.route)}”.{failures} "
        f"Every answer is kept as it {came}: run {line(run.id)} of the archive."
    )
    yield from (attached(file, view) for file in document.attached)
    if run.receipt:
        yield f"**Receipt.** {line(run.receipt)}"


def attached(file: Attached, view: View) -> str:
    """Return what there is to say of a file that was put beside the thread."""
    by = f" by {line(file.operator)}" if file.operator else ""
    note = f" {sentence(line(file.note))}" if file.note.strip() else ""
    where = beside(file.file, view.style.media + file.file) if held(file.file) else line(file.file)
    return (
        f"**Attached.** {line(file.name)}, {counted(file.size, 'byte')}, added{by} {moment(file.at)}.{note} "
        f"SHA-256 {line(file.sha256)}, kept as {where}."
    )
