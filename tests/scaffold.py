"""Begin a platform: `make platform NAME=hackernews` writes its file, ready to be filled in from the top down."""

import keyword
import re
import sys
from pathlib import Path

PLATFORMS = Path(__file__).parent.parent / "archiver" / "platforms"

TEMPLATE = '''"""{title}: whose URLs these are, and the way to a whole thread. LINK TO THE DOCUMENTATION OF THE API"""

import re

from archiver.http.message import Request
from archiver.model import Author, Post, utc
from archiver.routes import Platform, Ref, Route, Steps
from archiver.text import html
from archiver.threads.assemble import assemble
from archiver.threads.completeness import Proof

SITE = "https://{name}.example"
FORM = re.compile(r"https?://{name}\\\\.example/item/(?P<id>[0-9]+)$")


def match(url: str) -> Ref | None:
    """Recognise a post by its address."""
    found = FORM.match(url)
    return Ref(url=url, site=SITE, id=found["id"]) if found else None


def whole(ref: Ref) -> Steps:
    """Collect the thread that a post belongs to."""
    response = yield Request(url=f"{{SITE}}/api/{{ref.id}}")
    posts = [parse_post(item) for item in response.json()["posts"]]
    return assemble(
        platform="{name}",
        nodes=posts,
        focus=ref.id,
        start=posts[0].id,
        proof=Proof(),  # proves nothing yet: what does the server count, and how is the end seen?
        replies=ref.replies,
    )


def parse_post(item: dict[str, str]) -> Post:
    """Read one post."""
    return Post(
        id=item["id"],
        url=f"{{SITE}}/item/{{item['id']}}",
        author=Author(id=item["by"], handle=item["by"]),
        created_at=utc(item["time"]),
        content=html.clean(item["html"], SITE),
        in_reply_to=item.get("parent"),
    )


platform = Platform(
    name="{name}",
    title="{title}",
    match=match,
    routes=(Route(name="whole", steps=whole),),
    examples=("https://{name}.example/item/1",),
)
'''


def skeleton(name: str) -> str:
    """Return the source of a platform of this name."""
    return TEMPLATE.format(name=name, title=name.title()).replace("\\\\", "\\")


def main(name: str) -> None:
    """Write the file of a new platform and say what comes next."""
    if not re.fullmatch(r"[a-z][a-z0-9]+", name) or keyword.iskeyword(name):
        sys.exit("usage: make platform NAME=hackernews (small letters and digits)")
    path = PLATFORMS / f"{name}.py"
    if path.exists() or (PLATFORMS / name).exists():
        sys.exit(f"{path} is there already")
    path.write_text(skeleton(name), encoding="utf-8")
    print(f"{path}\nnext: fill it in, add it to BUILT_IN in archiver/platforms/__init__.py,")
    print(f"      make record URL=https://… CASE={name}/first-thread, make golden; docs/adding-a-platform.md")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
