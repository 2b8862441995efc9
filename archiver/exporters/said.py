"""What is said of posts beside their texts: each sentence once, as parts that each form writes in its own escape.

A sentence is a tuple of parts. A plain `str` is in our own words and safe in every form; all else is marked for what it
is. `markdown_words.written` writes sentences as Markdown, `page.content.written` as HTML, `plain` for a terminal.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from archiver.exporters.media import KINDS, held
from archiver.exporters.view import View
from archiver.exporters.wording import cause, counted, day, moment, source, state_of, written
from archiver.model import Attached, Attachment, Author, Missing, Node, Observation, Poll, Post, Role
from archiver.threads.completeness import OWN
from archiver.threads.withheld import is_withheld

NAMED = 8  # posts in one sentence
PSEUDONYMS = (
    "Everybody but the author has a pseudonym here, in the texts of posts as well, and links to them are taken out. "
    "The archive has what was posted."
)


class Foreign(str):
    """Somebody else's words on one line, such as a name, an address or a server's answer."""


class Clause(Foreign):
    """Such words as a sentence of their own, with a capital at its beginning and a full stop at its end."""


class Ending(Foreign):
    """Such words at the end of a sentence, with a full stop."""


class Quoted(str):
    """A text of somebody who may write from right to left, apart from the direction of the text around it."""


class Address(str):
    """An address that is shown as it is, and leads there where that is safe."""


class Copy(str):
    """The path of a file that the archive holds, as a link to it."""


class Strong(str):
    """Our own words in bold."""


class Time(NamedTuple):
    """A moment, and the words for it where they are not its date and time."""

    at: datetime
    words: str = ""


class Link(NamedTuple):
    """Words of ours that lead to an address, where that is safe."""

    words: "tuple[str | Time, ...]"
    url: str | None


class To(NamedTuple):
    """A post or a gap of the document by its id, and the words for it where they are not its name."""

    id: str
    words: str = ""


class Person(NamedTuple):
    """Somebody by name and handle; `short` by the handle alone, if there is one."""

    author: Author
    short: bool = False


Part = str | Time | Link | To | Person
Sentence = tuple[Part, ...]


def plain(view: View, sentence: Sentence) -> str:
    """Return a sentence for a terminal."""
    return "".join(_plain(view, part) for part in sentence)


def _plain(view: View, part: Part) -> str:
    match part:
        case Time(at, words):
            return words or moment(at)
        case Link(words, _):
            return plain(view, words)
        case To(id_, words):
            return words or view.names[id_].lower()
        case Person(author):
            return f"@{author.handle}" if author.handle else author.name
        case _:
            return str(part)


# Of the whole document.


def changed(view: View) -> Sentence | None:
    """Return what has become of the whole thread, None where that is not one thing."""
    if (lost := view.lost_whole) is None:
        return None
    return (Strong(f"{state_of(view.thread, lost)}."), " ", Clause(cause(lost)))


def notable(view: View) -> list[Sentence]:
    """Return what a reader should know at once of posts that are here: which are gone since, and which were edited."""
    return [
        *of_posts("No longer on the platform", view.gone),
        *of_posts("Not shown to everybody any more", view.hidden),
        *of_posts("Edited", view.edited),
    ]


def of_posts(words: str, posts: Sequence[Post]) -> Iterator[Sentence]:
    """Yield a sentence that names posts, none where there are none; of many, the first ones."""
    if posts:
        names: list[Part] = [To(posts[0].id)]
        for post in posts[1:NAMED]:
            names += [", ", To(post.id)]
        more = f" and {len(posts) - NAMED} more" if len(posts) > NAMED else ""
        yield (f"{words}: ", *names, f"{more}.")


def only_place(view: View) -> Sentence | None:
    """Return where all posts are shown, if that is one page of which what is here is a copy."""
    if not (seen := view.only_place):
        return None
    shown = ("All posts are shown as ", Foreign(source(seen.route)), " kept them, in ", Address(seen.url))
    return (*shown, ": a copy, and no word of the platform.")


def attached(file: Attached) -> Sentence:
    """Return what there is to say of a file that was put beside the thread."""
    by = (" by ", Foreign(file.operator)) if file.operator else ()
    note = (" ", Clause(file.note)) if file.note.strip() else ()
    copy = Copy(file.file) if held(file.file) else Foreign(file.file)
    added = (Foreign(file.name), f", {counted(file.size, 'byte')}, added", *by, f" {moment(file.at)}.", *note)
    return (*added, " SHA-256 ", Foreign(file.sha256), ", kept as ", copy, ".")


def without_withheld(view: View) -> str:
    """Return what is to be added to the word that all answers are kept, "" where nothing is withheld."""
    return ", less what is withheld" if any(map(is_withheld, view.thread.nodes)) else ""


def with_answers(view: View, role: Role, nodes: Sequence[Node]) -> str:
    """Return what is to be added to the words for a part of the thread, where the author's answers stand in it."""
    has_answers = role is Role.REPLY and any(view.role(node) is Role.ANSWER for node in nodes)
    return ", with the author’s answers" if has_answers else ""


# Of a post or a gap.


def gap(view: View, missing: Missing) -> Sentence:
    """Return what stands for a post that is not here."""
    is_known = view.role(missing) in OWN
    who = "the author" if is_known else "somebody who is not known" if missing.author is None else "somebody else"
    where = (" (", Address(missing.url), ")") if missing.url else ()
    text = "" if is_withheld(missing) else " Its text was never captured."
    place = (" ", *inferred(missing)) if missing.inferred else ()
    return (f"A post by {who} stood here", *where, ". ", Clause(cause(missing)), text, *place)


