"""The thread as one running text: what the author posted, paragraph after paragraph, each linked to its post.

Not a word is changed. What is not the author's stands in brackets, or in the marks that lead to the posts: [7] is the
seventh, and the list of sources at the end says when it was written. Branches, answers and replies are in the record,
or in an appendix.
"""

import re
from collections.abc import Iterator, Mapping

from archiver.exporters import said
from archiver.exporters.markdown_header import differences, earlier, front_matter, header, provenance
from archiver.exporters.markdown_post import beside, body, card, warnings
from archiver.exporters.markdown_words import blocks, byline, written
from archiver.exporters.numbering_aside import Aside, aside
from archiver.exporters.remarks import remarks
from archiver.exporters.style import USUAL, Style
from archiver.exporters.view import View
from archiver.exporters.wording import SECTIONS, counted, moment, sentence
from archiver.exporters.wording import written as date_of
from archiver.model import Document, Missing, Node, Post, Role
from archiver.text.blocks import Block, Mark, Run, write
from archiver.text.escape import link, yaml
from archiver.text.markdown import markdown
from archiver.text.reader import read

FORMAT = "thread-article/1"
BESIDE = {**SECTIONS, Role.OTHER: ("Other posts", "what other people wrote, in the same source")}
"""What an appendix has: the heading of each part, and what it is."""

_NOTHING = "<!-- -->"
_OPEN = re.compile(r"- |>")  # a list or a quote, which what follows may be taken for a part of
_MERGING = re.compile(r"[->]|\d+\. |    ")


def article(document: Document, style: Style = USUAL) -> str:
    """Return the whole article, ending with a newline."""
    view = View(document, style)
    line = [post for post in view.posts if view.role(post) is Role.MAIN]
    without = aside(line)
    shown = [post for post in view.posts if style.replies or view.role(post) not in BESIDE]
    more = {"mode": "article"}
    if without:
        more["numbering"] = f"[{', '.join(yaml(found.mark) for found in without.values())}]"
    parts = [
        *header(view),
        *running(view, without),
        *(_beside(view) if style.replies else _left_out(view)),
        *_sources(view, line),
        *earlier(view, shown),
        *differences(view, shown),
        *provenance(view),
    ]
    return f"{front_matter(view, FORMAT, more)}\n{blocks(*parts)}\n"


def running(view: View, without: Mapping[str, Aside]) -> Iterator[str]:
    """Yield the running text, with a comment where two posts would run together that must not."""
    before = ""
    for node in view.thread.nodes:
        for part in _parts(view, node, without):
            if _OPEN.match(before) and _MERGING.match(part):
                yield _NOTHING
            yield part
            before = part


def _parts(view: View, node: Node, without: Mapping[str, Aside]) -> Iterator[str]:
    role = view.role(node)
    if role not in (Role.MAIN, Role.CONTEXT):
        return
    if isinstance(node, Missing):
        yield f"\\[{written(view, said.gap(view, node))}\\]"
    elif role is Role.CONTEXT:
        yield "\\[In answer to:\\]"
        yield card(node, "answered post", view)
    else:
        yield from warnings(node, view)
        yield linked(without[node.id].content if node.id in without else node.content, view.numbers[node.id], node.url)
        yield from beside(node, view)
        yield from (f"\\[{written(view, remark.sentence)}\\]" for remark in remarks(view, node))


def linked(content: str, number: int, url: str) -> str:
    """Return a post's text as Markdown in which each paragraph ends with the number of its post, linked to it."""
    marked = [_marked(block, number, url) for block in read(content)]
    if not marked or not _can_be_marked(marked[-1]):
        marked.append(Block((), "p", ((_link(number, url),),)))
    return markdown(write(marked))


def _marked(block: Block, number: int, url: str) -> Block:
    if not _can_be_marked(block):
        return block
    *lines, last = block.lines
    return block._replace(lines=(*lines, (*last, Run(" "), _link(number, url))))


def _can_be_marked(block: Block) -> bool:
    return block.tag == "p" and not block.containers


def _link(number: int, url: str) -> Run:
    return Run(f"[{number}]", (Mark("a", href=url),))


def _left_out(view: View) -> Iterator[str]:
    """Yield the word on what else the author wrote in the thread."""
    more = sum(view.role(post) is not Role.MAIN for post in view.own)
    if more:
        are = "is" if more == 1 else "are"
        yield f"\\[{counted(more, 'more post')} by the author, beside the main line, {are} in the record.\\]"


def _beside(view: View) -> Iterator[str]:
    """Yield what was written beside the main line, by the author and by others, each kind under its heading."""
    for role, (heading, about) in BESIDE.items():
        nodes = [node for node in view.thread.nodes if view.part[node.id] is role]
        if nodes:
            yield f"## {heading}"
            yield f"*{sentence(about + said.with_answers(view, role, nodes))}*"
        for node in nodes:
            yield from _aside(view, node)


def _aside(view: View, node: Node) -> Iterator[str]:
    if isinstance(node, Missing):
        yield f"\\[{written(view, said.gap(view, node))}\\]"
        return
    yield f"### {view.names[node.id]}"
    parent = view.nodes.get(node.in_reply_to or "")
    to = [f"in answer to {view.names[parent.id].lower()}"] if isinstance(parent, Post) else []
    yield " · ".join([byline(node.author), *to, date_of(node), link("original", node.url)])
    yield from body(node, view)
    yield from (written(view, remark.sentence) for remark in remarks(view, node))


def _sources(view: View, line: list[Post]) -> Iterator[str]:
    """Yield the list of the posts that the text is made of; its numbers are those in the text."""
    if line:
        yield "## Sources"
        yield "\n".join(f"{view.numbers[post.id]}. {_source(view, post)}" for post in line)


def _source(view: View, post: Post) -> str:
    edited = f", edited {moment(post.edited_at)}" if post.edited_at else ""
    if earlier := said.earlier(view, post):
        edited += f", [{earlier}](#earlier-versions)"
    return link(date_of(post), post.url) + edited
