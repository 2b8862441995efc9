"""The document that people read: a thread as Markdown that shows exactly what was posted, in every common viewer.

Front matter, a header with the verdict, one `## Post N` for each post of the author, gaps where they are, branches and
answers behind the main line, then links, earlier versions and where it all came from. It is a pure function of the
document: the same archive gives the same bytes.
"""

from collections.abc import Iterator
from datetime import datetime

from archiver.completeness import OWN
from archiver.exporters.post import blocks, body, byline, gap
from archiver.exporters.sources import contradictions, editions, observed, one_place, shown_by
from archiver.exporters.words import cause, counted, moment, sentence, span, spelled, spent, why, written
from archiver.model import Document, Kind, Missing, Node, Post, Role, Verdict
from archiver.text import html
from archiver.text.escape import heading, line, link, yaml
from archiver.text.markdown import markdown, quote
from archiver.threads import title
from archiver.withheld import is_withheld

FORMAT = "thread-md/1"

KINDS = {**dict.fromkeys(OWN, "Post"), Role.CONTEXT: "Answered post", Role.REPLY: "Reply", Role.OTHER: "Other post"}
SECTIONS = {
    Role.BRANCH: "Branches: later replies by the author to posts that the thread above had already continued.",
    Role.ANSWER: "Answers: what the author wrote to other people in between.",
    Role.REPLY: "Replies: what other people wrote.",
}


def render(document: Document) -> str:
    """Return the whole document, ending with a newline."""
    numbers = numbered(document)
    parts = [
        *header(document),
        *posts(document, numbers),
        *links(document, numbers),
        *earlier(document, numbers),
        *differences(document, numbers),
        *provenance(document),
    ]
    return f"{front_matter(document)}\n{blocks(*parts)}\n"


def numbered(document: Document) -> dict[str, int]:
    """Number the posts of each kind in reading order: the author's, those that they answer, other people's replies."""
    numbers: dict[str, int] = {}
    for kind in dict.fromkeys(KINDS.values()):
        shown = [post for post in document.thread.posts if KINDS[_role(document, post)] == kind]
        numbers.update({post.id: number for number, post in enumerate(shown, 1)})
    return numbers


def front_matter(document: Document) -> str:
    """Return flat YAML: Obsidian shows no nested properties; Hugo, Jekyll and MkDocs read title, date and tags."""
    thread, whole = document.thread, document.thread.completeness
    first = _first(document)
    fields = {
        "title": yaml(title(thread)),
        "author": yaml(thread.author.name or thread.author.handle),
        "handle": yaml(f"@{thread.author.handle}"),
        "platform": yaml(thread.platform),
        "kind": str(thread.kind),
        "source": yaml(thread.url),
        "date": f"{first.created_at if first else _written(document):%Y-%m-%dT%H:%M:%SZ}",
        "captured": f"{_captured(document):%Y-%m-%dT%H:%M:%SZ}",
        "posts": str(whole.found),
        "missing": str(len(whole.gaps)),
        "verdict": str(whole.verdict),
        "lang": yaml((first and first.language) or "und"),
        "tags": f"[thread, {yaml(thread.platform)}]",
        "format": FORMAT,
    }
    return "\n".join(["---", *(f"{key}: {value}" for key, value in fields.items()), "---", ""])


def header(document: Document) -> Iterator[str]:
    """Yield title, byline and verdict: who wrote it, when, whether it is whole."""
    thread = document.thread
    found = thread.completeness.found
    own = _own_posts(document)
    when = spent(*(pick(own, key=lambda post: post.created_at) for pick in (min, max))) if own else ""
    origin = "the author’s page" if thread.kind is Kind.STORM else "original thread"
    more = f" and {len(own) - found} more by the author" if len(own) > found else ""
    yield f"# {heading(title(thread))}"
    yield (
        f"{byline(thread.author)} · {link(origin, thread.url)}  \n"
        f"{counted(found, 'post')}{more}{when and ', '}{when} · captured {moment(_captured(document))}"
    )
    yield quote(blocks(*filter(None, (verdict(document), one_place(thread)))))


