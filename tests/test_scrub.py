"""Answers without the content of a post: what goes, what stays, and what goes as a whole."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import a_post

from archiver.model import Attachment, Option, Poll
from archiver.redaction.scrub import Content, content_of, is_said, opened, scrubbed, standing, taken, words_of

SAID = "The heron stands in the water since noon"
AT = "at://did:plc:ann/app.bsky.feed.post/3lbq2vxkm4s2a"
URL = "https://social.example/users/ann/statuses/112150000000000003"
NUMBER = "859784611230646273"
FILE = "https://files.example/heron.jpg"
WHAT = Content(
    frozenset([AT, URL, NUMBER]), frozenset([f"https://x.com/ann/status/{NUMBER}"]), words_of([SAID]), frozenset([FILE])
)


def left(value: Any, **more: Any) -> Any:
    body = scrubbed(json.dumps(value).encode(), WHAT, **more)
    return body if not body else json.loads(body)


def test_a_post_is_known_by_what_it_says_and_shows() -> None:
    card = Attachment(kind="card", url="https://other.example/page/1", title="Of herons in the city", description="x")
    image = Attachment(kind="image", url=FILE, alt="A heron and nothing else")
    poll = Poll(options=(Option(text="It is a heron, surely"), Option(text="No")))
    post = a_post(
        1,
        f"<p>{SAID}<br>see https://a.example/page</p>",
        summary="Herons and more",
        attachments=(image, card),
        poll=poll,
    )
    known = content_of(post)
    assert (known.ids, known.urls, known.files) == ({"1"}, {post.url}, {FILE})
    texts = {SAID, "The heron stands in the water since noon", "Of herons in the city", "A heron and nothing else"}
    assert known.words == texts | {"It is a heron, surely"}
    assert content_of(a_post(2, "<p>short</p>")).words == set()
    assert (known | Content(frozenset("2"))).ids == {"1", "2"}
    assert words_of(["x" * 60]) == {"x" * 60, "x" * 40}


STATUS = {
    "id": "112150000000000003",
    "uri": URL,
    "url": URL,
    "created_at": "2026-03-12T12:00:00Z",
    "in_reply_to_id": "112150000000000002",
    "content": f"<p>{SAID}</p>",
    "spoiler_text": "Birds",
    "account": {"id": "109", "acct": "ann", "note": "Writes about herons"},
    "media_attachments": [{"id": "1", "url": FILE, "description": "A heron", "blurhash": "UBL_"}],
    "card": {"url": "https://a.example/", "title": "Birds", "image": None, "width": 4},
    "poll": {"id": "7", "options": [{"title": "Yes"}], "votes_count": 3},
    "place": {"name": "Harbour", "lat": 53.5},
    "geo": None,
}


def test_a_status_keeps_what_the_thread_hangs_on() -> None:
    assert left([STATUS]) == [
        {
            **STATUS,
            "content": "",
            "spoiler_text": "",
            "media_attachments": [],
            "card": {"url": "", "title": "", "image": None, "width": 4},
            "poll": {"id": "7", "options": [], "votes_count": 3},
            "place": None,
        }
    ]


RECORD = {
    "$type": "app.bsky.feed.post",
    "text": SAID,
    "createdAt": "2026-03-12T12:00:00.000Z",
    "langs": ["en"],
    "facets": [{"index": {"byteStart": 0, "byteEnd": 9}, "features": [{"uri": "https://a.example"}]}],
    "reply": {"root": {"uri": AT[:-1], "cid": "b1"}, "parent": {"uri": AT[:-2], "cid": "b2"}},
    "embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example", "title": "Birds"}},
}


def test_a_record_and_its_view_keep_their_references() -> None:
    view = {"uri": AT, "cid": "b0", "author": {"did": "did:plc:ann", "handle": "ann"}, "record": RECORD, "likeCount": 3}
    expected = {
        **RECORD,
        "text": "",
        "facets": [],
        "embed": {"$type": "app.bsky.embed.external", "external": {"uri": "", "title": ""}},
    }
    assert left({"thread": {"post": view}}) == {"thread": {"post": {**view, "record": expected}}}
    assert left({"records": [{"uri": AT, "cid": "b0", "value": RECORD}]})["records"][0]["value"] == expected


def test_another_post_within_it_stays_and_it_goes_within_another() -> None:
    other = {"rest_id": "111", "legacy": {"id_str": "111", "full_text": f"I say: {SAID}"}}
    inner = {
        "rest_id": NUMBER,
        "legacy": {"id_str": NUMBER, "full_text": SAID},
        "note_tweet": {"id": "Tm90", "text": SAID},
    }
    gone = {"rest_id": NUMBER, "legacy": {"id_str": NUMBER, "full_text": ""}, "note_tweet": {"id": "Tm90", "text": ""}}
    assert left({**inner, "quoted": other}) == {**gone, "quoted": other}
    assert left({**other, "quoted": inner}) == {**other, "quoted": gone}


def test_what_stands_beside_it_goes() -> None:
    data = {
        "id": NUMBER,
        "text": SAID,
        "attachments": {"media_keys": ["3_1"], "poll_ids": ["7"], "source": "x"},
        "url": f"https://x.com/ann/status/{NUMBER}",
    }
    answer = {
        "data": [data, {"id": "112", "text": "Mine", "attachments": {"media_keys": ["3_2"]}}],
        "includes": {
            "media": [
                {"media_key": "3_1", "url": "https://p.example/1", "alt_text": "x"},
                {"media_key": "3_2", "url": "u"},
            ],
            "polls": [{"id": "7", "options": [{"label": "Yes"}], "voting_status": "open"}],
        },
    }
    found = left(answer)
    assert found["data"] == [
        {**data, "text": "", "attachments": {**data["attachments"], "source": ""}},
        answer["data"][1],
    ]
    assert found["includes"]["media"] == [
        {"media_key": "3_1", "url": "", "alt_text": ""},
        {"media_key": "3_2", "url": "u"},
    ]
    assert found["includes"]["polls"] == [{"id": "7", "options": [], "voting_status": ""}]


def test_repetitions_go_and_what_others_say_stays() -> None:
    other = {
        "id": "112",
        "text": f"RT {SAID}",
        "card": {"description": f"&quot;<b>{SAID[:44]}…"},
        "media": [{"url": FILE}],
    }
    assert left(other) == {**other, "card": {"description": ""}}
    assert left([{"core": {"text": SAID}, "list": [SAID, FILE, "kept", 1]}]) == [
        {"core": {"text": ""}, "list": ["", "", "kept", 1]}
    ]
    assert left([SAID]) == [""]
    assert left(SAID) == ""


@pytest.mark.parametrize(
    "value",
    [
        {"id": "1", "text": "nothing of it"},
        {"reply": {"uri": AT, "cid": "b0"}},
        {"id": NUMBER, "in_reply_to": URL},
        {"id": NUMBER, "text": ""},
        {"id": None, "text": "x", "url": None},
        {"id": "Tm90", "text": "no post's id"},
        [NUMBER, 1, None],
        7,
    ],
)
def test_an_answer_that_holds_nothing_of_it_is_not_touched(value: Any) -> None:
    assert left(value) is None


def test_an_account_that_has_the_same_text_keys_stays_where_it_is_the_author() -> None:
    core = {"user_results": {"result": {"rest_id": "5", "legacy": {"description": "Herons"}}}}
    assert left({"rest_id": NUMBER, "legacy": {"full_text": SAID}, "core": core})["core"] == core


@pytest.mark.parametrize("value", [{"id": NUMBER, "text": ""}, {"a": SAID}])
def test_whole_leaves_nothing(value: Any) -> None:
    assert left(value, all_of_it=True) == b""
    assert left({"id": "1", "text": "another"}, all_of_it=True) is None


@pytest.mark.parametrize(
    ("body", "kind", "url", "gone"),
    [
        (f"<p>{SAID}</p>", "text/html", "", True),
        ("<p>The <b>heron</b>\n stands in the water since  noon", "text/html", "", True),
        (f"<a href='/ann/status/{NUMBER}'>", "text/html", "", True),
        (f"<a href='{AT}'>", "text/html", "", True),
        (f"<img src='{FILE}'>", "text/html", "", True),
        ("<p>Log in</p>", "text/html", f"https://x.com/ann/status/{NUMBER}", True),
        ("", "text/html", f"https://x.com/ann/status/{NUMBER}", False),
        ("<p>Something else</p>", "text/html", "https://x.com/ann", False),
        (f"blocks that name {AT}", "application/vnd.ipld.car", "", False),
        (f"blocks\xff with {SAID}", "application/vnd.ipld.car", "", True),
        ("blocks", "application/vnd.ipld.car", "https://pds.example/xrpc/x?rkey=3lbq2vxkm4s2a", True),
        ('{"id": "1", "text": "cut ' + SAID, "application/json", "", True),
        ("[" * 100_000, "application/json", "", False),
    ],
)
def test_what_is_no_json_goes_as_a_whole(body: str, kind: str, url: str, gone: bool) -> None:
    assert scrubbed(body.encode(), WHAT, kind=kind, url=url) == (b"" if gone else None)


def test_short_ids_are_taken_as_they_are() -> None:
    assert Content(frozenset(["1", "https://a.example/1"])).tails == {"1", "https://a.example/1"}
    assert not is_said("short", Content(words=frozenset(["short"])))


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from([SAID, FILE, NUMBER, AT]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "uri", "text", "legacy", "media", "full_text", "url", "record", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=values)
def test_what_is_left_holds_nothing_more_to_take(value: Any) -> None:
    body = scrubbed(json.dumps(value).encode(), WHAT)
    assert body is None or scrubbed(body, WHAT) is None


def test_what_was_taken_out_is_named_by_its_place() -> None:
    before = {"a/b": {"text": SAID, "id": 1, "x": float("nan")}, "~": [1, "two", {"three": 3}], "c": [1]}
    after = {"a/b": {"text": "", "id": 1, "x": float("nan")}, "~": [1, "", {"three": 3}], "c": []}
    places = taken(json.dumps(before).encode(), json.dumps(after).encode())
    assert places == ("/a~1b/text", "/c", "/~0/1")
    assert list(standing(json.dumps(after).encode(), places)) == []
    assert list(standing(gzip.compress(json.dumps(before).encode()), places)) == list(places)


@pytest.mark.parametrize(
    "after",
    [
        {"text": "another", "ids": [1, 2]},
        {"text": SAID, "ids": [1]},
        {"text": SAID, "ids": [1, True]},
        {"text": SAID},
        {"text": SAID, "ids": [1, 2], "more": ""},
        "all of it",
    ],
)
def test_what_is_left_of_an_answer_has_nothing_new(after: Any) -> None:
    with pytest.raises(ValueError, match="stands what was not in the answer"):
        taken(json.dumps({"text": SAID, "ids": [1, 2]}).encode(), json.dumps(after).encode())


def test_all_may_be_taken_out() -> None:
    assert taken(json.dumps({"text": SAID}).encode(), b"null") == ("",)


@pytest.mark.parametrize("body", [b"no JSON", b'{"a": 1}', b"[]"])
def test_a_place_that_is_not_there_is_an_error(body: bytes) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        list(standing(body, ["/text/0"]))


def test_what_can_be_read_of_a_packed_body_is() -> None:
    assert opened(gzip.compress(SAID.encode())[:-4]) == SAID.encode()
    assert opened(SAID.encode()) == SAID.encode()
