"""What the sources have shown of a thread, post by post, and what is shown of each post in the end.

Every source adds what it saw; nothing is overwritten. Where two show the same post, the order of sources decides, and
what the other one has besides (an alternative text, a quote) is filled in.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.model import Attachment, Author, Missing, Node, Observation, Post, Reason
from archiver.platforms.x.snowflake import time_of
from archiver.platforms.x.tweet import Tweet, is_nameless, status_url
from archiver.routes import Failure, Source
from archiver.threads.assemble import by_id

SAID = frozenset(Reason) - {Reason.UNKNOWN, Reason.NOT_LOADED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A post as one source showed it; `url` is the capture's or the article's address, "" for the source itself."""

    tweet: Tweet
    route: str
    seen_at: datetime
    url: str = ""

    @property
    def place(self) -> tuple[str, str, bool]:
        """Where this was seen, and whether whole: there a post has one text."""
        return self.route, self.url, bool(self.tweet.post and self.tweet.post.truncated)


@dataclass(slots=True)
class State:
    """What the sources have shown so far. `sources` are all that there are, the one whose word counts most first.

    `handles` are names under which the author was asked for, `on` the sources turned on.
    `end_proof` is how it is known that the end was reached, `expected` what X itself counts, `failures` what did not
    work, `questions` the ids that each source was asked for, `stop` why collecting ended early, `hint` what else could
    be done.
    """

    sources: "tuple[Source[State], ...]"
    focus: str = ""
    handles: tuple[str, ...] = ()
    on: frozenset[str] = frozenset()
    replies: bool = False
    sights: defaultdict[str, list[Sight]] = field(default_factory=lambda: defaultdict(list))
    failures: list[Failure] = field(default_factory=list)
    questions: set[tuple[str, str]] = field(default_factory=set)
    end_proof: str = ""
    expected: int | None = None
    stop: str = ""
    hint: str = ""
    _handles: dict[str, str] = field(default_factory=dict)  # "@handle" -> user id
    _editions: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # id of any version -> all of them, oldest first
    _writers: dict[str, str] = field(default_factory=dict)  # id of a post -> who wrote it, by the word of an answer

    def add(self, tweets: Iterable[Tweet], route: str, seen_at: datetime, url: str = "") -> list[str]:
        """Keep what a source showed; return the ids of which there was no post before and is one now."""
        fresh = []
        for tweet in tweets:
            if tweet.post and not self.has_post(tweet.id):
                fresh.append(tweet.id)
            sight = Sight(tweet=tweet, route=route, seen_at=seen_at, url=url)
            if sight not in self.sights[tweet.id]:
                self.sights[tweet.id].append(sight)
                self._learn(tweet)
        return fresh

    def _learn(self, tweet: Tweet) -> None:
        if tweet.post and not tweet.post.author.id.startswith("@"):
            self._handles[f"@{tweet.post.author.handle.lower()}"] = tweet.post.author.id
        if tweet.node.in_reply_to and tweet.parent_author:
            self._writers[tweet.node.in_reply_to] = tweet.parent_author
        versions = {*tweet.editions}.union(*(self._editions.get(id_, ()) for id_ in tweet.editions))
        if len(versions) > 1:
            ordered = tuple(sorted(versions, key=int))
            self._editions.update(dict.fromkeys(ordered, ordered))

    def source(self, sight: Sight) -> "Source[State]":
        """Return the source of a sight."""
        return next(source for source in self.sources if source.name == sight.route)

    def _rank(self, sight: Sight) -> tuple[bool, int, float]:
        """The order of preference: whole texts first, then the better source, then the newer capture."""
        post = sight.tweet.post
        return bool(post and post.truncated), self.sources.index(self.source(sight)), -sight.seen_at.timestamp()

    def has_post(self, id_: str) -> bool:
        """Whether any source has shown the post itself."""
        return any(sight.tweet.post for sight in self.sights.get(id_, ()))

    def unseen(self, ids: Iterable[str]) -> int:
        """Return how many of the posts that X counts it has not shown among these: what others show is not counted."""
        sights = (self.sights.get(id_, ()) for id_ in ids)
        count = sum(any(self.source(sight).counts and sight.tweet.post for sight in of_post) for of_post in sights)
        return 0 if self.expected is None else max(0, self.expected - count)

    def has_whole_text(self, id_: str) -> bool:
        """Whether any source has shown all of the post's text."""
        return any(sight.tweet.post and not sight.tweet.post.truncated for sight in self.sights.get(id_, ()))

    def newest(self, id_: str) -> str:
        """Return the id of the newest version of an edited post, else the same id."""
        return self._editions.get(id_, (id_,))[-1]

    def parent(self, id_: str) -> tuple[str | None, str | None]:
        """Return the id of the post that this one answers, and who wrote that, as far as any source says."""
        for sight in sorted(self.sights.get(id_, ()), key=self._rank):
            if sight.tweet.node.in_reply_to:
                return self.newest(sight.tweet.node.in_reply_to), self._author(sight.tweet.parent_author)
        return None, None

    def is_first(self, id_: str) -> bool:
        """Whether a source that speaks of parents has said that the post answers none."""
        sights = [sight for sight in self.sights.get(id_, ()) if sight.tweet.post]
        telling = [sight for sight in sights if self.source(sight).shows_parents]
        root = any(sight.tweet.conversation == id_ for sight in sights)
        return self.parent(id_)[0] is None and (bool(telling) or root)

    def conversation(self, id_: str) -> str | None:
        """Return the id of the post at the top of the whole conversation, where any source tells it."""
        tops = (sight.tweet.conversation for sight in self.sights.get(id_, ()))
        return next((id_ for id_ in tops if id_), None)

    def nodes(self) -> dict[str, Node]:
        """Return every post as it is shown in the end, and a gap for each that is only known of."""
        ids = sorted({self.newest(id_) for id_ in self.sights}, key=int)  # the same every time
        nodes = _with_faces([self._node(id_) for id_ in ids], [source.name for source in self.sources])
        named = (self._named(node.in_reply_to, self.parent(node.id)[1]) for node in nodes if node.in_reply_to)
        return by_id([*nodes, *named])

    def observations(self, ids: Iterable[str]) -> tuple[Observation, ...]:
        """Return what each source showed of the posts; of an earlier version that nobody shows, who knows of it."""
        observations = []
        for id_ in ids:
            for edition in self._editions.get(id_, (id_,)):
                sights = [sight for sight in self.sights.get(edition, ()) if sight.tweet.post]
                for sight in sights or self.sights[id_][:1]:
                    observations.append(
                        Observation(
                            post=id_,
                            route=sight.route,
                            seen_at=sight.seen_at,
                            content=sight.tweet.post.content if sights and sight.tweet.post else "",
                            url=sight.url,
                            version="" if edition == id_ else edition,
                        )
                    )
        return tuple(observations)

    def gone(self, ids: Iterable[str]) -> tuple[Missing, ...]:
        """Return what X itself now says of posts that another source still shows."""
        gaps = []
        for id_ in ids:
            live = [sight for sight in self.sights.get(id_, ()) if self.source(sight).is_owner]
            stones = [sight for sight in live if sight.tweet.tombstone and sight.tweet.tombstone.reason in SAID]
            if stones and not any(sight.tweet.post for sight in live):
                gaps.append(self._gap(id_, stones))
        return tuple(gaps)

    def main_route(self, ids: Iterable[str]) -> str:
        """Return the source that shows most of the posts, the better one of equals."""
        routes = [node.route for id_ in ids if isinstance(node := self._node(id_), Post)]
        return max((source.name for source in self.sources), key=routes.count) if routes else ""

    def _node(self, id_: str) -> Node:
        sights = sorted(self.sights[id_], key=self._rank)
        with_post = [sight for sight in sights if sight.tweet.post]
        if not with_post:
            return self._gap(id_, sights)
        best, editions = with_post[0], self._editions.get(id_, (id_,))
        post = best.tweet.post
        assert post is not None
        lesser_posts = [sight.tweet.post for sight in with_post[1:] if sight.tweet.post]
        texts = {sight.tweet.post.content for sight in with_post if sight.tweet.post and sight.place == best.place}
        two = "who shows this post gave it with two texts at once; the other one is in the kept answers"
        return replace(
            post,
            id=id_,
            author=replace(post.author, id=self._author(post.author.id) or post.author.id),
            created_at=time_of(editions[0]) or post.created_at,
            day_only=post.day_only and time_of(editions[0]) is None,
            edited_at=time_of(id_) if len(editions) > 1 else None,
            in_reply_to=self.parent(id_)[0],
            quote=post.quote or next((lesser.quote for lesser in lesser_posts if lesser.quote), None),
            poll=post.poll or next((lesser.poll for lesser in lesser_posts if lesser.poll), None),
            attachments=_filled(post.attachments, [lesser.attachments for lesser in lesser_posts]),
            language=post.language or next((lesser.language for lesser in lesser_posts if lesser.language), None),
            location=post.location or next((lesser.location for lesser in lesser_posts if lesser.location), None),
            route=best.route,
            notices=(*post.notices, *([two] if len(texts) > 1 else [])),
        )

    def _gap(self, id_: str, sights: list[Sight]) -> Missing:
        """Return the tombstone that says most: any reason before none, then the words that X shows to people."""
        stones = [(sight, sight.tweet.tombstone) for sight in sights if sight.tweet.tombstone]
        sight, stone = min(stones, key=lambda pair: (pair[1].reason not in SAID, not self.source(pair[0]).tells_why))
        authors = (stone.author, *(each.author for _, each in stones), self._writers.get(id_))
        names = sorted((name for author in authors if (name := self._author(author))), key=lambda name: name[0] == "@")
        parent = self.parent(id_)[0]
        return replace(
            stone,
            url=stone.url or status_url(id_),
            author=names[0] if names else None,  # a user id counts more than a handle, which may be an old one
            in_reply_to=parent,
            created_at=time_of(id_),
            seen_at=sight.seen_at,
        )

    def _named(self, id_: str, author: str | None) -> Missing:
        return Missing(id=id_, reason=Reason.NOT_LOADED, url=status_url(id_), author=author, created_at=time_of(id_))

    def _author(self, id_: str | None) -> str | None:
        """Return a user id, also for a "@handle" of which any source tells the id."""
        return self._handles.get(id_, id_) if id_ and id_.startswith("@") else id_


