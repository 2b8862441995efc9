"""What must hold of any platform and its cases; each as a function that raises AssertionError."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from archiver.errors import ArchiverError, NetworkError
from archiver.http.message import Request, Response, Send, header
from archiver.importers import folder
from archiver.importers.folder import Recording
from archiver.model import Post, Reason, Verdict
from archiver.platforms import BUILT_IN
from archiver.redaction.scrub import Content, content_of, scrubbed
from archiver.routes import Platform
from archiver.testing import invented
from archiver.testing.case import cases, collected, goldens
from archiver.text import html

MEDIA = ("image/", "video/", "audio/", "application/vnd.apple.mpegurl")
MEDIA_ENDINGS = (".jpg", ".png", ".mp4", ".webp")
WITHHELD = 3  # posts of a case that are taken out of its answers, each by itself


@dataclass(frozen=True, slots=True)
class Contract:
    """One thing that must hold; called, it raises AssertionError with what does not."""

    name: str
    check: Callable[[], None]

    def __call__(self) -> None:
        self.check()

    def __str__(self) -> str:
        return self.name


def contracts(platform: Platform, fixtures: Path) -> list[Contract]:
    """Return all that must hold of a platform and of its cases, which are the folders in `fixtures`."""
    made = [
        Contract("its examples are its own", partial(examples_are_its_own, platform)),
        Contract("its routes have names of their own", partial(routes_have_names, platform)),
        Contract("it has a case", partial(has_a_case, fixtures)),
    ]
    for case in cases(fixtures):
        for name, check in OF_A_CASE.items():
            made.append(Contract(f"{case.name}: {name}", partial(check, platform, case)))
    return made


def examples_are_its_own(platform: Platform) -> None:
    """Every form of an address that is shown to people is taken by this platform, and by no built-in one."""
    assert platform.examples, "it has no examples"
    for example in platform.examples:
        takers = [known.name for known in BUILT_IN if known.name != platform.name and known.match(example)]
        assert platform.match(example), f"{example} is not taken"
        assert takers == [], f"{example} is taken by {takers}"


def routes_have_names(platform: Platform) -> None:
    """There is a route, and no two have one name."""
    names = [route.name for route in platform.routes]
    assert names, "it has no route"
    assert len(set(names)) == len(names), f"two routes have one name: {names}"


def has_a_case(fixtures: Path) -> None:
    """There is something to try it with."""
    assert cases(fixtures), f"no folder in {fixtures} has recorded answers"


def gives_its_files(platform: Platform, case: Path) -> None:
    """The answers give what lies beside them."""
    for file, content in goldens(platform, case).items():
        path = case / file
        assert path.exists(), f"{path} is not there: write it, and read it"
        assert content == path.read_bytes().decode(), f"{path} has changed: if it is right, write it anew"


def is_honest_without_an_answer(platform: Platform, case: Path) -> None:
    """Whichever answer does not come, less than the whole is never complete, and nothing is said to be deleted."""
    recording = folder.read(case)
    requests: list[Request] = []
    whole = collected(platform, recording, _noting(requests, _failing(recording, -1)))[0]
    own = {post.id for post in whole.posts if post.author.id == whole.author.id}
    for at in range(len(set(requests))):
        try:
            thread = collected(platform, recording, _failing(recording, at))[0]
        except ArchiverError:
            continue  # an error of ours says what is wrong
        lost = own - {post.id for post in thread.posts}
        assert not (lost and thread.completeness.verdict is Verdict.COMPLETE), f"complete without {lost}, answer {at}"
        there = own - {gap.id for gap in whole.gone}
        invented = [gap.id for gap in thread.missing if gap.id in there and gap.reason is Reason.DELETED]
        assert invented == [], f"said to be deleted, since answer {at} did not come: {invented}"


def asks_for_every_answer(platform: Platform, case: Path) -> None:
    """Nothing was recorded in vain: a page that nobody asks for may be one that is forgotten."""
    recording = folder.read(case)
    requests: list[Request] = []
    collected(platform, recording, _noting(requests, folder.sender(recording, lambda exchange: None)))
    answers = {
        exchange.request.url for exchange in recording.exchanges if not _is_medium(exchange.url, exchange.headers)
    }
    in_vain = answers - {request.url for request in requests}
    assert in_vain == set(), f"recorded, and not asked for: {in_vain}"


def can_be_withheld(platform: Platform, case: Path) -> None:
    """A post that is taken out of the answers shows nothing any more; see `archiver.json_names`."""
    recording = folder.read(case)
    thread = collected(platform, recording, folder.sender(recording, lambda exchange: None))[0]
    for post in [post for post in thread.posts if _says(post)][:WITHHELD]:
        sights = [replace(post, content=sight.content) for sight in thread.observations if sight.post == post.id]
        rest = _without(recording, [content_of(sight) for sight in (post, *sights)])
        try:
            after = collected(platform, rest, folder.sender(rest, lambda exchange: None))[0]
        except ArchiverError:
            continue  # the answers went as a whole
        left = [_says(known) for known in after.posts if known.id == post.id]
        assert not any(left), f"of {post.id} there is left {left}: declare its fields in `names` of the Platform"


def is_as_invented(platform: Platform, case: Path) -> None:
    """The answers are those that `case.toml` describes, where there is one."""
    if (case / invented.FILE).exists():
        changed = invented.differences(case)
        assert changed == [], f"{changed} are not as {case / invented.FILE} describes them: write them anew"
        faults = invented.unmet(case, goldens(platform, case))
        assert faults == [], "\n".join([f"{case / invented.FILE} means something else:", *faults])


OF_A_CASE: dict[str, Callable[[Platform, Path], None]] = {
    "is as it was invented": is_as_invented,
    "gives its files": gives_its_files,
    "is honest whatever answer fails": is_honest_without_an_answer,
    "asks for every recorded answer": asks_for_every_answer,
    "leaves nothing of a post that is withheld": can_be_withheld,
}


def _says(post: Post) -> str:
    options = [option.text for option in post.poll.options] if post.poll else []
    return "\n".join(filter(None, [html.plain(post.content).strip(), post.summary, *options]))


def _without(recording: Recording, contents: list[Content]) -> Recording:
    content = Content()
    for part in contents:
        content |= part
    rest = []
    for exchange in recording.exchanges:
        kind = header(exchange.headers, "content-type")
        left = scrubbed(exchange.body, content, kind=kind, url=exchange.url)
        rest.append(exchange if left is None else replace(exchange, body=left))
    return replace(recording, exchanges=tuple(rest))


def _noting(requests: list[Request], send: Send) -> Send:
    def noting(request: Request) -> Response:
        requests.append(request)
        return send(request)

    return noting


def _failing(recording: Recording, at: int) -> Send:
    """Answer as recorded, but for one request, each time that it is made."""
    send = folder.sender(recording, lambda exchange: None)
    numbers: dict[Request, int] = {}

    def failing(request: Request) -> Response:
        if numbers.setdefault(request, len(numbers)) == at:
            raise NetworkError(f"{request.url} did not answer")
        return send(request)

    return failing


def _is_medium(url: str, headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether an answer is a picture or a film, for which no route asks."""
    return header(headers, "content-type").startswith(MEDIA) or url.endswith(MEDIA_ENDINGS)
