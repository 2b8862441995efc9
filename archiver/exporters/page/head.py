"""The first screen of a page: who wrote it, when, whether it is whole, where it comes from; and its last words."""

from collections.abc import Iterator

from archiver.exporters import said
from archiver.exporters.media import lack
from archiver.exporters.page.content import avatar, byline, language, time, written
from archiver.exporters.page.tags import Content, Safe, between, joined, line, link, tag
from archiver.exporters.redaction_notes import reduced
from archiver.exporters.verdict import headline, reasons
from archiver.exporters.view import View
from archiver.exporters.wording import counted, sentence, span, spent
from archiver.model import Kind, Run, Verdict

SIGNS = {Verdict.COMPLETE: "✓", Verdict.PARTIAL: "!", Verdict.UNKNOWN: "?"}


def platform(name: str) -> str:
    """Return a platform's name as people write it."""
    return line(name)[:1].upper() + line(name)[1:]


def masthead(view: View) -> Safe:
    """Return the header of the page."""
    thread = view.thread
    storm = thread.kind is Kind.STORM
    where = f"{'Posts' if storm else 'A thread'} on {platform(thread.platform)}, archived"
    return tag(
        "header",
        tag("p", where, class_="kicker"),
        tag("h1", line(view.title), lang=language(view.first), dir="auto"),
        tag("p", avatar(view, thread.author, "eager"), tag("span", "By ", byline(thread.author)), class_="byline"),
        tag("div", verdict(view), class_=f"verdict {thread.completeness.verdict}"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", told)) for name, told in _facts(view)], class_="facts"),
        class_="masthead",
    )


def _facts(view: View) -> Iterator[tuple[str, Content]]:
    thread, run = view.thread, view.document.run
    if view.own:
        first, last = (pick(view.own, key=lambda post: post.dated_at) for pick in (min, max))
        yield "Written", spent(first, last)
    yield "Archived", time(view.captured)
    where = link(line(thread.url), thread.url, class_="bare")
    yield "Source", [where, " (the author’s page)"] if thread.kind is Kind.STORM else where
    receipt = tag("code", line(run.receipt)) if run.receipt else "none yet: the run is not sealed"
    yield "Receipt", [receipt, " ", tag("a", "how it was archived", href="#provenance", class_="whole")]


def verdict(view: View) -> Iterator[Safe]:
    """Yield the verdict: a sign, a sentence in bold, the reasons, and where to look."""
    sentences = [written(view, sentence) for sentence in reasons(view)]
    more = len(view.own) - view.thread.completeness.found
    also = f"{counted(more, 'more post')} by the author, beside the main line." if more > 0 else None
    yield tag("span", SIGNS[view.thread.completeness.verdict], class_="sign", aria_hidden="true")
    yield tag("p", between(" ", [tag("strong", headline(view.thread)), *sentences, also]))
    if notes := between(" ", _changed(view)):
        yield tag("p", notes)
    if lacks := lack(view.thread):
        yield tag("p", lacks)
    yield from (tag("p", written(view, words)) for words in (said.only_place(view), *reduced(view)) if words)
    if view.style.pseudonyms:
        yield tag("p", said.PSEUDONYMS)


def _changed(view: View) -> Iterator[Safe]:
    """Yield what else a reader should know at once: what is gone since, what was edited, what sources disagree on."""
    if whole := said.changed(view):
        yield written(view, whole)
        return
    differ = [post for post in view.posts if post.id in view.contradictions]
    cut = [post for post in view.posts if post.truncated]
    notes = [*said.of_posts("Shown differently by another source", differ), *said.of_posts("Cut short", cut)]
    yield from (written(view, note) for note in (*said.notable(view), *notes))


def _imported(run: Run) -> Content:
    if not run.imported:
        return None
    return joined(line(run.imported), f"; that {run.imported_from} alone vouches for where and when it came")


def provenance(view: View) -> Safe:
    """Return the footer: where it all came from, and how to tell whether it is what was archived."""
    run = view.document.run
    facts: list[tuple[str, Content]] = [
        ("Collected by", line(run.tool)),
        ("For", line(run.operator) or None),
        (f"Out of the {run.imported_from}", _imported(run)),
        ("From", ", ".join(line(host) for host in run.hosts)),
        ("With", f"{counted(run.requests, 'request')}, by the route “{line(view.thread.route)}”"),
        ("When", span(run.started_at, view.captured)),
        ("Tried in vain", [tag("p", sentence(line(words))) for words in run.failures]),
        ("Kept", f"every answer as it came{said.without_withheld(view)}: run {line(run.id)} of the archive"),
        ("Attached", [tag("p", written(view, said.attached(file))) for file in view.document.attached]),
        ("Receipt", tag("code", line(run.receipt)) if run.receipt else None),
    ]
    return tag(
        "footer",
        tag("h2", "How it was archived", id="provenance-name"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", told)) for name, told in facts if told], class_="facts"),
        id="provenance",
        class_="provenance",
    )
