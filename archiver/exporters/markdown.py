"""The document that people read: a thread as Markdown that shows exactly what was posted, in every common viewer.

Front matter, a header with the verdict, one `## Post N` for each post of the author, gaps where they are, branches and
answers behind the main line, then links, earlier versions and where it all came from. It is a pure function of the
document: the same archive gives the same bytes.
"""

from collections.abc import Iterator

from archiver.exporters import timeline
from archiver.exporters.frame import differences, earlier, front_matter, header, observed, provenance
from archiver.exporters.links import links
from archiver.exporters.numbers import answering, whose, with_answers
from archiver.exporters.post import blocks, body, byline, gap, remark
from archiver.exporters.remarks import remarks
from archiver.exporters.style import USUAL, Style
from archiver.exporters.view import View
from archiver.exporters.words import SECTIONS, counted, moment, source, written
from archiver.model import Author, Document, Missing, Node, Post
from archiver.text.escape import image, line, link

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
            yield f"*{heading}: {about}{with_answers(view, section, nodes)}.*"
        for node in nodes:
            yield from shown(view, node)


def shown(view: View, node: Node) -> Iterator[str]:
    """Yield one post with its heading, or the gap in its place."""
    if isinstance(node, Missing):
        yield from gap(node, whose(view, node))
        return
    yield f"## {view.names[node.id]}"
    yield " · ".join(_about(view, node))
    yield from body(node, view)
    yield from map(remark, remarks(view, node))


def _about(view: View, post: Post) -> Iterator[str]:
    is_own = view.is_own(post)
    if not is_own:
        yield byline(post.author)
    if view.role(post) in SECTIONS:
        yield answering(view, post, _to_post, _to_author)
    same_day = is_own and view.first and post.dated_at.date() == view.first.created_at.date()
    time = f"{post.dated_at:%H:%M} UTC" if same_day and not post.day_only else written(post)
    if post.edited_at:
        same_day = post.edited_at.date() == post.dated_at.date()
        time += f", edited {post.edited_at:%H:%M}" if same_day else f", edited {moment(post.edited_at)}"
    if versions := view.earlier(post):
        time += f", [{counted(len(versions), 'earlier version')}](#earlier-versions)"
    yield time
    yield link("original", post.url)
    yield from shown_by(view, post)
    if others := view.contradictions.get(post.id):
        yield f"[{counted(len(others), 'source')} shows it differently](#shown-differently)"


def shown_by(view: View, post: Post) -> Iterator[str]:
    """Yield who showed a post, where that differs from post to post, and where to look at it."""
    if view.only_place or not post.route:
        return
    seen = view.shown_by(post)
    if post.route != view.thread.route or (seen and seen.url):
        yield observed(seen) if seen else f"as shown by {line(source(post.route))}"


def _to_post(name: str) -> str:
    return f"[{name}](#{name.replace(' ', '-')})"


def _to_author(author: Author) -> str:
    return link(f"@{author.handle}", author.url) if author.handle else line(author.name)
