"""The oracle: other people's Markdown parsers, what a reader sees of what they make, and texts that are hard to write.

A sample is right in a parser if the reader sees its blocks in their quotes and lists, each with its exact text, and
if no element is there that the sample did not ask for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from random import Random
from typing import NamedTuple

import markdown as python_markdown
from cmarkgfm.cmark import Options, markdown_to_html_with_extensions
from markdown_it import MarkdownIt

Render = Callable[[str], str]

CONTAINERS = ("blockquote", "ul", "ol", "li")
LEAVES = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre")
STRUCTURE = frozenset([*LEAVES, "br", "a"])
TOGETHER = 20
"""How many samples make one document: what leaks from one into the next is found too."""

_PIECES = r"""
\ ` * _ { } [ ] ( ) # + - . ! > < & | ~ ^ $ = % : @ " ' / ? ; ,
** __ *** ___ ``` ~~~ ~~ == %% $$ ++ -- ... ``x`` `x` *x* _x_ **x** __x__ ~x~ ~~x~~ ^x^ $x$ ==x== %%x%% ++x++
# ## #tag #1 ###### - + 1. 1) 2017. 10) a. iv) (1) (a) (@x) :- -: |- --- - - - *** ___ === = : ~ >x > ٣. ١)
| a|b |a|b| |---| :-: :smile: :x : !!! !!!note ??? ???+ /// ::: [TOC] [[x]] [x] [ ] [x][y] [x](y) ![x](y)
[^1] [^1]: [x]: *[x]: x[ ]x ![ ^[x] <b> </b> <b>x</b> </div> <div> <script> </script> <!-- --> <!--x--> <?x?>
<![CDATA[ <a@b.example> <http://x.example> <x <3 & &amp; &lt; &#35; &#x23; &copy &copy; &nope; &#
{{x}} {%x%} {:.x} {#x} {x} $1 \* \\ \[ \n a\b -@x @x @x@y.example a@b.example
http://x.example https://x.example/a_b_c https://x.example/*a*~b~ https://x.example/(a)_(b) HTTPS://X.EXAMPLE
https://x.example/?a=1&b=2 https://x.example/?a&copy;b https://x.example/a%20b https://xn--bcher-kva.example
https://x.example. https://x.example/) (https://x.example) http:// https://[::1]/x www. www.x.example www.x_y.example
https://x.example/a'b https://bücher.example/ü http://x.example/a|b ftp://x.example/a mailto:a@b.example x://y
javascript:x snake_case a_b_ _a_b 2*3*4 a*b* *a **a* x^2 5$ ~5 100% C# C++ AT&T 1.5 v1.x i.e. e.g. U.S.A.
12:30 :3 ;) :-) o_O ¯\_(ツ)_/¯ 日本語 「重要」 مرحبا שלום ｅ é é 👩‍👩‍👧 🏳️‍🌈 👍🏽 ❤️ ½ № “x” ‘x’ – — … « » • · İ ß ﬁ x y
"""
_SIGNS = "\t\u00a0\u3000\u2028\u2029\u200b\u200d\ufeff\u00ad\u202e\u2067"
NASTY = sorted({*_PIECES.split(), *_SIGNS})
"""Pieces of text that mean something to some parser, or look as if they did."""

GAPS = (" ", " ", " ", "", "", "", "\n", "\n", "\n\n", "  ", "    ", "\n\n\n", "\n    ", " \n", "\t")


class Shown(NamedTuple):
    """A block as a reader sees it: the quotes and lists around it, its element, and its text."""

    around: tuple[str, ...]
    tag: str
    text: str


class Sample(NamedTuple):
    """Markdown, what should be seen of it, how many quotes and lists it has, and which marks it may hold."""

    source: str
    markdown: str
    shown: list[Shown]
    containers: dict[str, int]
    marks: frozenset[str] = frozenset()


class View(NamedTuple):
    """What is seen below one heading: the blocks, and how often each element occurs."""

    blocks: list[Shown]
    elements: Counter[str]


def renderers() -> dict[str, Render]:
    """The parsers, set as their users have them set."""
    return {
        "cmark-gfm": _github(Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES),
        "cmark-gfm, no raw HTML": _github(Options.CMARK_OPT_DEFAULT),
        "markdown-it, CommonMark": MarkdownIt("commonmark").render,
        "markdown-it, GFM": _gfm_like().render,
        "Python-Markdown": python_markdown.markdown,
        "Python-Markdown, extra": lambda text: python_markdown.markdown(text, extensions=["extra"]),
    }


def wrong(render: Render, samples: Iterable[Sample]) -> list[Sample]:
    """The samples that are not shown as they should be, or that stand in one document with one that spoils it."""
    found: list[Sample] = []
    remaining = list(samples)
    while remaining:
        together, remaining = remaining[:TOGETHER], remaining[TOGETHER:]
        document = "\n\n".join(f"## Sample\n\n{sample.markdown}" for sample in together)
        views = views_of(render(document + "\n"))
        if len(views) != len(together):
            found += together
        else:
            found += [sample for sample, view in zip(together, views, strict=True) if not is_right(sample, view)]
    return found


def is_right(sample: Sample, view: View) -> bool:
    """Whether a reader sees what the sample says."""
    containers = {tag: view.elements[tag] for tag in CONTAINERS if view.elements[tag]}
    others = set(view.elements) - set(CONTAINERS) - STRUCTURE
    return (
        list(map(_comparable, view.blocks)) == list(map(_comparable, sample.shown))
        and containers == sample.containers
        and others <= sample.marks
    )


def views_of(html: str) -> list[View]:
    """What is seen below each `h2` of the HTML that a parser wrote."""
    viewer = _Viewer()
    viewer.feed(html)
    viewer.close()
    viewer.end_block()
    return viewer.views


def nasty_texts(seed: int, count: int) -> Iterator[str]:
    """Texts of two to twelve nasty pieces, none of them blank."""
    random = Random(seed)
    while count:
        pieces = random.choices(NASTY, k=random.randint(2, 12))
        text = "".join(piece + random.choice(GAPS) for piece in pieces)
        if text.strip():
            count -= 1
            yield text


def _github(options: int) -> Render:
    extensions = ["table", "strikethrough", "autolink", "tagfilter", "tasklist"]
    return lambda text: markdown_to_html_with_extensions(text, options, extensions)


def _gfm_like() -> MarkdownIt:
    if find_spec("linkify_it"):
        return MarkdownIt("gfm-like")
    return MarkdownIt("js-default", {"html": True})


def _comparable(shown: Shown) -> Shown:
    """The block with an empty line for one of a single blank: Markdown has no other way to write an empty line."""
    return shown._replace(text=re.sub(r"(?m)^ $", "", shown.text))


class _Viewer(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.views: list[View] = []
        self._around: list[str] = []
        self._tag = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._text += "\r"
        elif tag == "img":
            self._text += dict(attrs)["alt"] or ""
        elif tag in CONTAINERS or tag in LEAVES:
            self.end_block()
            self._around += [tag] if tag in CONTAINERS else []
            self._tag = tag if tag in LEAVES else ""
        if tag == "h2":
            self.views.append(View([], Counter()))
        else:
            self.views[-1].elements[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in CONTAINERS or tag in LEAVES:
            self.end_block()
        if tag in CONTAINERS:
            self._around.pop()

    def handle_data(self, data: str) -> None:
        self._text += data

    def end_block(self) -> None:
        if self._tag != "h2" and (self._tag or self._text.strip("\n ")):
            self.views[-1].blocks.append(Shown(tuple(self._around), self._tag or "p", self._shown_text()))
        self._tag, self._text = "", ""

    def _shown_text(self) -> str:
        if self._tag == "pre":
            return self._text.removesuffix("\n")
        text = re.sub(r"\n?\r\n?", "\r", self._text.strip("\n")).replace("\n", " ").replace("\r", "\n")
        # Python-Markdown leaves an item's indent at the start of its lines, and browsers do not show it.
        return re.sub(r"\n +", "\n", text) if "li" in self._around else text
