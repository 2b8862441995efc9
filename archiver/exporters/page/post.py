"""One post as an article of a page, from its warning to what it quotes; and the box that stands for a missing one."""

from collections.abc import Iterator

from archiver.exporters import said
from archiver.exporters.page.changes import changes, changes_of
from archiver.exporters.page.content import anchor, avatar, byline, content, language, time, written
from archiver.exporters.page.media import card, file
from archiver.exporters.page.tags import Content, Safe, between, joined, link, tag
from archiver.exporters.remarks import Remark, of_itself, remarks
from archiver.exporters.view import DEEPEST, View
from archiver.exporters.wording import HEADINGS
from archiver.model import Author, Missing, Node, Option, Poll, Post, Role

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
    label = LABELS.get(view.role(missing), "main")
    return tag(
        "article",
        tag("h3", tag("a", HEADINGS[missing.reason], href=f"#{at}"), id=f"{at}-name"),
        tag("p", written(view, said.gap(view, missing))),
        id=at,
        class_=f"gap {label}",
        aria_labelledby=f"{at}-name",
    )


def _about(view: View, one: Post, role: Role) -> Iterator[Content]:
    if not view.is_own(one):
        yield _who(view, one.author)
    if role in (Role.BRANCH, Role.ANSWER, Role.REPLY):
        yield written(view, said.answering(view, one))
    yield time(one.dated_at, said.time(view, one).words, day_only=one.day_only)
    if edited := said.edited(one):
        yield tag("span", "edited ", time(*edited), class_="edited")
    if words := changes_of(view, one):
        yield tag("a", words, href=f"#{anchor(view, one.id)}-changes")
    yield link("original", one.url)
    if shown_by := said.shown_by(view, one):
        sentence, seen = shown_by
        yield written(view, sentence)
        if seen:
            yield ["captured ", link(time(seen.seen_at), seen.url)]


def _who(view: View, author: Author) -> Safe:
    return joined(avatar(view, author), byline(author))


def _notes(view: View, one: Post) -> Iterator[Safe]:
    """Yield what has to be known about the text above."""
    yield from (_note(view, remark) for remark in remarks(view, one))


def _note(view: View, remark: Remark) -> Safe:
    return tag("p", written(view, remark.sentence), class_=f"note {remark.kind}")


def body(view: View, one: Post, depth: int = 0) -> Iterator[Content]:
    """Yield what was posted, in the order in which it is read."""
    if warning := said.warning(one):
        yield tag("p", written(view, warning), class_="warning")
    if text := content(one.content):
        yield tag("div", text, class_="text", lang=language(one), dir="auto")
    if one.poll:
        yield poll(view, one.poll)
    files = [attachment for attachment in one.attachments if attachment.kind != "card"]
    hidden = one.sensitive and not view.style.sensitive
    yield [file(view, item, number, len(files), hidden) for number, item in enumerate(files, 1)]
    yield [card(view, item, hidden) for item in one.attachments if item.kind == "card"]
    if one.quote:
        yield quote(view, one.quote, depth)


def poll(view: View, one: Poll) -> Safe:
    """Return a poll as a list; each answer has a bar beside its numbers."""
    state = tag("p", written(view, said.poll(one, view.captured)))
    return tag("div", state, tag("ul", [_option(option, one) for option in one.options]), class_="poll")


def _option(option: Option, one: Poll) -> Safe:
    share, bar = said.share(option.votes, one), None
    if share is not None:
        full = tag("rect", width=min(max(int(share // 1), 0), 100), height=4)
        bar = tag("svg", full, viewBox="0 0 100 4", preserveAspectRatio="none", aria_hidden="true", class_="bar")
    return tag("li", tag("bdi", option.text), f": {said.votes(option.votes, one)}", bar)


def quote(view: View, one: Node, depth: int) -> Safe:
    """Return a quoted post as a card, or the word that it is not shown."""
    if isinstance(one, Missing) or depth >= DEEPEST:
        return tag("p", written(view, said.unseen_quote(one)), class_="card")
    head = between(" · ", [_who(view, one.author), time(one.dated_at), link("quoted post", one.url)])
    return tag(
        "blockquote",
        tag("p", head, class_="about"),
        body(view, one, depth + 1),
        [_note(view, remark) for remark in of_itself(one)],
        class_="quote",
    )
