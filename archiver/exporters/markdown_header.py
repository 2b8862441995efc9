"""What stands around the posts, in every form of the document: front matter, header with the verdict, provenance."""

from collections.abc import Iterable, Iterator, Mapping

from archiver.exporters import said
from archiver.exporters.markdown_words import blocks, byline, written
from archiver.exporters.media import lack
from archiver.exporters.redaction_notes import reduced
from archiver.exporters.said import Foreign
from archiver.exporters.verdict import headline, missing_posts, reasons
from archiver.exporters.view import View
from archiver.exporters.wording import counted, moment, sentence, source, span, spent
from archiver.model import Kind, Observation, Post
from archiver.text.escape import heading, line, link, yaml
from archiver.text.markdown import markdown, quote


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
    notes = [verdict(view), changed(view), lack(thread)]
    notes += [written(view, sentence) for sentence in (said.only_place(view), *reduced(view)) if sentence]
    yield quote(blocks(*filter(None, (*notes, said.PSEUDONYMS if view.style.pseudonyms else ""))))


def verdict(view: View) -> str:
    """Return the verdict in words, as one paragraph."""
    return " ".join([f"**{headline(view.thread)}**", *(written(view, sentence) for sentence in reasons(view))])


def changed(view: View) -> str:
    """Return what a reader should know at once of posts that are here: which are gone since, and which were edited."""
    whole = said.changed(view)
    return written(view, whole) if whole else " ".join(written(view, sentence) for sentence in said.notable(view))


def observed(view: View, seen: Observation) -> str:
    """Return who showed a post, and when that was captured."""
    return written(view, ("as shown by ", Foreign(source(seen.route)), ", ", said.captured(seen)))


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
            warning = written(view, said.content_warning(version.summary)) if version.summary else ""
            yield quote(blocks(*filter(None, (warning, markdown(version.content)))))


def differences(view: View, posts: Iterable[Post]) -> Iterator[str]:
    """Yield what other sources showed of posts, where that is another text."""
    others = [(post, seen) for post in posts for seen in view.contradictions.get(post.id, ())]
    if others:
        yield "## Shown differently"
    for post, seen in others:
        yield f"{view.names[post.id]} {observed(view, seen)}:"
        yield quote(markdown(seen.content))


def provenance(view: View) -> Iterator[str]:
    """Yield where it all came from."""
    document, run = view.document, view.document.run
    hosts = ", ".join(line(host) for host in run.hosts)
    failures = "".join(f" Another way was tried and failed: {sentence(line(text))}" for text in run.failures)
    less = said.without_withheld(view)
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
    yield from (f"**Attached.** {written(view, said.attached(file))}" for file in document.attached)
    if run.receipt:
        yield f"**Receipt.** {line(run.receipt)}"
