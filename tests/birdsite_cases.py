"""The cases of X: written down from the invented world of `birdsite`, since nobody may record the real one for a test.

python -m tests.birdsite_cases      write the recordings anew; then `make golden`, and read the difference
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pictures
from birdsite import HANDLE, MORNING, Birdsite, photo
from cases import FIXTURES
from x_exports import OWNER, a_tweet, a_zip, an_archive, id_at

from archiver import collecting
from archiver.http.message import MEDIA, Request
from archiver.importers import folder
from archiver.importers.x import archive as x_archive
from archiver.media.plan import to_fetch
from archiver.options import Options
from archiver.routes import collect

Asked = tuple[str, dict[str, str]]
DELETED = "This Post was deleted by the Post author. Learn more"

SINCE, UNTIL = MORNING - timedelta(minutes=30), MORNING + timedelta(hours=15)
WINDOW = {"since": SINCE.isoformat(), "until": UNTIL.isoformat(), "platform": "x", "tz": "America/New_York"}

# What an invented senator wrote in ten hours of one day, each post by itself.
DAY = """
It's urgent. I have just learned that a boy of five & his mother are to be put on the ferry, back to what they fled.
They have been held at the old customs house since February. The boy turned five in there.
Here is what we know: his mother saw her neighbour shot in the street. The men who did it know her name.
The boy may well have a right to stay. Nobody has looked at his papers. That takes a judge one morning.
And yet the @HarbourOffice means to put both on a ship TODAY.
I have just called the head of the @HarbourOffice. No answer. I will call every quarter of an hour.
I need you to write to @HarbourOffice too. Be polite, be many: let this mother and child stay until a judge has looked.
Second call to @HarbourOffice: "The matter is being looked at." By whom? I asked. No answer.
The @StateChancery says it is a matter for the harbour. The harbour says it is a matter for the Chancery.
A drawing of his was put on my desk. A house, a sun, a cat. He wrote "home" below it, and crossed it out.
To those who ask: no, his mother has done nothing wrong. She has paid her fine for crossing without papers.
The law? Children whose parents cannot protect them at home may ask for shelter here. He has asked. He waits.
.@FirstMinister If you are reading this: call the @HarbourOffice. One call from you would do.
Just spoke to the lawyer. She has been at the gate since noon & may not see her clients.
Third call. "The officer in charge is at lunch." It is ten past three.
Lunch!
A nurse who has looked after the boy writes to me: he asks every night whether the ship has gone.
The bus has left the customs house. 52 km to the pier. We are told that they are on it.
.@FirstMinister The bus is on the coast road now. There is still time.
My colleague from across the aisle has called as well. This is not about parties.
The judge's clerk says: a ruling could come by six. The ferry sails at half past five.
I have asked the captain's company, @NorthFerries, to wait one hour. One hour!
@NorthFerries is silent. Here is their number at the pier, it is public: 0555 0100.
Thank you to the hundreds who are calling. Their line is busy. That is good.
The bus has been seen at the toll bridge, 16:40.
The @HarbourOffice has just told my staff that "the family is not on the bus". So where are they?
They ARE on the bus. The lawyer has seen the boy at the window. He waved.
At the pier. About forty people have come with candles and a cello.
What a country does at a pier at five in the afternoon, when it believes that nobody looks: that is what it is.
Last call to the head of the @HarbourOffice. He took it. He said "I have my orders". I asked: from whom?
They have been taken on board. I am told that the mother fainted on the gangway.
The judge's clerk again: the ruling is being typed. Typed!
.@FirstMinister Seventeen minutes. Please.
The ferry has cast off. 17:31.
The ruling came at 17:44. They had a right to stay until June.
I do not have words for that, so I will give you the facts: thirteen minutes.
The coast guard could turn the ship. I have asked the @StateChancery for it, in writing.
Answer of the @StateChancery: "Not foreseen."
To all who ask what they can do now: write to me. I will read every letter aloud in the chamber. All of them.
This is the boy's drawing. His mother has allowed me to show it.
I have been a senator for eleven years. I have never been so ashamed of a timetable.
Nine o'clock. The ship is beyond the light. We have a lawyer waiting on the other side.
I will tell you tomorrow what we know. Good night to all who stood at that pier. And good night, little one.
A correction: I wrote 52 km. It is 48. I want to be exact in this.
""".strip().splitlines()


# Which posts of it have a picture, and what their author says that it shows; of the last she says nothing.
DRAWING = "A child’s drawing: a red roof, a sun, a black cat. Below it HOME, crossed out in red."
PICTURES = {
    9: ("drawing", DRAWING),
    27: ("pier", "A pier at dusk, and a row of people on it, each with a candle."),
    33: ("ferry", "A white ferry with a red funnel, seen from the pier. There is water between them."),
    39: ("drawing", ""),
}


def storm(site: Birdsite) -> list[str]:
    """Write the day into the world: 44 posts, some with a picture, and one that is deleted later."""
    ids = []
    for number, text in enumerate(DAY):
        gap = 260 if number % 5 == 3 else 900 if number % 4 else 1100
        scene, alt = PICTURES.get(number, ("", ""))
        ids.append(site.write(text, after=gap, photo=bool(scene), alt=alt))
        if scene:
            site.pictures[photo(ids[-1])] = pictures.scene(scene)
    site.change(ids[15], gone=DELETED)
    return ids


def storm_by_search(site: Birdsite) -> Asked:
    site.captured = set(storm(site))
    site.up.add("api_v2")
    site.avatars = {HANDLE: "https://pbs.twimg.com/profile_images/859784000000000000/marlow_normal.jpg"}
    site.pictures[site.avatars[HANDLE]] = pictures.portrait(HANDLE)
    return f"https://x.com/{HANDLE}", {**WINDOW, "on": "api_v2"}


def storm_in_the_wayback_machine(site: Birdsite) -> Asked:
    site.captured = set(storm(site))
    return f"https://x.com/{HANDLE}", WINDOW


def storm_in_an_article(site: Birdsite) -> Asked:
    ids = storm(site)
    site.article = site.embedding(ids)
    return site.article_url, {"source": "embeds", "platform": "x"}


def thread_by_search(site: Birdsite) -> Asked:
    ids = site.thread(40)
    site.up.add("api_v2")
    return site.url(ids[19]), {"on": "api_v2"}


def thread_by_fxtwitter(site: Birdsite) -> Asked:
    ids = site.thread(40)
    site.up.add("fxtwitter")
    return site.url(ids[0]), {"on": "fxtwitter"}


def thread_by_nitter(site: Birdsite) -> Asked:
    ids = site.thread(40)
    site.up = {"nitter"}
    return site.url(ids[19]), {"on": "nitter"}


def thread_in_the_owners_archive(site: Birdsite) -> Asked:
    """What an owner's archive answers, in the place of the network."""
    ids = [id_at(minute) for minute in range(12)]
    texts = [f"Note {number}: what the archive of an account holds." for number in range(12)]
    tweets = [a_tweet(id_, text, before) for id_, text, before in zip(ids, texts, ["", *ids], strict=False)]
    site.export = x_archive.read(a_zip(Path(tempfile.mkdtemp()) / "twitter.zip", an_archive(tweets)))
    return f"https://x.com/{OWNER['username']}/status/{ids[0]}", {"source": "x_archive"}


