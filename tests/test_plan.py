"""What is to be fetched of a thread, and in which order."""

from dataclasses import replace

import pytest
from samples import ANN, BO, NOON, a_post, a_thread

from archiver.media.plan import AVATAR, Medium, to_fetch
from archiver.model import Attachment, Missing, Observation, Reason, Thread

ALICE = replace(ANN, avatar="https://social.example/ann.png")
BOB = replace(BO, avatar="https://social.example/bo.png")


def urls(thread: Thread, there: tuple[str, ...] = (), posts: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(medium.url, medium.what) for medium in to_fetch(thread, posts.__contains__, there.__contains__)]


def image(name: str, kind: str = "image", **more: str) -> Attachment:
    return Attachment(kind=kind, url=f"https://files.example/{name}", **more)


def test_each_address_is_wanted_once_in_reading_order_the_avatars_last() -> None:
    deepest = a_post(9, author=BOB, attachments=(image("deepest"),))
    quoted = a_post(8, author=BOB, attachments=(image("quoted", "video"),), quote=deepest)
    gone = Missing(id="3", url="https://social.example/@ann/3", reason=Reason.DELETED)
    one = a_post(1, author=ALICE, attachments=(image("a"), image("b"), image("ann.png")), quote=quoted)
    two = a_post(2, author=ALICE, attachments=(image("b"), image("a"), image("c", "audio"), image("d", "unheard of")))
    assert urls(a_thread(one, gone, two, author=replace(ALICE, avatar="https://files.example/ann.png"))) == [
        ("https://files.example/a", "image"),
        ("https://files.example/b", "image"),
        ("https://files.example/ann.png", "image"),
        ("https://files.example/quoted", "video"),
        ("https://files.example/deepest", "image"),
        ("https://files.example/c", "audio"),
        ("https://files.example/d", "card"),
        ("https://social.example/ann.png", AVATAR),
        ("https://social.example/bo.png", AVATAR),
    ]


def test_of_a_card_the_picture_is_wanted_and_not_the_page() -> None:
    bare = image("page", "card")
    shown = image("page", "card", picture="https://files.example/p.jpg")
    assert urls(a_thread(a_post(1, attachments=(bare, shown)))) == [("https://files.example/p.jpg", "card")]


def test_a_film_that_the_platform_does_not_give_is_the_posts_page_and_not_wanted() -> None:
    post = a_post(1, attachments=(image("film", "video"), image("a")))
    assert urls(a_thread(post), posts=("https://files.example/film",)) == [("https://files.example/a", "image")]


def test_what_is_held_only_as_the_platform_shows_it_is_wanted_again() -> None:
    lesser = image("a", file="media/aa/a.png", fault="the file that was posted could not be fetched: 503")
    assert urls(a_thread(a_post(1, attachments=(lesser,))), there=("media/aa/a.png",)) == [
        ("https://files.example/a", "image")
    ]


def test_what_is_in_the_folder_is_not_wanted_and_what_was_removed_is() -> None:
    there, removed = image("a", file="media/aa/a.png"), image("b", file="media/bb/b.png")
    author = replace(ALICE, avatar_file="media/cc/c.png")
    thread = a_thread(a_post(1, author=author, attachments=(there, removed)), author=author)
    assert urls(thread, there=("media/aa/a.png", "media/cc/c.png")) == [("https://files.example/b", "image")]
    assert [what for _, what in urls(thread)] == ["image", "image", AVATAR]


@pytest.mark.parametrize(("route", "at"), [("wayback", NOON), ("api_v2", None)])
def test_when_a_web_archive_has_seen_the_post_is_told(route: str, at: object) -> None:
    seen = Observation(post="1", route=route, seen_at=NOON, content="")
    thread = a_thread(a_post(1, attachments=(image("a"),)), a_post(2, attachments=(image("b"),)), observations=(seen,))
    found = to_fetch(thread, lambda url: False, lambda file: False)
    assert found == (
        Medium("https://files.example/a", "image", at),  # type: ignore[arg-type]
        Medium("https://files.example/b", "image"),
    )
