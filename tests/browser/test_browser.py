"""The pages in a real browser: accessible, valid, silent, quick, whole on paper."""

import json
import subprocess
from pathlib import Path

import pytest

from archiver.cli import browser
from archiver.exporters.page.thread import page
from archiver.text import html

from .chrome import Chrome, loopback
from .install import HOME
from .made import PAGES, long

pytestmark = pytest.mark.browser

SHOTS = HOME / "shots"
PRINTED = {"full-of-media": 6, "long": 50}  # different pictures on paper
FILES = [*(f"pages/{name}.html" for name in PAGES), "index.html"]


PLAYED = """(() => {
    const one = document.querySelectorAll('%s')[%d];
    one.muted = true;
    const done = one.play().then(() => [Math.round(one.duration), one.videoWidth ?? null], error => String(error));
    return Promise.race([done, new Promise(late => setTimeout(() => late('nothing'), 9000))]);
})()"""


@pytest.fixture
def axe() -> str:
    return (HOME / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("file", FILES)
def test_axe_finds_nothing(tab: Chrome, site: Path, axe: str, file: str, dark: bool) -> None:
    tab.open((site / file).as_uri(), dark=dark)
    tab.run(f"{axe}\n;0")
    found = tab.run(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html + n.failureSummary).join(' | ')))"
    )
    assert found == []


@pytest.mark.parametrize("file", FILES)
def test_no_request_leaves_the_page_and_the_browser_complains_of_nothing(tab: Chrome, site: Path, file: str) -> None:
    tab.open((site / file).as_uri())
    tab.run("window.scrollTo(0, document.body.scrollHeight); new Promise(done => setTimeout(done, 300))")
    own = (site.as_uri(), "data:")  # the browser's own buttons for films are such
    assert [url for url in tab.requests if not url.startswith(own)] == []
    assert tab.complaints == []


def test_pictures_that_lie_beside_the_page_are_shown(tab: Chrome, site: Path) -> None:
    tab.open((site / "pages" / "full-of-media.html").as_uri())
    shown = tab.run(
        "Promise.all([...document.querySelectorAll('img')].filter(i => !i.closest('details')).map(i => "
        "{ i.loading = 'eager'; return i.decode().then(() => i.naturalWidth) }))"
    )
    assert shown == [160, 640, 300, 16, 160, 640, 640, 640, 160]  # faces have 160


@pytest.mark.parametrize("number", [0, 1], ids=["film", "film-in-pieces"])
def test_films_play_where_the_page_lies_on_a_server_and_nothing_comes_before(
    tab: Chrome, site: Path, number: int
) -> None:
    with loopback(site) as address:
        tab.open(f"{address}/pages/full-of-media.html")
        tab.run("window.scrollTo(0, document.body.scrollHeight); new Promise(done => setTimeout(done, 300))")
        assert [url for url in tab.requests if url.endswith((".mp4", ".m3u8", ".ts", ".wav"))] == []
        assert tab.run(PLAYED % ("video", number)) == [3, 320]
        assert [url for url in tab.requests if not url.startswith((address, "data:"))] == []
    assert [words for words in tab.complaints if "favicon" not in words] == []


def test_films_and_sounds_play_from_the_disk_and_what_does_not_says_so(tab: Chrome, site: Path) -> None:
    tab.open((site / "pages" / "full-of-media.html").as_uri())
    assert tab.run(PLAYED % ("video", 0)) == [3, 320]
    assert tab.run(PLAYED % ("audio", 0)) == [1, None]
    assert "NotSupportedError" in tab.run(PLAYED % ("video", 1))
    said = tab.run("document.querySelectorAll('video')[1].closest('figure').innerText")
    assert "a playlist of pieces: where the browser does not play it, VLC and mpv do" in said


def test_pictures_far_below_are_not_loaded_before_they_are_needed(tab: Chrome, site: Path) -> None:
    tab.open((site / "pages" / "long.html").as_uri())
    assert tab.run("document.images.length") == 50
    tab.run("document.getElementById('post-10').scrollIntoView(); new Promise(done => setTimeout(done, 300))")
    assert 0 < len([url for url in tab.requests if url.endswith(".png")]) < 25


