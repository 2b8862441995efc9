"""The first screen of a page: who wrote it, when, whether it is whole, where it comes from; and its last words."""

from collections.abc import Iterator

from archiver.exporters.frame import HIDDEN, SHOWN, beyond, notable
from archiver.exporters.media import held, lack, shown_as
from archiver.exporters.page.content import address, anchor, avatar, byline, language, time, to_node
from archiver.exporters.page.tags import Content, Safe, between, joined, line, link, tag
from archiver.exporters.reduced import reduced
from archiver.exporters.verdict import Foreign, headline, place, reasons
from archiver.exporters.view import View
from archiver.exporters.words import cause, counted, moment, sentence, source, span, spent, state_of
from archiver.model import Attached, Kind, Missing, Observation, Run, Verdict
from archiver.threads.withheld import is_withheld

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
    sentences = [joined(*(_piece(view, piece) for piece in pieces)) for pieces in reasons(view)]
    more = len(view.own) - view.thread.completeness.found
    also = f"{counted(more, 'more post')} by the author, beside the main line." if more > 0 else None
    yield tag("span", SIGNS[view.thread.completeness.verdict], class_="sign", aria_hidden="true")
    yield tag("p", between(" ", [tag("strong", headline(view.thread)), *sentences, also]))
    if notes := between(" ", _changed(view)):
        yield tag("p", notes)
    if lacks := lack(view.thread):
        yield tag("p", lacks)
    if view.only_place:
        yield tag("p", _one_place(view.only_place))
    yield from (tag("p", said) for said in reduced(view, line))
    if view.style.pseudonyms:
        yield tag("p", HIDDEN)


def _piece(view: View, piece: str | Missing) -> Content:
    """Return a piece of a sentence; a gap as a link to it."""
    if isinstance(piece, Foreign):
        return line(piece)
    if isinstance(piece, str):
        return piece
    words, _, why = place(view, piece).partition(" (")
    if piece.id not in view.nodes:
        return f"{words} ({why}"
    return joined(tag("a", words, href=f"#{anchor(view, piece.id)}"), f" ({why}")


def _changed(view: View) -> Iterator[Content]:
    """Yield what else a reader should know at once: what is gone since, what was edited, what sources disagree on."""
    if lost := view.lost_whole:
        yield tag("strong", f"{state_of(view.thread, lost)}.")
        yield sentence(line(cause(lost)))
        return
    differ = [post for post in view.posts if post.id in view.contradictions]
    cut = [post for post in view.posts if post.truncated]
    for posts, words in (*notable(view), (differ, "Shown differently by another source"), (cut, "Cut short")):
        if posts:
            yield [f"{words}: ", between(", ", (to_node(view, post.id) for post in posts[:SHOWN])), f"{beyond(posts)}."]


def _one_place(seen: Observation) -> Safe:
    """Return the sentence on the one page that shows all posts: what is here is its copy."""
    page = link(line(seen.url), seen.url, class_="bare")
    return joined(
        f"All posts are shown as {line(source(seen.route))} kept them, in ",
        page,
        ": a copy, and no word of the platform.",
    )


def _attached(view: View, file: Attached) -> Safe:
    by = f" by {line(file.operator)}" if file.operator else ""
    note = f" {sentence(line(file.note))}" if file.note.strip() else ""
    size = counted(file.size, "byte")
    path = held(file.file)
    where = tag("a", path, href=address(view, path), download=not shown_as(path)) if path else line(file.file)
    told = f"{line(file.name)}, {size}, added{by} {moment(file.at)}.{note} SHA-256 {line(file.sha256)}, kept as "
    return joined(told, where, ".")


def _imported(run: Run) -> Content:
    if not run.imported:
        return None
    return joined(line(run.imported), f"; that {run.imported_from} alone vouches for where and when it came")


def provenance(view: View) -> Safe:
    """Return the footer: where it all came from, and how to tell whether it is what was archived."""
    run = view.document.run
    less = ", less what is withheld" if any(map(is_withheld, view.thread.nodes)) else ""
    facts: list[tuple[str, Content]] = [
        ("Collected by", line(run.tool)),
        ("For", line(run.operator) or None),
        (f"Out of the {run.imported_from}", _imported(run)),
        ("From", ", ".join(line(host) for host in run.hosts)),
        ("With", f"{counted(run.requests, 'request')}, by the route “{line(view.thread.route)}”"),
        ("When", span(run.started_at, view.captured)),
        ("Tried in vain", [tag("p", sentence(line(words))) for words in run.failures]),
        ("Kept", f"every answer as it came{less}: run {line(run.id)} of the archive"),
        ("Attached", [tag("p", _attached(view, file)) for file in view.document.attached]),
        ("Receipt", tag("code", line(run.receipt)) if run.receipt else None),
    ]
    return tag(
        "footer",
        tag("h2", "How it was archived", id="provenance-name"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", told)) for name, told in facts if told], class_="facts"),
        id="provenance",
        class_="provenance",
    )