def thread_upwards_from_its_last_post(site: Birdsite) -> Asked:
    return site.url(site.thread(40)[-1]), {}


def deleted_in_one_source_and_shown_by_another(site: Birdsite) -> Asked:
    ids = site.thread(9)
    site.change(ids[4], gone=DELETED)
    site.captured = {ids[4]}
    site.up.add("fxtwitter")
    return site.url(ids[8]), {"on": "fxtwitter"}


def deleted_in_the_middle(site: Birdsite) -> Asked:
    ids = site.thread(9)
    site.change(ids[4], gone=DELETED)
    site.up.add("api_v2")
    return site.url(ids[6]), {"on": "api_v2"}


def long_text_that_is_cut_without_a_mark(site: Birdsite) -> Asked:
    note = "The harbour board has known since March, and it has the letters to show for it. " * 7
    _, second = site.thread(2)
    site.change(second, text=note[:270].strip(), note=note.strip())
    return site.url(second), {}


def edited_twice(site: Birdsite) -> Asked:
    ids = (
        site.write("The ferry sials at fve."),
        site.write("The ferry sails at fve."),
        site.write("The ferry sails at five."),
    )
    for id_ in ids:
        site.change(id_, editions=ids)
    last = site.write("It did not wait.", ids[2])
    site.up.add("api_v2")
    return site.url(last), {"on": "api_v2"}


def five_posts_of_one_second(site: Birdsite) -> Asked:
    ids: list[str] = []
    for number in ["one", "two", "three", "four", "five"]:
        ids.append(site.write(f"At once, {number}.", ids[-1] if ids else None, after=0.002))
    return site.url(ids[-1]), {}


