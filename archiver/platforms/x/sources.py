"""Who shows posts of X, in the order in which their word on a post counts; docs/platforms.md is made of this."""

from archiver.platforms.x import api_v2, captures, embeds, export, fxtwitter, nitter, recorded, syndication

SOURCES = (
    export.SOURCE,
    api_v2.SOURCE,
    fxtwitter.SOURCE,
    syndication.SOURCE,
    recorded.SOURCE,
    captures.SOURCE,
    nitter.SOURCE,
    embeds.SOURCE,
)
