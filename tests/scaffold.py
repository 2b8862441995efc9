"""Begin a platform: `make platform NAME=hackernews` writes its file, a first case and a first test, and registers it.

What it writes passes `make platform-check NAME=hackernews` at once, and claims nothing that it does not know.
"""

import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CASE = "first-thread"

PLATFORM = '''"""{title}: whose URLs these are, and the way to a whole thread. LINK TO THE DOCUMENTATION OF THE API

Requests for a thread of N posts: one.
"""

import re
from typing import Any

from archiver.calls import answer
from archiver.http.message import Request
from archiver.json_names import JsonNames
from archiver.model import Author, Post, utc
from archiver.routes import Platform, Ref, Route, Steps
from archiver.text import html
from archiver.threads.assemble import assemble
from archiver.threads.completeness import Proof

SITE = "https://{name}.example"
FORM = re.compile(r"https?://{name}\\.example/item/(?P<id>[0-9]+)")


def match(url: str) -> Ref | None:
    """Recognise a post by its address."""
    form = FORM.fullmatch(url)
    return Ref(url=url, site=SITE, id=form["id"]) if form else None


def whole(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to."""
    response = yield Request(url=f"{{SITE}}/api/{{ref.id}}")
    posts = [parse_post(item) for item in answer(response)["posts"]]
    return assemble(
        platform="{name}",
        nodes=posts,
        focus=ref.id,
        start=posts[0].id,
        proof=Proof(),  # proves nothing yet: what does the server count, and how is the end seen?
        replies=ref.replies,
    )


def parse_post(item: dict[str, Any]) -> Post:
    """Read one post."""
    return Post(
        id=item["id"],
        url=f"{{SITE}}/item/{{item['id']}}",
        author=Author(id=item["by"], handle=item["by"]),
        created_at=utc(item["time"]),
        content=html.clean(item["text"], SITE),
        in_reply_to=item.get("parent"),
    )


platform = Platform(
    name="{name}",
    title="{title}",
    match=match,
    routes=(Route(name="whole", steps=whole),),
    examples=("https://{name}.example/item/1",),
    names=JsonNames(kept=frozenset(("by", "parent", "time"))),  # what stays where a post is withheld
)
'''

CASE_FILE = """# Invented people and words only.
url = "https://{name}.example/item/2"
date = 2026-03-12T17:20:05Z
left_out = []
tree = ["1 ann, main", " 2 ann, main", "  3 ann, main"]

[[posts]]
id = "1"
by = "ann"
time = "2026-03-12T12:00:00Z"
text = "<p>The reading room opens at seven.</p>"

[[posts]]
id = "2"
by = "ann"
time = "2026-03-12T12:01:00Z"
text = "<p>One lamp is lit. <em>Nobody</em> is there yet.</p>"
parent = "1"

[[posts]]
id = "3"
by = "ann"
time = "2026-03-12T12:02:00Z"
text = "<p>Now the door.</p>"
parent = "2"

[[answers]]
get = "https://{name}.example/api/2"
json = {{ posts = "$posts" }}
"""

TEST = '''"""{title}: what gives no thread; all that gives one is a case in fixtures/{name}."""

import pytest
from samples import an_exchange

from archiver.errors import Gone, ParseError
from archiver.http.outcome import decided
from archiver.platforms.{name} import platform
from archiver.routes import collect


@pytest.mark.parametrize(("status", "error"), [(404, Gone), (200, ParseError)])
def test_an_answer_without_a_thread_is_an_error(status: int, error: type[Exception]) -> None:
    ref = platform.match("https://{name}.example/item/1")
    assert ref is not None
    with pytest.raises(error):
        collect(platform, ref, lambda request: decided(an_exchange(request.url, request=request, status=status)))


def test_the_address_of_somebody_else_is_not_taken() -> None:
    assert platform.match("https://elsewhere.example/item/1") is None
'''


def skeleton(name: str) -> str:
    """Return the source of a platform of this name."""
    return PLATFORM.format(name=name, title=name.title())


def files(name: str) -> dict[str, str]:
    """Return what a new platform begins with, by the paths of the files."""
    words = {"name": name, "title": name.title()}
    return {
        f"archiver/platforms/{name}.py": skeleton(name),
        f"fixtures/{name}/{CASE}/case.toml": CASE_FILE.format(**words),
        f"tests/test_{name}.py": TEST.format(**words),
    }


def registered(source: str, name: str) -> str:
    """Return the source of the registry with one more platform, before Mastodon: that one is on any host."""
    lines = source.splitlines()
    imports = [line for line in lines if line.startswith("from archiver.platforms.")]
    place = next((line for line in imports if line > f"from archiver.platforms.{name} "), "from archiver.routes")
    at = next(number for number, line in enumerate(lines) if line.startswith(place))
    lines.insert(at, f"from archiver.platforms.{name} import platform as {name}")
    return re.sub(r"(?m)^(BUILT_IN\b.*)mastodon\)", rf"\1{name}, mastodon)", "\n".join(lines) + "\n", count=1)


def main(name: str, root: Path = ROOT) -> None:
    """Write the files of a new platform, register it, and say what comes next."""
    if not re.fullmatch(r"[a-z][a-z0-9]+", name) or keyword.iskeyword(name):
        sys.exit("usage: make platform NAME=hackernews (small letters and digits)")
    package = root / "archiver" / "platforms"
    if (package / f"{name}.py").exists() or (package / name).exists():
        sys.exit(f"{package / name} is there already")
    for path, text in files(name).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        print(path)
    registry = package / "__init__.py"
    registry.write_text(registered(registry.read_text(encoding="utf-8"), name), encoding="utf-8")
    print(f"next: make golden docs; make platform-check NAME={name}; docs/adding-a-platform.md")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
