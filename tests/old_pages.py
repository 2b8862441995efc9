"""Pages of twitter.com in the shapes that its server wrote, with invented people."""

import json
from html import escape

PEOPLE = {"ann": ("101", "Ann Ash"), "bob": ("102", "Bob 🌿"), "cy": ("103", "Cy")}
MAY_3 = 859_784_611_230_646_272  # 15:00:00 UTC in 2017


def at(number: int) -> str:
    """The id of a post that was written so many minutes after 15:00."""
    return str(MAY_3 + number * 60_000 * 2**22)


def person(handle: str) -> dict[str, str]:
    id_, name = PEOPLE[handle]
    return {"id_str": id_, "screen_name": handle, "name": name}


def link(address: str, classes: str = "twitter-timeline-link", shown: str = "") -> str:
    """A link in a text; the page shows a part of its address and hides the rest."""
    text = shown or f'<span class="invisible">https://</span>{address.partition("://")[2][:12]}<span>…</span>'
    told = f' data-expanded-url="{address}"' if address else ""
    return f'<a class="{classes}" href="https://t.co/abc"{told}>{text}</a>'


def tweet(
    id_: str,
    text: str = "Words",
    by: str = "ann",
    to: str = "",
    inside: str = "",
    focal: bool = False,
    top: str = "",
    **more: str,
) -> str:
    """A `div.tweet`. `to` are the handles that it answers, with blanks, "" for a post that answers none."""
    users = [person(by), *(person(handle) for handle in to.split() if handle != by)]
    attributes = {
        "class": f"tweet js-stream-tweet {'permalink-tweet' if focal else 'permalink-descendant-tweet'}",
        "data-tweet-id": id_,
        "data-conversation-id": top or at(0),
        "data-user-id": PEOPLE[by][0],
        "data-screen-name": by,
        "data-name": PEOPLE[by][1],
        "data-reply-to-users-json": json.dumps(users),
        **({"data-has-parent-tweet": "true"} if to else {}),
        **{f"data-{key.replace('_', '-')}": value for key, value in more.items()},
    }
    written = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    named = "".join(f'<a data-user-id="{PEOPLE[one][0]}" href="/{one}">@{one}</a> ' for one in to.split() if one != by)
    answers = f'<div class="ReplyingToContextBelowAuthor">Antwort an {named}</div>' if named else ""
    return f"""<div {written}><div class="content">
<img class="avatar js-action-profile-avatar" src="https://pbs.twimg.com/profile_images/{by}.jpg" alt="">
<small class="time"><a title="7:45"><span class="_timestamp" data-time="1493823600">3. Mai</span></a></small>{answers}
<div class="js-tweet-text-container"><p class="TweetTextSize tweet-text" lang="en">{text}</p></div>{inside}
<span class="ProfileTweet-action--reply u-hiddenVisually"><span data-tweet-stat-count="3">3</span></span>
<div class="ProfileTweet-action ProfileTweet-action--retweet"><span data-tweet-stat-count="">x</span></div>
</div></div>"""


def rows(*tweets: str) -> str:
    """The items of a list; what is no post stands there as it is."""
    items = (f'<div class="ThreadedConversation-tweet"><li class="stream-item">{one}</li></div>' for one in tweets)
    return f'<ol class="stream-items">{"".join(items)}</ol>'


def page(focal: str, above: str = "", thread: str = "", others: str = "") -> str:
    """A page of one post, with what it answers, what its author added to it, and other replies."""
    parts = [f'<div class="permalink-in-reply-tos"><div id="ancestors">{above}</div></div>' if above else ""]
    parts.append(f'<div class="permalink-inner permalink-tweet-container">{focal}</div><div id="descendants">')
    parts.append(f'<li class="ThreadedConversation ThreadedConversation--selfThread">{thread}</li>' if thread else "")
    parts.append(f'<li class="ThreadedConversation">{others}</li>' if others else "")
    return f'<!DOCTYPE html><html lang="de"><meta charset="utf-8"><body>{"".join(parts)}</div></body></html>'


