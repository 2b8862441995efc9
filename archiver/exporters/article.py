"""The thread as one running text: what the author posted, paragraph after paragraph, each linked to its post.

Not a word is changed. What is not the author's stands in brackets, or in the marks that lead to the posts: [7] is the
seventh, and the list of sources at the end says when it was written. Branches, answers and replies are in the record,
or in an appendix.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archiver.exporters.aside import Aside, aside
from archiver.exporters.frame import differences, earlier, front_matter, header, provenance
from archiver.exporters.numbers import captured_at, named, numbered, own_posts, role_of, whose, with_answers
from archiver.exporters.post import beside, blocks, body, byline, card, lacking, remark, warnings
from archiver.exporters.remarks import remarks
from archiver.exporters.sources import editions
from archiver.exporters.style import USUAL, Style
from archiver.exporters.words import SECTIONS, counted, moment, sentence, written
from archiver.model import Document, Missing, Node, Post, Role
from archiver.text.blocks import Block, Mark, Run, write
from archiver.text.escape import link, yaml
from archiver.text.markdown import markdown
from archiver.text.reader import read
from archiver.threads.assemble import parts

FORMAT = "thread-article/1"
BESIDE = {**SECTIONS, Role.OTHER: ("Other posts", "what other people wrote, in the same source")}
"""What an appendix has: the heading of each part, and what it is."""

_NOTHING = "<!-- -->"
_OPEN = re.compile(r"- |>")  # a list or a quote, which what follows may be taken for a part of
_MERGING = re.compile(r"[->]|\d+\. |    ")


def article(document: Document, style: Style = USUAL) -> str:
    """Return the whole article, ending with a newline."""
    thread, numbers = document.thread, numbered(document)
    line = [post for post in thread.posts if role_of(document, post) is Role.MAIN]
    without = aside(line)
    shown = [node for node in thread.nodes if style.replies or role_of(document, node) not in BESIDE]
    part = replace(document, thread=replace(thread, nodes=tuple(shown)))
    more = {"mode": "article"}
    if without:
        more["numbering"] = f"[{', '.join(yaml(found.mark) for found in without.values())}]"
    parts = [
        *header(document, style),
        *running(part, numbers, without, style),
        *(_beside(part, numbers, style) if style.replies else _left_out(document)),
        *_sources(document, line, numbers),
        *earlier(part, numbers),
        *differences(part, numbers),
        *provenance(document, style),
    ]
    return f"{front_matter(document, FORMAT, style, more)}\n{blocks(*parts)}\n"


def running(
    document: Document, numbers: Mapping[str, int], without: Mapping[str, Aside], style: Style = USUAL
) -> Iterator[str]:
    """Yield the running text, with a comment where two posts would run together that must not."""
    before = ""
    for node in document.thread.nodes:
        for part in _parts(document, node, numbers, without, style):
            if _OPEN.match(before) and _MERGING.match(part):
                yield _NOTHING
            yield part
            before = part


def _parts(
    document: Document, node: Node, numbers: Mapping[str, int], without: Mapping[str, Aside], style: Style
) -> Iterator[str]:
    role = role_of(document, node)
    if role not in (Role.MAIN, Role.CONTEXT):
        return
    if isinstance(node, Missing):
        yield f"\\[{lacking(node, whose(document, node))}\\]"
    elif role is Role.CONTEXT:
        yield "\\[In answer to:\\]"
        yield card(node, "answered post", captured_at(document), style, 0)
    else:
        yield from warnings(node)
        yield linked(without[node.id].content if node.id in without else node.content, numbers[node.id], node.url)
        yield from beside(node, captured_at(document), style)
        yield from (f"\\[{remark(one)}\\]" for one in remarks(document, node))


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


def _left_out(document: Document) -> Iterator[str]:
    """Yield the word on what else the author wrote in the thread."""
    more = sum(role_of(document, post) is not Role.MAIN for post in own_posts(document))
    if more:
        are = "is" if more == 1 else "are"
        yield f"\\[{counted(more, 'more post')} by the author, beside the main line, {are} in the record.\\]"


def _beside(document: Document, numbers: dict[str, int], style: Style) -> Iterator[str]:
    """Yield what was written beside the main line, by the author and by others, each kind under its heading."""
    part = parts(document.thread.nodes, document.thread.roles)
    for role, (heading, about) in BESIDE.items():
        nodes = [node for node in document.thread.nodes if part[node.id] is role]
        if nodes:
            yield f"## {heading}"
            yield f"*{sentence(about + with_answers(document, role, nodes))}*"
        for node in nodes:
            yield from _aside(document, node, numbers, style)


def _aside(document: Document, node: Node, numbers: dict[str, int], style: Style) -> Iterator[str]:
    if isinstance(node, Missing):
        yield f"\\[{lacking(node, whose(document, node))}\\]"
        return
    yield f"### {named(document, node, numbers)}"
    parent = next((one for one in document.thread.posts if one.id == node.in_reply_to), None)
    to = [f"in answer to {named(document, parent, numbers).lower()}"] if parent else []
    yield " · ".join([byline(node.author), *to, written(node), link("original", node.url)])
    yield from body(node, captured_at(document), style)
    yield from map(remark, remarks(document, node))


def _sources(document: Document, line: list[Post], numbers: Mapping[str, int]) -> Iterator[str]:
    """Yield the list of the posts that the text is made of; its numbers are those in the text."""
    if line:
        yield "## Sources"
        yield "\n".join(f"{numbers[post.id]}. {_source(document, post)}" for post in line)


def _source(document: Document, post: Post) -> str:
    edited = f", edited {moment(post.edited_at)}" if post.edited_at else ""
    if versions := (*document.versions.get(post.id, ()), *editions(document.thread, post)):
        edited += f", [{counted(len(versions), 'earlier version')}](#earlier-versions)"
    return link(written(post), post.url) + edited
