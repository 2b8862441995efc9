"""Real pictures, films and recordings, made by Pillow and FFmpeg (PyAV); of a film it is told how many frames play."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

RATE = 10  # pictures a second
SAMPLES = 48_000
FRAME = 960  # samples at once

PICTURES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "GIF": ".gif",
    "WEBP": ".webp",
    "AVIF": ".avif",
    "TIFF": ".tiff",
    "BMP": ".bmp",
}
# Format and codecs of films and recordings, and the ending that they should have; "" is none of it.
FILMS = {
    "mp4": ("mp4", "libx264", "aac", ".mp4"),
    "silent mp4": ("mp4", "mpeg4", "", ".mp4"),
    "webm": ("webm", "libvpx-vp9", "libopus", ".webm"),
    "mkv": ("matroska", "libx264", "aac", ".mkv"),
    "mov": ("mov", "libx264", "aac", ".mov"),
    "avi": ("avi", "mpeg4", "", ".avi"),
    "transport stream": ("mpegts", "libx264", "aac", ".ts"),
    "mp3": ("mp3", "", "libmp3lame", ".mp3"),
    "ogg": ("ogg", "", "libopus", ".ogg"),
    "flac": ("flac", "", "flac", ".flac"),
    "wav": ("wav", "", "pcm_s16le", ".wav"),
    "m4a": ("ipod", "", "aac", ".m4a"),
    "aac": ("adts", "", "aac", ".aac"),
}


def picture(form: str) -> bytes:
    """Return a picture in a format of Pillow's."""
    file = io.BytesIO()
    image = Image.new("RGB", (48, 32), (40, 90, 160))
    image.putpixel((3, 4), (250, 200, 10))
    image.save(file, form)
    return file.getvalue()


def film(name: str, seconds: int = 1) -> bytes:
    """Return a film or a recording, by its name in `FILMS`."""
    container, video, audio, _ = FILMS[name]
    file = io.BytesIO()
    write(file, container, video, audio, seconds)
    return file.getvalue()


def write(
    file: Any,
    container: str,
    video: str,
    audio: str,
    seconds: int,
    size: int = 64,
    options: Mapping[str, str] | None = None,
) -> None:
    """Write a film whose every picture differs, with a tone."""
    with closing(av.open(file, "w", format=container, options=dict(options or {}))) as out:
        streams: list[tuple[Any, Callable[[Any, int], Iterator[Any]]]] = []
        if video:
            pictures = out.add_stream(video, rate=RATE, options={"g": str(RATE)})
            pictures.width, pictures.height, pictures.pix_fmt = size, size, "yuv420p"
            streams.append((pictures, _pictures))
        if audio:
            streams.append((out.add_stream(audio, rate=SAMPLES, layout="mono"), _tone))
        for second in range(seconds):  # by turns, as players want them
            for stream, made in streams:
                for frame in made(stream, second):
                    out.mux(stream.encode(frame))
        for stream, _ in streams:
            out.mux(stream.encode(None))


def _pictures(stream: Any, second: int) -> Iterator[Any]:
    for number in range(second * RATE, second * RATE + RATE):
        image = Image.new("RGB", (stream.width, stream.height), (number * 7 % 256, number * 13 % 256, 90))
        frame = av.VideoFrame.from_image(image)
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield frame


def _tone(stream: Any, second: int) -> Iterator[Any]:
    for start in range(second * SAMPLES, (second + 1) * SAMPLES, FRAME):
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(b"".join((n * 300 % 20_000).to_bytes(2, "little") for n in range(start, start + FRAME)))
        frame.pts, frame.rate, frame.time_base = start, SAMPLES, Fraction(1, SAMPLES)
        yield frame


def segmented(
    folder: Path, name: str, kind: str, *, video: str = "libx264", audio: str = "aac", size: int = 64
) -> None:
    """Write a film of three seconds in pieces of a second, with its playlist `NAME.m3u8`; `kind` is mpegts or fmp4."""
    ending = "ts" if kind == "mpegts" else "m4s"
    options = {
        "hls_time": "1",
        "hls_playlist_type": "vod",
        "hls_segment_type": kind,
        "hls_segment_filename": str(folder / f"{name}-%d.{ending}"),
        "hls_fmp4_init_filename": f"{name}-init.mp4",
    }
    write(str(folder / f"{name}.m3u8"), "hls", video, audio, 3, size, options)


def played(path: Path) -> tuple[int, int, float]:
    """Decode all of a film; return how many pictures it has, how wide they are, and the seconds of sound."""
    with closing(av.open(str(path))) as file:
        pictures, width, sound = 0, 0, 0.0
        for frame in file.decode():
            if isinstance(frame, av.VideoFrame):
                pictures, width = pictures + 1, frame.width
            else:
                sound += frame.samples / frame.sample_rate
        return pictures, width, round(sound, 1)