def quoted(id_: str, by: str = "bob", text: str = "Quoted words", inside: str = "") -> str:
    body = f'<div class="QuoteTweet-text tweet-text" lang="de">{text}</div>' if text else ""
    return f"""<div class="QuoteTweet"><div class="QuoteTweet-innerContainer" data-item-id="{id_}"
 data-screen-name="{by}" data-user-id="{PEOPLE[by][0]}"><b class="QuoteTweet-fullname">{PEOPLE[by][1]}</b>
{body}{inside}</div></div>"""


def picture(name: str, alt: str = "") -> str:
    address = f"https://pbs.twimg.com/media/{name}.jpg"
    return (
        f'<div class="AdaptiveMedia-photoContainer" data-image-url="{address}"><img src="{address}" alt="{alt}"></div>'
    )


def posting(id_: str, text: str | None = "Words", by: str = "ann", parent: str = "", inside: str = "") -> str:
    """A post in schema.org's words."""
    words = f'<div data-testid="tweetText" lang="en"><span>{text}</span></div>' if text is not None else ""
    over = f'<meta itemprop="isPartOf" content="{parent}">' if parent else ""
    return f"""<div itemscope itemtype="https://schema.org/SocialMediaPosting" itemprop="hasPart">
<meta itemprop="identifier" content="{id_}"><meta itemprop="dateCreated" content="2017-05-03T15:00:00.000Z">
<div itemprop="author" itemscope itemtype="https://schema.org/Person"><meta itemprop="identifier"
 content="{PEOPLE[by][0]}"><meta itemprop="additionalName" content="{by}"><meta itemprop="givenName"
 content="{PEOPLE[by][1]}"></div>{over}
<div itemprop="interactionStatistic" itemscope><meta itemprop="name" content="Likes">
<meta itemprop="userInteractionCount" content="7"></div>
<div itemprop="interactionStatistic" itemscope><meta itemprop="name" content="Views">
<meta itemprop="userInteractionCount" content="9"></div>
<article data-testid="tweet"><img src="https://pbs.twimg.com/profile_images/{by}.jpg" alt="">{words}{inside}</article>
</div>"""


def written(id_: str, text: str = "Words", by: str = "ann", parent: str = "", inside: str = "") -> str:
    """A post as X writes it for readers who are not logged in, since 2026."""
    over = f'<link itemprop="isPartOf" href="https://x.com/ann/status/{parent}">' if parent else ""
    return f"""<article itemscope itemtype="https://schema.org/SocialMediaPosting" itemprop="comment">
<meta itemprop="identifier" content="{id_}"><link itemprop="url" href="https://x.com/{by}/status/{id_}">{over}
<div itemprop="author" itemscope itemtype="https://schema.org/Person"><meta itemprop="identifier"
 content="{PEOPLE[by][0]}"><meta itemprop="alternateName" content="@{by}"><meta itemprop="name"
 content="{PEOPLE[by][1]}"><img itemprop="image" src="https://pbs.twimg.com/profile_images/{by}.jpg"></div>
<time itemprop="dateCreated" datetime="2017-05-03T15:00:00.000Z">May 3</time><div itemprop="articleBody">{text}</div>
<div itemprop="interactionStatistic" itemscope><meta itemprop="interactionType"
 content="https://schema.org/LikeAction"><meta itemprop="userInteractionCount" content="7"></div>{inside}</article>"""


def scripted(id_: str, text: str = "Words", by: str = "ann", parent: str = "", **more: object) -> str:
    """The same as a script of data."""
    told = {
        "@context": "https://schema.org",
        "@type": "SocialMediaPosting",
        "identifier": id_,
        "url": f"https://x.com/{by}/status/{id_}",
        "text": text,
        "dateCreated": "2017-05-03T15:00:00.000Z",
        "author": {
            "@type": "Person",
            "identifier": PEOPLE[by][0],
            "alternateName": by,
            "name": PEOPLE[by][1],
            "image": {"@type": "ImageObject", "contentUrl": f"https://pbs.twimg.com/profile_images/{by}.jpg"},
        },
        "interactionStatistic": [
            {"interactionType": {"@type": "LikeAction"}, "userInteractionCount": 7},
            {"interactionType": {"@type": "WriteAction"}, "userInteractionCount": 9},
            "9 views",
        ],
        **({"isPartOf": f"https://x.com/ann/status/{parent}"} if parent else {}),
        **more,
    }
    return f'<script type="application/ld+json">{json.dumps({"@graph": [told]})}</script>'
