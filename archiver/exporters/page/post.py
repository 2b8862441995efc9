"""One post as an article of a page, from its warning to what it quotes; and the box that stands for a missing one."""

from collections.abc import Iterator

from archiver.exporters.numbers import whose
from archiver.exporters.page.changes import changes, changes_of
from archiver.exporters.page.content import anchor, avatar, byline, content, language, time, to_node
from archiver.exporters.page.media import card, file
from archiver.exporters.page.tags import Content, Safe, between, joined, line, link, tag
from archiver.exporters.post import DEEPEST, poll_state
from archiver.exporters.remarks import Remark, of_itself, remarks
from archiver.exporters.view import View
from archiver.exporters.words import HEADINGS, cause, counted, ended, moment, sentence, source, written
from archiver.model import Author, Missing, Node, Poll, Post, Role
from archiver.threads.withheld import is_withheld

LABELS = {
    Role.BRANCH: "branch",
    Role.ANSWER: "answer",
    Role.CONTEXT: "answered",
    Role.REPLY: "reply",
    Role.OTHER: "other",
    Role.UNKNOWN: "reply",
}


def node(view: View, one: Node) -> Safe:
    """Return a post, or the box that stands for one."""
    return gap(view, one) if isinstance(one, Missing) else post(view, one)


def post(view: View, one: Post) -> Safe:
    """Return a post with what is known about it."""
    role, at = view.role(one), anchor(view, one.id)
    gone = one.id in view.losses
    name = tag("h3", tag("a", view.names[one.id], href=f"#{at}"), id=f"{at}-name")
    return tag(
        "article",
        tag("header", name, tag("p", between(" · ", _about(view, one, role)), class_="about")),
        body(view, one),
        _notes(view, one),
        changes(view, one),
        id=at,
        class_=" ".join(["post", LABELS.get(role, "main"), *(["gone"] if gone else [])]),
        aria_labelledby=f"{at}-name",
    )


def gap(view: View, missing: Missing) -> Safe:
    """Return the box that stands in the place of a post that is not here."""
    at = anchor(view, missing.id)
    where = joined(" (", link(line(missing.url), missing.url, class_="bare"), ")") if missing.url else None
    told = [sentence(line(cause(missing)))]
    told += [] if is_withheld(missing) else ["Its text was never captured."]
    told += [f"Its place is inferred {ended(line(missing.inferred))}"] if missing.inferred else []
    label = LABELS.get(view.role(missing), "main")
    return tag(
        "article",
        tag("h3", tag("a", HEADINGS[missing.reason], href=f"#{at}"), id=f"{at}-name"),
        tag("p", f"A post by {whose(view, missing)} stood here", where, ". ", " ".join(told)),
        id=at,
        class_=f"gap {label}",
        aria_labelledby=f"{at}-name",
    )


def _about(view: View, one: Post, role: Role) -> Iterator[Content]:
    if not view.is_own(one):
        yield _who(view, one.author)
    if role in (Role.BRANCH, Role.ANSWER, Role.REPLY):
        yield _answering(view, one)
    first = view.first or one
    short = one.dated_at.date() == first.dated_at.date() and view.is_own(one) and not one.day_only
    words = f"{one.dated_at:%H:%M} UTC" if short else written(one)
    yield time(one.dated_at, words, day_only=one.day_only)
    if one.edited_at:
        same_day = one.edited_at.date() == one.dated_at.date()
        words = f"{one.edited_at:%H:%M}" if same_day else moment(one.edited_at)
        yield tag("span", "edited ", time(one.edited_at, words), class_="edited")
    if found := changes_of(view, one):
        yield tag("a", found, href=f"#{anchor(view, one.id)}-changes")
    yield link("original", one.url)
    yield from _shown_by(view, one)


def _who(view: View, author: Author) -> Safe:
    return joined(avatar(view, author), byline(author))


