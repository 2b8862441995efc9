"""What is true of a random conversation, told by what was written and deleted, and what an archive may say of it.

Nothing here asks the code under test: a thread is walked along the posts as they were written, and the line is drawn by
the words of docs/design.md.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversation_servers import Shown

from archiver.exporters.said import plain
from archiver.exporters.verdict import headline, reasons
from archiver.exporters.view import View
from archiver.model import Document, Missing, Post, Reason, Role, Run, Thread, Verdict

OWN = (Role.MAIN, Role.BRANCH, Role.ANSWER)
CLOSED = (Reason.DEACTIVATED, Reason.SUSPENDED, Reason.ACCOUNT_GONE, Reason.TAKEN_DOWN)
MISSING = re.compile(r"(\w+) posts? (?:(?:is|are) missing|that the platform counts could not be found)")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = {word: number for number, word in enumerate(NUMBERS, 1)}


# Servers that forget what a post answered, once that is deleted. What follows it is looked for as long as a day after
# the last post that is known; behind that, only the very next post that snac2 and Pleroma list is asked for. What stood
# above it their objects tell, but those of Hollo do not: there it is looked for as long as a day before.
FORGETFUL = ("snac", "own-snac", "pleroma", "hollo")
DAY = timedelta(days=1)


@dataclass(slots=True)
class Written:
    """A post as it was written; `to` is the post that it answers, `hidden` that chosen readers alone are shown it.

    `misrooted` says that it names another post than the conversation's first as that.
    """

    id: str
    who: str
    to: str | None
    at: datetime
    text: str
    hidden: bool = False
    deleted: bool = False
    misrooted: bool = False


@dataclass(slots=True)
class Truth:
    """All that was written, by the ids of posts in the archive, and whose accounts are closed now."""

    kind: str
    posts: dict[str, Written] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def is_shown(self, id_: str) -> bool:
        """Tell whether a reader of the server can be shown a post."""
        post = self.posts[id_]
        return not post.deleted and not post.hidden and post.who not in self.closed

    def is_kept_back(self, id_: str) -> bool:
        """Tell whether a post exists, and nobody is shown it."""
        return not self.posts[id_].deleted and not self.is_shown(id_)

    def is_misrooted(self, id_: str) -> bool:
        """Tell whether a post, or one above it, names a wrong root."""
        return any(self.posts[above].misrooted for above in self.above(id_))

    def above(self, id_: str) -> list[str]:
        """Return a post and what it answers, all the way up."""
        chain = [id_]
        while (parent := self.posts[chain[-1]].to) is not None:
            chain.append(parent)
        return chain

    def starts(self, focus: str, who: str) -> list[str]:
        """Return where the thread of an account may begin that a post belongs to.

        It begins where the conversation does, if that account began it, else where its own chain does. Where the way up
        from the chain leads by a post that is not to be had, it may begin at any of that account's on the way.
        """
        chain = self.above(focus)
        if self.posts[focus].who != who:
            way = len(chain) > 1 and any(not self.is_shown(id_) for id_ in chain)
            return [id_ for id_ in chain[0 if way else -1 :] if self.posts[id_].who == who]
        top = 0
        while top + 1 < len(chain) and self.posts[chain[top + 1]].who == who:
            top += 1
        seen = top
        while seen + 1 < len(chain) and self.is_shown(chain[seen + 1]):
            seen += 1
        root = [chain[-1]] if self.posts[chain[-1]].who == who else []
        if seen + 1 == len(chain):
            return root or [chain[top]]
        return [id_ for id_ in chain[top:] if self.posts[id_].who == who]

    def own_below(self, start: str) -> tuple[set[str], set[str]]:
        """Return what the author of a post wrote below it: in chains of their own, and in answer to others.

        An answer is one that all the posts above it lead to.
        """
        who, below = self.posts[start].who, self.replies()
        own, answers, stack = set[str](), set[str](), [(start, True)]
        while stack:
            id_, direct = stack.pop()
            mine = self.posts[id_].who == who
            if mine:
                (own if direct else answers).add(id_)
            elif not self.is_shown(id_):
                continue
            deleted = self.posts[id_].deleted  # what others answered to it leads nowhere
            children = (child for child in below[id_] if not deleted or self.posts[child].who == who)
            stack += [(child, direct and mine) for child in children]
        return own, answers

    def replies(self) -> dict[str | None, list[str]]:
        """Return the replies to each post, oldest first."""
        below: dict[str | None, list[str]] = defaultdict(list)
        for post in sorted(self.posts.values(), key=lambda post: (post.at, post.id)):
            below[post.to].append(post.id)
        return below

    def line(self, start: str, there: Collection[str]) -> list[str]:
        """Return the main line from a post on, of those posts that are `there` or that something there follows.

        At each post it is the author's oldest reply; but the one with the next number, where there are numbers, and not
        one that the author left at that, if another that goes on was written within a day. Where there are numbers, the
        line goes on by way of somebody else's reply.
        """
        who, below = self.posts[start].who, self.replies()
        alive = {above for id_ in there for above in self.above(id_)}

        def own(id_: str) -> list[str]:
            return [child for child in below[id_] if child in alive and self.posts[child].who == who]

        def through(id_: str) -> list[str]:
            found, stack = [], [child for child in below[id_] if self.posts[child].who != who]
            while stack:
                next_ = below[stack.pop()]
                found += [child for child in next_ if child in alive and self.posts[child].who == who]
                stack += [child for child in next_ if self.posts[child].who != who]
            number = self.posts[id_].text
            return [child for child in sorted(found) if follows(number, self.posts[child].text)]

        line = [start]
        while replies := own(line[-1]) or through(line[-1]):
            last = self.posts[line[-1]]
            following = [id_ for id_ in replies if follows(last.text, self.posts[id_].text)]
            soon = [id_ for id_ in replies if own(id_) and self.posts[id_].at - last.at <= timedelta(days=1)]
            line.append((following or ([replies[0]] if own(replies[0]) else []) or soon or replies)[0])
        return line


def follows(text: str, other: str) -> bool:
    """Tell whether a text has the next number of another one."""
    found = [re.search(r"(\d+)/(\d+)", each) for each in (text, other)]
    one, two = found
    return bool(one and two and one[2] == two[2] and int(two[2]) >= int(two[1]) == int(one[1]) + 1)


def wrongs(
    truth: Truth, thread: Thread, shown: Shown, focus: str, replies: bool, held: Collection[str], several: bool
) -> Iterator[str]:
    """Yield what is wrong with a thread; each begins with its kind.

    `held` are the posts of an earlier capture. `several` says that more than one route was taken: what a lesser one has
    read and could not place is not part of its thread, and so not joined to another's.
    """
    yield from false_complete(truth, thread, focus, held)
    yield from false_words(truth, thread)
    if not several or thread.completeness.verdict is Verdict.COMPLETE:
        yield from left_out(thread, shown, replies)
    yield from wrong_numbers(thread)


def false_complete(truth: Truth, thread: Thread, focus: str, held: Collection[str]) -> Iterator[str]:
    """Yield what a thread lacks that is said to be complete."""
    if thread.completeness.verdict is not Verdict.COMPLETE:
        return
    who = truth.posts[thread.id].who if thread.id in truth.posts else ""
    found = [list(_lacks(truth, thread, start, held)) for start in truth.starts(focus, who)]
    if not found and not truth.is_misrooted(focus):  # else it begins where its own record says
        yield f"false complete: the thread begins at {thread.id}, which it cannot"
    elif found and all(found):
        yield from found[0]


def _lacks(truth: Truth, thread: Thread, start: str, held: Collection[str]) -> Iterator[str]:
    here = {post.id for post in thread.posts}
    own, answers = truth.own_below(start)
    there = {id_ for id_ in own | answers if truth.is_shown(id_) or id_ in held}
    line = truth.line(start, there)
    end = truth.posts[line[-1]].at
    passed: set[str] = set()
    for id_ in sorted(there - here):
        kind = "" if id_ in line else " (branch)" if id_ in own else " (answer)"
        if is_far_away(truth, here, id_) or (kind and is_left_out(truth, thread, id_, end)):
            passed.add(id_)
        else:
            yield f"false complete{kind}: lacks {id_}"
    between = {above for id_ in there - passed for above in truth.above(id_)} & own - there
    named = {gap.id for gap in thread.missing}
    for id_ in sorted(between - named):
        if truth.is_kept_back(id_):
            yield f"false complete: {id_} is there, for others, and is passed over in silence"
    main = [post.id for post in thread.posts if thread.roles[post.id] is Role.MAIN]
    if there & set(line) <= here and main != [id_ for id_ in line if id_ in there]:
        yield f"false complete (line): {main} is not the line, which is {line}"


def is_far_away(truth: Truth, here: Collection[str], id_: str) -> bool:
    """Tell whether a deleted post that its server forgets and a long time stand between a post and what is known."""
    times = [truth.posts[each].at for each in here if truth.posts[each].who == truth.posts[id_].who]
    orphans = (each for each in truth.above(id_) if (to := truth.posts[each].to) and truth.posts[to].deleted)
    before = truth.kind == "hollo" and min(times) - truth.posts[id_].at > DAY
    return before or (truth.kind in FORGETFUL and any(truth.posts[each].at - max(times) > DAY for each in orphans))


def is_left_out(truth: Truth, thread: Thread, id_: str, end: datetime) -> bool:
    """Tell whether a post beside the main line is one that collecting does not look for, by design.

    The AppView's count is of the main line, and reading ends where that is whole: what the author wrote beside it
    after its end costs further pages. An answer that names a wrong root is known by nothing but the post that it
    answers, which is only asked for with all replies; so is every one where the repository does not answer. Where a
    server does not give posts by their ids in batches, only contexts tell whom the author answered, and they are cut.
    """
    post = truth.posts[id_]
    answer = any(truth.posts[above].who != post.who for above in truth.above(id_))
    if truth.kind == "bluesky":
        return post.at > end or (answer and (truth.is_misrooted(id_) or thread.route != "repository"))
    return answer and truth.kind in ("mastodon-4.2", "takahe")


def false_words(truth: Truth, thread: Thread) -> Iterator[str]:
    """Yield the posts that are said to be deleted, or their accounts closed, and are not."""
    for gap in {*thread.missing, *thread.completeness.gaps, *thread.gone}:
        child = gap.id.removesuffix("#parent")
        id_ = truth.posts[child].to if child != gap.id and child in truth.posts else gap.id
        post = truth.posts.get(id_ or "")
        if gap.reason is Reason.DELETED and not (post and post.deleted):
            yield f"false deleted: {gap.id} {gap.detail}"
        if gap.reason in CLOSED and post and post.who not in truth.closed:
            yield f"false closed: {gap.id} {gap.reason}"


def left_out(thread: Thread, shown: Shown, replies: bool) -> Iterator[str]:
    """Yield the posts that an answer has shown, that answer one of the thread, and that are not in it."""
    here = {post.id for post in thread.posts}
    own = (post.id for post in thread.posts if post.author.id == thread.author.id)
    who = next((shown[id_][0] for id_ in own if id_ in shown), "")
    for id_, (author, parent) in shown.items():
        role = thread.roles.get(parent or "")
        if id_ not in here and role in (*OWN, Role.REPLY) and (author == who or replies):
            yield f"shown and left out: {id_}, which answers {parent}"


def wrong_numbers(thread: Thread) -> Iterator[str]:
    """Yield where the headline counts otherwise than the sentences below it."""
    document = Document(thread=thread, run=Run(id="", url="", tool="", started_at=datetime(2026, 3, 12, tzinfo=UTC)))
    view = View(document)
    said = [plain(view, sentence) for sentence in reasons(view)]
    missing = [WORDS.get(found[1].lower()) or int(found[1]) for each in said if (found := MISSING.match(each))]
    counted = re.search(r"(\d+) of (\d+) posts?", headline(thread))
    lacking = int(counted[2]) - int(counted[1]) if counted else 0
    if counted and lacking != sum(missing):
        yield f"numbers: {headline(thread)} {said}"
    if thread.completeness.verdict is Verdict.COMPLETE and (not counted or lacking or missing):
        yield f"numbers: {headline(thread)} {said}"
    main = [node for node in thread.nodes if thread.roles[node.id] is Role.MAIN]
    if sum(isinstance(node, Post) for node in main) != thread.completeness.found:
        yield f"numbers: {thread.completeness.found} are counted, and {len(main)} are there"
    if counted and int(counted[2]) < len(main):
        yield f"numbers: {headline(thread)}, and with its gaps the line has {len(main)}"


def lost(before: Document, after: Document) -> Iterator[str]:
    """Yield the posts that a later visit has lost. Whose thread it is may change, where its first post is gone."""
    here = {post.id for post in after.thread.posts}
    if before.thread.author.id == after.thread.author.id:
        yield from (f"lost: {post.id}" for post in before.thread.posts if post.id not in here)


def is_whole(truth: Truth, thread: Thread, focus: str) -> bool:
    """Tell whether a thread is whole, and nothing about it is hidden: a better verdict would have been true."""
    who = truth.posts[thread.id].who if thread.id in truth.posts else ""
    starts = truth.starts(focus, who)
    if not starts or any(isinstance(node, Missing) for node in thread.nodes):
        return False
    own, _ = truth.own_below(starts[0])
    return all(truth.is_shown(id_) for id_ in own) and not any(_lacks(truth, thread, starts[0], ()))
