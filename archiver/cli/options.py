"""Options and arguments that several commands share; each gives its command a value that is ready to use."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.terminal import Progress, agree, print_json, print_text

if TYPE_CHECKING:
    from archiver.config import Config
    from archiver.media.stage import Wanted

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmg]?)b?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}

with_output = click.option(
    "--json",
    "output",
    is_flag=True,
    callback=lambda _context, _option, as_json: print_json if as_json else print_text,
    help="JSON Lines instead of text.",
)
"""Gives a command `output`, which prints a result in the form that the user wants."""


def with_consent(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command `consent`, which takes a question and raises UsageError unless the user agrees."""
    return click.option(
        "--yes",
        "consent",
        is_flag=True,
        callback=lambda _context, _option, yes: (lambda _question: None) if yes else agree,
        help=help,
    )


with_time_zone = click.option("--tz", metavar="ZONE", help="Where the author was, for a second axis: Europe/Paris.")


def _bytes(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Return a size as people write it, such as 50MB, in bytes."""
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    size = float(match[1]) * _UNITS[match[2].lower()] if match else 0
    if size < 1:
        raise click.BadParameter(f"{text} is no size; it looks like 50MB", context, option)
    return int(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What the options say of everything that is collected; `media_limit` is in bytes, None where the settings count.

    `max_cost` is in dollars, for each address.
    """

    proof: bool
    media: bool
    media_limit: int | None
    seal: bool
    max_cost: float

    def wanted(self, settings: "Config") -> "Wanted | None":
        """Return which media are wanted, None where none are."""
        from archiver.media.stage import Wanted

        limit = self.media_limit or int(settings.media.limit * 10**6)
        return Wanted(limit, Progress().show) if self.media and settings.media.fetch else None


def with_saving(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options about all that is collected, as one argument `saving`."""

    @click.option("--proof", is_flag=True, help="Also keep what the author has signed (Bluesky; one request a post).")
    @click.option("--no-media", is_flag=True, help="Fetch no pictures or films; keep only their addresses.")
    @click.option("--media-limit", callback=_bytes, metavar="SIZE", help="Skip files larger than this (default: 50MB).")
    @click.option("--seal", is_flag=True, help="Then get a trusted time stamp, as archiver seal does.")
    @click.option(
        "--max-cost",
        type=click.FloatRange(min=0),
        default=0.0,
        metavar="DOLLARS",
        help="Spend up to this much on X's API for each URL without asking.",
    )
    @wraps(command)
    def with_value(
        *arguments: Any,
        proof: bool,
        no_media: bool,
        media_limit: int | None,
        seal: bool,
        max_cost: float,
        **options: Any,
    ) -> int:
        saving = Saving(proof=proof, media=not no_media, media_limit=media_limit, seal=seal, max_cost=max_cost)
        return command(*arguments, saving=saving, **options)

    return with_value


class Target(click.Path):
    """A file or a folder that is written: with a name, and not the standard output."""

    def convert(
        self, value: "str | os.PathLike[str]", param: click.Parameter | None, ctx: click.Context | None
    ) -> "str | bytes | os.PathLike[str]":
        """Return the path as `click.Path` does."""
        kind = "file" if self.file_okay else "folder"
        name = os.fspath(value)
        if not name:
            self.fail(f"it is empty; name a {kind}", param, ctx)
        if name == "-":
            self.fail(f"- is not the standard output here; name a {kind}", param, ctx)
        if not self.dir_okay and name.endswith(("/", os.sep)):
            self.fail(f"{name} is a folder; name a file in it", param, ctx)
        return super().convert(value, param, ctx)
