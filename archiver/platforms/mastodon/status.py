"""Statuses of the Mastodon client API -> posts. https://docs.joinmastodon.org/entities/Status/

Read leniently where servers that speak the same API differ: GoToSocial and Hollo give a quote as a whole status and no
`edited_at`, Pleroma's media have no `meta`, snac2 puts the host into every `acct`.
"""

from typing import Any

from archiver.model import Attachment, Author, Counts, Missing, Option, Poll, Post, Reason, utc
from archiver.text import html
from archiver.threads.assemble import readable
from archiver.urls import parts_of

REPLACED = "\ufffd"
UNSOUND = f"its server gave characters in its text that no text can hold; {REPLACED} stands in their places"
PUBLIC = ("public", "unlisted")
KINDS = {"image": "image", "gifv": "gifv", "video": "video", "audio": "audio"}

# https://docs.joinmastodon.org/entities/Quote/#state; states that are not known count as not authorised
QUOTE_STATES = {
    "deleted": Reason.DELETED,
    "revoked": Reason.DETACHED,
    "rejected": Reason.DETACHED,
    "pending": Reason.WITHHELD,
    "unauthorized": Reason.WITHHELD,
    "blocked_account": Reason.BLOCKED,
    "blocked_domain": Reason.BLOCKED,
    "muted_account": Reason.BLOCKED,
}


def host_of(site: str) -> str:
    """Return the host (and port) of a site or of any URL."""
    return parts_of(site).netloc


def parse_account(account: dict[str, Any], site: str) -> Author:
    """Read an account; `acct` has no host where the account is at home on the answering server, so it is added."""
    acct = account["acct"]
    return Author(
        id=account_uri(account),
        handle=acct if "@" in acct else f"{acct}@{host_of(site)}",
        name=account.get("display_name") or "",
        url=account["url"],
        avatar=account.get("avatar"),
    )


def parse_status(status: dict[str, Any], site: str, in_reply_to: str | None = None) -> Post:
    """Read a status; `in_reply_to` is the parent's `uri`, since ids are each server's own."""
    quote = parse_quote(status, site)
    content = status["content"]
    if not isinstance(content, str):
        raise TypeError("a post's content is no text")
    text = html.clean(html.without_quote_fallback(content) if quote else content, site)
    return Post(
        id=status["uri"],
        url=status.get("url") or status["uri"],
        author=parse_account(status["account"], site),
        created_at=utc(status["created_at"]),
        edited_at=utc(status["edited_at"]) if status.get("edited_at") else None,
        content=text,
        notices=(UNSOUND,) if text.count(REPLACED) > content.count(REPLACED) else (),
        summary=status.get("spoiler_text") or None,
        sensitive=bool(status.get("sensitive")),
        language=status.get("language") or None,
        in_reply_to=in_reply_to,
        quote=quote,
        attachments=parse_attachments(status),
        poll=parse_poll(status.get("poll")),
        counts=Counts(
            replies=status.get("replies_count"),
            reposts=status.get("reblogs_count"),
            likes=status.get("favourites_count"),
            quotes=status.get("quotes_count"),
        ),
        version=status.get("edited_at") or None,
    )


def parse_attachments(status: dict[str, Any]) -> tuple[Attachment, ...]:
    """Read the media and the link card. `url` is null where the server has lost its copy of somebody else's file."""
    media = [
        Attachment(
            kind=KINDS.get(item.get("type", ""), "file"),
            url=item.get("url") or item.get("remote_url") or "",
            alt=item.get("description"),
        )
        for item in status.get("media_attachments") or ()
    ]
    if card := status.get("card"):
        media.append(
            Attachment(
                kind="card",
                url=card["url"],
                title=card.get("title") or None,
                description=card.get("description") or None,
                picture=card.get("image") or None,
            )
        )
    return tuple(media)


def parse_poll(poll: dict[str, Any] | None) -> Poll | None:
    """Read a poll; votes are null while they are hidden."""
    if not poll:
        return None
    return Poll(
        options=tuple(Option(text=option["title"], votes=option.get("votes_count")) for option in poll["options"]),
        multiple=bool(poll.get("multiple")),
        closes_at=utc(poll["expires_at"]) if poll.get("expires_at") else None,
        voters=poll.get("voters_count"),
        votes=poll.get("votes_count"),
    )


def parse_quote(status: dict[str, Any], site: str) -> Post | Missing | None:
    """Read a quote, or the reason why it is not shown."""
    quote = status.get("quote")
    if not isinstance(quote, dict):
        return None
    quoted = quote if "account" in quote else quote.get("quoted_status")
    if quoted and quoted.get("account"):
        gap = Missing(id=str(quoted.get("uri") or f"{status['uri']}#quote"), reason=Reason.UNKNOWN)
        return readable(lambda: parse_status(quoted, site), gap)
    reason = QUOTE_STATES.get(quote.get("state", ""), Reason.WITHHELD)
    if quote.get("quoted_status_id"):
        return Missing(id=reference(site, quote["quoted_status_id"]), reason=Reason.NOT_LOADED)
    return Missing(id=f"{status['uri']}#quote", reason=reason)


def reference(site: str, id_: str) -> str:
    """Return an address for a status of which only the server's own id is known."""
    return f"{site}/statuses/{id_}"


def account_uri(account: dict[str, Any]) -> str:
    """Return the id of an account, the same on every server."""
    uri: str = account.get("uri") or account["url"]
    return uri


def likely_uri(site: str, status: dict[str, Any]) -> str:
    """Return the address of the post that a status answers, of which only the server's own id is known.

    Of one author's posts on one server all addresses have the same form: with the other id in the same place.
    """
    uri, own, id_ = str(status["uri"]), str(status["id"]), str(status["in_reply_to_id"])
    itself = status.get("in_reply_to_account_id") == status["account"]["id"]
    if itself and uri.startswith(f"{site}/") and uri.rstrip("/").endswith(f"/{own}"):
        return f"{id_}".join(uri.rsplit(own, 1))
    return reference(site, id_)


def page_of(uri: str) -> str | None:
    """Return an address to look at, None for an id that was made up here."""
    return None if "#" in uri else uri
