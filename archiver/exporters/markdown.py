"""The document that people read: a thread as Markdown that shows exactly what was posted, in every common viewer.

Front matter, a header with the verdict, one `## Post N` for each post of the author, gaps where they are, branches and
answers behind the main line, then links, earlier versions and where it all came from. It is a pure function of the
document: the same archive gives the same bytes.
"""

from collections.abc import Iterator

from archiver.exporters import timeline
from archiver.exporters.frame import differences, earlier, front_matter, header, provenance
from archiver.exporters.links import links
from archiver.exporters.numbers import KINDS as KINDS
from archiver.exporters.numbers import answering, captured_at, first_of, named, sections, whose, with_answers
from archiver.exporters.numbers import numbered as numbered
from archiver.exporters.post import blocks, body, byline, gap, remark
from archiver.exporters.remarks import remarks
from archiver.exporters.sources import contradictions, editions, shown_by
from archiver.exporters.style import USUAL, Style
from archiver.exporters.words import SECTIONS, counted, moment, written
from archiver.model import Author, Document, Missing, Node, Post, Role
from archiver.text.escape import image, line, link
from archiver.threads.completeness import OWN

FORMAT = "thread-md/1"


def render(document: Document, style: Style = USUAL) -> str:
    """Return the whole document, ending with a newline."""
    numbers = numbered(document)
    parts = [
        *header(document, style),
        *picture(document),
        *posts(document, numbers, style),
        *links(document, numbers),
        *earlier(document, numbers),
        *differences(document, numbers),
        *provenance(document, style),
    ]
    return f"{front_matter(document, FORMAT, style, {})}\n{blocks(*parts)}\n"


def picture(document: Document) -> Iterator[str]:
    """Yield the timeline of a storm, which lies beside the document; its description says the same in words."""
    if timeline.is_shown(document):
        yield image(timeline.words_of(document), timeline.name(document))


def posts(document: Document, numbers: dict[str, int], style: Style) -> Iterator[str]:
    """Yield every post and every gap in reading order, a rule and a line before each kind but the main line."""
    for section, nodes in sections(document):
        if section in SECTIONS:
            yield "---"
            heading, about = SECTIONS[section]
            yield f"*{heading}: {about}{with_answers(document, section, nodes)}.*"
        for node in nodes:
            yield from shown(document, node, document.thread.roles[node.id], numbers, style)


def shown(document: Document, node: Node, role: Role, numbers: dict[str, int], style: Style) -> Iterator[str]:
    """Yield one post with its heading, or the gap in its place."""
    if isinstance(node, Missing):
        yield from gap(node, whose(document, node))
        return
    yield f"## {named(document, node, numbers)}"
    yield " · ".join(_about(document, node, role, numbers))
    yield from body(node, captured_at(document), style)
    yield from map(remark, remarks(document, node))


def _about(document: Document, post: Post, role: Role, numbers: dict[str, int]) -> Iterator[str]:
    if role not in OWN:
        yield byline(post.author)
    if role in SECTIONS:
        yield answering(document, post, numbers, _to_post, _to_author)
    first = first_of(document)
    same_day = first and post.dated_at.date() == first.created_at.date() and role in OWN
    time = f"{post.dated_at:%H:%M} UTC" if same_day and not post.day_only else written(post)
    if post.edited_at:
        same_day = post.edited_at.date() == post.dated_at.date()
        time += f", edited {post.edited_at:%H:%M}" if same_day else f", edited {moment(post.edited_at)}"
    if versions := (*document.versions.get(post.id, ()), *editions(document.thread, post)):
        time += f", [{counted(len(versions), 'earlier version')}](#earlier-versions)"
    yield time
    yield link("original", post.url)
    yield from shown_by(document.thread, post)
    if others := contradictions(document.thread, post):
        yield f"[{counted(len(others), 'source')} shows it differently](#shown-differently)"


def _to_post(name: str) -> str:
    return f"[{name}](#{name.replace(' ', '-')})"


def _to_author(author: Author) -> str:
    return link(f"@{author.handle}", author.url) if author.handle else line(author.name)
