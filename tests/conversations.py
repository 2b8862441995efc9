"""Random conversations, played on fake servers, collected from several posts, changed, and collected again.

    python -m tests.conversations SEED      # what was drawn for a seed, as a tree, and what was collected of it

What is drawn is a list of steps, so that a conversation that shows a fault can be made smaller: by leaving out steps.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

from conversation_servers import HABITS, Server, opened, written_at
from conversation_truth import Truth, Written, is_whole, lost, wrongs
from samples import NOON
from world import keeping

from archiver import collecting
from archiver.errors import ArchiverError
from archiver.model import Missing, Thread, Verdict
from archiver.options import Options
from archiver.store.store import Archive
from archiver.verbs import capture

PLACES = (0.0, 0.5, 1.0)
CLOSINGS = ("suspended", "deactivated", "takendown", "deleted")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens: `do` is post, others, delete, edit, close, reopen, or fail.

    `name` is the post's number in the conversation, `to` that of what it answers, `how` in what manner.
    """

    do: str
    name: int = 0
    who: str = ""
    to: int | None = None
    text: str = ""
    how: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is drawn: where, what happens before the first visit and after it, and how it is read."""

    seed: int
    kind: str
    before: tuple[Step, ...]
    after: tuple[Step, ...]
    replies: tuple[bool, ...]
    kept: bool
    page: int = 100
    gap: str = "NotFound"


# Drawing


def drawn(seed: int) -> Conversation:
    """Draw the conversation of a seed."""
    random = Random(seed)
    kind = "bluesky" if random.random() < 0.45 else random.choice(HABITS)
    author = Author(random, kind)
    author.write()
    before = tuple(author.steps)
    author.steps = []
    for _ in range(random.randint(1, 3)):
        author.change()
    return Conversation(
        seed,
        kind,
        before,
        tuple(author.steps),
        tuple(random.random() < 0.4 for _ in PLACES),
        random.random() < 0.15,
        random.choice((100, 100, 3, 1)),
        random.choice(("NotFound", "Blocked")),
    )


@dataclass
class Author:
    """Draws what happens; `line` are the numbers of the posts that the author goes on from."""

    random: Random
    kind: str
    steps: list[Step] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    names: int = 0
    total: int = 0

    def maybe(self, probability: float) -> bool:
        return self.random.random() < probability

    def post(self, who: str, to: int | None, text: str = "") -> int:
        self.names += 1
        strange = ("backdated", "ahead", "rootless", "strange", "hidden") if self.kind == "bluesky" else ("unlisted",)
        how = self.random.choice(strange) if self.maybe(0.06) else ""
        if self.kind != "bluesky" and self.maybe(0.05):
            how = "followers"
        hours = self.random.choice((1, 20, 30, 90)) if self.maybe(0.08) else 0
        self.steps.append(Step("post", self.names, who, to, text or f"Note {self.names}", how, hours))
        if who == "ann":
            self.own.append(self.names)
        return self.names

    def write(self) -> None:
        """Draw a thread with all that may happen around it."""
        random = self.random
        count = random.randint(30, 130) if self.maybe(0.01) else min(random.randint(1, 12), random.randint(1, 12))
        self.total = count + random.choice((0, 0, 1)) if self.maybe(0.15) else 0
        if self.maybe(0.3):
            self.others()
        above = self.post("bob", None) if self.maybe(0.2) else None
        if above and self.maybe(0.3):
            above = self.post(random.choice(("bob", "cleo")), above)
        for number in range(1, count + 1):
            self.go_on(number, above)
        if self.maybe(0.3):
            self.others()
        if self.maybe(0.35):
            for _ in range(random.randint(1, 3)):
                self.delete()
        if self.maybe(0.03):
            self.steps.append(Step("close", who="bob", how=random.choice(CLOSINGS)))
        if self.maybe(0.08):
            self.steps.append(Step("fail", how=random.choice(("listing", "network", "objects"))))

    def go_on(self, number: int, above: int | None) -> None:
        """Draw the author's next post: it goes on, or forks, or goes by way of somebody else's reply."""
        text = f"Herons {number}/{self.total}" if self.total else ""
        to = self.line[-1] if self.line else above
        draft = self.post("ann", to, text) if self.line and self.maybe(0.05) else None
        if self.line and self.maybe(0.07):
            self.post("ann", to)  # an aside
        if self.line and self.maybe(0.07):
            to = self.random.choice(self.own)
        elif self.line and self.maybe(0.08):
            to = self.post(self.random.choice(("bob", "cleo")), self.random.choice((to, self.line[0])))
            if self.maybe(0.5):
                self.post("ann", to)
                to = self.line[-1]
        self.line.append(self.post("ann", to, text))
        if self.maybe(0.12):
            self.post(self.random.choice(("bob", "cleo")), self.random.choice(self.own))
        if self.maybe(0.05):
            self.others()
        if draft:
            self.drafts.append(draft)

    @property
    def drafts(self) -> list[int]:
        return self.__dict__.setdefault("_drafts", [])

    def others(self) -> None:
        """Draw posts that have nothing to do with the thread."""
        count = self.random.randint(90, 300) if self.maybe(0.015) else self.random.randint(1, 5)
        self.steps.append(Step("others", name=count, who="ann", hours=self.random.choice((0, 0, 1, 30))))

    def delete(self) -> None:
        """Draw a deletion: a draft, the first, the last, or any, and neighbours together."""
        last = self.random.choice((self.line[0], self.line[-1], self.random.choice(self.own)))
        name = self.drafts.pop() if self.drafts else last
        self.steps.append(Step("delete", name))
        if self.maybe(0.2) and name in self.line[:-1]:
            self.steps.append(Step("delete", self.line[self.line.index(name) + 1]))
        if self.maybe(0.1):
            self.steps.append(Step("delete", self.random.randint(1, self.names)))

    def change(self) -> None:
        """Draw what happens between two visits."""
        match self.random.choice(("delete", "delete", "edit", "post", "post", "others", "close", "mend", "fail")):
            case "delete":
                self.delete()
            case "edit":
                self.steps.append(Step("edit", self.random.choice(self.own), text="Said better"))
            case "post":
                self.go_on(len(self.line) + 1, None)
            case "others":
                self.others()
            case "close":
                who = self.random.choice(("ann", "bob"))
                self.steps.append(Step("close", who=who, how=self.random.choice(CLOSINGS)))
            case "mend":
                self.steps.append(Step("fail"))
            case "fail":
                self.steps.append(Step("fail", how=self.random.choice(("", "listing", "network", "objects"))))


# Playing


@dataclass
class Stage:
    """A conversation on a server, with what is true of it; `ids` are the server's, by the numbers of posts."""

    server: Server
    truth: Truth
    ids: dict[int, str] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)

    def play(self, steps: Sequence[Step]) -> None:
        """Let things happen; what cannot, since what it needs is not there, does not."""
        for step in steps:
            if step.hours:
                self.server.wait(step.hours)
            getattr(self, step.do)(step)

    def post(self, step: Step) -> None:
        parent = self.keys.get(step.to or 0)
        if step.to is not None and (parent is None or self.truth.posts[parent].deleted):
            return
        id_ = self.server.write(step.who, step.text, self.ids[step.to] if step.to else None, step.how)
        self.ids[step.name], self.keys[step.name] = id_, self.server.key(id_)
        at = written_at(id_, self.server)
        hidden = step.how == "followers"
        key = self.keys[step.name]
        self.truth.posts[key] = Written(
            key, step.who, parent, at, step.text, hidden, misrooted=step.how in ("rootless", "strange")
        )

    def others(self, step: Step) -> None:
        for number in range(step.name):
            self.server.write(step.who, f"Something else {number}", None, "")

    def delete(self, step: Step) -> None:
        post = self.truth.posts.get(self.keys.get(step.name, ""))
        if post and not post.deleted:
            self.server.delete(self.ids[step.name])
            post.deleted = True

    def edit(self, step: Step) -> None:
        post = self.truth.posts.get(self.keys.get(step.name, ""))
        if post and not post.deleted:
            self.server.edit(self.ids[step.name], step.text)

    def close(self, step: Step) -> None:
        if step.who not in self.truth.closed:
            self.server.close(step.who, step.how)
            self.truth.closed.add(step.who)

    def fail(self, step: Step) -> None:
        self.server.break_down(step.how)

    def focuses(self) -> list[tuple[str, str]]:
        """Return the id and the address of the author's first, middle and last post that can be shown."""
        shown = [n for n, key in self.keys.items() if self.truth.posts[key].who == "ann" and self.truth.is_shown(key)]
        chosen = [shown[int(place * (len(shown) - 1))] for place in PLACES] if shown else []
        return [(self.keys[n], self.server.url(self.ids[n])) for n in chosen]


