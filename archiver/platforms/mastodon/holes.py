"""Posts in the middle that nobody shows: the API forgets or hides what stood between, other traces remain.

When a post is deleted, Mastodon clears `in_reply_to_id` of its replies and leaves `in_reply_to_account_id`; snac2 and
Pleroma clear both, GoToSocial and Takahē neither. A post for followers only stays named, and nobody shows it. What
answers such a post is one of ours when its object names what it answered, or the conversation that the rest belongs
to; where nobody says, the author's numbering and the next place in time do.
"""

import re
from collections.abc import Generator
from dataclasses import replace

from archiver.errors import NotRecorded, Unavailable
from archiver.http.message import Request, Response
from archiver.model import DAY, Missing, Post, Reason, utc
from archiver.platforms.mastodon.address import parse_address
from archiver.platforms.mastodon.calls import FAILED, PAGE, Call, get_answered, get_object, get_page, get_status
from archiver.platforms.mastodon.known import Known, Status, below, placed, promised, start
from archiver.platforms.mastodon.status import account_uri, host_of
from archiver.platforms.mastodon.traces import (
    Object,
    age,
    answers_deleted,
    conversation,
    earlier_by,
    forgets,
    forgotten,
    hides_parent,
    highest_own,
    is_carried,
    leaves_no_trace,
    may_carry,
    may_forget,
    names_parent,
    number,
    same,
    writer,
)
from archiver.threads.assemble import main_line
from archiver.threads.numbering import numbering

# Mastodon 4.5: https://{host}/contexts/{account}-{root status}; snac2: {root uri}#ctxt
ROOT_BY_ID = re.compile(r"/contexts/[0-9]+-([0-9]+)$")
STEPS = 40  # posts that are asked for one by one, where neither pages nor contexts show what is above
MOST = 8  # of the posts that look like a thread's continuation, so many are asked; more of them are no accident


def hole_above(known: Known, top: Status) -> Generator[Request, Response, bool]:
    """Learn what the highest post known answers where the API does not tell or show it.

    Returns whether that post was found after all. Else there is a gap above, and `known.root` may tell where the thread
    begins.
    """
    if top["uri"] in known.gone or not (hides_parent(known, top) or number(known, top) > 1 or may_forget(known, top)):
        return (yield from is_answered_by_id(known, top))
    if names_parent(known, top) and known.steps == STEPS:
        known.stop = f"the first post was not reached: {host_of(known.site)} shows what is above one by one only"
        return False
    if names_parent(known, top) and (yield from get_answered(known, top)):
        known.steps += 1
        return True
    parent, thing = yield from ask(known, top)
    if parent and (yield from is_there(known, top, parent)):
        return True
    gap = yield from gap_above(known, top, parent)
    if gap and gap.id not in known.statuses:
        known.gone[top["uri"]] = gap
        if not (yield from find_root(known, top, thing)) and gap.author == account_uri(top["account"]):
            yield from infer_root(known, top, thing)
    return False


def is_answered_by_id(known: Known, top: Status) -> Generator[Request, Response, bool]:
    """Ask for somebody else's post that no context shows and the API names, and tell whether it is there."""
    if not names_parent(known, top) or known.parent(top) in known.refusals or known.steps == STEPS:
        return False
    known.steps += 1
    try:
        return (yield from get_answered(known, top))
    except NotRecorded:
        return False


def fill_holes(known: Known) -> Call:
    """Join what the author wrote after a post that nobody shows, where it is known to be part of the thread."""
    ours: str | None = None
    while len(known.probed) < MOST and (todo := [each for each in continuations(known) if is_new(known, each)]):
        status = todo[0]
        if names_parent(known, status) and (yield from get_answered(known, status)):
            continue
        parent, thing = yield from ask(known, status)
        known.probed.add(status["uri"])
        if ours is None and conversation(thing):
            _, first = yield from ask(known, known.statuses[start(known)])
            ours = conversation(first)
        if parent and (yield from is_there(known, status, parent)):
            continue
        if ours and conversation(thing) and ours != conversation(thing):
            known.apart.add(status["uri"])
        if not same(known, status, ours or "", conversation(thing)):
            if parent and writer(parent, account_uri(status["account"])) in (account_uri(status["account"]), None):
                known.parents[status["uri"]] = parent  # it may belong here: then it speaks against a proof
            continue
        gap = yield from gap_above(known, status, parent)
        if gap:
            known.gone[status["uri"]] = gap


