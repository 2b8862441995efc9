"""Random posts as HTML, each with the blocks that a reader should see of it."""

import re
from collections.abc import Iterator
from html import escape
from random import Random

from oracle import NASTY, Shown

WORDS = (*NASTY, "water", "test", "これは", "「重要」", "です", "a", "B", "7")
INLINE = ("em", "strong", "del", "code", "i", "b", "s", "span", "u", "sup")


def html_posts(seed: int, count: int) -> Iterator["HtmlPost"]:
    """Posts that show at least one block."""
    random = Random(seed)
    while count:
        post = HtmlPost(random)
        if post.shown:
            count -= 1
            yield post


class HtmlPost:
    """One random post: its source, and what should be seen of it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.shown: list[Shown] = []
        self.html = self._blocks((), random.randint(1, 4))

    def _blocks(self, around: tuple[str, ...], count: int) -> str:
        kinds = [self._paragraph, self._paragraph, self._heading, self._code, self._quote, self._list]
        kinds = kinds if len(around) < 4 else kinds[:4]
        return "\n".join(self._random.choice(kinds)(around) for _ in range(count))

    def _paragraph(self, around: tuple[str, ...]) -> str:
        return f"<p>{self._lines(around)}</p>"

    def _heading(self, around: tuple[str, ...]) -> str:
        return f"<h3>{self._lines(around)}</h3>"

    def _code(self, around: tuple[str, ...]) -> str:
        lines = [" " * self._random.randint(0, 5) + self._words() for _ in range(self._random.randint(1, 3))]
        # Python-Markdown makes blanks of every tab, and there is code that is not written as code.
        text = "\n".join(re.sub(r"&#|[\t\u2028\u2029]", "", line).rstrip() for line in lines).strip("\n")
        if text.strip():
            self.shown.append(Shown(around, "pre", text))
        return f"<pre><code>{escape(text)}\n</code></pre>"

    def _quote(self, around: tuple[str, ...]) -> str:
        return f"<blockquote>{self._blocks((*around, 'blockquote'), self._random.randint(1, 2))}</blockquote>"

    def _list(self, around: tuple[str, ...]) -> str:
        tag = self._random.choice(["ul", "ol", 'ol start="7"'])
        inside = (*around, tag[:2], "li")
        items = ""
        for _ in range(self._random.randint(1, 3)):
            text, more = self._lines(inside), self._blocks(inside, self._random.choice([0, 0, 0, 1]))
            items += f"<li><p>{text}</p>{more}</li>\n"
        return f"<{tag}>{items}</{tag[:2]}>"

    def _lines(self, around: tuple[str, ...]) -> str:
        """One to three lines of text; they are one block that is seen."""
        lines = [self._runs() for _ in range(self._random.choice([1, 1, 2, 3]))]
        text = "\n".join(re.sub(r"[ \t\n]+", " ", text).strip(" ") for _, text in lines).strip("\n")
        if text:
            self.shown.append(Shown(around, "p", text))
        return "<br>".join(html for html, _ in lines)

    def _runs(self) -> tuple[str, str]:
        runs = [self._run() for _ in range(self._random.randint(1, 5))]
        return "".join(html for html, _ in runs), "".join(text for _, text in runs)

    def _run(self) -> tuple[str, str]:
        """HTML, and the text in it."""
        text = self._words()
        html, kind = escape(text, quote=False), self._random.random()
        if kind < 0.4:
            return html, text
        if kind < 0.5:
            return f'<a href="https://x.example/a_b?c=(d)&amp;e" class="u-url mention">{html}</a>', text
        if kind < 0.55:
            reading = text.strip() or "kan"
            return f"<ruby>漢<rp>(</rp><rt>{escape(reading)}</rt><rp>)</rp></ruby>", f"漢({reading})"
        inner, text = self._run() if kind < 0.7 else (html, text)
        tag = self._random.choice(INLINE)
        return f"<{tag}>{inner}</{tag}>", text

    def _words(self) -> str:
        words = self._random.choices(WORDS, k=self._random.randint(1, 3))
        gap = self._random.choice(["", " ", " "])
        return self._random.choice(["", " "]) + gap.join(words) + self._random.choice(["", " "])