def _answering(view: View, one: Post) -> Content:
    parent = view.nodes.get(one.in_reply_to or "")
    if isinstance(parent, Post):
        return ["in answer to ", to_node(view, parent.id)]
    who = view.answered(one)
    by = link(tag("bdi", f"@{line(who.handle)}"), who.url) if who and who.handle else None
    if parent:
        gap = tag("a", "missing post", href=f"#{anchor(view, parent.id)}")
        return ["in answer to a ", gap, [" by ", by] if by else None]
    if view.role(one) is Role.ANSWER:
        return ["in answer to ", by or "somebody else"]
    return ["in answer to a post", [" by ", by] if by else None, " that is not here"]


def _shown_by(view: View, one: Post) -> Iterator[Content]:
    """Yield who showed a post, where that differs from post to post; see `markdown.shown_by`."""
    if view.only_place or not one.route:
        return
    seen = view.shown_by(one)
    if one.route != view.thread.route or (seen and seen.url):
        yield f"as shown by {line(source(one.route))}"
        if seen:
            yield ["captured ", link(time(seen.seen_at), seen.url)]


def _notes(view: View, one: Post) -> Iterator[Safe]:
    """Yield what has to be known about the text above."""
    yield from map(_note, remarks(view, one))


def _note(remark: Remark) -> Safe:
    return tag("p", tag("strong", remark.opening), " ", line(remark.text), class_=f"note {remark.kind}")


def body(view: View, one: Post, depth: int = 0) -> Iterator[Content]:
    """Yield what was posted, in the order in which it is read."""
    if one.summary:
        yield tag("p", tag("strong", "Content warning by the author:"), " ", tag("bdi", one.summary), class_="warning")
    elif one.sensitive:
        labels = ", ".join(line(label) for label in one.labels)
        yield tag("p", tag("strong", "Marked as sensitive"), f": {labels}" if labels else "", class_="warning")
    if text := content(one.content):
        yield tag("div", text, class_="text", lang=language(one), dir="auto")
    if one.poll:
        yield poll(view, one.poll)
    files = [attachment for attachment in one.attachments if attachment.kind != "card"]
    hidden = one.sensitive and not view.style.sensitive
    yield [file(view, item, f"{number} of {len(files)}", hidden) for number, item in enumerate(files, 1)]
    yield [card(view, item, hidden) for item in one.attachments if item.kind == "card"]
    if one.quote:
        yield quote(view, one.quote, depth)


def poll(view: View, one: Poll) -> Safe:
    """Return a poll as a list; each answer has a bar beside its numbers."""
    options = [_option(option.text, option.votes, one) for option in one.options]
    return tag(
        "div", tag("p", tag("strong", "Poll"), f", {poll_state(one, view.captured)}"), tag("ul", options), class_="poll"
    )


def _option(words: str, votes: int | None, one: Poll) -> Safe:
    base = one.voters if one.multiple and one.voters else one.votes
    told, bar = "votes hidden" if votes is None else counted(votes, "vote"), None
    if votes is not None and base:
        told += f" ({100 * votes / base:.0f} %)"
        width = min(max(100 * votes // base, 0), 100)
        full = tag("rect", width=width, height=4)
        bar = tag("svg", full, viewBox="0 0 100 4", preserveAspectRatio="none", aria_hidden="true", class_="bar")
    return tag("li", tag("bdi", words), f": {told}", bar)


def quote(view: View, one: Node, depth: int) -> Safe:
    """Return a quoted post as a card, or the word that it is not shown."""
    if isinstance(one, Missing):
        return tag("p", link("A quoted post", one.url), f" is not shown: {line(cause(one))}.", class_="card")
    if depth >= DEEPEST:
        return tag("p", "It quotes ", link("another post", one.url), " by ", byline(one.author), ".", class_="card")
    head = between(" · ", [_who(view, one.author), time(one.dated_at), link("quoted post", one.url)])
    return tag(
        "blockquote",
        tag("p", head, class_="about"),
        body(view, one, depth + 1),
        list(map(_note, of_itself(one))),
        class_="quote",
    )