def test_nothing_hostile_runs_and_drawings_are_saved_not_opened(tab: Chrome, site: Path) -> None:
    tab.open((site / "pages" / "full-of-media.html").as_uri())
    assert tab.run("document.querySelectorAll('script, [onerror], [onload], a[href^=\"javascript:\" i]').length") == 0
    [drawing] = tab.run(
        "[...document.querySelectorAll('.kept a[href$=\".svg\"]')].map(a => a.hasAttribute('download'))"
    )
    assert drawing


def test_html_validate_finds_nothing(site: Path, tab: Chrome) -> None:
    rules = {"extends": ["html-validate:standard"], "root": True}
    (site / ".htmlvalidate.json").write_text(json.dumps(rules))
    command = [str(HOME / "node_modules" / ".bin" / "html-validate"), *FILES]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_there_is_every_post(tab: Chrome, site: Path, tmp_path: Path, name: str) -> None:
    printed = tmp_path / "page.pdf"
    browser.pdf(site / "pages" / f"{name}.html", printed, browser.chromium())
    orders = ([], ["-raw"])  # as it stands on the paper, and as it was drawn
    texts = ["".join(subprocess.check_output(["pdftotext", *way, printed, "-"], text=True).split()) for way in orders]
    made = PAGES[name](tmp_path)
    lacking = [
        post.id
        for post in made.thread.posts
        if post.language == "en" and not any("".join(html.plain(post.content).split()) in text for text in texts)
    ]
    assert lacking == []
    assert len(pictures_in(printed)) >= PRINTED.get(name, 0)
    assert not any(site.as_uri() in text for text in texts)
    assert str(site).encode() not in printed.read_bytes()


def pictures_in(printed: Path) -> set[str]:
    """Return the pictures of a PDF by their numbers; what is drawn several times counts once."""
    rows = subprocess.check_output(["pdfimages", "-list", printed], text=True).splitlines()[2:]
    return {row.split()[10] for row in rows if row.split()[2] == "image"}


def test_two_thousand_posts_are_there_within_a_second(tab: Chrome, site: Path) -> None:
    file = site / "pages" / "2000.html"
    file.write_text(page(long(2000)(site)), encoding="utf-8")
    with loopback(site) as address:
        first = tab.first_paint(f"{address}/pages/2000.html")
    assert tab.run("document.querySelectorAll('article').length") == 2000
    assert first < 1000
    own = (address, "data:")  # the browser's own buttons for films are such
    assert [url for url in tab.requests if not url.startswith(own)] == []


def test_the_list_is_searched_without_a_network(tab: Chrome, site: Path) -> None:
    tab.open((site / "index.html").as_uri())
    search = (
        "(() => { const field = document.querySelector('.search input'); field.value = %s;"
        "field.dispatchEvent(new Event('input')); return [document.querySelector('.count').textContent,"
        "[...document.querySelectorAll('.list > li:not([hidden])')].map(row => row.querySelector('a').href),"
        "document.querySelector('.found mark')?.textContent ?? null] })()"
    )
    count, found, mark = tab.run(search % json.dumps("FILTER brok"))
    assert (count, mark) == ("1 of 5 threads", "filter")
    assert found == [(site / "pages" / "changed.html").as_uri()]
    assert tab.run(search % json.dumps("nowhere-to-be-found"))[0] == "0 of 5 threads"
    assert tab.run(search % json.dumps(""))[0] == "5 of 5 threads"


def test_a_permalink_leads_to_its_post(tab: Chrome, site: Path) -> None:
    tab.open((site / "pages" / "long.html").as_uri() + "#post-400")
    top = tab.run(
        "new Promise(done => setTimeout(() => "
        "done(document.getElementById('post-400').getBoundingClientRect().top), 300))"
    )
    assert -5 <= top <= 200


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("file", FILES)
def test_nothing_is_wider_than_the_screen(tab: Chrome, site: Path, file: str, width: int, dark: bool) -> None:
    tab.open((site / file).as_uri(), width=width, height=844 if width < 600 else 900, dark=dark)
    assert tab.run("document.documentElement.scrollWidth") <= width
    shade = "dark" if dark else "light"
    if not file.endswith("long.html"):  # what is not on the screen is not drawn
        tab.open(
            (site / file).as_uri(), width=width, height=tab.run("document.documentElement.scrollHeight"), dark=dark
        )
        height = tab.run("document.documentElement.scrollHeight")
        tab.open((site / file).as_uri(), width=width, height=height, dark=dark)
    tab.shoot(SHOTS / f"{Path(file).stem}-{width}-{shade}.png")
