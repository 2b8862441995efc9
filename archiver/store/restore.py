"""Rows of the derived tables back into a thread. Pure: no database here; `rows` is the way there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archiver.model import (
    Attachment,
    Author,
    Completeness,
    Counts,
    Missing,
    Node,
    Observation,
    Option,
    Poll,
    Post,
    Role,
    Thread,
)
from archiver.store.columns import Record, Row, fields_of, own, records
from archiver.store.rows import in_order


def thread_of(tables: Mapping[str, Sequence[Row]]) -> Thread:
    """Return the thread whose rows, by table and in the order of `COLUMNS`, these are."""
    rows = {table: records(table, of_table) for table, of_table in tables.items()}
    [thread] = rows["threads"]
    authors = {row["id"]: Author(**fields_of("authors", row)) for row in rows["authors"]}
    posts = _Posts(rows, authors)
    shown_posts = {row["post"] for row in rows["thread_posts"]}
    gaps = [row for row in rows["missing"] if row["position"] is not None and row["id"] not in shown_posts]
    nodes: list[tuple[int, Node]] = [
        (row["position"], posts(row["post"], row["quoted"])) for row in rows["thread_posts"]
    ]
    nodes += [(row["position"], _missing(row, "missing")) for row in gaps]
    return Thread(
        **fields_of("threads", thread),
        author=authors[thread["author"]],
        nodes=tuple(node for _, node in sorted(nodes, key=lambda placed: placed[0])),
        roles={
            own(row.get("post", row.get("id"))): Role(row["role"])
            for row in (*rows["thread_posts"], *gaps)
            if row["role"]
        },
        completeness=Completeness(
            **fields_of("threads", thread, "completeness"), gaps=_listed(rows["missing"], "counted")
        ),
        gone=_listed(rows["missing"], "gone"),
        observations=_observations(rows["observations"]),
    )


class _Posts:
    """Builds posts out of rows."""

    def __init__(self, rows: Mapping[str, Sequence[Record]], authors: Mapping[str, Author]):
        self.rows = {row["id"]: row for row in rows["posts"]}
        self.authors = authors
        self.attachments = _by_post(rows["attachments"])
        self.options = _by_post(rows["poll_options"])
        self.polls = {row["post"]: row for row in rows["polls"]}
        self.missing_quotes = {row["post"]: _missing(row, "missing_quotes") for row in rows["missing_quotes"]}

    def __call__(self, id_: str, quoted: int) -> Post:
        """Return a post with as many levels of quoted posts as the platform showed there."""
        chain = [id_]
        while len(chain) <= quoted and (quote := self.rows[chain[-1]]["quote"]):
            chain.append(quote)
        post = self._post(chain.pop())
        while chain:
            post = replace(self._post(chain.pop()), quote=post)
        return post

    def _post(self, id_: str) -> Post:
        row = self.rows[id_]
        return Post(
            **fields_of("posts", row),
            author=self.authors[row["author"]],
            quote=self.missing_quotes.get(id_),
            attachments=tuple(Attachment(**fields_of("attachments", file)) for file in self.attachments[id_]),
            poll=self._poll(id_),
            counts=Counts(**fields_of("posts", row, "counts")),
        )

    def _poll(self, id_: str) -> Poll | None:
        row = self.polls.get(id_)
        if row is None:
            return None
        options = tuple(Option(**fields_of("poll_options", option)) for option in self.options[id_])
        return Poll(**fields_of("polls", row), options=options)


def _by_post(rows: Sequence[Record]) -> defaultdict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["position"]):
        groups[row["post"]].append(row)
    return groups


def _observations(rows: Sequence[Record]) -> tuple[Observation, ...]:
    """Return what sources showed, each thing once however many runs saw it."""
    observations = {Observation(**fields_of("observations", row)) for row in rows if row["content"] is not None}
    return tuple(sorted(observations, key=in_order))


def _listed(rows: Sequence[Record], place: str) -> tuple[Missing, ...]:
    gaps = [row for row in rows if row[place] is not None]
    return tuple(_missing(row, "missing") for row in sorted(gaps, key=lambda row: row[place]))


def _missing(row: Record, table: str) -> Missing:
    return Missing(**fields_of(table, row))
