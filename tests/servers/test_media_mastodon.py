"""What threads of a real snac2 show: pictures, sound, films and avatars, as they were posted."""

import hashlib
import io
import math
import struct
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pictures
import pytest

from . import films
from .commandline import Archiver, Saved
from .conftest import NewArchiver, started
from .mastodon import Site
from .seed_mastodon import page

pytestmark = pytest.mark.servers

AUTHOR = "edda_lund"
DESCRIBED = "A ferry that has cast off."


@pytest.fixture(scope="module")
def film() -> Iterator[bytes]:
    """A film."""
    with ExitStack() as stack:
        yield (started(stack, films.made()) / "film.mp4").read_bytes()


def tone() -> bytes:
    """A second of a tone, as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(number * 0.35))) for number in range(8000)))
    return file.getvalue()


@pytest.fixture(scope="module")
def posted(film: bytes) -> dict[str, tuple[bytes, str, str]]:
    """What is posted, by the names of its files: the bytes, their kind, and what is said of them."""
    return {
        "ferry.png": (pictures.with_chunk(pictures.scene("ferry"), b"caBX", b"signed"), "image/png", DESCRIBED),
        "pier.png": (pictures.scene("pier"), "image/png", ""),
        "tone.wav": (tone(), "audio/wav", "A tone."),
        "film.mp4": (film, "video/mp4", "A bar that moves."),
    }


@pytest.fixture(scope="module")
def saved(
    site: Site, new_archiver: NewArchiver, posted: dict[str, tuple[bytes, str, str]]
) -> tuple[Archiver, Saved, list[str]]:
    """An archive of a thread that shows one thing a post, what came of saving it, and the addresses of the posts."""
    snac = site.snac
    face = {"avatar": ("face.png", pictures.portrait(AUTHOR), "image/png")}
    snac.tell("PATCH", "/api/v1/accounts/update_credentials", AUTHOR, files=face)
    last, urls = "", []
    for name, (data, kind, said) in posted.items():
        made = snac.tell(
            "POST", "/api/v2/media", AUTHOR, files={"file": (name, data, kind)}, data={"description": said}
        )
        form = {"status": f"Look: {kind}", "visibility": "public", "media_ids[]": [made["id"]]}
        last = snac.tell("POST", "/api/v1/statuses", AUTHOR, data=form | ({"in_reply_to_id": last} if last else {}))[
            "id"
        ]
        urls.append(page(snac, AUTHOR, last))
    archiver = new_archiver("[media]\nfetch = true\n")
    return archiver, archiver.save(urls[-1], site), urls


def test_everything_that_was_posted_is_kept_byte_for_byte(
    saved: tuple[Archiver, Saved, list[str]], posted: dict[str, tuple[bytes, str, str]]
) -> None:
    archiver, told, _ = saved
    files = {path.stem: path for path in archiver.folder.glob("media/*/*")}
    wanted = [data for data, _, _ in posted.values()] + [pictures.portrait(AUTHOR)]
    assert {hashlib.sha256(data).hexdigest() for data in wanted} == files.keys()
    assert (told.line["media"], told.line["media_failed"]) == (5, 0)
    kinds = archiver.query("SELECT DISTINCT kind, path FROM media ORDER BY kind")
    assert [(kind, Path(path).suffix) for kind, path in kinds] == [
        ("audio", ".wav"),
        *[("image", ".png")] * 3,
        ("video", ".mp4"),
    ]


def test_descriptions_are_kept_and_their_lack_is_told(saved: tuple[Archiver, Saved, list[str]]) -> None:
    archiver, _, _ = saved
    document = "\n".join(archiver.document())
    assert f"described by the author: {DESCRIBED}" in document
    assert "described by the author: A bar that moves." in document
    assert "no description by the author" in document


def test_each_thing_takes_one_request_and_none_the_second_time(
    site: Site, saved: tuple[Archiver, Saved, list[str]]
) -> None:
    archiver, told, urls = saved
    assert len(told.asked) == told.line["requests"] + 5
    again = archiver.save(urls[0], site)
    assert (len(again.asked), again.line["media"]) == (again.line["requests"], 0)
    assert archiver.run("verify").returncode == 0
