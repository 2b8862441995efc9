"""Status pages as Nitter writes them, made up of invented posts."""

ID = "1"  # where a page is asked for no other


def name(handle: str, title: str = "Ann Ash") -> str:
    return (
        f'<div class="fullname-and-username"><a class="fullname" href="/{handle}" title="{title}">{title}'
        '<div class="icon-container"><span class="verified-icon"></span></div></a>'
        f'<a class="username" href="/{handle}" title="@{handle}">@{handle}</a></div>'
    )


def date(handle: str, id_: str, title: str = "Mar 12, 2026 · 12:00 PM UTC") -> str:
    return f'<span class="tweet-date"><a href="/{handle}/status/{id_}#m" title="{title}">Mar 12</a></span>'


def item(
    id_: str = ID,
    text: str = "Good day",
    inside: str = "",
    *,
    handle: str = "AnnAsh",
    main: bool = False,
    head: str = "",
    when: str = "Mar 12, 2026 · 12:00 PM UTC",
) -> str:
    """Return an item; the main one has no link around it. `inside` stands below its text, `head` above its name."""
    link = "" if main else f'<a class="tweet-link" href="/{handle}/status/{id_}#m"></a>'
    return (
        f'<div class="timeline-item " data-username="{handle}">{link}<div class="tweet-body"><div>{head}'
        f'<div class="tweet-header"><a class="tweet-avatar" href="/{handle}"><img class="avatar round" '
        f'src="/pic/profile_images%2F1%2Fa_bigger.jpg" alt=""/></a><div class="tweet-name-row">{name(handle)}'
        f"{date(handle, id_, when)}</div></div></div>"
        f'<div class="tweet-content media-body" dir="auto">{text}</div>{inside}</div></div>'
    )


def more(href: str, kind: str = "") -> str:
    link = f' href="{href}"' if href else ""
    return f'<div class="timeline-item more-replies {kind}"><a class="more-replies-text"{link}>more replies</a></div>'


def box(href: str, text: str, handle: str = "AnnAsh") -> str:
    return (
        f'<div class="unavailable timeline-item" data-username="{handle}">'
        f'<a class="unavailable-box" href="{href}">{text}</a></div>'
    )


def document(main: str, before: str = "", after: str = "") -> str:
    """Return a status page with somebody's reply below the main thread."""
    above = f'<div class="before-tweet thread-line">{before}</div>' if before else ""
    below = f'<div class="after-tweet thread-line">{after}</div>' if after else ""
    reply = f'<div class="reply thread thread-line">{item("77", "A reply", handle="bo")}</div>'
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><title>nitter</title></head><body><div class="conversation">'
        f'<div class="main-thread">{above}<div class="main-tweet" id="m">{main}</div>{below}</div>'
        f'<div class="replies" id="r">{reply}</div></div></body></html>'
    )