def is_new(known: Known, status: Status) -> bool:
    """Tell whether a post was not looked into before."""
    return status["uri"] not in known.probed and status["uri"] not in known.gone


def continuations(known: Known) -> list[Status]:
    """Return the author's later posts that hang on nothing known and yet look like a continuation, oldest first."""
    first = known.statuses[start(known)]
    total = promised(known)
    members = below(placed(known), start(known))
    later = sorted(
        (
            status
            for uri, status in known.statuses.items()
            if uri not in members
            and status["account"]["id"] == first["account"]["id"]
            and age(status) >= age(first)
            and known.parent(status) not in known.statuses
        ),
        key=age,
    )
    certain = [
        status
        for status in later
        if hides_parent(known, status)
        or may_carry(known, status, first)
        or (known.parent(status) is None and total and number(known, status, total) > 1)
    ]
    continued = {known.parent(status) for status in known.statuses.values()}
    ends = [known.statuses[uri] for uri in members if uri in known.statuses and uri not in continued]
    after = {next((each["uri"] for each in later if age(each) > age(end) and forgets(each)), "") for end in ends}
    near = {status["uri"] for status in loose(known) if forgets(status)}
    return certain + [status for status in later if status["uri"] in after | near and status not in certain]


def loose(known: Known) -> list[Status]:
    """Return the author's posts beside the thread that may belong to it for all that the API tells, oldest first.

    They were written between its first post and a day after its last one, and answer nothing on a server that forgets
    what was answered. Where their own objects are shown, these tell it.
    """
    first = known.statuses[start(known)]
    members = below(placed(known), first["uri"])
    own = [status for status in known.statuses.values() if status["account"]["id"] == first["account"]["id"]]
    end = max(utc(status["created_at"]) for status in own if status["uri"] in members)
    return [
        status
        for status in sorted(own, key=age)
        if status["uri"] not in members
        and known.parent(status) is None
        and age(status) > age(first)
        and utc(status["created_at"]) - end <= DAY
        and (leaves_no_trace(known, status) or (forgets(status) and status["uri"] not in known.probed))
    ]


def note_neighbours(known: Known) -> Call:
    """Note the author's posts in and around the thread that may belong to it, on a server that tells nothing.

    Hollo forgets what a post answered, and so do the objects; those of Pleroma may be for other servers only, and no
    more than some of them are asked for.
    """
    first = known.statuses[start(known)]
    if known.parent(first) is None and leaves_no_trace(known, first):
        yield from list_earlier(known, first)
        before = max(earlier_by(known, first), key=age, default=None)
        if before and utc(first["created_at"]) - utc(before["created_at"]) <= DAY:
            known.neighbours.append(before["uri"])
    known.neighbours += [status["uri"] for status in loose(known)]


def ask(known: Known, status: Status) -> Generator[Request, Response, tuple[str | None, Object]]:
    """Fetch a post's ActivityPub object; return what it says that the post answers, and the object."""
    try:
        _, thing = yield from get_object(status["uri"])
    except NotRecorded:
        return None, {}
    except FAILED as error:
        known.unanswered = str(error)
        return None, {}
    known.silent |= set() if thing else {status["uri"]}
    parent = thing.get("inReplyTo")
    return parent if isinstance(parent, str) and parent != status["uri"] else None, thing