def staged(conversation: Conversation) -> Stage:
    """Play what happened before the first visit."""
    stage = Stage(opened(conversation.kind, conversation.seed), Truth(conversation.kind))
    stage.server.most, stage.server.gap = conversation.page, conversation.gap
    stage.play(conversation.before)
    return stage


# Judging

Seen = Callable[[Stage, Thread, str], None]


def faults(conversation: Conversation, archive: Archive | None = None, seen: Seen | None = None) -> list[str]:
    """Return what is wrong with what is collected of a conversation; with an archive it is saved, and once more.

    `seen` is shown every thread that was collected.
    """
    stage = staged(conversation)
    found: list[str] = []
    for (focus, url), replies in zip(stage.focuses(), conversation.replies, strict=False):
        try:
            thread, failures = stage.server.attempt(url, replies=replies)
        except ArchiverError as error:
            found += [] if any(step.do == "fail" for step in conversation.before) else [f"refused: {error}"]
            continue
        except Exception as error:
            found.append(f"crash: {error!r}")
            continue
        if seen:
            seen(stage, thread, focus)
        shown = stage.server.shown_in(stage.server.exchanges)
        wrong = wrongs(stage.truth, thread, shown, focus, replies, (), bool(failures))
        found += [f"{each} [from {focus}]" for each in wrong]
    if archive and conversation.kept:
        found += saved_faults(conversation, stage, archive, seen)
    return list(dict.fromkeys(found))


