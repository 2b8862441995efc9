"""Which posts rest on the word of whoever has redacted the answers that they came in. Pure."""

from collections.abc import Iterable, Iterator

from archiver.exporters.said import Foreign, Sentence
from archiver.exporters.view import View
from archiver.exporters.wording import day
from archiver.model import Reduction


def reduced(view: View) -> Iterator[Sentence]:
    """Yield what is to be said of each redaction that changed answers in which posts of the document came."""
    numbers: dict[Reduction, dict[str, list[int]]] = {each: {} for each in view.document.reductions.values()}
    for post in view.posts:
        if reduction := view.document.reductions.get(post.id):
            numbers[reduction].setdefault(view.kind(post), []).append(view.numbers[post.id])
    for reduction, kinds in numbers.items():
        if kinds:  # of quoted posts alone, nothing is said
            posts = " and ".join(_named(kind, found) for kind, found in kinds.items())
            yield _changed(posts, reduction)


def _changed(posts: str, reduction: Reduction) -> Sentence:
    by = (" by ", Foreign(reduction.operator)) if reduction.operator else ()
    return (
        f"{posts[:1].upper()}{posts[1:]}: the answers that they came in were changed on {day(reduction.at)}",
        *by,
        f", to withhold something (ledger entry {reduction.entry}). That the rest of them is as it was captured is the "
        "word of whoever did that; no digest of the capture proves it any more.",
    )


def _named(kind: str, numbers: list[int]) -> str:
    """Return posts of a kind by their numbers: `post 3`, `replies 1, 2, 5 to 9`."""
    if len(numbers) == 1:
        return f"{kind.lower()} {numbers[0]}"
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{plural.lower()} {', '.join(_ranges(numbers))}"


def _ranges(numbers: Iterable[int]) -> Iterator[str]:
    """Yield numbers, and three or more that follow each other as a range."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    for run in runs:
        yield from [f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run)