def verdict(document: Document) -> str:
    """Return the verdict in words, as one paragraph."""
    whole = document.thread.completeness
    of = f"{whole.found} of " if whole.expected is not None else ""
    main = of + counted(whole.found if whole.expected is None else whole.expected, "post")
    proof = f" {sentence(line(whole.proof))}" if whole.proof else ""
    if whole.verdict is Verdict.COMPLETE:
        return f"**Complete: {main}.**{proof}"
    lacks = "".join(f" {text}" for text in _lacks(document))
    if whole.verdict is Verdict.PARTIAL:
        return f"**Partial: {main}.**{lacks} Everything else that was shown is here.{proof}"
    rest = proof or " Nothing proves that there is no more."
    return f"**Not known to be the whole {document.thread.kind}: {main}.**{lacks}{rest}"


def _lacks(document: Document) -> Iterator[str]:
    whole, numbers = document.thread.completeness, numbered(document)
    if whole.gaps:
        places = [_between(document, missing, numbers) for missing in whole.gaps]
        are = "is" if len(places) == 1 else "are"
        yield f"{spelled(len(places), 'post')} {are} missing: {'; '.join(places)}."
    elif whole.expected is not None and whole.found < whole.expected:
        yield f"{spelled(whole.expected - whole.found, 'post')} that the platform counts could not be found."
    if whole.stop:
        yield f"Collecting ended early: {sentence(line(whole.stop))}"
    elif not whole.top_proven:
        yield "The beginning is not proven."


def _between(document: Document, missing: Missing, numbers: dict[str, int]) -> str:
    nodes = document.thread.nodes
    at = next(index for index, node in enumerate(nodes) if node.id == missing.id)
    earlier = (node for node in reversed(nodes[:at]) if _role(document, node) in OWN and node.id in numbers)
    before = next((numbers[node.id] for node in earlier), None)
    place = "before the first post" if before is None else f"after post {before}"
    return f"{place} ({why(missing)})"


