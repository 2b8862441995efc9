"""X and those who show what is posted there, as one world: API v2, FxTwitter, syndication, Wayback Machine, press.

A thread or storm is written once; each source then shows it in its own form, with its own limits, and may be switched
off. Forms are as in recordings of the real services (tests/test_x_samples_*.py), people and texts are invented.
"""

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pictures
from nitter_pages import document, item, more
from world import Answer, World

from archiver.http.message import Headers, Keep, Request, Response, Send
from archiver.importers.x.archive import Export
from archiver.model import Thread
from archiver.platforms import find, find_author, find_platform
from archiver.platforms.x.snowflake import first_id, time_of
from archiver.routes import Failure, Interruptible, Ref, collect

HANDLE, NAME, USER = "SenMarlow", "Senator Ida Marlow", "171500001"
MORNING = datetime(2017, 5, 3, 15, 0, tzinfo=UTC)
NOT_CAPTURED: Answer = (404, "<html><title>Wayback Machine</title>not archived</html>")


@dataclass(frozen=True)
class Tweet:
    """A post as it was written; `gone` is what X says of it now, `note` the full text of a long one."""

    id: str
    text: str
    parent: str | None = None
    handle: str = HANDLE
    name: str = NAME
    user: str = USER
    photo: bool = False
    alt: str = "A photo"
    gone: str = ""
    note: str = ""
    editions: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)  # what syndication shows besides

    @property
    def time(self) -> datetime:
        return time_of(self.id) or MORNING


