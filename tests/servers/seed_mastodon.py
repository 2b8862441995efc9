"""Writes threads into a running snac2, through the Mastodon client API as any client does.

Nobody can post into the past through this API: the posts keep the story's order, and the times of the test run.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pictures import scene

from .machine import eventually
from .mastodon import Site
from .snac import Snac
from .story import Entry, Seeded, Thread, addressed, numbered, story

CASES = (  # authors of test_mastodon_gaps.py
    *("plain", "friends", "thrice", "orphan", "asked"),
    *("visited_nobody", "visited_author", "visited_another", "left_nobody", "left_author", "left_another"),
)
USERS = (
    "marta_olsen",
    "ostermoor_water",
    "harbour_safety",
    "ines_walde",
    "otto_lang",
    "pia_roth",
    "nils_voss",
    "rosa_feld",
    "uwe_brandt",
    "edda_lund",
    *CASES,
)


def username(name: str) -> str:
    """The account of a person of the story; snac2 takes no hyphens."""
    return name.replace("-", "_")


def seed_story(snac: Snac) -> Thread:
    """The story, with an image, a content warning, an edited post, and what other people said."""
    told = story()
    for person in told.people:
        snac.tell(
            "PATCH", "/api/v1/accounts/update_credentials", username(person.name), data={"display_name": person.shown}
        )
    return publish(snac, told.entries, [person.name for person in told.people])


def seed_numbered(snac: Snac, name: str, count: int) -> Thread:
    """A self-thread of `count` plain posts."""
    return publish(snac, numbered(name, count, "Step {number} of the long way round."), [name])


def seed_hole(snac: Snac, name: str, text: str = "Stair {number}, and one is missing.") -> Thread:
    """A self-thread of six posts, the third of which its author has deleted."""
    thread = publish(snac, numbered(name, 6, text), [name])
    delete(snac, thread["3"])
    return thread


def seed_with(snac: Snac, name: str, count: int, *, hidden: Iterable[str] = (), deleted: Iterable[str] = ()) -> Thread:
    """A self-thread of posts without numbers, of which some are for followers only and some are deleted."""
    hidden = set(hidden)
    entries = [
        replace(entry, visibility="private" if entry.key in hidden else "public")
        for entry in numbered(name, count, "The tide table says {number}, and the harbour another hour.")
    ]
    thread = publish(snac, entries, [name])
    for key in deleted:
        delete(snac, thread[key])
    return thread


def seed_poll(snac: Snac, name: str) -> Thread:
    """A thread of two posts that starts with a poll."""
    first, second = numbered(name, 2, "Question {number} of two.")
    return publish(snac, [replace(first, poll=("By boat", "On foot 🥾", "Not at all")), second], [name])


def seed_everything(site: Site) -> list[str]:
    """All of it; returns what to paste."""
    snac = site.snac
    story, long, hole = seed_story(snac), seed_numbered(snac, "otto-lang", 520), seed_hole(snac, "pia-roth")
    return [
        "[network]\nallow_private = true",
        f"the story, first, middle, last: {story['1'].url} {story['20'].url} {story['48'].url}",
        f"520 posts, first, middle, last: {long['1'].url} {long['260'].url} {long['520'].url}",
        f"a deleted third post: {hole['1'].url} {hole['6'].url}, its own address {hole['3'].url}",
        f"a poll: {seed_poll(snac, 'nils-voss')['1'].url}",
        f"the form of address that snac2 uses itself: {story['1'].uri}",
        f"the same server without the proxy, where a token is needed: {snac.address}",
        *(f"the token of {user} there: {token}" for user, token in snac.tokens.items()),
    ]


def publish(snac: Snac, entries: Iterable[Entry], names: list[str]) -> Thread:
    """Posts the entries in order, edits those to be edited, and waits until every author sees the whole thread."""
    thread: Thread = {}
    for entry in entries:
        made = snac.tell("POST", "/api/v1/statuses", username(entry.by), data=_form(snac, entry, thread, names))
        thread[entry.key] = _seeded(snac, entry, made, _text(entry, entry.text, thread, names))
    for post in [post for post in thread.values() if post.entry.edited_from]:
        thread[post.entry.key] = edit(snac, post, post.text)
    eventually(lambda: _all_seen(snac, thread), "snac2 shows the thread's author every reply")
    return thread


def edit(snac: Snac, post: Seeded, text: str) -> Seeded:
    """Gives a post another text; its `uri` stays, and in the answer is the id that it has from now on."""
    author = username(post.entry.by)
    made = snac.tell("PUT", f"/api/v1/statuses/{post.id}", author, json={"status": text})
    return replace(post, id=made["id"], url=page(snac, author, made["id"]), text=text)


def delete(snac: Snac, post: Seeded) -> None:
    """Deletes a post."""
    snac.tell("DELETE", f"/api/v1/statuses/{post.id}", username(post.entry.by))


def page(snac: Snac, user: str, id_: str) -> str:
    """The address that a Mastodon server gives the page of a post."""
    return f"{snac.public}/@{user}/{id_}"


def _seeded(snac: Snac, entry: Entry, made: dict[str, Any], text: str) -> Seeded:
    return Seeded(
        entry=entry,
        id=made["id"],
        uri=made["uri"],
        url=page(snac, username(entry.by), made["id"]),
        text=text,
    )


def _text(entry: Entry, text: str, thread: Thread, names: list[str]) -> str:
    """The text with this server's mentions, and the address of what it shows: a client adds no card or quote."""
    shown = entry.card["url"] if entry.card else thread[entry.quote].uri if entry.quote else ""
    return addressed("\n\n".join(filter(None, (text, shown))), names, lambda name: f"@{username(name)}")


def _form(snac: Snac, entry: Entry, thread: Thread, names: list[str]) -> dict[str, Any]:
    """The form of a new post; in JSON snac2 would not see a poll, and a poll would not be a reply to anything."""
    text = _text(entry, entry.edited_from or entry.text, thread, names)
    form: dict[str, Any] = {"status": text, "visibility": entry.visibility}
    if entry.to:
        form["in_reply_to_id"] = thread[entry.to].id
    if entry.image_alt is not None:
        form["media_ids[]"] = [_upload(snac, entry)]
    if entry.poll and not entry.to:
        form |= {"poll[options][]": list(entry.poll), "poll[expires_in]": 86400}
    if entry.warning:
        form |= {"spoiler_text": entry.warning, "sensitive": "true"}
    return form


def _upload(snac: Snac, entry: Entry) -> str:
    files = {"file": ("picture.png", scene(entry.picture), "image/png")}
    made = snac.tell("POST", "/api/v2/media", username(entry.by), files=files, data={"description": entry.image_alt})
    id_: str = made["id"]
    return id_


def _all_seen(snac: Snac, thread: Thread) -> bool:
    """Replies by other people reach a thread's author through the server's own inbox, some time later."""
    first = thread["1"]
    answer = snac.ask(f"/api/v1/statuses/{first.id}/context", user=username(first.entry.by))
    below = {status["id"] for status in answer.json()["descendants"]}
    return {post.id for post in thread.values() if post.entry.to} <= below