def saved_faults(conversation: Conversation, stage: Stage, archive: Archive, seen: Seen | None) -> Iterator[str]:
    """Yield what is wrong with what an archive holds after a visit, and after another one when things have changed."""
    chosen = stage.focuses()[conversation.seed % 3 : conversation.seed % 3 + 1]
    before = None
    for day, [focus, url] in [(day, focus) for day in (0, 1) for focus in chosen]:
        if day:
            stage.play(conversation.after)
        stage.server.exchanges.clear()
        stage.server.now = stage.server.now + timedelta(days=day)
        options = Options(replies=bool(conversation.replies[0]))
        try:
            connect = keeping(stage.server)
            saved = capture.archive(archive, url, connect, lambda: stage.server.now, options)
        except ArchiverError:
            continue
        except Exception as error:
            yield f"crash: {error!r} [visit {day + 1}]"
            continue
        document = saved.document
        if seen:
            seen(stage, document.thread, focus)
        shown = stage.server.shown_in(stage.server.exchanges)
        held = [post.id for post in before.thread.posts] if before else []
        wrong = wrongs(stage.truth, document.thread, shown, focus, options.replies, held, bool(saved.failures))
        if saved.gone:  # the verdict is that of the visit before
            wrong = (each for each in wrong if not each.startswith("false complete"))
        yield from (f"{each} [visit {day + 1} from {focus}]" for each in wrong)
        if before:
            yield from lost(before, document)
        before = document


@contextmanager
def an_archive() -> Iterator[Archive]:
    """Open a new archive in a temporary folder."""
    with TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive", now=NOON) as archive:
        yield archive