class Birdsite(World):
    """All posts, and which source shows which. `captured` are ids whose pages the Wayback Machine holds, and
    addresses of pictures that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.tweets: dict[str, Tweet] = {}
        self.up = {"syndication", "wayback"}
        self.hidden: dict[str, set[str]] = {}
        self.captured: set[str] = set()
        self.article: str = ""
        self.export: Export | None = None
        self.pictures: dict[str, bytes] = {}  # by their addresses, where a picture is not just any
        self.lost: set[str] = set()  # addresses of pictures that X has no more
        self.avatars: dict[str, str] = {}  # the addresses of people's pictures of themselves, which API v2 shows
        self.pages = 20  # posts that one answer of FxTwitter shows below the one that was asked for
        self.search_page = 500

    def write(self, text: str, parent: str | None = None, after: float = 60, **fields: Any) -> str:
        """Write a post, so many seconds after the last one, and return its id."""
        last = max((tweet.time for tweet in self.tweets.values()), default=MORNING - timedelta(seconds=after))
        id_ = str(first_id(last + timedelta(seconds=after)) + 4096 * (len(self.tweets) % 7) + 1)
        while id_ in self.tweets:
            id_ = str(int(id_) + 1)
        self.tweets[id_] = Tweet(id=id_, text=text, parent=parent, **fields)
        return id_

    def thread(self, length: int) -> list[str]:
        """Write a thread whose posts answer each other."""
        ids: list[str] = []
        for number in range(1, length + 1):
            ids.append(self.write(f"Part {number} of what the harbour board decided & why.", ids[-1] if ids else None))
        return ids

    def change(self, id_: str, **fields: Any) -> None:
        """Change what is known of a post, such as that it was deleted."""
        self.tweets[id_] = replace(self.tweets[id_], **fields)

    def url(self, id_: str) -> str:
        return f"https://x.com/{HANDLE}/status/{id_}"

    def collect(self, id_: str, on: str = "") -> tuple[Thread, tuple[Failure, ...]]:
        """Collect the thread of a post with these sources turned on."""
        self.exchanges.clear()
        platform, ref = find(self.url(id_))
        return collect(platform, replace(ref, on=frozenset(on.split())), Interruptible(self))

    def storm(self, since: datetime, until: datetime, on: str = "") -> tuple[Thread, tuple[Failure, ...]]:
        """Collect what the senator wrote in a window."""
        self.exchanges.clear()
        platform, ref = find_author(HANDLE, "x")
        ref = replace(ref, since=since, until=until, on=frozenset(on.split()))
        return collect(platform, ref, Interruptible(self))

    def embedded(self) -> tuple[Thread, tuple[Failure, ...]]:
        """Collect what the article embeds."""
        self.exchanges.clear()
        ref = Ref(url=self.article_url, id="", source="embeds")
        return collect(find_platform("x"), ref, Interruptible(self))

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if request.url == self.article_url:
            return (200, self.article) if self.article else (404, "<html>gone</html>")
        if parts.netloc == "pbs.twimg.com":
            return (404, "") if shown(request.url) in self.lost else (200, self.picture(request.url))
        source = {
            "api.x.com": "api_v2",
            "api.fxtwitter.com": "fxtwitter",
            "cdn.syndication.twimg.com": "syndication",
            "web.archive.org": "wayback",
            "nitter.net": "nitter",
        }[parts.netloc]
        if source not in self.up:
            return 403, "<html><title>Closed</title></html>"
        return getattr(self, f"_{source}")(parts.path, query)

    def recording(self, keep: Keep) -> Send:
        """Return the `Send` of a run, which several threads may use."""
        turn = Lock()

        def send(request: Request) -> Response:
            with turn:
                response = self(request)
                exchange = self.exchanges[-1]
            keep(exchange)
            return response

        return send

    def picture(self, url: str) -> bytes:
        """Return what a picture's address has, or had."""
        return self.pictures.get(url) or pictures.plain(url)

    article_url = "https://news.example/2017/05/03/senator"

    def _respond(self, request: Request, status: int, body: bytes, kind: str) -> Response:
        kind = "image/png" if body.startswith(b"\x89PNG") else kind
        response = super()._respond(request, status, body, kind)
        found = re.search(r"/web/(\d{14})id_/", request.url)
        if not found or status == 404:
            return response
        when = datetime.strptime(found[1], "%Y%m%d%H%M%S").strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers: Headers = (*response.headers, ("memento-datetime", when))
        self.exchanges[-1] = replace(self.exchanges[-1], headers=headers)
        return replace(response, headers=headers)

    def shown(self, source: str, id_: str) -> Tweet | None:
        """Return a post as a source may show it: not if it is gone, or hidden from this source."""
        tweet = self.tweets.get(id_)
        return tweet if tweet and id_ not in self.hidden.get(source, ()) else None

    # API v2

    def _api_v2(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/2/tweets":
            return 200, self._envelope(query["ids"].split(","), asked=True)
        found = self._matching(query["query"], query)
        if path.startswith("/2/tweets/counts/"):
            return 200, {"data": [], "meta": {"total_tweet_count": len(found)}}
        first = int(query.get("next_token") or query.get("pagination_token") or 0)
        page = min(int(query["max_results"]), self.search_page)
        answer = self._envelope([tweet.id for tweet in found[first : first + page]])
        answer["meta"] = {"result_count": len(found[first : first + page])}
        if first + page < len(found):
            answer["meta"]["next_token"] = str(first + page)
        return 200, answer

    def _matching(self, words: str, query: dict[str, str]) -> list[Tweet]:
        start, end = query.get("start_time", "2006-03-21T00:00:00Z"), query.get("end_time", "9999-12-31T00:00:00Z")
        who = re.search(r"from:(\w+)", words)
        where = re.search(r"conversation_id:(\d+)", words)
        assert who
        assert "start_time" in query
        found = [
            tweet
            for tweet in self.tweets.values()
            if self.shown("api_v2", tweet.id)
            and not tweet.gone
            and who[1].lower() in (tweet.handle.lower(), tweet.user)
            and datetime.fromisoformat(start) <= tweet.time < datetime.fromisoformat(end)
            and (not where or self.root(tweet.id) == where[1])
        ]
        return sorted(found, key=lambda tweet: -int(tweet.id))

    def root(self, id_: str) -> str:
        while (tweet := self.tweets.get(id_)) and tweet.parent:
            id_ = tweet.parent
        return id_

    def _envelope(self, ids: Iterable[str], asked: bool = False) -> dict[str, Any]:
        ids = list(ids)
        shown = [tweet for id_ in ids if (tweet := self.shown("api_v2", id_)) and not tweet.gone]
        answer: dict[str, Any] = {}
        if shown:
            answer["data"] = [self._v2(tweet) for tweet in shown]
            users = {tweet.user: tweet for tweet in shown}
            media = [
                {
                    "media_key": f"3_{t.id}",
                    "type": "photo",
                    "url": photo(t.id),
                    **({"alt_text": t.alt} if t.alt else {}),
                }
                for t in shown
                if t.photo
            ]
            answer["includes"] = {
                "users": [self._user(one) for one in users.values()],
                "media": media,
            }
            parents = [self.tweets[tweet.parent] for tweet in shown if tweet.parent]
            if others := [tweet for tweet in parents if tweet not in shown and not tweet.gone]:
                answer["includes"]["tweets"] = [self._v2(tweet) for tweet in others]
                answer["includes"]["users"] += [self._user(tweet) for tweet in others if tweet.user not in users]
        missing = [id_ for id_ in ids if id_ not in {tweet.id for tweet in shown}]
        if asked and missing:
            answer["errors"] = [
                {
                    "resource_type": "tweet",
                    "resource_id": id_,
                    "parameter": "ids",
                    "value": id_,
                    "title": "Not Found Error",
                    "detail": f"Could not find tweet with ids: [{id_}].",
                    "type": "https://api.twitter.com/2/problems/resource-not-found",
                }
                for id_ in missing
            ]
        return answer

    def _user(self, tweet: Tweet) -> dict[str, str]:
        shown = {"profile_image_url": self.avatars[tweet.handle]} if tweet.handle in self.avatars else {}
        return {"id": tweet.user, "username": tweet.handle, "name": tweet.name, **shown}

    def _v2(self, tweet: Tweet) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": tweet.id,
            "text": escaped(tweet.text),
            "created_at": iso(tweet.time),
            "author_id": tweet.user,
            "conversation_id": self.root(tweet.id),
            "edit_history_tweet_ids": list(tweet.editions or (tweet.id,)),
            "lang": "en",
            "public_metrics": {"retweet_count": 3, "reply_count": 1, "like_count": 9, "quote_count": 0},
        }
        if named := mentions(tweet.text):
            made["entities"] = {"mentions": [{"start": a, "end": b, "username": handle} for handle, a, b in named]}
        if tweet.note:
            made["note_tweet"] = {"text": escaped(tweet.note)}
        if tweet.parent:
            made["in_reply_to_user_id"] = self.tweets[tweet.parent].user
            made["referenced_tweets"] = [{"type": "replied_to", "id": tweet.parent}]
        if tweet.photo:
            made["attachments"] = {"media_keys": [f"3_{tweet.id}"]}
        return made

    # FxTwitter

    def _fxtwitter(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/2/search":
            since, until = (int(re.search(rf"{word}_time:(\d+)", query["q"])[1]) for word in ("since", "until"))  # type: ignore[index]
            found = [
                tweet
                for tweet in sorted(self.tweets.values(), key=lambda tweet: -int(tweet.id))
                if self.shown("fxtwitter", tweet.id) and not tweet.gone and since <= tweet.time.timestamp() <= until
            ]
            return 200, {"code": 200, "results": [self._fx(tweet) for tweet in found], "cursor": {"bottom": None}}
        kind, id_ = path.split("/")[2:4]
        tweet = self.shown("fxtwitter", id_)
        if tweet is None:
            return 404, {"code": 404, "message": "NOT_FOUND", "status": None}
        if tweet.gone:
            stone = {"type": "tombstone", "reason": "deleted", "message": tweet.gone, "id": id_}
            return 200, {"code": 200, "status": stone, "thread": [stone]}
        if kind == "status":
            return 200, {"code": 200, "status": self._fx(tweet)}
        chain = self._chain(id_)
        at = chain.index(id_)
        shown = [self.tweets[one] for one in chain[: at + 1 + self.pages]]
        return 200, {"code": 200, "status": self._fx(tweet), "thread": [self._fx(one) for one in shown if not one.gone]}

    def _chain(self, id_: str) -> list[str]:
        chain = [id_]
        while (parent := self.tweets[chain[0]].parent) and not self.tweets[parent].gone:
            chain.insert(0, parent)
        while below := [t.id for t in self.tweets.values() if t.parent == chain[-1] and not t.gone and t.user == USER]:
            chain.append(min(below, key=int))
        return chain

    def _fx(self, tweet: Tweet) -> dict[str, Any]:
        parent = self.tweets.get(tweet.parent or "")
        made: dict[str, Any] = {
            "type": "status",
            "id": tweet.id,
            "url": f"https://x.com/{tweet.handle}/status/{tweet.id}",
            "text": tweet.note or tweet.text,
            "created_at": old_time(tweet.time),
            "created_timestamp": int(tweet.time.timestamp()),
            "lang": "en",
            "author": {"id": tweet.user, "screen_name": tweet.handle, "name": tweet.name},
            "replying_to": {"screen_name": parent.handle, "status": parent.id} if parent else None,
            "is_note_tweet": bool(tweet.note),
            "media": {},
            "likes": 9,
            "reposts": 3,
            "replies": 1,
            "quotes": 0,
        }
        if tweet.photo:
            made["media"] = {"photos": [{"type": "photo", "url": photo(tweet.id), "altText": tweet.alt}]}
            made["media"]["all"] = made["media"]["photos"]
        return made

    # Nitter

    def _nitter(self, path: str, query: dict[str, str]) -> Answer:
        id_ = path.split("/")[3]
        if id_ not in self.tweets or self.tweets[id_].gone:
            return 404, '<html><body><div class="error-panel"><span>Tweet not found</span></div></body></html>'
        chain = self._chain(id_)
        at = chain.index(id_)
        above, below = chain[max(0, at - self.pages) : at], chain[at + 1 : at + 1 + self.pages]
        earlier = "" if above[:1] == chain[:1] or at == 0 else more(f"/{HANDLE}/status/{above[0]}#m", "earlier-replies")
        later = (
            "" if [*chain[:1], *below][-1] == chain[-1] else more(f"/{HANDLE}/status/{below[-1]}#m") if below else ""
        )
        before = earlier + "".join(map(self._item, above))
        return 200, document(self._item(id_, main=True), before, "".join(map(self._item, below)) + later)

    def _item(self, id_: str, main: bool = False) -> str:
        tweet = self.tweets[id_]
        told = (
            f"{tweet.time:%b} {tweet.time.day}, {tweet.time.year} · {tweet.time.hour % 12 or 12}:{tweet.time:%M %p} UTC"
        )
        return item(id_, escaped(tweet.note or tweet.text), handle=tweet.handle, main=main, when=told)

    # Syndication

    def _syndication(self, path: str, query: dict[str, str]) -> Answer:
        assert path == "/tweet-result"
        assert query["token"]
        tweet = self.shown("syndication", query["id"])
        if tweet is None:
            return 404, "<html>Not found</html>"
        if tweet.gone:
            return 200, {
                "__typename": "TweetTombstone",
                "tombstone": {"text": {"text": tweet.gone, "entities": [], "rtl": False}},
            }
        made: dict[str, Any] = {
            "__typename": "Tweet",
            "id_str": tweet.id,
            "lang": "en",
            "created_at": iso(tweet.time),
            "text": escaped(tweet.text),
            "entities": {"hashtags": [], "urls": [], "user_mentions": [], "symbols": []},
            "user": {"id_str": tweet.user, "name": tweet.name, "screen_name": tweet.handle},
            "favorite_count": 9,
            "conversation_count": 1,
            "edit_control": {"edit_tweet_ids": list(tweet.editions or (tweet.id,)), "edits_remaining": "5"},
        }
        made["entities"]["user_mentions"] = [
            {"screen_name": handle, "name": handle, "id_str": "42", "indices": [a, b]}
            for handle, a, b in mentions(tweet.text)
        ]
        if tweet.note:
            made["note_tweet"] = {"id": "Tm90ZVR3ZWV0OjE="}
        if parent := self.tweets.get(tweet.parent or ""):
            made["in_reply_to_status_id_str"] = parent.id
            made["in_reply_to_user_id_str"] = parent.user
            made["in_reply_to_screen_name"] = parent.handle
        if tweet.photo:
            made["mediaDetails"] = [
                {
                    "type": "photo",
                    "media_url_https": photo(tweet.id),
                    "url": "https://t.co/p",
                    "indices": [0, 0],
                    "ext_alt_text": tweet.alt,
                }
            ]
        return 200, {**made, **tweet.more}

    # The Wayback Machine

    def _wayback(self, path: str, query: dict[str, str]) -> Answer:
        if path.startswith("/cdx/"):
            return 200, self._index(query)
        stored = re.fullmatch(r"/web/\d+id_/(https://pbs\.twimg\.com/.+)", path)
        if stored and stored[1] in self.captured:
            return 200, self.picture(stored[1])
        id_ = re.findall(r"/status/(\d+)", unquote(path))
        if not id_ or id_[0] not in self.captured:
            return NOT_CAPTURED
        return 200, self.page(id_[0])

    def _index(self, query: dict[str, str]) -> list[list[str]]:
        rows = [["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]]
        for id_ in sorted(self.captured & self.tweets.keys(), key=int):
            tweet = self.tweets[id_]
            address = f"twitter.com/{tweet.handle}/status/{id_}"
            if address.lower().startswith(query["url"].lower()):
                taken = tweet.time + timedelta(hours=1)
                original = f"https://{address}"
                rows.append(
                    [f"com,twitter)/{id_}", f"{taken:%Y%m%d%H%M%S}", original, "text/html", "200", f"D{id_}", "9000"]
                )
        for url in sorted(self.captured - self.tweets.keys()):
            if url.removeprefix("https://").startswith(query["url"]):
                size = str(len(self.picture(url)))
                rows.append([url, f"{MORNING:%Y%m%d%H%M%S}", url, "image/png", "200", f"D{url}", size])
        return rows if len(rows) > 1 else []

    def page(self, id_: str) -> str:
        """Return a page of 2017: the post, what stands above it, and the answers that were known."""
        above, up = [], self.tweets[id_].parent
        while up:
            above.insert(0, self.tweets[up])
            up = self.tweets[up].parent
        ancestors = "".join(f'<li class="stream-item">{self._div(one, "ancestor")}</li>' for one in above)
        return (
            '<!DOCTYPE html><html><body><div class="permalink-inner permalink-tweet-container"><div id="ancestors" '
            f'class="ThreadedConversation ThreadedConversation--ancestors"><ol>{ancestors}</ol></div>'
            f"{self._div(self.tweets[id_], 'permalink-tweet')}</div></body></html>"
        )

    def _div(self, tweet: Tweet, kind: str) -> str:
        stamp = int(tweet.time.timestamp())
        picture = (
            f'<div class="AdaptiveMedia"><div class="AdaptiveMedia-photoContainer" data-image-url="{photo(tweet.id)}">'
            f'<img src="{photo(tweet.id)}" alt=""></div></div>'
            if tweet.photo
            else ""
        )
        text = re.sub(
            r"(?<!\w)@(\w+)",
            r'<a href="/\1" class="twitter-atreply pretty-link"><s>@</s><b>\1</b></a>',
            html.escape(tweet.text, quote=False),
        )
        users = json.dumps(
            [{"id_str": one.user} for one in (tweet, *([self.tweets[tweet.parent]] if tweet.parent else []))]
        )
        reply = f"data-reply-to-users-json='{users}'"
        reply += ' data-has-parent-tweet="true" data-is-reply-to="true"' if tweet.parent else ""
        return (
            f'<div class="tweet {kind} js-original-tweet" data-tweet-id="{tweet.id}" data-item-id="{tweet.id}" '
            f'data-permalink-path="/{tweet.handle}/status/{tweet.id}" data-conversation-id="{self.root(tweet.id)}" '
            f'data-screen-name="{tweet.handle}" data-name="{tweet.name}" data-user-id="{tweet.user}" {reply}>'
            f'<span class="_timestamp" data-time="{stamp}" data-time-ms="{stamp}000">May 3</span>'
            f'<div class="js-tweet-text-container"><p class="js-tweet-text tweet-text" lang="en">{text}</p></div>'
            f"{picture}</div>"
        )

    def embedding(self, ids: Iterable[str]) -> str:
        """Return an article that embeds posts, as the press did."""
        quotes = "".join(
            f'<p>Then she went on:</p><blockquote class="twitter-tweet" data-lang="en"><p lang="en" dir="ltr">'
            f"{html.escape(tweet.text, quote=False)}</p>&mdash; {tweet.name} (@{tweet.handle}) "
            f'<a href="https://twitter.com/{tweet.handle}/status/{tweet.id}">'
            f"{tweet.time:%B} {tweet.time.day}, {tweet.time.year}</a></blockquote>"
            for tweet in (self.tweets[id_] for id_ in ids)
        )
        return f"<!DOCTYPE html><html><head><title>A day</title></head><body><article>{quotes}</article></body></html>"


def photo(id_: str) -> str:
    return f"https://pbs.twimg.com/media/P{id_}.jpg"


def uploaded(url: str) -> str:
    """Return where a picture is in the size in which it was uploaded."""
    return f"{url.removesuffix('.jpg')}?format=jpg&name=orig"


def shown(url: str) -> str:
    """Return the address that X shows of a picture, whatever the size."""
    return url.partition("?")[0].removesuffix(".jpg") + ".jpg"


def escaped(text: str) -> str:
    return html.escape(text, quote=False)


def mentions(text: str) -> list[tuple[str, int, int]]:
    """Return the names in a text with their places, counted in the characters of the escaped text."""
    return [(found[1], found.start(), found.end()) for found in re.finditer(r"(?<!\w)@(\w+)", escaped(text))]


def iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


def old_time(time: datetime) -> str:
    return f"{time:%a %b %d %H:%M:%S +0000 %Y}"
