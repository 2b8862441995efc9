"""HTML -> tokens, as the HTML standard's tokenizer cuts them (https://html.spec.whatwg.org/#tokenization).

Not `html.parser`: it takes quadratic time on unclosed comments and attributes (11 s for 80 KB), raises
AssertionError on `<![<!`, changes between Python releases, and reads the address `?a=1&section=2` as `?a=1§ion=2`.
The expressions below never go back over what they have read, so any input takes linear time.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from html.entities import html5

from archiver.text.characters import sound

Token = tuple[str, str]
TEXT = ""

_TOKEN = re.compile(
    r"""
      (?P<text> (?: [^<] | <(?![a-zA-Z/!?]) ) [^<]* (?: <(?![a-zA-Z/!?]) [^<]* )*+ )
    | < (?P<name> /?[a-zA-Z][^\s/>]*+ ) (?P<attributes> (?: =\s* (?: "[^"]*" | '[^']*' ) | [^>] )*+ ) >
    | <!-- (?: -?> | .*? (?: --!?> | \Z ) )
    | <[!?/] [^>]*+ (?: > | \Z )            # a doctype, or what browsers take for a comment
    | <[a-zA-Z] .*                          # a tag that never ends: nothing of it is shown
    """,
    re.VERBOSE | re.DOTALL,
)
_RAW_TEXT_END = {
    name: re.compile(rf"(?i)</{name}(?=[\s/>])")
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
_ATTRIBUTE = re.compile(r"""([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|([a-zA-Z][a-zA-Z0-9]*;))")


def tokens(html: str) -> Iterator[Token]:
    """Tags as (name, attributes as written), "/name" for an end tag; text as (TEXT, text).

    Names are lower case, character references in texts are decoded, comments and the contents of
    elements such as `script`, which are no markup, are left out.
    """
    html = sound(html.replace("\f", " "))
    position = 0
    while match := _TOKEN.match(html, position):
        position = match.end()
        if match["text"]:
            yield TEXT, sound(unescape(match["text"]))
        elif match["name"]:
            name, attributes = match["name"].lower(), match["attributes"]
            yield name, attributes
            if name in _RAW_TEXT_END and not attributes.endswith("/"):
                end = _RAW_TEXT_END[name].search(html, position)
                position = end.start() if end else len(html)


def source_of(token: Token) -> str:
    """The token as HTML."""
    name, value = token
    return escape(value, quote=False) if name == TEXT else f"<{name}{value}>"


def attributes_of(source: str) -> dict[str, str]:
    """The attributes of a tag by lower-case name; the first of two with one name counts."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(source):
        found.setdefault(name.lower(), _REFERENCE.sub(_referred, "".join(values)))
    return found


def _referred(reference: re.Match[str]) -> str:
    # In an attribute a name without its semicolon is no reference: "?a=1&copy=2" is what it seems.
    name = reference[1]
    return html5.get(name, reference[0]) if name else unescape(reference[0])
