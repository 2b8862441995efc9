"""Does a redaction only take words away? What is left of the answers is read, and compared with what is shown instead.

A transcript is what a run showed, as whoever has redacted wrote it down, where what is left of its answers gives less.
Wherever these still say something, it has to say the same.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from archiver.errors import ParseError
from archiver.evidence.finding import Finding, Level, note, problem
from archiver.evidence.stated import contradicted, has_words, stated
from archiver.http.message import decoded
from archiver.model import Missing, Observation, Reason, Run, Thread, Verdict
from archiver.store.redactions import KeptAnswer
from archiver.store.rows import quotes
from archiver.store.store import Archive
from archiver.text.html import plain
from archiver.threads.withheld import withheld

_TRANSCRIPT = "its transcript, which a redaction has put in,"
# That a platform says of a very post; what is not known may be known by an answer that is withheld.
_FINAL = frozenset(Reason) - {Reason.NOT_LOADED, Reason.UNKNOWN, Reason.WITHHELD}

Read = Callable[[str], Thread | None]


def redacted(archive: Archive, read: Read) -> Iterator[Finding]:
    """Yield where transcripts say something else than the answers, and where these still say what is withheld."""
    standing = archive.redactions.standing()
    transcripts = archive.redactions.transcripts()
    if not (standing or transcripts):
        return
    removed = archive.removals.runs()  # they give no thread, and what stood in its place may be gone
    for run in archive.history.runs():
        if run.id in removed:
            continue
        answers = read(run.id)
        transcript = archive.redactions.transcript(run.id)
        if transcript:
            yield from (
                replace(finding, what=f"{_TRANSCRIPT} {finding.what}", run=run.id, url=run.url)
                for finding in _against_what_is_stated(archive, run.id, transcript, standing)
            )
        if answers is None:
            continue
        for post in (*answers.posts, *quotes(answers.posts)):
            if post.id in standing and plain(post.content).strip():
                yield problem(f"post {post.id} is said to be withheld, and an answer still has it", run.id, run.url)
        for words in _differences(withheld(answers, standing), transcript) if transcript else ():
            yield problem(f"{_TRANSCRIPT} {words}", run.id, run.url)
        if transcript:
            yield from _verdicts(withheld(answers, standing), transcript, run)


def _against_what_is_stated(
    archive: Archive, run: str, transcript: Thread, standing: Container[str]
) -> Iterator[Finding]:
    """Yield where a transcript contradicts an answer that is left, though the run may give no thread any more."""
    said = stated(_unpacked(answer) for answer in archive.redactions.answers([run]))
    for post in transcript.posts:
        for name in contradicted(post, said) if post.id not in standing else ():
            yield problem(f"has another {name} of post {post.id} than each of the answers that are left")
    for gap in transcript.missing:
        if gap.id not in standing and has_words(gap.id, said):
            words = f"says that post {gap.id} is missing ({gap.reason}), and an answer that is left has its words"
            yield note(words, level=Level.WITHHELD)


def _verdicts(answers: Thread, transcript: Thread, run: Run) -> Iterator[Finding]:
    """Yield that a transcript claims more than the answers prove: one that proved it may be withheld."""
    less, more = answers.completeness.verdict, transcript.completeness.verdict
    if more is Verdict.COMPLETE and less is not more:
        words = "calls the thread complete, and the answers that are left prove less"
        yield note(f"{_TRANSCRIPT} {words}: {less}", run.id, run.url, Level.WITHHELD)


def _unpacked(answer: KeptAnswer) -> bytes:
    try:
        return decoded(answer.body, answer.coding, answer.url)
    except ParseError:
        return b""  # nothing is said by what cannot be read; bodies are checked elsewhere


def _differences(answers: Thread, transcript: Thread) -> Iterator[str]:
    written = {post.id: post for post in transcript.posts}
    for post in answers.posts:
        if post.id not in written:
            yield f"leaves out post {post.id}, which the answers show"
            continue
        for name in _contradicted(post, written[post.id]):
            yield f"has another {name} of post {post.id} than the answers"
    gaps = {gap.id: gap for gap in transcript.missing}
    for gap in answers.missing:
        if gap.reason in _FINAL and gap.id not in written:
            there = gaps.get(gap.id)
            if there is None or there.reason is not gap.reason:
                what = f"says that it is {there.reason}" if there else "says nothing of that"
                yield f"{what}, and the answers say that post {gap.id} is {gap.reason}"
    observed = {_key(one): one for one in transcript.observations}
    for one in answers.observations:
        if (twin := observed.get(_key(one))) and one.content and twin.content != one.content:
            yield f"has another content of post {one.post} by the route “{one.route}” than the answers"


def _key(one: Observation) -> tuple[str, str, str, str]:
    return one.post, one.route, one.url, one.version


def _contradicted(said: Any, other: Any) -> Iterator[str]:
    """Yield the fields in which one value says something, and the other something else. What is empty says nothing."""
    for field in fields(said):
        one, two = getattr(said, field.name), getattr(other, field.name)
        if _is_contradicted(one, two):
            yield field.name


def _is_contradicted(one: Any, two: Any) -> bool:
    if one in (None, "", ()) or isinstance(one, Missing):
        return False
    if isinstance(one, tuple):
        pairs = zip(one, two, strict=False)
        return not isinstance(two, tuple) or len(one) > len(two) or any(_is_contradicted(*pair) for pair in pairs)
    if is_dataclass(one) and type(one) is type(two):
        return any(True for _ in _contradicted(one, two))
    return bool(one != two)
