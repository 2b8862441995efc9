"""Who shows posts of X, in the order in which their word on a post counts; docs/platforms.md is made of this."""

from archiver.routes import Source

SOURCES = (
    Source(
        name="x_archive",
        run_by="the owner of the account",
        needs="`import FILE`: the zip, or its unpacked folder",
        shows="all posts of the owner, every version, long texts, the files",
        limits="other people's posts, descriptions of images, quoted posts",
        thread="0",
        storm="",
    ),
    Source(
        name="api_v2",
        run_by="X, for money",
        needs="`x.bearer`, the credential `x_bearer`; a yes, or `--max-cost`",
        shows="every post of an author in a conversation or a time, found by search; long texts, descriptions of "
        "images, polls, ids of earlier versions",
        limits="what is deleted, protected or withheld, anything of suspended accounts",
        thread="3, about $0.23",
        storm="2, about $0.25",
    ),
    Source(
        name="fxtwitter",
        run_by="volunteers, or you",
        needs="`x.fxtwitter`, its address; it sees what is asked for",
        shows="an author's chain around a post, long texts; a search by time",
        limits="what follows much further down; edits; never complete",
        thread="1 to 5",
        storm="1 or 2",
    ),
    Source(
        name="syndication",
        run_by="X, for embedded posts",
        needs="nothing",
        shows="one post, and which one it answers; why X does not show it",
        limits="what follows; the rest of long texts; posts for logged-in readers",
        thread="40, from the last post upwards",
        storm="1 for a post in doubt",
    ),
    Source(
        name="recorded",
        run_by="whoever recorded it",
        needs="`import FILE`: a WARC, WACZ or HAR of a browser that was shown the thread, or its page saved as HTML",
        shows="all posts that the browser was shown, long texts, descriptions of images",
        limits="what was never scrolled to; never complete, and the file's word alone",
        thread="0",
        storm="",
    ),
    Source(
        name="wayback",
        run_by="the Internet Archive",
        needs="nothing",
        shows="what somebody once saved, deleted or not; before mid-2020 with all that stood above it",
        limits="what nobody saved; most of what was saved after mid-2020; never complete",
        thread="up to 4 of its index, then one a page that is needed: 1 or 2 before mid-2020",
        storm="2 of its index, then 45",
    ),
    Source(
        name="nitter",
        run_by="volunteers, or you",
        needs="`x.nitter`, its address; it sees what is asked for",
        shows="an author's chain around a post",
        limits="whether there is more; storms; never complete",
        thread="2 to 5",
        storm="",
    ),
    Source(
        name="embeds",
        run_by="the press",
        needs="`save --embeds URL` or a saved page",
        shows="text, author and id of each post that an article quotes",
        limits="parents, pictures, the rest of long texts; never complete",
        thread="",
        storm="1",
    ),
)