def everything_a_post_can_hold(site: Birdsite) -> Asked:
    """Links, names and tags behind emoji and escaped characters, a picture, a film, a card, a poll, a quote."""
    text = "🧵🚢 Tide & time: 4 < 5. See https://t.co/abcdefghij via @NorthFerries #Harbour https://t.co/p"
    shown = text.replace("&", "&amp;").replace("<", "&lt;")

    def place(part: str) -> list[int]:
        return [shown.index(part), shown.index(part) + len(part)]

    link = "https://news.example/2017/05/a-long-way-to-the-pier"
    entities = {
        "urls": [
            {
                "url": "https://t.co/abcdefghij",
                "expanded_url": link,
                "display_url": "news.example/2017/05/a-long…",
                "indices": place("https://t.co/abcdefghij"),
            }
        ],
        "user_mentions": [
            {"screen_name": "NorthFerries", "name": "North Ferries", "id_str": "42", "indices": place("@NorthFerries")}
        ],
        "hashtags": [{"text": "Harbour", "indices": place("#Harbour")}],
        "media": [{"url": "https://t.co/p", "indices": place("https://t.co/p")}],
    }
    media = [
        {
            "type": "photo",
            "media_url_https": photo("1"),
            "url": "https://t.co/p",
            "indices": place("https://t.co/p"),
            "ext_alt_text": "A ferry at a pier",
        },
        {
            "type": "video",
            "media_url_https": photo("2"),
            "url": "https://t.co/p",
            "indices": place("https://t.co/p"),
            "video_info": {
                "duration_millis": 9000,
                "variants": [
                    {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/2/pl.m3u8"},
                    {"content_type": "video/mp4", "bitrate": 256000, "url": "https://video.twimg.com/2/small.mp4"},
                    {"content_type": "video/mp4", "bitrate": 2176000, "url": "https://video.twimg.com/2/large.mp4"},
                ],
            },
        },
    ]
    first = site.write(
        text, more={"text": shown, "entities": entities, "mediaDetails": media, "possibly_sensitive": True}
    )
    quoted = {
        "id_str": "859700000000000001",
        "created_at": "2017-05-03T09:24:00.000Z",
        "text": "All ships sail on time.",
        "entities": {},
        "user": {"id_str": "42", "screen_name": "NorthFerries", "name": "North Ferries"},
    }
    second = site.write(
        "Look at this.", first, more={"quoted_tweet": quoted, "quoted_status_id_str": "859700000000000001"}
    )
    card = {
        "name": "summary",
        "url": "https://t.co/card",
        "binding_values": {
            "title": {"type": "STRING", "string_value": "A long way to the pier"},
            "description": {"type": "STRING", "string_value": "What was known, and when."},
            "card_url": {"type": "STRING", "string_value": "https://t.co/card"},
            "domain": {"type": "STRING", "string_value": "news.example"},
        },
    }
    third = site.write("To read.", second, more={"card": card})
    poll = {
        "name": "poll2choice_text_only",
        "url": "card://1",
        "binding_values": {
            "choice1_label": {"type": "STRING", "string_value": "Turn the ship"},
            "choice1_count": {"type": "STRING", "string_value": "73"},
            "choice2_label": {"type": "STRING", "string_value": "Wait | and see"},
            "choice2_count": {"type": "STRING", "string_value": "27"},
            "end_datetime_utc": {"type": "STRING", "string_value": "2017-05-04T15:00:00Z"},
            "counts_are_final": {"type": "BOOLEAN", "boolean_value": True},
        },
    }
    fourth = site.write("What should be done?", third, more={"card": poll})
    return site.url(fourth), {}


CASES: tuple[Callable[[Birdsite], Asked], ...] = (
    storm_by_search,
    storm_in_the_wayback_machine,
    storm_in_an_article,
    thread_by_search,
    thread_by_fxtwitter,
    thread_by_nitter,
    thread_in_the_owners_archive,
    thread_upwards_from_its_last_post,
    deleted_in_one_source_and_shown_by_another,
    deleted_in_the_middle,
    long_text_that_is_cut_without_a_mark,
    edited_twice,
    five_posts_of_one_second,
    everything_a_post_can_hold,
)


WITH_MEDIA = (storm_by_search,)
"""The cases with what the thread shows as well; in the others nobody has asked for it."""


def folder_id(url: str) -> str:
    """Return the id at the end of an address."""
    return url.rpartition("/")[2]


def write() -> None:
    """Write every case's recording anew."""
    for case in CASES:
        site = Birdsite()
        url, asked = case(site)
        send = site.export.sender(folder_id(url), site.exchanges.append) if site.export else site
        thread, _ = collect(*collecting.ref_of(url, Options.of(asked)), send)
        if case in WITH_MEDIA:
            for medium in to_fetch(thread, lambda url: False, lambda file: False):
                site(Request(url=medium.url, headers=MEDIA))
        target = FIXTURES / "x" / case.__name__.replace("_", "-")
        shutil.rmtree(target, ignore_errors=True)
        folder.write(target, url, Options.of(asked), site.exchanges)
        print(target.relative_to(FIXTURES))


if __name__ == "__main__":
    write()
