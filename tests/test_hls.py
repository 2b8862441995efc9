"""Playlists of films, with the cases of RFC 8216 and what a hostile host may write into one."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ParseError
from archiver.media.hls import PIECES, Playlist, Variant, parse, together

HERE = "https://video.example/watch/a/playlist.m3u8?session=1"
FILM = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:6", "#EXTINF:6.0,", "one.ts", "#EXTINF:4.5,", "two.ts"]
END = "#EXT-X-ENDLIST"


def playlist(*lines: str) -> Playlist:
    return parse("\n".join(lines).encode(), HERE)


def copied(*lines: str) -> list[str]:
    """Return the playlist of copies, in which each piece is called by its number."""
    film = playlist(*lines)
    names = {url: f"../aa/{number}" for number, url in enumerate(film.pieces())}
    return film.of_copies(names).splitlines()


def test_the_variant_of_the_highest_bandwidth_is_the_best() -> None:
    film = playlist(
        "#EXTM3U",
        "#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=900000,RESOLUTION=360x640",
        "360p/video.m3u8?session=1",
        "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=99999999,BANDWIDTH=2400000,CODECS=\"avc1.4d,mp4a\"",
        "/720p/video.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=1200000",
        "https://elsewhere.example/480p.m3u8",
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000000,URI=\"frames.m3u8\"",
    )  # fmt: skip
    assert film.best() == Variant("https://video.example/720p/video.m3u8", 2400000)


@pytest.mark.parametrize("bandwidth", ["", "-5", "1e9", "²", "9" * 5000, '"x"', "0x10"])
def test_a_bandwidth_that_is_none_counts_as_nothing(bandwidth: str) -> None:
    film = playlist(f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth}", "a.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=1", "b.m3u8")
    assert film.best() == Variant("https://video.example/watch/a/b.m3u8", 1)


def test_a_variant_without_an_address_is_none() -> None:
    assert playlist("#EXT-X-STREAM-INF:BANDWIDTH=5", "#EXT-X-STREAM-INF:BANDWIDTH=2", "b.m3u8").best() == Variant(
        "https://video.example/watch/a/b.m3u8", 2
    )
    assert playlist("#EXT-X-STREAM-INF:BANDWIDTH=5").best() is None
    assert playlist(*FILM, END).best() is None


SOUND = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{0}",NAME="{1}",URI="{1}.m3u8"'


@pytest.mark.parametrize(
    ("media", "sound"),
    [
        ([SOUND.format("a", "one"), SOUND.format("a", "two")], "one.m3u8"),
        ([SOUND.format("a", "one"), SOUND.format("a", "two") + ",DEFAULT=YES"], "two.m3u8"),
        ([SOUND.format("a", "one") + ",DEFAULT=YES", SOUND.format("a", "two") + ",DEFAULT=YES"], "one.m3u8"),
        ([SOUND.format("b", "one"), SOUND.format("a", "two")], "two.m3u8"),
        ([SOUND.format("b", "one")], ""),
        ([SOUND.format("a", "one"), '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="in it",DEFAULT=YES'], ""),
        (['#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="x",URI="words.m3u8"'], ""),
        (['#EXT-X-MEDIA:TYPE=AUDIO,NAME="x,URI=",GROUP-ID="a",URI="one.m3u8"'], "one.m3u8"),
    ],
)
def test_sound_that_is_apart_belongs_to_its_group(media: list[str], sound: str) -> None:
    best = playlist(*media, '#EXT-X-STREAM-INF:BANDWIDTH=5,AUDIO="a"', "v.m3u8").best()
    assert best
    assert best.sound == (f"https://video.example/watch/a/{sound}" if sound else "")


def test_the_pieces_are_found_once_each_and_take_the_place_of_their_addresses() -> None:
    lines = [
        "\ufeff#EXTM3U",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        '#EXT-X-MAP:URI="init.mp4",BYTERANGE="720@0"',
        "#EXT-X-KEY:METHOD=NONE",
        "#EXTINF:6,a title",
        "#EXT-X-BYTERANGE:1000@720",
        "film.mp4",
        "",
        "#EXTINF:6,",
        "#EXT-X-BYTERANGE:900",
        "film.mp4",
        "#EXT-X-DISCONTINUITY",
        "#EXTINF:2,",
        "https://other.example/b.mp4?sig=%20a&b",
    ]
    assert playlist(*lines).pieces() == (
        "https://video.example/watch/a/init.mp4",
        "https://video.example/watch/a/film.mp4",
        "https://other.example/b.mp4?sig=%20a&b",
    )
    assert copied(*lines) == [
        "#EXTM3U",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        '#EXT-X-MAP:URI="../aa/0",BYTERANGE="720@0"',
        "#EXT-X-KEY:METHOD=NONE",
        "#EXTINF:6,a title",
        "#EXT-X-BYTERANGE:1000@720",
        "../aa/1",
        "#EXTINF:6,",
        "#EXT-X-BYTERANGE:900",
        "../aa/1",
        "#EXT-X-DISCONTINUITY",
        "#EXTINF:2,",
        "../aa/2",
        END,
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (FILM, "is a film that is still going on"),
        ([*FILM, "#EXT-X-PLAYLIST-TYPE:EVENT"], "is a film that is still going on"),
        ([*FILM, '#EXT-X-KEY:METHOD=AES-128,URI="key"', END], "is a film that is encrypted"),
        ([*FILM, "#EXT-X-KEY:", END], "is a film that is encrypted"),
        (["#EXTM3U", END], "is a film of 0 pieces"),
        (["#EXTM3U", '#EXT-X-MAP:NO="a.mp4"', END], "is a film of 0 pieces"),
        (["#EXTM3U", *(f"{number}.ts" for number in range(PIECES + 1)), END], f"is a film of {PIECES + 1} pieces"),
        (["#EXTM3U", "http://[1", END], "has a piece without an address"),
    ],
)
def test_a_film_that_cannot_be_kept_whole_says_why(lines: list[str], said: str) -> None:
    with pytest.raises(ParseError, match=re.escape(said)):
        playlist(*lines).pieces()


HOSTILE = [
    '#EXT-X-SESSION-DATA:DATA-ID="x",URI="https://evil.example/a"',
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="file:///etc/passwd"',
    '#EXT-X-DATERANGE:ID="x",CLASS="com.apple.hls.interstitial",X-ASSET-LIST="https://evil.example/ads"',
    '#EXT-X-DATERANGE:ID="x",X-ASSET-URI="https://evil.example/ad.m3u8"',
    '#EXT-X-RENDITION-REPORT:URI="https://evil.example/x"',
    '#EXT-X-KEY:METHOD=NONE,URI="https://evil.example/key"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",URI="https://evil.example/s"',
    "#EXT-X-CONTENT-STEERING:SERVER-URI=https://evil.example/",
    "# https://evil.example/ a comment",
    '#EXT-X-MAP:BYTERANGE="1@2"',
]


@pytest.mark.parametrize("line", HOSTILE)
def test_what_leads_elsewhere_is_not_in_a_playlist_of_copies(line: str) -> None:
    assert copied(*FILM, line, END) == [*FILM[:4], "../aa/0", "#EXTINF:4.5,", "../aa/1", END]


@pytest.mark.parametrize("uri", ["https://evil.example/i.mp4", "file:///etc/passwd", "../../x"])
def test_a_map_without_quotes_is_a_piece_too(uri: str) -> None:
    lines = copied(*FILM, f"#EXT-X-MAP:URI={uri},BYTERANGE=x", END)
    assert lines[-2:] == ['#EXT-X-MAP:URI="../aa/2"', END]
    assert uri not in "".join(lines)


@pytest.mark.parametrize("line", ["#EXT-X-MAP:URI=", '#EXT-X-MAP:URI=""', "#EXT-X-MAP:"])
def test_a_map_that_names_nothing_is_left_out(line: str) -> None:
    assert not any(told.startswith("#EXT-X-MAP") for told in copied(*FILM, line, END))


@given(st.lists(st.one_of(st.text(), st.sampled_from([*FILM, *HOSTILE, END, "#EXT-X-MAP:URI=", "#EXT-X-KEY:"]))))
def test_a_playlist_of_copies_names_nothing_but_copies(lines: list[str]) -> None:
    try:
        film = playlist(*lines)
        names = {url: "../aa/piece" for url in film.pieces()}
    except ParseError:
        return
    again = parse(film.of_copies(names).encode(), "https://kept.example/media/bb/film.m3u8")
    assert again.pieces() == ("https://kept.example/media/aa/piece",)
    assert "evil" not in "".join(again.lines)


@given(st.binary())
def test_any_bytes_are_read(body: bytes) -> None:
    film = parse(body, HERE)
    for ask in (film.best, film.pieces):
        with contextlib.suppress(ParseError):
            assert ask() != ()


def test_a_film_and_its_sound_are_played_together() -> None:
    film = parse(together("../aa/film.m3u8", "../bb/sound.m3u8", 0).encode(), "https://kept.example/media/cc/both.m3u8")
    assert film.best() == Variant(
        "https://kept.example/media/aa/film.m3u8", 1, "https://kept.example/media/bb/sound.m3u8"
    )
