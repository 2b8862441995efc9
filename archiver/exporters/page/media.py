"""Pictures, films, sounds and link previews on a page: what is held as itself, all else by its name and the reason."""

from archiver.exporters import said
from archiver.exporters.media import KINDS, held, is_playlist, shown_as
from archiver.exporters.page.content import address, written
from archiver.exporters.page.tags import Safe, joined, line, link, tag
from archiver.exporters.view import View
from archiver.model import Attachment


def file(view: View, item: Attachment, number: int, count: int, hidden: bool) -> Safe:
    """Return a picture or the like: itself where the archive holds it, and its description, or that there is none."""
    about = written(view, (*said.file_name(item, number, count), *said.description(item)))
    path = held(item.file)
    if not path:
        return tag("figure", tag("figcaption", about, f" · {_absent(item)}"), class_="media absent")
    kind, place = KINDS.get(item.kind, "File"), f"{number} of {count}"
    alt = item.alt.strip() if item.alt else ""
    shown = _shown(item, address(view, path), alt or f"{kind} {place}, which its author did not describe")
    if hidden and shown:
        shown = tag("details", tag("summary", f"Show {kind.lower()} {place}, which is marked as sensitive"), shown)
    kept = tag("span", " · ", _copy(view, path), written(view, said.not_as_posted(item)), class_="kept")
    return tag("figure", shown, tag("figcaption", about, kept), class_="media")


def _absent(item: Attachment) -> str:
    return f"no copy kept ({line(item.fault)})" if item.fault else "not kept in this archive"


def _copy(view: View, path: str) -> Safe:
    if is_playlist(path):
        told = " (a playlist of pieces: where the browser does not play it, VLC and mpv do)"
        return joined(_link(view, path, "kept copy"), told)
    return _link(view, path, "kept copy")


def _link(view: View, path: str, words: str) -> Safe:
    """Return a link to a copy; what a browser would take for a page with a script is saved, and not opened."""
    return tag("a", words, href=address(view, path), download=not shown_as(path))


def _shown(item: Attachment, at: str, alt: str) -> Safe | None:
    form = shown_as(at)
    if form == "image":
        return tag("img", src=at, alt=alt, loading="lazy", decoding="async")
    if form == "audio" or (form and item.kind == "audio"):  # a sound may come in the box of a film
        return tag("audio", src=at, aria_label=alt, controls=True, preload="none")
    if form == "video":
        return tag("video", src=at, aria_label=alt, controls=True, preload="none", loop=item.kind == "gifv")
    return None


def card(view: View, item: Attachment, hidden: bool) -> Safe:
    """Return a link preview. The platform made it, not the author."""
    about = tag("bdi", item.description) if item.description and item.description.strip() else None
    title = link(tag("bdi", line(item.title or "") or line(item.url)), item.url)
    label = tag("span", "Link preview: ", class_="label")
    path, picture, linked = held(item.file), None, None
    if shown_as(path) == "image" and not hidden:
        picture = tag("img", src=address(view, path), alt=item.alt or "", loading="lazy", decoding="async")
    elif path:
        words = "its picture, which is marked as sensitive" if hidden else "its picture"
        linked = tag("span", " · ", _link(view, path, words), class_="kept")
    if path and item.fault:
        linked = joined(linked or " · its picture", written(view, said.not_as_posted(item)))
    absent = f" · no copy of its picture kept ({line(item.fault)})" if item.fault and not path else None
    return tag("div", picture, tag("p", label, title, ". " if about else "", about, linked, absent), class_="card")
