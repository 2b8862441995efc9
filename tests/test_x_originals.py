"""Pictures of X in the size in which they were uploaded, and films in their best form, by every source."""

import pytest
from birdsite import HANDLE, Birdsite, photo, uploaded
from machine import answer, run
from pictures import plain
from samples import later

from archiver.media.stage import Wanted
from archiver.options import Options
from archiver.platforms.x.api_v2_post import _file
from archiver.platforms.x.fx_status import parse_media
from archiver.platforms.x.parts import best_form, original_of, originals
from archiver.platforms.x.v1 import read_media
from archiver.routes import Original
from archiver.store.store import Archive
from archiver.verbs.capture import archive as archived

UPLOADED = "https://pbs.twimg.com/media/Ab_c-1?format={}&name=orig"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://pbs.twimg.com/media/Ab_c-1.jpg", "jpg"),
        ("http://pbs.twimg.com/media/Ab_c-1.png", "png"),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg:large", "jpg"),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg?name=small", "jpg"),
        ("https://pbs.twimg.com/media/Ab_c-1?format=webp&name=4096x4096", "webp"),
        ("https://pbs.twimg.com/media/Ab_c-1?name=small&format=png", "png"),
        ("https://pbs.twimg.com/media/Ab_c-1.jpg?name=orig", "jpg"),
    ],
)
def test_every_size_leads_to_the_upload(url: str, form: str) -> None:
    assert original_of(url) == UPLOADED.format(form)
    assert original_of(UPLOADED.format(form)) == ""


@pytest.mark.parametrize(
    ("url", "upload"),
    [
        ("card_img/99/Ab_c-1?format=png&name=144x144_2", "card_img/99/Ab_c-1?format=png&name=orig"),
        ("news_img/99/Ab_c-1?format=jpg&name=150x150", "news_img/99/Ab_c-1?format=jpg&name=orig"),
        ("profile_images/12/Ab_c-1_normal.jpg", "profile_images/12/Ab_c-1.jpg"),
        ("profile_images/12/Ab_c-1_400x400.jpeg", "profile_images/12/Ab_c-1.jpeg"),
        ("profile_images/12/Ab_normal_bigger", "profile_images/12/Ab_normal"),
    ],
)
def test_link_previews_and_faces_have_an_upload_too(url: str, upload: str) -> None:
    assert original_of(f"https://pbs.twimg.com/{url}") == f"https://pbs.twimg.com/{upload}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://pbs.twimg.com/media/Ab_c-1",
        "https://pbs.twimg.com/media/Ab_c-1?name=large",
        "https://pbs.twimg.com/media/../x.jpg",
        "https://pbs.twimg.com/media/a.jpg?url=https://evil.example/",
        "https://pbs.twimg.com/media/a.jpg#x\n",
        "https://pbs.twimg.com.evil.example/media/a.jpg",
        "https://pbs.twimg.com/profile_images/1/a.jpg",
        "https://pbs.twimg.com/profile_images/1/normal.jpg",
        "https://pbs.twimg.com/profile_images/1/../../a_normal.jpg",
        "https://pbs.twimg.com/profile_images/1/a\nb_normal.jpg",
        "https://pbs.twimg.com/card_img/Ab_c-1?format=jpg&name=small",
        "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png",
        "https://pbs.twimg.com/ext_tw_video_thumb/1/pu/img/a.jpg",
        "https://video.twimg.com/ext_tw_video/1/pu/vid/1280x720/a.mp4",
        "https://news.example/https://pbs.twimg.com/media/a.jpg",
    ],
)
def test_what_is_no_picture_of_a_post_is_left_as_it_is(url: str) -> None:
    assert original_of(url) == ""


def test_nothing_has_to_be_asked_for() -> None:
    url = "https://pbs.twimg.com/media/Ab_c-1.jpg"
    found = run(originals([url, "https://news.example/a.jpg"]), answer)
    assert found == {url: Original(UPLOADED.format("jpg"))}


VIDEO = "https://video.twimg.com/ext_tw_video/1/pu/"
FORMS = [("low.mp4", 256_000), ("best.mp4", 2_176_000), ("middle.mp4", 832_000), ("list.m3u8", None)]


