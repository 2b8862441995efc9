"""Times, counts and reasons in words. English, and the same on every machine: no locale, no clock."""

from datetime import date, datetime

from archiver.model import Missing, Post, Reason, Role, Thread
from archiver.platforms import platforms
from archiver.threads.merge import HIDDEN
from archiver.threads.withheld import is_withheld

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")

HEADINGS = {
    Reason.DELETED: "Missing post",
    Reason.DEACTIVATED: "Withheld post",
    Reason.ACCOUNT_GONE: "Missing post",
    Reason.TAKEN_DOWN: "Withheld post",
    Reason.BLOCKED: "Withheld post",
    Reason.PRIVATE: "Withheld post",
    Reason.SUSPENDED: "Withheld post",
    Reason.WITHHELD: "Withheld post",
    Reason.DETACHED: "Withheld post",
    Reason.NOT_LOADED: "Post not reached",
    Reason.UNKNOWN: "Missing post",
}
CAUSES = {
    Reason.DELETED: "it was deleted",
    Reason.DEACTIVATED: "its author has deactivated the account",
    Reason.ACCOUNT_GONE: "its author’s account is not there any more",
    Reason.TAKEN_DOWN: "the platform has taken it down",
    Reason.BLOCKED: "it is blocked",
    Reason.PRIVATE: "it is not public",
    Reason.SUSPENDED: "its account is suspended",
    Reason.WITHHELD: "the platform withholds it",
    Reason.DETACHED: "its author has detached it",
    Reason.NOT_LOADED: "it could not be loaded",
    Reason.UNKNOWN: "why is not known",
}

# What stands beside the main line: the heading, and what it is.
SECTIONS = {
    Role.BRANCH: ("Branches", "later replies by the author to posts that the thread above had already continued"),
    Role.ANSWER: ("Answers", "what the author wrote to other people in between"),
    Role.REPLY: ("Replies", "what other people wrote"),
}


def source(route: str) -> str:
    """Return what people call the source that a route asks; any other goes by its route's name."""
    titles = {source.name: source.title for platform in platforms() for source in platform.sources}
    return titles.get(route, f"the route “{route}”")


def day(time: date) -> str:
    """Return a date as `2 March 2026`."""
    return f"{time.day} {MONTHS[time.month - 1]} {time.year}"


def moment(time: datetime) -> str:
    """Return a time as `2 March 2026, 08:15 UTC`."""
    return f"{day(time)}, {time:%H:%M} UTC"


def span(first: datetime, last: datetime) -> str:
    """Return a stretch of time, the day only once where it is the same."""
    if first.date() != last.date():
        return f"{day(first)}, {first:%H:%M}, to {moment(last)}"
    return f"{day(first)}, {first:%H:%M} to {last:%H:%M} UTC" if first != last else moment(first)


def written(post: Post) -> str:
    """Return when a post was written, as exactly as that is known."""
    return day(post.dated_at) if post.day_only else moment(post.dated_at)


def spent(first: Post, last: Post) -> str:
    """Return the stretch of time from one post to another, as exactly as both are known."""
    if not (first.day_only or last.day_only):
        return span(first.dated_at, last.dated_at)
    one_day = first.dated_at.date() == last.dated_at.date()
    return day(first.dated_at) if one_day else f"{day(first.dated_at)} to {day(last.dated_at)}"


def since(edited: int, gone: int) -> str:
    """Return what became of posts since they were written, to be said behind their number; "" where nothing did."""
    return (f", {edited} edited" if edited else "") + (f", {gone} no longer on the platform" if gone else "")


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 post`, `2 posts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"


def spelled(number: int, noun: str) -> str:
    """Return `One post`, `Two posts`, `12 posts`, for the beginning of a sentence."""
    return f"{NUMBERS[number]} {noun}" if number == 1 else f"{NUMBERS[number] if number < 10 else number} {noun}s"


def ended(text: str) -> str:
    """Return a text with a full stop at its end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital at its beginning, a full stop at its end."""
    text = ended(text)
    return text[:1].upper() + text[1:]


def why(gap: Missing) -> str:
    """Return in a few words why a post is not here."""
    return "this archive withholds it" if is_withheld(gap) else CAUSES[gap.reason]


def cause(gap: Missing) -> str:
    """Return why a post is not here, with what was answered and when."""
    said = gap.detail or CAUSES[gap.reason]
    when = f" ({moment(gap.seen_at)})" if gap.seen_at else ""
    therefore = f": {CAUSES[gap.reason]}" if gap.detail and gap.reason is Reason.DELETED else ""
    return f"{said}{when}{therefore}"


def state_of(thread: Thread, gap: Missing) -> str:
    """Return in words what has become of the whole thread, of whose first post this is said."""
    state = "Not shown to everybody any more" if gap.reason in HIDDEN else "No longer on the platform"
    return f"{state}: the whole {thread.kind}"
