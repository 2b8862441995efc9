"""Why X does not show a post, in its own words or names, as a tombstone."""

import re
from collections.abc import Callable

from archiver.errors import SHAPE_ERRORS
from archiver.model import Missing, Reason
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import Tweet, status_url

AGE = re.compile("Nsfw|Age")
REASONS = (  # the more special words first; the texts are English, as they are asked for
    (re.compile(r"suspended"), Reason.SUSPENDED),
    (re.compile(r"withheld|age-restricted|legal (demand|request)|violated"), Reason.WITHHELD),
    (re.compile(r"protected|limits? who can (view|see)|permission to view"), Reason.PRIVATE),
    (re.compile(r"blocked"), Reason.BLOCKED),
    (re.compile(r"deleted|no longer exists"), Reason.DELETED),
)


def reason_of(text: str) -> Reason:
    """Return the reason that the words of a tombstone give; "unavailable" is none, and no deletion."""
    return next((reason for words, reason in REASONS if words.search(text.lower())), Reason.UNKNOWN)


def named_reason(name: str) -> Reason:
    """Return what X's name for a reason means: "NsfwLoggedOut", "Suspended"."""
    return Reason.WITHHELD if AGE.search(name) else reason_of(name)


def tombstone(id_: str, text: str) -> Tweet:
    """Return what stands for a post of which X says only why it is not shown."""
    said = text.strip().removesuffix("Learn more").strip()
    return gap(id_, reason_of(said), f"X says: “{said}”")


def gap(id_: str, reason: Reason, detail: str, url: str | None = None, author: str | None = None) -> Tweet:
    """Return what stands for a post that is not shown, with our own words why."""
    time = time_of(id_)
    return Tweet(
        node=Missing(id=id_, reason=reason, url=url or status_url(id_), author=author, detail=detail, created_at=time)
    )


def readable(parse: Callable[[], Tweet | None], id_: str) -> Tweet | None:
    """Return the parsed post, or a gap where its form is unknown: one strange post must not cost the others.

    The error is raised where even the id is not known.
    """
    try:
        return parse()
    except SHAPE_ERRORS as error:
        if not id_.isdecimal():
            raise
        detail = f"X's answer for it has a form that is not known here ({type(error).__name__})"
        return gap(id_, Reason.UNKNOWN, detail)