def posts(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield every post and every gap in reading order, a rule and a line before each kind but the main line."""
    section = Role.MAIN
    for node in document.thread.nodes:
        role = document.thread.roles[node.id]
        if role in SECTIONS and role is not section:
            section = role
            yield "---"
            yield f"*{SECTIONS[role]}*"
        yield from _node(document, node, role, numbers)


def _node(document: Document, node: Node, role: Role, numbers: dict[str, int]) -> Iterator[str]:
    if isinstance(node, Missing):
        yield from gap(node, "the author" if role in OWN else "somebody else")
        return
    yield f"## {KINDS[role]} {numbers[node.id]}"
    yield " · ".join(_about(document, node, role, numbers))
    yield from body(node, _captured(document))
    if node.truncated:
        yield "**Only the beginning of this post was shown.** The rest of its text was not captured."
    yield from _since(document, node)


def _about(document: Document, post: Post, role: Role, numbers: dict[str, int]) -> Iterator[str]:
    if role not in OWN:
        yield byline(post.author)
    if role in SECTIONS:
        yield _answering(document, post, role, numbers)
    first = _first(document)
    same_day = first and post.created_at.date() == first.created_at.date() and role in OWN
    time = f"{post.created_at:%H:%M} UTC" if same_day and not post.day_only else written(post)
    if post.edited_at:
        same_day = post.edited_at.date() == post.created_at.date()
        time += f", edited {post.edited_at:%H:%M}" if same_day else f", edited {moment(post.edited_at)}"
    if versions := (*document.versions.get(post.id, ()), *editions(document.thread, post)):
        time += f", [{counted(len(versions), 'earlier version')}](#earlier-versions)"
    yield time
    yield link("original", post.url)
    yield from shown_by(document.thread, post)
    if others := contradictions(document.thread, post):
        yield f"[{counted(len(others), 'source')} shows it differently](#shown-differently)"


def _answering(document: Document, post: Post, role: Role, numbers: dict[str, int]) -> str:
    parent = next((node for node in document.thread.nodes if node.id == post.in_reply_to), None)
    if parent is None:
        return "in answer to somebody else" if role is Role.ANSWER else "in answer to a post that is not here"
    if parent.id not in numbers:
        return "in answer to a missing post"
    name = f"{KINDS[_role(document, parent)]} {numbers[parent.id]}".lower()
    return f"in answer to [{name}](#{name.replace(' ', '-')})"


def _since(document: Document, post: Post) -> Iterator[str]:
    """Yield what was learnt of a post after it was captured; its text stays."""
    for missing in document.thread.gone:
        if missing.id == post.id:
            yield f"**No longer there:** {sentence(line(cause(missing)))} The text above was captured before."
            return
    if seen := document.last_seen.get(post.id):
        yield (
            f"**Not shown at the last check**, {moment(_captured(document))}; last seen {moment(seen)}. "
            "That alone does not mean that it was deleted."
        )


def links(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield the list of what the author linked to; note marks inside the text would not be the author's."""
    found = [
        f"Post {numbers[post.id]}: {link(url, url)}"
        for post in _own_posts(document)
        for url in dict.fromkeys(target.url for target in html.links(post.content) if target.kind == "link")
    ]
    if found:
        yield "## Links"
        yield "\n".join(f"{number}. {text}" for number, text in enumerate(found, 1))


def earlier(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield what edited posts said before."""
    if document.versions or any(one.version for one in document.thread.observations):
        yield "## Earlier versions"
    for post in document.thread.posts:
        for edition in editions(document.thread, post):
            name = f"{KINDS[_role(document, post)]} {numbers[post.id]}"
            if not edition.content:
                yield f"{name} had an earlier version ({line(edition.version)}). Its text was not captured."
                continue
            yield f"{name} before it was edited, version {line(edition.version)}:"
            yield quote(markdown(edition.content))
        for version in document.versions.get(post.id, ()):
            yield f"{KINDS[_role(document, post)]} {numbers[post.id]} as captured on {moment(version.seen_at)}:"
            warning = f"**Content warning by the author:** {line(version.summary)}" if version.summary else ""
            yield quote(blocks(*filter(None, (warning, markdown(version.content)))))


def differences(document: Document, numbers: dict[str, int]) -> Iterator[str]:
    """Yield what other sources showed of posts, where that is another text."""
    found = [(post, one) for post in document.thread.posts for one in contradictions(document.thread, post)]
    if found:
        yield "## Shown differently"
    for post, one in found:
        yield f"{KINDS[_role(document, post)]} {numbers[post.id]} {observed(one)}:"
        yield quote(markdown(one.content))


def provenance(document: Document) -> Iterator[str]:
    """Yield where it all came from."""
    run = document.run
    hosts = ", ".join(line(host) for host in run.hosts)
    failures = "".join(f" Another way was tried and failed: {sentence(line(text))}" for text in run.failures)
    less = ", less what is withheld" if any(map(is_withheld, document.thread.nodes)) else ""
    yield "---"
    yield (
        f"**Provenance.** Collected by {line(run.tool)} from {hosts}, {counted(run.requests, 'request')}, "
        f"{span(run.started_at, _captured(document))}, by the route “{line(document.thread.route)}”.{failures} "
        f"Every answer is kept as it came{less}: run {line(run.id)} of the archive."
    )
    if run.receipt:
        yield f"**Receipt.** {line(run.receipt)}"


def _captured(document: Document) -> datetime:
    return document.run.finished_at or document.run.started_at


def _own_posts(document: Document) -> list[Post]:
    return [post for post in document.thread.posts if _role(document, post) in OWN]


def _first(document: Document) -> Post | None:
    """Return the author's first post, None where the archive withholds all of them."""
    return next(iter(_own_posts(document)), None)


def _written(document: Document) -> datetime:
    """Return when a thread began of which no post is shown."""
    return min((when for node in document.thread.nodes if (when := node.created_at)), default=_captured(document))


def _role(document: Document, node: Node) -> Role:
    return document.thread.roles[node.id]