def inferred(missing: Missing) -> Sentence:
    """Return what the place of a gap was concluded from."""
    return ("Its place is inferred ", Ending(missing.inferred))


def answering(view: View, post: Post) -> Sentence:
    """Return what a post answers, as far as is known."""
    parent = view.nodes.get(post.in_reply_to or "")
    if isinstance(parent, Post):
        return ("in answer to ", To(parent.id))
    author = view.answered(post)
    by = (" by ", Person(author, short=True)) if author else ()
    if parent is not None:
        return ("in answer to a ", To(parent.id, "missing post"), *by)
    if view.role(post) is Role.ANSWER:
        return ("in answer to ", Person(author, short=True) if author else "somebody else")
    return ("in answer to a post", *by, " that is not here")


def time(view: View, post: Post) -> Time:
    """Return when a post was written: the hour alone where its day is that of the author's first post."""
    same_day = view.is_own(post) and view.first and post.dated_at.date() == view.first.dated_at.date()
    return Time(post.dated_at, f"{post.dated_at:%H:%M} UTC" if same_day and not post.day_only else written(post))


def edited(post: Post) -> Time | None:
    """Return when a post was edited: the hour alone where that was on the day on which it was written."""
    if post.edited_at is None:
        return None
    same_day = post.edited_at.date() == post.dated_at.date()
    return Time(post.edited_at, f"{post.edited_at:%H:%M}" if same_day else moment(post.edited_at))


def earlier(view: View, post: Post) -> str:
    """Return how many earlier versions of a post are known, "" for none."""
    versions = view.earlier(post)
    return counted(len(versions), "earlier version") if versions else ""


def contradicted(view: View, post: Post) -> str:
    """Return how many sources show another text of a post, "" for none."""
    others = view.contradictions.get(post.id)
    return f"{counted(len(others), 'source')} shows it differently" if others else ""


def shown_by(view: View, post: Post) -> tuple[Sentence, Observation | None] | None:
    """Return who showed a post and where, None where that is the same for all posts."""
    if view.only_place or not post.route:
        return None
    seen = view.shown_by(post)
    is_told = post.route != view.thread.route or (seen and seen.url)
    return (("as shown by ", Foreign(source(post.route))), seen) if is_told else None


def captured(seen: Observation) -> Link:
    """Return when a source showed a post, as a link to that."""
    return Link(("captured ", Time(seen.seen_at)), seen.url)


def warning(post: Post) -> Sentence | None:
    """Return what the author, or the platform, says before the text."""
    if post.summary:
        return content_warning(post.summary)
    if not post.sensitive:
        return None
    labels = [part for label in post.labels for part in (", ", Foreign(label))]
    return (Strong("Marked as sensitive"), *((": ", *labels[1:]) if labels else ()))


def content_warning(summary: str) -> Sentence:
    """Return what the author says before the text."""
    return (Strong("Content warning by the author:"), " ", Quoted(summary))


def poll(poll: Poll, captured: datetime) -> Sentence:
    """Return until when a poll is open, how many voted, and whether several answers are allowed."""
    return (Strong("Poll"), f", {poll_state(poll, captured)}")


def poll_state(poll: Poll, captured: datetime) -> str:
    """Return until when a poll is open, how many voted, and whether several answers are allowed."""
    state = "open"
    if poll.closes_at:
        is_closed = poll.closes_at <= captured
        state = f"closed {day(poll.closes_at)}" if is_closed else f"open until {moment(poll.closes_at)}"
    total = f", {counted(poll.votes, 'vote')}" if poll.votes is not None else ""
    return f"{state}{total}{', several answers allowed' if poll.multiple else ''}"


def share(votes: int | None, poll: Poll) -> float | None:
    """Return what part of those who voted chose an option, in hundredths, None where that is not known."""
    base = poll.voters if poll.multiple and poll.voters else poll.votes
    return 100 * votes / base if base and votes is not None else None


def votes(votes: int | None, poll: Poll) -> str:
    """Return in words how many chose an option, and their share."""
    if votes is None:
        return "votes hidden"
    part = share(votes, poll)
    return counted(votes, "vote") + (f" ({part:.0f} %)" if part is not None else "")


def file_name(file: Attachment, number: int, count: int) -> Sentence:
    """Return which of a post's files one is, as a link to where the platform has it."""
    name = f"{KINDS.get(file.kind, 'File')} {number} of {count}"
    if file.url:
        return (Link((name,), file.url),)
    return (name,) if held(file.file) else (f"{name} (the platform has lost it)",)


def description(file: Attachment) -> Sentence:
    """Return how the author described a file."""
    if file.alt and file.alt.strip():
        return (", described by the author: ", Quoted(file.alt.strip()))
    return (", no description by the author",)


def not_as_posted(file: Attachment) -> Sentence:
    """Return why the copy of a file is not the file that was posted; nothing where it is."""
    return (", not as it was posted (", Foreign(file.fault), ")") if file.fault else ()


def unseen_quote(quote: Node) -> Sentence:
    """Return the words for a quoted post that is not shown, or that is too deep within others to be shown."""
    if isinstance(quote, Missing):
        return (Link(("A quoted post",), quote.url), " is not shown: ", Foreign(cause(quote)), ".")
    return ("It quotes ", Link(("another post",), quote.url), " by ", Person(quote.author), ".")