def mime(name: str) -> str:
    return "video/mp4" if name.endswith("mp4") else "application/x-mpegURL"


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("kind", ["video", "animated_gif"])
def test_the_best_form_of_a_film_is_the_one_of_the_highest_rate(turn: int, kind: str) -> None:
    """Whatever the order, and a list of pieces is none: API v2, v1 (syndication, GraphQL, exports), FxTwitter."""
    forms = [*FORMS[turn:], *FORMS[:turn]]
    v2 = [{"content_type": mime(n), "url": VIDEO + n, **({"bit_rate": r} if r else {})} for n, r in forms]
    v1 = [{"content_type": mime(n), "url": VIDEO + n, **({"bitrate": r} if r else {})} for n, r in forms]
    fx = [{"container": n.rpartition(".")[2], "url": VIDEO + n, "bitrate": r} for n, r in forms]
    status = {"type": kind, "media_url_https": "https://pbs.twimg.com/t.jpg", "video_info": {"variants": v1}}
    fx_kind = "gif" if kind == "animated_gif" else kind
    found = [
        _file({"type": kind, "variants": v2}, ""),
        read_media(status),
        *parse_media({"all": [{"type": fx_kind, "url": VIDEO + "low.mp4", "formats": fx}]}),
    ]
    assert [(item.url, item.kind) for item in found] == [(VIDEO + "best.mp4", found[0].kind)] * 3


def test_a_rate_of_nothing_is_a_rate() -> None:
    forms = [{"content_type": "video/mp4", "bitrate": 0, "url": VIDEO + "a.mp4"}]
    none = [{"content_type": "video/mp4", "url": VIDEO + "b.mp4"}]
    for variants in (forms + none, none + forms):
        item = read_media({"type": "animated_gif", "media_url_https": "", "video_info": {"variants": variants}})
        assert item.url == VIDEO + "a.mp4"


MP4, LIST = "video/mp4", "application/x-mpegURL"


@pytest.mark.parametrize(
    ("variants", "best"),
    [
        ([(LIST, "l", None), (MP4, "none", None), (MP4, "0", 0)], "0"),
        ([(MP4, "a", 256_000), (MP4, "b", "2176000"), (LIST, "l", None)], "b"),
        ([(LIST, "l", None), ("video/webm", "w", 9), ("application/dash+xml", "d", None)], "l"),
        ([("video/webm", "w", 9), (MP4, "", 9)], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("rate", ["bitrate", "bit_rate"])
def test_a_list_of_pieces_is_better_than_nothing(
    variants: list[tuple[str, str, object]], best: str | None, rate: str
) -> None:
    forms = [{"content_type": kind, "url": url, rate: told} for kind, url, told in variants]
    bare = [{key: value for key, value in form.items() if value is not None} for form in forms]
    for told in (forms, bare, forms[::-1]):
        found = best_form(told)
        assert (found and found["url"]) == best


def test_what_lists_no_forms_has_none() -> None:
    for variants in (None, {}, "x", [None, "x", {}]):
        assert best_form(variants) is None


@pytest.mark.parametrize(
    "refused", [None, (404, ""), (403, ""), (200, "<!DOCTYPE html><title>Sorry</title>"), (200, "a")]
)
def test_what_is_shown_is_kept_where_there_is_no_upload(archive: Archive, refused: tuple[int, str] | None) -> None:
    site = Birdsite()
    site.up = {"api_v2"}
    id_ = site.write("Look", photo=True)
    face = "https://pbs.twimg.com/profile_images/12/marlow{}.jpg"
    site.avatars = {HANDLE: face.format("_normal")}
    uploads = (uploaded(photo(id_)), face.format(""))
    site.fault = lambda request: refused if request.url in uploads else None
    thread = archived(
        archive, site.url(id_), site.recording, later, Options(third_parties=("api_v2",)), media=Wanted()
    ).document.thread
    files = (thread.posts[0].attachments[0].file, thread.author.avatar_file)
    kept = uploads if refused is None else (photo(id_), face.format("_normal"))
    assert [(archive.folder / (file or "")).read_bytes() for file in files] == [plain(url) for url in kept]
    assert {url for url in site.urls if "pbs.twimg.com" in url} == {*uploads, *kept}
