"""Makes films and looks at them, by the Python that has PyAV.

make_film.py make FOLDER      film.mp4, and the same film in pieces as a video service shows it: hls/playlist.m3u8
make_film.py look FILE        plays a file or a playlist, and prints as JSON what it saw and heard
"""

import json
import math
import struct
import sys
from pathlib import Path

import av

RATE, SECONDS, SAMPLES = 25, 3, 48_000
SIZE = (320, 180)
VARIANTS = (("360p", 320, 180, 150_000), ("720p", 640, 360, 600_000))


def film(path):
    """Writes a bar that moves over a field, and a tone."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=RATE)
        picture.width, picture.height = SIZE
        picture.pix_fmt = "yuv420p"
        sound = out.add_stream("aac", rate=SAMPLES, layout="mono")
        for number in range(RATE * SECONDS):
            out.mux(picture.encode(drawn(number)))
        for number in range(SAMPLES * SECONDS // 1024):
            out.mux(sound.encode(tone(number)))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))


def drawn(number):
    """A frame: the bar is further to the right in each."""
    frame = av.VideoFrame(*SIZE, "yuv420p")
    left = number * 4
    row = bytes(220 if left <= x < left + 20 else 90 for x in range(frame.planes[0].line_size))
    frame.planes[0].update(row * SIZE[1])
    for plane, value in zip(frame.planes[1:], (150, 100), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    frame.pts = number
    return frame


def tone(number):
    """A piece of a tone of 440 Hz."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
    frame.sample_rate, frame.pts = SAMPLES, number * 1024
    waves = (int(8000 * math.sin(2 * math.pi * 440 * (number * 1024 + i) / SAMPLES)) for i in range(1024))
    frame.planes[0].update(struct.pack("<1024h", *waves))
    return frame


def in_pieces(source, folder, width, height, rate):
    """Writes a film anew in one size, in pieces of a second, with a playlist."""
    folder.mkdir(parents=True)
    options = {
        "hls_time": "1",
        "hls_playlist_type": "vod",
        "hls_segment_filename": str(folder / "piece%d.ts"),
    }
    with (
        av.open(str(source)) as given,
        av.open(str(folder / "video.m3u8"), "w", format="hls", options=options) as out,
    ):
        picture = out.add_stream("libx264", rate=RATE, options={"g": str(RATE), "keyint_min": str(RATE)})
        picture.width, picture.height, picture.bit_rate = width, height, rate
        picture.pix_fmt = "yuv420p"
        sound = out.add_stream("aac", rate=SAMPLES, layout="mono")
        for frame in given.decode(video=0, audio=0):
            if isinstance(frame, av.VideoFrame):
                again = frame.reformat(width=width, height=height, format="yuv420p")
                again.pts, again.time_base = frame.pts, frame.time_base
                out.mux(picture.encode(again))
            else:
                out.mux(sound.encode(frame))
        out.mux(picture.encode(None))
        out.mux(sound.encode(None))


def make(folder):
    """Writes all of it."""
    film(folder / "film.mp4")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for name, width, height, rate in VARIANTS:
        in_pieces(folder / "film.mp4", folder / "hls" / name, width, height, rate)
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={width}x{height}", f"{name}/video.m3u8"]
    (folder / "hls" / "playlist.m3u8").write_text("\n".join(lines) + "\n")


def look(path):
    """Plays a file to its end."""
    seen = {"frames": 0, "samples": 0}
    with av.open(str(path)) as given:
        for frame in given.decode(video=0, audio=0):
            if isinstance(frame, av.VideoFrame):
                seen |= {"frames": seen["frames"] + 1, "width": frame.width, "height": frame.height}
            else:
                seen["samples"] += frame.samples
    return seen


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        print(json.dumps(look(Path(sys.argv[2]))))
