"""Threads for a terminal and for other programs: plain lines, and the fields of the JSON Lines (docs/json.md)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from archiver.exporters import said
from archiver.exporters.media import held, lack
from archiver.exporters.remarks import of_itself, remarks
from archiver.exporters.verdict import lacking, missing_posts, number_of_posts
from archiver.exporters.view import DEEPEST, View
from archiver.exporters.wording import HEADINGS, SECTIONS, cause, counted, ended, moment, sentence, state_of, written
from archiver.model import Attachment, Author, Changes, Document, Missing, Post, Run, Summary
from archiver.text import html

NAMED = 5  # posts of one kind of change
KINDS_OF_CHANGE = {
    "new": "not seen before",
    "edited": "edited",
    "gone": "no longer there",
    "hidden": "not shown to everybody any more",
    "back": "there again",
}
ATTACHMENT = ("kind", "url", "alt", "title", "description", "media_type", "picture", "file", "fault")


def saved_fields(document: Document, url: str, markdown: str, changes: Changes | None) -> dict[str, Any]:
    """Return what `save --json` says of one URL; `posts` and `expected` count the main line."""
    thread, whole = document.thread, document.thread.completeness
    return {
        "url": url,
        "thread": thread.id,
        "platform": thread.platform,
        "kind": str(thread.kind),
        "author": thread.author.handle,
        "posts": whole.found,
        "missing": missing_posts(thread),
        "expected": whole.expected,
        "verdict": str(whole.verdict),
        "proof": whole.proof,
        "doubts": list(whole.doubts),
        "route": thread.route,
        "hint": thread.hint,
        "receipt": document.run.receipt,
        "since": changes.since.isoformat() if changes else None,
        **{kind: list(getattr(changes, kind, ())) for kind in KINDS_OF_CHANGE},
        "requests": document.run.requests,
        "page_requests": document.run.page_requests,
        "media_requests": document.run.media_requests,
        "media": document.run.media,
        "media_failed": document.run.media_failed,
        "media_left": document.run.media_left,
        "markdown": markdown,
    }


def saved_text(document: Document, markdown: str, changes: Changes | None = None) -> str:
    """Return what `save` prints of one URL."""
    return _saved(View(document), markdown, changes)


def _saved(view: View, markdown: str, changes: Changes | None = None) -> str:
    document, thread, whole = view.document, view.thread, view.thread.completeness
    lines = [f"{whole.verdict}: {number_of_posts(thread)} by @{thread.author.handle}: {view.title}"]
    if gone := view.lost_whole:
        state = state_of(thread, gone)
        lines.append(f"  {state[:1].lower()}{state[1:]}: {cause(gone)}")
    lines += [f"  since {moment(changes.since)}: {_changed(view, changes)}"] if changes else []
    if whole.proof and not whole.doubts:
        lines.append(f"  {sentence(whole.proof)}")
    lines += [f"  in doubt: {doubt}" for doubt in whole.doubts]
    lines += [f"  missing: {missing.url or missing.id}: {cause(missing)}" for missing in whole.gaps]
    if unplaced := lacking(thread)[1]:
        lines.append(f"  missing: {counted(unplaced, 'post')} that the platform counts and does not show")
    if whole.stop:
        lines.append(f"  ended early: {whole.stop}")
    lines.append(f"  {counted(document.run.requests, 'request')}, route {thread.route}")
    lines += _media(document.run)
    if document.run.receipt:
        lines.append(f"  {short(document.run.receipt)}")
    lines.append(f"  {markdown}")
    return "\n".join(lines)


def short(receipt: str) -> str:
    """Return a receipt as `verify --receipt` takes it, which leaves a line of 80 characters whole."""
    return receipt.replace("ledger ", "receipt ", 1).replace(" · head ", ":", 1)


def changed(document: Document, changes: Changes) -> str:
    """Return what has changed, in words: "2 not seen before (post 13, post 14), 1 edited (post 7)"."""
    return _changed(View(document), changes)


def _changed(view: View, changes: Changes) -> str:
    words = []
    for kind, change in KINDS_OF_CHANGE.items():
        posts = [view.names[id_].lower() for id_ in getattr(changes, kind)]
        if posts:
            more = f" and {len(posts) - NAMED} more" if len(posts) > NAMED else ""
            words.append(f"{len(posts)} {change} ({', '.join(posts[:NAMED])}{more})")
    return ", ".join(words) or "nothing has changed"


def _media(run: Run) -> list[str]:
    if not (run.media or run.media_failed or run.media_left):
        return []
    failed = f"; {run.media_failed} could not be fetched" if run.media_failed else ""
    left = f"; stopped with {run.media_left} still to fetch, save it again" if run.media_left else ""
    return [f"  {counted(run.media, 'media file')} fetched{failed}{left}"]


def summary_fields(summary: Summary) -> dict[str, Any]:
    """Return what `list --json` says of one thread."""
    return {
        "number": summary.number,
        "thread": summary.id,
        "platform": summary.platform,
        "kind": str(summary.kind),
        "url": summary.url,
        "author": summary.author,
        "title": summary.title,
        "posts": summary.posts,
        "missing": summary.missing,
        "expected": summary.expected,
        "verdict": str(summary.verdict),
        "edited": summary.edited,
        "gone": summary.gone,
        "hidden": summary.hidden,
        "captured_at": summary.captured_at.isoformat(),
    }


def summary_text(summary: Summary) -> str:
    """Return a thread as one line of `list`."""
    when = f"{summary.captured_at:%Y-%m-%d}"
    posts = counted(summary.posts, "post") + (f", {summary.missing} missing" if summary.missing else "")
    posts += f", {summary.edited} edited" if summary.edited else ""
    posts += f", {summary.gone} gone" if summary.gone else ""
    posts += f", {summary.hidden} hidden" if summary.hidden else ""
    return f"{summary.number or '-':>3}  {when}  {summary.verdict:<8}  {posts}  @{summary.author}  {summary.title}"


def text(document: Document) -> str:
    """Return a whole thread as plain text for `show`."""
    view, thread = View(document), document.thread
    parts = [_saved(view, thread.url), *filter(None, [thread.hint, lack(thread)])]
    for section, nodes in view.sections:
        if section in SECTIONS:
            heading, about = SECTIONS[section]
            parts.append(f"--- {heading}: {about}{said.with_answers(view, section, nodes)}.")
        parts += [_gap(node) if isinstance(node, Missing) else _post(view, node) for node in nodes]
    return "\n\n".join(parts)


def _gap(gap: Missing) -> str:
    place = f"; its place is inferred {ended(gap.inferred)}" if gap.inferred else ""
    return f"[{HEADINGS[gap.reason]}: {gap.url or gap.id}: {cause(gap)}{place}]"


def _post(view: View, post: Post) -> str:
    head = [view.names[post.id]]
    if view.role(post) in SECTIONS:
        head.append(said.plain(view, said.answering(view, post)))
    head += [written(post), _who(post.author), post.url]
    remarks = [f"[{remark}]" for remark in known_of(view, post)]
    return "\n".join([" · ".join(head), *remarks, *_body(post, view.captured)])


def known_of(view: View, post: Post) -> Iterator[str]:
    """Yield what is to be known of a post beside its text: that it was edited, cut, hidden, is gone, or in doubt."""
    if post.edited_at:
        yield f"Edited {moment(post.edited_at)}."
    if earlier := said.earlier(view, post):
        yield f"{earlier} kept."
    if post.sensitive and not post.summary:
        yield _sensitive(post)
    if contradicted := said.contradicted(view, post):
        yield f"{contradicted}."
    yield from (f"{remark.opening} {remark.text}" for remark in remarks(view, post))


def _who(author: Author) -> str:
    return f"@{author.handle}" if author.handle else author.name


def _sensitive(post: Post) -> str:
    return f"Marked as sensitive: {', '.join(post.labels)}." if post.labels else "Marked as sensitive."


def _body(post: Post, captured: datetime, depth: int = 0) -> list[str]:
    lines = [f"[content warning: {post.summary}]"] if post.summary else []
    lines.append(html.plain(post.content))
    lines += [_attachment(item) for item in post.attachments]
    if post.poll:
        lines.append(f"[poll: {said.poll_state(post.poll, captured)}]")
        lines += [f"[poll: {option.text}: {said.votes(option.votes, post.poll)}]" for option in post.poll.options]
    return lines + (_quote(post.quote, captured, depth) if post.quote else [])


def _quote(node: Post | Missing, captured: datetime, depth: int) -> list[str]:
    """Return a quoted post, each line with a mark in front; of those that it quotes in turn, only two."""
    if isinstance(node, Missing):
        return [f"[quotes {node.url or node.id}: {cause(node)}]"]
    head = f"[quotes {_who(node.author)} · {written(node)} · {node.url}]"
    if depth >= DEEPEST:
        return [head]
    lines = [f"[{_sensitive(node)}]"] if node.sensitive and not node.summary else []
    lines += [f"[{remark.opening} {remark.text}]" for remark in of_itself(node)]
    lines += _body(node, captured, depth + 1)
    return [head, *(f"> {line}" for line in "\n".join(lines).split("\n"))]


def _attachment(item: Attachment) -> str:
    if item.kind == "card":
        alt = "".join(f": {text}" for text in (item.title, item.description, item.alt) if text)
    else:
        alt = f": {item.alt}" if item.alt else ", no description by the author"
    copy = (f"; kept as {held(item.file)}" if held(item.file) else "") + (f"; {item.fault}" if item.fault else "")
    where = item.url or ("" if held(item.file) else "the platform has lost it")
    return f"[{item.kind}: {where}{alt}{copy}]"


def json_lines(document: Document) -> Iterator[dict[str, Any]]:
    """Yield what `show --json` says of each post and each gap, in reading order."""
    view, thread = View(document), document.thread
    for position, node in enumerate(thread.nodes):
        fields = {"thread": thread.id, "position": position, "role": str(thread.roles[node.id]), "id": node.id}
        if isinstance(node, Missing):
            yield {**fields, **_gap_fields(node)}
        else:
            yield {**fields, **_post_fields(node), "remarks": list(known_of(view, node))}


def _gap_fields(gap: Missing) -> dict[str, Any]:
    return {
        "url": gap.url,
        "missing": str(gap.reason),
        "detail": gap.detail,
        "in_reply_to": gap.in_reply_to,
        "inferred": gap.inferred,
        "created_at": gap.created_at.isoformat() if gap.created_at else None,
        "seen_at": gap.seen_at.isoformat() if gap.seen_at else None,
    }


def _quoted_fields(quote: Post | Missing | None) -> dict[str, Any] | None:
    """Return what is said of a quoted post beside its id, or why it is not shown."""
    if quote is None:
        return None
    if isinstance(quote, Missing):
        return {"url": quote.url, "missing": str(quote.reason), "detail": quote.detail}
    return {
        "url": quote.url,
        "author": quote.author.handle,
        "created_at": quote.created_at.isoformat(),
        "summary": quote.summary,
        "text": html.plain(quote.content),
    }


def _post_fields(post: Post) -> dict[str, Any]:
    times = {"keyed_at": post.keyed_at, "indexed_at": post.indexed_at}
    return {
        "url": post.url,
        "author": post.author.handle,
        "created_at": post.created_at.isoformat(),
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "in_reply_to": post.in_reply_to,
        "language": post.language,
        "route": post.route,
        "truncated": post.truncated,
        "summary": post.summary,
        "text": html.plain(post.content),
        "html": post.content,
        "attachments": [{name: getattr(item, name) for name in ATTACHMENT} for item in post.attachments],
        "poll": [{"text": option.text, "votes": option.votes} for option in post.poll.options] if post.poll else None,
        "quote": post.quote.id if post.quote else None,
        "quoted": _quoted_fields(post.quote),
        "notices": list(post.notices),
    }
