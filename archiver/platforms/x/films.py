"""The best form of a film, of which answers list all."""

from collections.abc import Mapping
from typing import Any

from archiver.platforms.x.entities import items

_FORMS = ("application/x-mpegURL", "video/mp4")  # the better one last


def best_form(variants: Any) -> Mapping[str, Any] | None:
    """Return the file of the highest bitrate, else the playlist; None where there is neither.

    A bitrate of 0 is one: loops have it.
    """
    forms = [form for form in items(variants) if form.get("content_type") in _FORMS and form.get("url")]
    return max(forms, key=lambda form: (_FORMS.index(form["content_type"]), _rate(form)), default=None)


def _rate(form: Mapping[str, Any]) -> int:
    rate = form.get("bitrate", form.get("bit_rate"))
    return -1 if rate is None else int(rate)
