"""The document that people read: a thread as Markdown that shows exactly what was posted, in every common viewer.

Front matter, a header with the verdict, one `## Post N` for each post of the author, gaps where they are, branches and
answers behind the main line, then links, earlier versions and where it all came from. It is a pure function of the
document: the same archive gives the same bytes.
"""

from collections.abc import Iterator

from archiver.exporters import said, timeline
from archiver.exporters.links import links
from archiver.exporters.markdown_header import differences, earlier, front_matter, header, provenance
from archiver.exporters.markdown_post import body, gap
from archiver.exporters.markdown_words import blocks, byline, written
from archiver.exporters.remarks import remarks
from archiver.exporters.said import To
from archiver.exporters.style import USUAL, Style
from archiver.exporters.view import View
from archiver.exporters.wording import SECTIONS
from archiver.model import Document, Missing, Node, Post
from archiver.text.escape import image, link

FORMAT = "thread-md/1"


def render(document: Document, style: Style = USUAL) -> str:
    """Return the whole document, ending with a newline."""
    view = View(document, style)
    parts = [
        *header(view),
        *picture(view),
        *posts(view),
        *links(view),
        *earlier(view, view.posts),
        *differences(view, view.posts),
        *provenance(view),
    ]
    return f"{front_matter(view, FORMAT, {})}\n{blocks(*parts)}\n"


def picture(view: View) -> Iterator[str]:
    """Yield the timeline of a storm, which lies beside the document; its description says the same in words."""
    if timeline.is_shown(view):
        yield image(timeline.words_of(view), timeline.name(view.thread))


def posts(view: View) -> Iterator[str]:
    """Yield every post and every gap in reading order, a rule and a line before each kind but the main line."""
    for section, nodes in view.sections:
        if section in SECTIONS:
            yield "---"
            heading, about = SECTIONS[section]
            yield f"*{heading}: {about}{said.with_answers(view, section, nodes)}.*"
        for node in nodes:
            yield from shown(view, node)


def shown(view: View, node: Node) -> Iterator[str]:
    """Yield one post with its heading, or the gap in its place."""
    if isinstance(node, Missing):
        yield from gap(node, view)
        return
    yield f"## {view.names[node.id]}"
    yield " · ".join(_about(view, node))
    yield from body(node, view)
    yield from (written(view, remark.sentence) for remark in remarks(view, node))


def _about(view: View, post: Post) -> Iterator[str]:
    if not view.is_own(post):
        yield byline(post.author)
    if view.role(post) in SECTIONS:
        yield written(view, said.answering(view, post), _to_heading)
    edited, earlier, contradicted = said.edited(post), said.earlier(view, post), said.contradicted(view, post)
    times = [said.time(view, post).words, *([f"edited {edited.words}"] if edited else [])]
    yield ", ".join([*times, *([f"[{earlier}](#earlier-versions)"] if earlier else [])])
    yield link("original", post.url)
    if shown_by := said.shown_by(view, post):
        sentence, seen = shown_by
        yield written(view, (*sentence, ", ", said.captured(seen)) if seen else sentence)
    if contradicted:
        yield f"[{contradicted}](#shown-differently)"


def _to_heading(view: View, to: To) -> str:
    """Return a link to the heading of a post; a gap has none of its own."""
    name = view.names[to.id].lower()
    return to.words or f"[{name}](#{name.replace(' ', '-')})"
