"""The verdict in words: each sentence once, for every form of the document, with numbers that agree with each other.

See `said` for the parts of a sentence; a gap is a link to its place.
"""

from collections import Counter
from collections.abc import Iterator

from archiver.exporters.said import Foreign, Part, Sentence, To
from archiver.exporters.view import View
from archiver.exporters.wording import counted, moment, sentence, spelled, why
from archiver.model import Kind, Missing, Role, Thread, Verdict
from archiver.threads.completeness import OWN

COUNTED = (*OWN, Role.REPLY)  # posts whose replies belong to the thread


def headline(thread: Thread) -> str:
    """Return the verdict in one sentence; where a second number stands in it, that many are said to be missing."""
    verdict, posts = thread.completeness.verdict, number_of_posts(thread)
    if verdict is Verdict.UNKNOWN:
        return f"Not known to be the whole {thread.kind}: {posts}."
    return f"{'Complete' if verdict is Verdict.COMPLETE else 'Partial'}: {posts}."


def number_of_posts(thread: Thread) -> str:
    """Return how many posts the main line has, and of how many, where that is known and says something."""
    whole = thread.completeness
    says = whole.expected is not None and (whole.expected > whole.found or whole.verdict is Verdict.COMPLETE)
    return f"{whole.found} of {counted(whole.expected or 0, 'post')}" if says else counted(whole.found, "post")


def reasons(view: View) -> Iterator[Sentence]:
    """Yield the sentences behind the verdict: what is missing and where, what is in doubt, the proof."""
    thread, whole = view.thread, view.thread.completeness
    yield from _missing(view)
    if whole.stop:
        yield ("Collecting ended early: ", Foreign(sentence(whole.stop)))
    elif not whole.top_proven and whole.verdict is not Verdict.COMPLETE:
        yield ("The beginning is not proven.",)
    for doubt in whole.doubts:
        yield (Foreign(sentence(doubt)),)
    if whole.verdict is Verdict.PARTIAL:
        yield ("Everything else that was shown is here.",)
    if (proven := thread.proven_at) and whole.verdict is not Verdict.COMPLETE:
        yield (f"On {moment(proven)}, it was proven to be complete as it was then.",)
    if whole.proof and not whole.doubts:
        yield (Foreign(sentence(whole.proof)),)
    elif whole.verdict is Verdict.UNKNOWN and not whole.doubts:
        yield ("Nothing proves that there is no more.",)
    if view.document.run.replies and thread.kind is Kind.THREAD:
        yield (of_replies(thread),)


def of_replies(thread: Thread) -> str:
    """Return whether other people's replies are all here, by the counts that the platform gives for each post."""
    gone = {gap.id for gap in thread.gone}
    replies_here = [post.id for post in thread.posts if thread.roles[post.id] is Role.REPLY]
    here, left = len(replies_here), len([id_ for id_ in replies_here if id_ in gone])
    answers = Counter(node.in_reply_to for node in thread.nodes)
    counts = [(post.counts.replies, answers[post.id]) for post in thread.posts if thread.roles[post.id] in COUNTED]
    lacking = sum(max(0, count - shown) for count, shown in counts if count is not None)
    replies = f"{counted(here, 'reply', 'replies')} by other people {'is' if here == 1 else 'are'} kept"
    if any(count is None for count, _ in counts):
        return f"{replies}; whether that is all, nobody says."
    if lacking:
        return f"{replies}; the platform counts {lacking} more and does not show {'it' if lacking == 1 else 'them'}."
    return f"{replies}, all that the platform counts{f' and {left} that it shows no more' if left else ''}."


def lacking(thread: Thread) -> tuple[list[Missing], int]:
    """Return the gaps of the main line, and how many posts it lacks on top of which nobody knows the place."""
    whole = thread.completeness
    gaps = [gap for gap in whole.gaps if thread.roles.get(gap.id) in (Role.MAIN, None)]
    short = max(0, whole.expected - whole.found) if whole.expected is not None else 0
    return gaps, max(0, short - len(gaps))


def missing_posts(thread: Thread) -> int:
    """Return how many of the author's posts are known to be missing."""
    return len(thread.completeness.gaps) + lacking(thread)[1]


def _missing(view: View) -> Iterator[Sentence]:
    thread = view.thread
    gaps, unplaced = lacking(thread)
    main = {gap.id for gap in gaps}
    beside = [gap for gap in thread.completeness.gaps if gap.id not in main]
    if gaps:
        more = f"; and {unplaced} that the platform counts and does not show" if unplaced else ""
        yield (f"{_are(len(gaps) + unplaced, 'post')} missing: ", *_listed(view, gaps), f"{more}.")
    elif unplaced:
        yield (f"{spelled(unplaced, 'post')} that the platform counts could not be found.",)
    if beside:
        yield (f"Beside the main line, {_are(len(beside), 'post').lower()} missing: ", *_listed(view, beside), ".")


def _are(number: int, noun: str) -> str:
    return f"{spelled(number, noun)} {'is' if number == 1 else 'are'}"


def _listed(view: View, gaps: list[Missing]) -> list[Part]:
    parts: list[Part] = []
    for gap in gaps:
        parts += ["; ", *place(view, gap)] if parts else place(view, gap)
    return parts


def place(view: View, gap: Missing) -> Sentence:
    """Return where a gap is and why: "after post 3 (it was deleted)"."""
    if gap.id not in view.post_before:
        return (f"one whose place is not known ({why(gap)})",)
    number = view.post_before[gap.id]
    return (To(gap.id, f"after post {number}" if number else "before the first post"), f" ({why(gap)})")