def rebuilt_otherwise(archive: Archive) -> list[str]:
    """Return the threads that a rebuild out of the kept answers makes otherwise."""
    before = {one.id: archive.document(one.id) for one in archive.threads()}
    unreadable = collecting.reparse(archive).unreadable
    after = {one.id: archive.document(one.id) for one in archive.threads()}
    return [f"reparse: {each}" for each in unreadable] + [
        f"reparse: {id_}" for id_ in before.keys() | after.keys() if before.get(id_) != after.get(id_)
    ]


def faults_alone(conversation: Conversation) -> list[str]:
    """Return what is wrong with a conversation that is saved into an archive of its own, and rebuilt."""
    with an_archive() as archive:
        return faults(replace(conversation, kept=True), archive) + rebuilt_otherwise(archive)


def smaller(conversation: Conversation, kind: str) -> Conversation:
    """Leave out steps as long as a fault of a kind stays."""
    for part in ("after", "before"):
        for step in reversed(getattr(conversation, part)):
            fewer = tuple(each for each in getattr(conversation, part) if each != step)
            tried = replace(conversation, **{part: fewer})
            if any(wrong.startswith(kind) for wrong in faults_alone(tried)):
                conversation = tried
    return conversation


# Showing


def tree(stage: Stage) -> str:
    """Return what was written as a tree."""
    below, names = stage.truth.replies(), {key: name for name, key in stage.keys.items()}
    lines, stack = [], [(key, 0) for key in reversed(below[None])]
    while stack:
        key, depth = stack.pop()
        post = stage.truth.posts[key]
        state = "".join(f" ({state})" for state in ("hidden", "deleted") if getattr(post, state))
        lines.append(f"{'  ' * depth}{names[key]} {post.who}: {post.text}{state}  {post.at:%d %H:%M}  {key}")
        stack += [(child, depth + 1) for child in reversed(below[key])]
    return "\n".join([*lines, f"closed: {stage.truth.closed}"])


def told(stage: Stage, thread: Thread, focus: str) -> None:
    """Print what was collected."""
    names = {key: name for name, key in stage.keys.items()}
    whole = thread.completeness
    print(f"\nfrom {names[focus]}: {whole.verdict}, {whole.found} of {whole.expected}, {thread.route}: {whole.proof}")
    print("  doubts:", *whole.doubts, "| stop:", whole.stop)
    for node in thread.nodes:
        gap = f" -- {node.reason}: {node.detail}" if isinstance(node, Missing) else ""
        name, to = names.get(node.id, node.id), names.get(node.in_reply_to or "", node.in_reply_to)
        print(f"  {thread.roles[node.id]:8} {name} to {to}{gap}")
    for gone in thread.gone:
        print(f"  gone: {names.get(gone.id, gone.id)} {gone.reason}: {gone.detail}")


def main(words: Sequence[str]) -> None:
    """Show the conversation of a seed; `small` leaves out what is not needed for its first fault."""
    conversation = drawn(int(words[0]))
    found = faults_alone(conversation)
    if "small" in words and found:
        conversation = smaller(conversation, found[0].partition(":")[0])
        found = faults_alone(conversation)
    print(conversation.kind, *conversation.before, "-- then --", *conversation.after, sep="\n")
    stage = staged(conversation)
    print(tree(stage))
    with an_archive() as archive:
        faults(replace(conversation, kept=True), archive, told)
    stage.play(conversation.after)
    print("\nin the end", tree(stage), *(found or ["nothing is wrong"]), sep="\n")


def needless(stage: Stage, thread: Thread, focus: str) -> str:
    """Return why a thread that is whole is not said to be, "" where it is."""
    whole = thread.completeness
    if whole.verdict is Verdict.COMPLETE or not is_whole(stage.truth, thread, focus):
        return ""
    return f"{stage.server.kind} {whole.verdict}: {whole.doubts[0] if whole.doubts else whole.stop or 'no proof'}"


if __name__ == "__main__":
    main(sys.argv[1:])
