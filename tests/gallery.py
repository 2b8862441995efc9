"""A Mastodon server on 127.0.0.1 whose posts show files."""

from fediverse import Mastodon
from hosted import Hosted, Reply
from pictures import portrait


class Gallery(Hosted):
    """A Mastodon server with files; `asked` is how often each address of one was asked for."""

    def __init__(self) -> None:
        self.posts = Mastodon()
        self.files: dict[str, Reply] = {}
        super().__init__(self.posts)
        self.posts.site = self.site
        self.show("avatars/ann.png", portrait("ann"))

    def respond(self, path: str) -> Reply:
        return self.files.get(path) or super().respond(path)

    def show(self, name: str, content: bytes, kind: str = "image/png") -> str:
        """Show a file and return its address."""
        self.files[f"/{name}"] = (200, {"Content-Type": kind}, content)
        return f"{self.site}/{name}"

    def picture(self, url: str, description: str | None = None) -> dict[str, object]:
        """Return an attachment."""
        return {"id": "1", "type": "image", "url": url, "preview_url": None, "description": description}

    def asked(self) -> list[str]:
        """Return what was asked for that is no answer of the interface, and forget it."""
        paths = [path for path, _ in self.heard if not path.startswith(("/api/", "/@"))]
        self.heard.clear()
        return sorted(paths)
