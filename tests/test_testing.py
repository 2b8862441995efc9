"""What the contract of a platform finds, and what the files beside a case show to who reads them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cases import FIXTURES
from samples import BO, a_post, a_thread, an_exchange

from archiver.errors import UnknownURL
from archiver.importers import folder
from archiver.model import Attachment, Missing, Reason, Role
from archiver.platforms import find_platform
from archiver.routes import Route
from archiver.testing import contract, invented
from archiver.testing.__main__ import main
from archiver.testing.case import collected, tree
from archiver.testing.left_out import left_out

CASE = FIXTURES / "mastodon" / "deleted-in-the-middle"
MASTODON = find_platform("mastodon")


def test_a_tree_shows_who_answers_whom_and_what_is_missing() -> None:
    thread = a_thread(
        a_post(1, in_reply_to="https://a.example/posts/0"),
        Missing(id="2", reason=Reason.DELETED, in_reply_to="1"),
        a_post(3, in_reply_to="2"),
        replace(a_post(4, in_reply_to="1"), author=BO),
        a_post(5, in_reply_to="6"),
        a_post(6, in_reply_to="5"),
    )
    roles = {**thread.roles, "4": Role.REPLY}
    assert tree(replace(thread, roles=roles)) == (
        "1 ann@social.example, main, answers 0\n"
        " 2 (deleted), main\n"
        "  3 ann@social.example, main\n"
        " 4 bo@social.example, reply\n"
        "5, in a circle\n"
        "6, in a circle\n"
    )


def test_texts_that_no_post_has_are_listed_by_their_fields() -> None:
    answer = {
        "cooked": '<p>One &amp; <b>two</b></p><img alt="A lamp that burns at night">',
        "note": "Two herons &amp; a gull",
        "id": "a1b2-c3d4",
        "when": [f"Mon May {number}" for number in range(8)],
    }
    json_answer = an_exchange(body=json.dumps(answer).encode())
    page = an_exchange(
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=b"<title>The title counts</title><script>var not = this;</script><p>A line of the page</p>",
    )
    picture = an_exchange(headers=(("Content-Type", "image/png"),), body=b"\x89PNG")
    deep = an_exchange(body=b"[" * 100_000)
    shown = a_thread(a_post(1, "<p>One &amp; <b>two</b></p>", attachments=(Attachment(kind="image", url="x"),)))
    assert left_out(shown, [json_answer, page, picture, deep]).splitlines() == [
        "cooked@alt | A lamp that burns at night",
        "note | Two herons & a gull",
        *(f"when | Mon May {number}" for number in range(5)),
        "when | … and 3 more",
        "page | The title counts",
        "page | A line of the page",
    ]


def test_an_address_of_somebody_else_is_an_error() -> None:
    recording = replace(folder.read(CASE), url="https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a")
    with pytest.raises(UnknownURL, match="is no address of mastodon"):
        collected(MASTODON, recording, folder.sender(recording, lambda exchange: None))


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        ({"examples": ()}, contract.examples_are_its_own, "no examples"),
        ({"examples": ("https://nobody.example",)}, contract.examples_are_its_own, "is not taken"),
        ({"name": "mine"}, contract.examples_are_its_own, "is taken by"),
        ({"routes": ()}, contract.routes_have_names, "it has no route"),
        (
            {"routes": (Route(name="a", steps=list), Route(name="a", steps=list))},
            contract.routes_have_names,
            "one name",
        ),
    ],
)
def test_a_platform_that_breaks_the_contract_is_told_how(change, check, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AssertionError, match=words):
        check(replace(MASTODON, **change))


def test_a_platform_without_a_case_is_not_tried(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no folder in .* has recorded answers"):
        contract.has_a_case(tmp_path)


def copied(tmp_path: Path) -> Path:
    case = tmp_path / "fixtures" / CASE.name
    case.mkdir(parents=True)
    for file in CASE.iterdir():
        (case / file.name).write_bytes(file.read_bytes())
    return case


def test_files_are_written_once_and_a_change_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = copied(tmp_path)
    (case / "tree.txt").write_text("something else\n")
    with pytest.raises(AssertionError, match=r"tree\.txt has changed"):
        contract.gives_its_files(MASTODON, case)
    (case / "tree.txt").unlink()
    with pytest.raises(AssertionError, match=r"tree\.txt is not there"):
        contract.gives_its_files(MASTODON, case)
    arguments = ["archiver.platforms.mastodon.platform:platform", str(case.parent)]
    main(arguments)
    assert capsys.readouterr().out.splitlines() == [str(case / "tree.txt")]
    main(arguments)
    assert capsys.readouterr().out == ""
    contract.gives_its_files(MASTODON, case)
    with pytest.raises(SystemExit, match="usage"):
        main(["no-module"])


def test_an_answer_that_nobody_asks_for_is_named(tmp_path: Path) -> None:
    case = copied(tmp_path)
    (case / "99.http").write_text("GET https://social.example/next\n\n200\ndate: Thu, 12 Mar 2026 17:20:05 GMT\n")
    with pytest.raises(AssertionError, match=r"not asked for: \{'https://social\.example/next'\}"):
        contract.asks_for_every_answer(MASTODON, case)


DESCRIBED = """
url = "https://heron.example/item/1"
date = 2026-03-12T17:20:05Z
options = { replies = "yes" }
[[posts]]
id = "1"
at = 2026-03-12T12:00:00Z
[[answers]]
get = "https://heron.example/api/1"
json = { posts = "$posts", first = "$posts.0", words = ["a"] }
[[answers]]
get = "https://heron.example/gone"
html = "<p>Gone</p>"
status = 404
"""


def test_a_case_is_written_out_of_one_file_and_nobody_changes_it_by_hand(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(DESCRIBED)
    (tmp_path / "9.http").write_text("left over")
    invented.write(tmp_path)
    recording = folder.read(tmp_path)
    assert (recording.url, recording.options.replies) == ("https://heron.example/item/1", True)
    data, page = recording.exchanges
    post = {"id": "1", "at": "2026-03-12T12:00:00+00:00"}
    assert json.loads(data.body) == {"posts": [post], "first": post, "words": ["a"]}
    assert (page.status, page.body, page.finished_at.isoformat()) == (404, b"<p>Gone</p>", "2026-03-12T17:20:05+00:00")
    assert invented.differences(tmp_path) == []
    (tmp_path / "1.body.json").write_text("{}")
    (tmp_path / "2.http").unlink()
    with pytest.raises(AssertionError, match=r"\['1.body.json', '2.http'\] are not as"):
        contract.is_as_invented(MASTODON, tmp_path)


@pytest.mark.parametrize(
    ("meant", "text", "faults"),
    [
        ('tree = ["1 ann, main"]', "", []),
        ("", "alt | A lamp", ["no post has alt | A lamp"]),
        ('left_out = ["alt | A lamp"]', "alt | A lamp", []),
        ('tree = ["1 ann, branch"]', "", ["the tree is not as it was meant, but\n1 ann, main\n"]),
    ],
)
def test_what_the_author_of_a_case_has_meant_is_not_what_a_parser_says(
    tmp_path: Path, meant: str, text: str, faults: list[str]
) -> None:
    (tmp_path / "case.toml").write_text(meant)
    assert invented.unmet(tmp_path, {"tree.txt": "1 ann, main\n", "left-out.txt": text}) == faults
