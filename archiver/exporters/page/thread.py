"""A thread as one page that needs nothing else: no network, no script, no font. Its pictures lie beside it.

A pure function of the document: the same archive gives the same bytes.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import groupby

from archiver.exporters import said, timeline
from archiver.exporters.page.head import masthead, provenance
from archiver.exporters.page.post import node
from archiver.exporters.page.style import STYLE
from archiver.exporters.page.tags import Content, Safe, joined, line, tag
from archiver.exporters.style import USUAL, Style
from archiver.exporters.view import View
from archiver.exporters.wording import SECTIONS as BESIDE
from archiver.exporters.wording import sentence
from archiver.model import Document, Kind, Role

SECTIONS = {
    Role.CONTEXT: ("What it answers", "other people’s posts that the thread answers"),
    Role.MAIN: ("The thread", ""),
    **BESIDE,
}
FORMAT = "thread-page/1"
IN_ORDER = ("The posts", "all that the author wrote in this time, in the order of the times")


def page(document: Document, style: Style = USUAL, *, home: str = "") -> str:
    """Return the whole page; `home` leads to the list of threads if there is one."""
    view = View(document=document, style=style)
    picture = timeline.inline(view)
    main = tag("main", picture, sections(view), id="thread", tabindex=-1)
    back = tag("nav", tag("a", "All threads", href=home), aria_label="Archive", class_="home") if home else None
    return whole(
        line(view.title),
        [back, masthead(view), main, provenance(view)],
        skip=("#thread", "Skip to the posts"),
        about=_about(document, style),
    )


def _about(document: Document, style: Style) -> str:
    """Return what the page says of itself to whoever verifies it: the same as the front matter of a document."""
    told = {
        "format": FORMAT,
        "source": document.thread.url,
        "receipt": document.run.receipt,
        "pseudonyms": style.pseudonyms,
        "zone": str(style.zone or ""),
    }
    return json.dumps(told, ensure_ascii=False)


def sections(view: View) -> Iterator[Safe]:
    """Yield the posts and gaps in reading order, a section for each part of the thread."""
    storm = view.thread.kind is Kind.STORM
    runs = groupby(view.thread.nodes, lambda one: _section(view.part[one.id], storm))
    for number, ((heading, about), run) in enumerate(runs, 1):
        nodes = list(run)
        told = sentence(about + said.with_answers(view, view.part[nodes[0].id], nodes)) if about else None
        yield tag(
            "section",
            tag("h2", heading, id=f"part-{number}"),
            tag("p", told, class_="about") if told else None,
            [node(view, one) for one in nodes],
            aria_labelledby=f"part-{number}",
        )


def _section(role: Role, storm: bool) -> tuple[str, str]:
    if storm and role in (Role.MAIN, Role.OTHER):
        return IN_ORDER
    return SECTIONS.get(role, SECTIONS[Role.REPLY])


def whole(
    name: str,
    body: Content,
    *,
    skip: tuple[str, str],
    script: str = "",
    data: str = "",
    forms: bool = False,
    about: str = "",
) -> str:
    """Return an HTML document that may load nothing but pictures, films and sounds from where it lies itself."""
    policy = (
        f"default-src 'none'; style-src '{_digest(STYLE)}'; img-src 'self'; media-src 'self'; "
        + (f"script-src '{_digest(script)}'; " if script else "")
        + ("base-uri 'none'; form-action 'self'" if forms else "base-uri 'none'; form-action 'none'")
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Safe(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content="thread-archiver"),
        tag("meta", name="thread-archiver", content=about) if about else None,
        tag("title", name or "Without a title"),
        Safe(f"<style>{STYLE}</style>"),
    )
    to, words = skip
    parts = joined(
        tag("a", words, href=to, class_="skip"),
        body,
        Safe(f'<script type="application/json" id="data">{data}</script>') if data else None,
        Safe(f"<script>{script}</script>") if script else None,
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', parts), lang='en')}\n"


def _digest(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
