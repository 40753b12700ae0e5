"""Articles that came under one id, and the ids they are kept under.

An id is unique within its feed at best: two feeds that number from 1 share their ids, and some
feeds give every story the same one. So a text that is no version of what is there under its id is
an article of its own. It is kept as `<id>#2`, `<id>#3` and so on, and its verdict says so
(`given_id`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.index import verdicts

if TYPE_CHECKING:
    from dedup.index.keys import KeyedArticle
    from dedup.index.payloads import Codec
    from dedup.index.stores import Row, Session


def given_id(row: Row, codec: Codec) -> str:
    """Give the id under which an article in the index came."""
    values = codec.open(row.payload).verdict
    return str(verdicts.from_values(values, row).evidence.get("given_id", row.id))


def is_namesake(row: Row, article: KeyedArticle, codec: Codec) -> bool:
    """Say whether an article in the index is kept under another's id, or came under it."""
    if row.id == article.id:
        return True
    may_be = row.id.startswith(f"{article.id}#")  # saves opening most rows
    return may_be and given_id(row, codec) == article.id


def is_same(row: Row, article: KeyedArticle, codec: Codec) -> bool:
    """Say whether an article in the index is the very same: a namesake with the same text."""
    if not is_namesake(row, article, codec):
        return False
    return codec.open(row.payload).fields[0] == article.fields[0]


def free_id(session: Session, article: KeyedArticle, codec: Codec) -> str | Row:
    """Give the first free of `<id>#2`, `<id>#3` and so on; another free one if there are gaps.

    Ids are tried in doubling steps, then by bisection, since a feed may have thousands under one.

    Returns:
        The id; or a row met on the way that is the very same article.
    """
    taken, free = 1, 0
    step = 1
    while free - taken != 1:
        number = (taken + free) // 2 if free else taken + step
        row = session.find(f"{article.id}#{number}")
        if row is None:
            free = number
        elif is_same(row, article, codec):
            return row
        else:
            taken, step = number, 2 * step
    return f"{article.id}#{free}"