def is_there(known: Known, status: Status, parent: str) -> Generator[Request, Response, bool]:
    """Tell whether the post that an object names as answered is shown, and note that it is what `status` answers.

    What the API has forgotten or was asked for already is not asked for again.
    """
    address = parse_address(parent)
    doubtful = known.is_impossible(status) or known.parent(status) == f"{status['uri']}#parent"
    if parent not in known.statuses and doubtful and address and address.site == known.site and address.id:
        try:
            yield from get_status(known, address.id)
        except Unavailable:
            return False
    other = known.statuses.get(parent)
    if other is None or (other["account"]["id"] == status["account"]["id"] and age(other) >= age(status)):
        return False
    known.parents[status["uri"]] = parent
    return True


def gap_above(known: Known, status: Status, parent: str | None) -> Generator[Request, Response, Missing | None]:
    """Return the gap above a post; None where it answered nothing.

    `parent` is the address that the post's object names. Only where the API has forgotten the id does a 404 of that
    address mean a deletion; else the post may be there for chosen readers.
    """
    account = account_uri(status["account"])
    if status.get("in_reply_to_id") is not None and not known.is_impossible(status):
        gap = known.unseen(status)
        if parent is None:
            return replace(gap, author=None) if is_carried(status) else gap
        return replace(gap, id=parent, url=parent, author=writer(parent, account) or gap.author)
    if parent is None:
        return forgotten(known, status) if hides_parent(known, status) else None
    author = account if answers_deleted(status) else writer(parent, account)
    try:
        response, _ = yield from get_object(parent)
    except FAILED as error:
        return Missing(id=parent, url=parent, reason=Reason.NOT_LOADED, author=author, detail=str(error))
    here = host_of(parent) == host_of(known.site)  # elsewhere it may never have been seen from here
    gone = response.status == 410 or (response.status == 404 and here)
    return Missing(
        id=parent,
        url=parent,
        reason=Reason.DELETED if gone else Reason.UNKNOWN,
        author=author,
        detail=f"its own address answers {response.status}",
        seen_at=response.fetched_at,
    )


def find_root(known: Known, top: Status, thing: Object) -> Generator[Request, Response, bool]:
    """Fetch the first post where the name of the conversation tells it, and tell whether it is by the same author."""
    name = conversation(thing)
    address = parse_address(name.removesuffix("#ctxt"))
    id_ = found[1] if (found := ROOT_BY_ID.search(name)) else address.id if address else ""
    if not id_ or id_ == top["id"]:
        return False
    try:
        root = yield from get_status(known, id_)
    except FAILED:
        return False
    if root["account"]["id"] == top["account"]["id"]:
        known.root = root["uri"]
    return bool(known.root)


def list_earlier(known: Known, status: Status) -> Call:
    """See what the author wrote before a post, where nothing of that is known and the listing shows it."""
    if earlier_by(known, status):
        return
    try:
        page = yield from get_page(known, status["account"]["id"], max_id=status["id"])
        known.add_page(page, PAGE, status["account"]["id"])
    except FAILED:
        return


def infer_root(known: Known, top: Status, thing: Object) -> Call:
    """Find the thread that a post goes on after a gap by the rules of `same`: conversation, number, time."""
    yield from list_earlier(known, top)
    before = max(earlier_by(known, top), key=age, default=None)
    if before is None:
        return
    first = highest_own(known, before)
    if conversation(thing):
        _, other = yield from ask(known, first)
        belongs = conversation(thing) == conversation(other)
    else:
        nodes = known.nodes()
        line = main_line(nodes, first["uri"])
        count = numbering(node for id_ in line if isinstance(node := nodes[id_], Post))
        if count and count.total > len(line):
            belongs = number(known, top, count.total) > max(count.numbers)
        else:
            belongs = line[-1] in known.statuses and age(before) <= age(known.statuses[line[-1]])
    if belongs:
        known.root = first["uri"]
        while (yield from hole_above(known, first)):
            first = highest_own(known, first)
            known.root = first["uri"]