def _with_faces(nodes: list[Node], order: list[str]) -> list[Node]:
    """Return nodes whose authors have the name and the picture that the best source shows, where their own has none."""
    posts = sorted((node for node in nodes if isinstance(node, Post)), key=lambda post: order.index(post.route))
    faces = {post.author.id: post.author.avatar for post in reversed(posts) if post.author.avatar}
    named = {post.author.id: post.author for post in reversed(posts) if not is_nameless(post.author)}
    return [_with_author(node, named, faces) if isinstance(node, Post) else node for node in nodes]


def _with_author(post: Post, named: Mapping[str, Author], faces: Mapping[str, str]) -> Post:
    author = named.get(post.author.id, post.author) if is_nameless(post.author) else post.author
    return replace(post, author=replace(author, avatar=post.author.avatar or faces.get(author.id)))


def _filled(own: tuple[Attachment, ...], others: list[tuple[Attachment, ...]]) -> tuple[Attachment, ...]:
    """Return the attachments of the best source, or of the best that has any, with descriptions from any."""
    chosen = next((files for files in (own, *others) if files), ())
    described = {file.url.partition("?")[0]: file.alt for files in others for file in files if file.alt}
    return tuple(
        replace(file, alt=described.get(file.url.partition("?")[0])) if file.alt is None else file for file in chosen
    )
