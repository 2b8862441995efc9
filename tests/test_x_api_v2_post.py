"""Answers of X's official interface -> posts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.model import Attachment, Counts, Missing, Option, Poll, Post, Reason
from archiver.platforms.x.api_v2_post import parse_answer, posts_in
from archiver.platforms.x.tweet import Tweet
from archiver.text.html import plain

Json = dict[str, Any]

ID, EARLIER, OTHER = "2028100000000000000", "2028000000000000000", "2027000000000000000"
ANN = {"id": "7", "username": "Ann_Ash", "name": "Ann", "profile_image_url": "https://pbs.example/a.jpg"}
BO = {"id": "8", "username": "bo"}
POST: Json = {"id": ID, "author_id": "7", "text": "Hello", "conversation_id": EARLIER}


def page(*posts: Json, **includes: Any) -> Json:
    return {"data": list(posts), "includes": {"users": [ANN, BO], **includes}}


def read(answer: Json) -> Tweet:
    [tweet] = parse_answer(answer)
    return tweet


def read_post(post: Json, **includes: Any) -> Post:
    node = parse_answer(page({**POST, **post}, **includes))[0].node
    assert isinstance(node, Post)
    return node


def url(text: str, short: str, target: str | None, **fields: Any) -> Json:
    start = text.index(short)
    item = {"start": start, "end": start + len(short), "url": short, "display_url": "x…", **fields}
    return {**item, "expanded_url": target} if target else item


def test_a_post_is_read() -> None:
    metrics = {"retweet_count": 2, "reply_count": 1, "like_count": 3, "quote_count": 0}
    tweet = read(page({**POST, "lang": "en", "possibly_sensitive": True, "public_metrics": metrics}))
    post = tweet.post
    assert post is not None
    assert (post.id, post.url, post.content) == (ID, f"https://x.com/Ann_Ash/status/{ID}", "<p>Hello</p>")
    assert (post.author.id, post.author.handle, post.author.name) == ("7", "Ann_Ash", "Ann")
    assert post.author.avatar == "https://pbs.example/a.jpg"
    assert post.created_at == datetime(2026, 3, 1, 13, 28, 14, 932000, tzinfo=UTC)
    assert (post.language, post.sensitive, post.truncated) == ("en", True, False)
    assert post.counts == Counts(replies=1, reposts=2, likes=3, quotes=0)
    assert (tweet.conversation, tweet.parent_author, tweet.editions, post.in_reply_to) == (EARLIER, None, (), None)


def test_an_answer_about_one_post_is_read() -> None:
    answer = {"data": POST, "includes": {"users": [ANN]}}
    assert read(answer).id == ID
    assert posts_in(answer) == [ID]


@pytest.mark.parametrize("answer", [{}, {"data": [], "includes": {}}, {"data": {}, "errors": {}}, {"meta": {}}])
def test_an_answer_without_posts_has_none(answer: Json) -> None:
    assert (parse_answer(answer), posts_in(answer)) == ([], [])


def test_an_old_post_has_the_time_that_is_told() -> None:
    post = read_post({"id": "20", "created_at": "2006-03-21T20:50:14.000Z"})
    assert post.created_at == datetime(2006, 3, 21, 20, 50, 14, tzinfo=UTC)


def test_the_name_of_no_language_is_none() -> None:
    assert read_post({"lang": "zxx"}).language is None
    assert read_post({}).counts == Counts()


# What a post refers to


def referring(*kinds: tuple[str, str]) -> list[Json]:
    return [{"type": kind, "id": id_} for kind, id_ in kinds]


def test_what_a_post_answers_is_a_post_of_its_own() -> None:
    parent = {"id": EARLIER, "author_id": "8", "text": "First", "conversation_id": EARLIER}
    answer = {**POST, "in_reply_to_user_id": "8", "referenced_tweets": referring(("replied_to", EARLIER))}
    mine, above = parse_answer(page(answer, tweets=[parent]))
    assert (mine.node.in_reply_to, mine.parent_author) == (EARLIER, "8")
    assert above.post is not None
    assert (above.id, above.post.author.handle, above.conversation) == (EARLIER, "bo", EARLIER)


def test_who_wrote_the_parent_is_also_known_from_the_parent() -> None:
    answer = {**POST, "referenced_tweets": referring(("replied_to", EARLIER))}
    parent = {"id": EARLIER, "author_id": "8", "text": "First"}
    assert parse_answer(page(answer, tweets=[parent]))[0].parent_author == "8"
    assert read(page(answer)).parent_author is None


def test_a_post_that_answers_a_person_and_no_post_has_no_parent() -> None:
    tweet = read(page({**POST, "in_reply_to_user_id": "8"}))
    assert (tweet.node.in_reply_to, tweet.parent_author) == (None, None)


def test_a_repost_is_left_out_with_all_that_it_brings() -> None:
    repost = {**POST, "text": "RT @bo: Words", "referenced_tweets": referring(("retweeted", OTHER))}
    answer = page(repost, tweets=[{"id": OTHER, "author_id": "8", "text": "Words"}])
    assert parse_answer(answer) == []
    assert posts_in(answer) == [ID]


def test_a_quote_is_shown_and_its_address_is_taken_out() -> None:
    text = "Look https://t.co/q"
    quoted = {
        "id": OTHER,
        "author_id": "8",
        "text": "Mine https://t.co/z",
        "entities": {"urls": [url("Mine https://t.co/z", "https://t.co/z", f"https://x.com/bo/status/{EARLIER}")]},
        "referenced_tweets": referring(("quoted", EARLIER)),
    }
    entities = {"urls": [url(text, "https://t.co/q", f"https://twitter.com/bo/status/{OTHER}")]}
    post = {"text": text, "entities": entities, "referenced_tweets": referring(("quoted", OTHER))}
    [tweet] = parse_answer(page({**POST, **post}, tweets=[quoted]))
    assert tweet.post is not None
    assert tweet.post.content == "<p>Look</p>"
    inner = tweet.post.quote
    assert isinstance(inner, Post)
    assert (inner.id, inner.author.handle, inner.quote) == (OTHER, "bo", None)
    assert plain(inner.content) == f"Mine https://x.com/bo/status/{EARLIER}"  # else nobody knew that there is one


def test_a_quote_within_the_text_keeps_its_address() -> None:
    text = "See https://t.co/q for more"
    entities = {"urls": [url(text, "https://t.co/q", f"https://x.com/bo/status/{OTHER}")]}
    post = read_post({"text": text, "entities": entities, "referenced_tweets": referring(("quoted", OTHER))})
    assert plain(post.content) == f"See https://x.com/bo/status/{OTHER} for more"


def error(id_: str, problem: str = "resource-not-found", **fields: Any) -> Json:
    return {
        "resource_type": "tweet",
        "resource_id": id_,
        "parameter": "referenced_tweets.id",
        "detail": f"Could not find tweet with referenced_tweets.id: [{id_}].",
        "type": f"https://api.twitter.com/2/problems/{problem}",
        **fields,
    }


def test_a_quote_that_is_not_shown_says_why() -> None:
    post = {**POST, "referenced_tweets": referring(("quoted", OTHER))}
    tweet = read({**page(post), "errors": [error(OTHER)]})
    assert tweet.post is not None
    quote = tweet.post.quote
    assert isinstance(quote, Missing)
    assert (quote.id, quote.reason) == (OTHER, Reason.DELETED)
    unseen = read_post(post).quote
    assert isinstance(unseen, Missing)
    assert (unseen.reason, unseen.url) == (Reason.NOT_LOADED, f"https://x.com/i/status/{OTHER}")


def test_a_parent_that_is_not_shown_is_a_tombstone() -> None:
    post = {**POST, "referenced_tweets": referring(("replied_to", EARLIER))}
    mine, stone = parse_answer({**page(post), "errors": [error(EARLIER)]})
    assert mine.id == ID
    assert isinstance(stone.node, Missing)
    assert (stone.id, stone.node.reason) == (EARLIER, Reason.DELETED)
    assert stone.node.detail == f"X says: “Could not find tweet with referenced_tweets.id: [{EARLIER}].”"
    assert stone.node.created_at is not None


@pytest.mark.parametrize(
    ("problem", "fields", "reason"),
    [
        ("resource-not-found", {}, Reason.DELETED),
        ("resource-not-found", {"detail": "User has been suspended: [9]."}, Reason.SUSPENDED),
        ("not-authorized-for-resource", {"detail": "Sorry, you are not authorized to see the Tweet"}, Reason.UNKNOWN),
        ("resource-unavailable", {"detail": None, "title": "Gone for now"}, Reason.UNKNOWN),
        ("resource-unavailable", {"detail": "", "type": None}, Reason.UNKNOWN),
        ("resource-not-found", {"resource_id": None, "value": OTHER, "parameter": "id"}, Reason.DELETED),
        ("resource-not-found", {"resource_type": "post"}, Reason.DELETED),
    ],
)
def test_the_reason_is_what_x_says(problem: str, fields: Json, reason: Reason) -> None:
    [stone] = parse_answer({"errors": [error(OTHER, problem, **{"parameter": "ids", **fields})]})
    assert isinstance(stone.node, Missing)
    assert (stone.id, stone.node.reason) == (OTHER, reason)


def test_errors_about_people_and_about_posts_that_are_shown_are_none() -> None:
    people = error("8", resource_type="user", parameter="ids")
    named = error("Swan", parameter="ids")
    shown = error(ID, parameter="ids")
    assert [tweet.id for tweet in parse_answer({**page(POST), "errors": [people, named, shown]})] == [ID]
    assert read({**page(POST), "errors": [shown]}).post


# Versions


def test_all_versions_of_an_edited_post_are_read() -> None:
    edited = {"edit_history_tweet_ids": [ID, EARLIER]}
    text = "Helo https://t.co/n"
    old = {
        "id": EARLIER,
        "author_id": "7",
        "text": text,
        **edited,
        "entities": {"urls": [url(text, "https://t.co/n", f"https://twitter.com/i/web/status/{ID}")]},
    }
    new, before, _ = parse_answer(page({**POST, **edited}, tweets=[{**POST, "text": "not this one"}, old]))
    assert new.editions == before.editions == (EARLIER, ID)
    assert new.post is not None
    assert new.post.content == "<p>Hello</p>"
    assert before.post is not None
    assert before.post.content == "<p>Helo</p>"


def test_a_post_with_one_version_was_not_edited() -> None:
    assert read(page({**POST, "edit_history_tweet_ids": [ID]})).editions == ()


# Texts


def test_what_is_marked_becomes_links() -> None:
    text = "🙂 &amp; @Bo #tag $ABC https://t.co/a"
    entities = {
        "mentions": [{"start": 8, "end": 11, "username": "bo", "id": "8"}],
        "hashtags": [{"start": 12, "end": 16, "tag": "tag"}],
        "cashtags": [{"start": 17, "end": 21, "tag": "ABC"}],
        "urls": [url(text, "https://t.co/a", "https://paper.example/a?b=1&c=2")],
        "annotations": [{"start": 0, "end": 3}],
    }
    assert read_post({"text": text, "entities": entities}).content == (
        '<p>🙂 &amp; <a href="https://x.com/bo" class="mention">@Bo</a> '
        '<a href="https://x.com/hashtag/tag" class="hashtag">#tag</a> '
        '<a href="https://x.com/search?q=%24ABC" class="hashtag">$ABC</a> '
        '<a href="https://paper.example/a?b=1&amp;c=2">https://paper.example/a?b=1&amp;c=2</a></p>'
    )


def test_an_address_that_is_not_known_stays_as_it_is() -> None:
    text = "Go https://t.co/a"
    post = read_post({"text": text, "entities": {"urls": [url(text, "https://t.co/a", None)]}})
    assert post.content == '<p>Go <a href="https://t.co/a">https://t.co/a</a></p>'


def a_note(whole: str, **entities: Any) -> Json:
    return {"text": "x" * 270 + "…", "note_tweet": {"text": whole, "entities": entities}}


def test_the_whole_of_a_long_text_is_read() -> None:
    whole = "Long " * 80 + "@bo https://t.co/b"
    post = read_post(
        a_note(
            whole,
            mentions=[{"start": 400, "end": 403, "username": "bo"}],
            urls=[url(whole, "https://t.co/b", "https://b.example/")],
        )
    )
    assert plain(post.content) == "Long " * 80 + "@bo https://b.example/"
    assert 'class="mention"' in post.content
    assert post.truncated is False


def test_what_only_the_short_form_marks_is_found_in_the_long_one() -> None:
    short = "#tag https://t.co/a"
    entities = {"urls": [url(short, "https://t.co/a", "https://a.example/")], "hashtags": [{"tag": "tag"}]}
    post = read_post({"text": short, "entities": entities, "note_tweet": {"text": "And so on: https://t.co/a #tag"}})
    assert plain(post.content) == "And so on: https://a.example/ #tag"
    assert 'href="https://x.com/hashtag/tag"' in post.content


@pytest.mark.parametrize(
    ("whole", "said"),
    [("a &lt; b &amp; c", "a < b & c"), ("a < b &amp; c", "a < b &amp; c"), ("a & b &lt;", "a & b &lt;"), ("a", "a")],
)
def test_a_long_text_is_escaped_or_not(whole: str, said: str) -> None:
    assert plain(read_post(a_note(whole)).content) == said


@pytest.mark.parametrize(("length", "note", "cut"), [(239, {}, False), (240, {}, False), (240, {"id": "1"}, True)])
def test_a_long_text_of_which_the_beginning_alone_is_given_is_cut(length: int, note: Json, cut: bool) -> None:
    assert read_post({"text": "x" * length, "note_tweet": note}).truncated is cut


@pytest.mark.parametrize(
    ("end", "target", "cut"),
    [
        ("…", f"https://twitter.com/i/web/status/{ID}", True),
        (".", f"https://twitter.com/i/web/status/{ID}", False),
        ("…", "https://paper.example/", False),
        ("…", None, False),
    ],
)
def test_a_text_that_leads_on_is_cut(end: str, target: str | None, cut: bool) -> None:
    text = "word " * 50 + f"so{end} https://t.co/m"
    post = read_post({"text": text, "entities": {"urls": [url(text, "https://t.co/m", target)]}})
    assert post.truncated is cut
    assert ("https://twitter.com" in post.content) is False


def test_a_text_that_names_itself_in_the_middle_is_not_cut() -> None:
    text = "so… https://t.co/m " + "word " * 60
    item = url(text, "https://t.co/m", f"https://twitter.com/i/web/status/{ID}")
    post = read_post({"text": text, "entities": {"urls": [item]}})
    assert post.truncated is False
    assert f"/i/web/status/{ID}" in post.content


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("This Post violated the X Rules.", Reason.WITHHELD),
        ("This Post is hidden.", Reason.WITHHELD),
        ("This Post is from a suspended account.", Reason.SUSPENDED),
    ],
)
def test_words_in_the_place_of_a_text_are_not_the_authors(words: str, reason: Reason) -> None:
    text = f"{words} Learn more"
    item = {"start": len(words) + 1, "end": len(text), "url": "https://help.x.com/rules", "expanded_url": "https://x"}
    post = {"text": text, "entities": {"urls": [item]}, "referenced_tweets": referring(("replied_to", EARLIER))}
    tweet = read(page({**POST, **post}))
    assert isinstance(tweet.node, Missing)
    assert (tweet.node.reason, tweet.node.detail) == (reason, f"X says: “{words}”")
    assert (tweet.node.author, tweet.node.in_reply_to) == ("7", EARLIER)


@pytest.mark.parametrize("entities", [{}, {"urls": [{"url": "https://t.co/a", "expanded_url": "https://a.example/"}]}])
def test_an_author_may_say_learn_more(entities: Json) -> None:
    assert "Learn more" in read_post({"text": "https://t.co/a Learn more", "entities": entities}).content


def test_where_a_post_is_withheld_is_told() -> None:
    assert read_post({"withheld": {"copyright": False, "country_codes": ["IN", "TR"]}}).labels == (
        "withheld in IN",
        "withheld in TR",
    )
    assert read_post({"withheld": {"copyright": True, "country_codes": ["XX"]}}).labels == (
        "withheld in XX for copyright",
    )
    assert read_post({"withheld": {"scope": "tweet"}}).labels == ()


# What is attached


def attached(*keys: str, text: str = "Look https://t.co/p") -> Json:
    urls = [url(text, "https://t.co/p", f"https://x.com/Ann_Ash/status/{ID}/photo/1", media_key=key) for key in keys]
    return {"text": text, "entities": {"urls": urls}, "attachments": {"media_keys": list(keys)}}


def test_pictures_are_read_in_their_order_and_their_address_is_taken_out() -> None:
    media = [
        {"media_key": "3_2", "type": "photo", "url": "https://pbs.example/2.jpg", "alt_text": ""},
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A tree"},
        {"media_key": "3_3", "type": "photo", "url": "https://pbs.example/3.jpg"},
    ]
    post = read_post(attached("3_1", "3_2", "3_3"), media=media)
    assert post.content == "<p>Look</p>"
    assert post.attachments == (
        Attachment(kind="image", url="https://pbs.example/1.jpg", alt="A tree"),
        Attachment(kind="image", url="https://pbs.example/2.jpg", alt=""),
        Attachment(kind="image", url="https://pbs.example/3.jpg"),
    )


def test_the_best_file_of_a_video_is_taken() -> None:
    variants = [
        {"content_type": "application/x-mpegURL", "url": "https://video.example/a.m3u8"},
        {"content_type": "video/mp4", "url": "https://video.example/0.mp4"},
        {"content_type": "video/mp4", "bit_rate": 832000, "url": "https://video.example/2.mp4"},
        {"content_type": "video/mp4", "bit_rate": 256000, "url": "https://video.example/1.mp4"},
    ]
    loop = [{"content_type": "video/mp4", "bit_rate": 0, "url": "https://video.example/gif.mp4"}]
    media = [
        {"media_key": "7_1", "type": "video", "variants": variants, "preview_image_url": "https://pbs.example/1.jpg"},
        {"media_key": "16_1", "type": "animated_gif", "variants": loop, "alt_text": "A cat"},
    ]
    assert read_post(attached("7_1", "16_1"), media=media).attachments == (
        Attachment(kind="video", url="https://video.example/2.mp4", media_type="video/mp4"),
        Attachment(kind="gifv", url="https://video.example/gif.mp4", alt="A cat", media_type="video/mp4"),
    )


def test_a_file_without_an_address_is_found_on_the_page_that_shows_it() -> None:
    page_of_it = f"https://x.com/Ann_Ash/status/{ID}/photo/1"
    media = [{"media_key": "7_1", "type": "video", "preview_image_url": "https://pbs.example/1.jpg"}]
    assert [file.url for file in read_post(attached("7_1", "3_9"), media=media).attachments] == [page_of_it] * 2
    only_named = {key: value for key, value in attached("3_9").items() if key != "attachments"}
    for post in (attached("3_9"), only_named):
        assert read_post(post).attachments == (Attachment(kind="file", url=page_of_it),)
        assert read_post(post).content == "<p>Look</p>"
    bare = {"attachments": {"media_keys": ["7_1", "3_9"]}}
    assert read_post(bare, media=media).attachments == (Attachment(kind="video", url="https://pbs.example/1.jpg"),)


def test_the_address_of_a_file_that_is_not_told_stays() -> None:
    text = "Look https://t.co/p"
    item = url(text, "https://t.co/p", f"https://x.com/Ann_Ash/status/{ID}/photo/1")
    assert "photo/1" in read_post({"text": text, "entities": {"urls": [item]}}).content
    told = {"attachments": {"media_keys": ["3_1"]}, "text": text, "entities": {"urls": [item]}}
    assert read_post(told).content == "<p>Look</p>"


def titled(**fields: Any) -> Json:
    text = "Read https://t.co/1 https://t.co/2 https://t.co/3"
    urls = [
        url(text, "https://t.co/1", "https://a.example/", title="First"),
        url(text, "https://t.co/2", "https://b.example/", title="Second", description="More", unwound_url="https://c/"),
        url(text, "https://t.co/3", "https://d.example/"),
    ]
    return {"text": text, "entities": {"urls": urls}, **fields}


def test_the_last_link_that_tells_its_title_is_previewed() -> None:
    assert read_post(titled()).attachments == (
        Attachment(kind="card", url="https://c/", title="Second", description="More"),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"attachments": {"poll_ids": ["1"]}},
        {"attachments": {"media_keys": ["3_1"]}},
        {"referenced_tweets": referring(("quoted", OTHER))},
    ],
)
def test_beside_anything_else_no_link_is_previewed(fields: Json) -> None:
    assert read_post(titled(**fields)).attachments == ()


def test_an_article_has_its_title() -> None:
    text = "https://t.co/a"
    target = "https://x.com/i/article/1"
    post = {"text": text, "entities": {"urls": [url(text, text, target)]}, "article": {"title": "On Trees"}}
    assert read_post(post).attachments == (Attachment(kind="card", url=target, title="On Trees"),)
    bare = {"text": text, "entities": {"urls": [url(text, text, None)]}, "article": {"title": "On Trees"}}
    assert read_post(bare).attachments == (Attachment(kind="card", url=text, title="On Trees"),)
    assert read_post({"article": {"title": "On Trees"}}).attachments == ()


def test_a_poll_is_read() -> None:
    poll = {
        "id": "1",
        "end_datetime": "2026-03-02T12:00:00.000Z",
        "options": [{"position": 2, "label": "No", "votes": 2}, {"position": 1, "label": "Yes", "votes": 3}],
    }
    asked = {"attachments": {"poll_ids": ["1"]}}
    assert read_post(asked, polls=[poll]).poll == Poll(
        options=(Option(text="Yes", votes=3), Option(text="No", votes=2)),
        closes_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        voters=5,
        votes=5,
    )
    hidden = {"id": "1", "options": [{"position": 1, "label": "Yes"}]}
    assert read_post(asked, polls=[hidden]).poll == Poll(options=(Option(text="Yes"),))
    assert read_post(asked).poll is None


# Names and strange shapes


def test_the_newer_names_are_read_as_well() -> None:
    parent = {"id": EARLIER, "author_id": "8", "text": "First"}
    post = {
        **POST,
        "referenced_posts": referring(("replied_to", EARLIER)),
        "note_post": {"text": "The whole"},
        "edit_history_post_ids": [OTHER, ID],
        "public_metrics": {"repost_count": 4},
    }
    mine, above = parse_answer(page(post, posts=[parent]))
    assert mine.post is not None
    assert (mine.post.content, mine.post.in_reply_to, above.id) == ("<p>The whole</p>", EARLIER, EARLIER)
    assert (mine.editions, mine.post.counts.reposts) == ((OTHER, ID), 4)


@pytest.mark.parametrize("strange", [{"author_id": None}, {"text": None}, {"public_metrics": [1]}, {"withheld": "IN"}])
def test_a_strange_post_is_a_gap_and_costs_no_other(strange: Json) -> None:
    good = {**POST, "id": OTHER}
    one, other = parse_answer(page({**POST, **strange}, good))
    assert isinstance(one.node, Missing)
    assert (one.id, one.node.reason, one.node.author) == (ID, Reason.UNKNOWN, strange.get("author_id", "7"))
    assert other.post is not None


def test_what_has_no_id_is_nothing() -> None:
    includes = {"users": [ANN, {}], "tweets": [{}], "media": [{}], "polls": [{}]}
    post = {**POST, "referenced_tweets": [{"type": "replied_to"}, {"type": "quoted"}]}
    answer = {"data": [{"text": "?"}, {"id": "x"}, None, post], "includes": includes}
    assert [tweet.id for tweet in parse_answer(answer)] == [ID]


@pytest.mark.parametrize("empty", [{}, None, []])
def test_empty_lists_come_in_every_form(empty: Any) -> None:
    entities = {"urls": empty, "mentions": empty, "hashtags": empty, "cashtags": empty}
    post = {**POST, "entities": entities, "referenced_tweets": empty, "edit_history_tweet_ids": empty}
    answer = {"data": [post], "includes": {"users": [ANN], "tweets": empty, "media": empty}, "errors": empty}
    assert read(answer).post is not None
    assert (
        read_post({"entities": empty, "attachments": empty, "note_tweet": empty, "withheld": empty}).attachments == ()
    )
