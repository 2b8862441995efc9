"""What a platform calls things in its JSON, as a redaction must know it: redaction/scrub takes all platforms together.

What is not named here, and is in a withheld post, is taken out; a name that is forgotten costs a reference, never more.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonNames:
    """Names of fields, by what they hold.

    `texts` say the text of a post; an object that has one is a post, and so is one that has it in a field of `inner`.
    `ids` hold a post's id, `post_id` is the form of those ids. `kept` are references, times and kinds, which stay.
    `emptied` are lists of what a post shows or says, `people` objects that are persons, and stay.
    """

    texts: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    post_id: re.Pattern[str] | None = None
    kept: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def __or__(self, more: "JsonNames") -> "JsonNames":
        forms = [names.post_id.pattern for names in (self, more) if names.post_id]
        return JsonNames(
            texts=self.texts | more.texts,
            inner=self.inner | more.inner,
            ids=self.ids | more.ids,
            post_id=re.compile("|".join(forms)) if forms else None,
            kept=self.kept | more.kept,
            emptied=self.emptied | more.emptied,
            people=self.people | more.people,
        )


NO_NAMES = JsonNames()
