"""What an article is to those in the index: found by keys, compared as in a batch run."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from dedup.engines import matching
from dedup.index import learning, namesakes, verdicts
from dedup.index.payloads import Content
from dedup.index.stores import Row
from dedup.stages import fingerprints, headings, shingles

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.index.keys import KeyedArticle
    from dedup.index.learning import Knowledge
    from dedup.index.payloads import Codec
    from dedup.index.stores import Session
    from dedup.index.verdicts import Match, Verdict
    from dedup.settings import Settings
    from dedup.stages.shingles import ShingleSets
    from dedup.text.tokenizer import Tokens

_MOST_COMPARED = 64
"""Candidates compared, those with most prints in common; each costs some 30 µs."""

_ALWAYS = 1 << 62


class Decision(NamedTuple):
    """What to do with an article.

    Attributes:
        verdict: The answer.
        time: In seconds since 1970, under which it is kept.
        replaced: The row of its old text, if it is an update.
        is_known: The very same article is there, and nothing is to be done.
    """

    verdict: Verdict
    time: int
    replaced: Row | None
    is_known: bool

    def to_row(self, article: KeyedArticle, codec: Codec) -> Row:
        """Give the row under which the article is put into the store."""
        content = Content(article.fields, verdicts.to_values(self.verdict))
        return Row(
            number=int(article.is_short),
            id=self.verdict.id,
            time=self.time,
            cluster=self.verdict.cluster,
            story=self.verdict.story,
            n_keys=len(article.keys),
            payload=codec.seal(content),
        )


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides on articles within one transaction.

    Attributes:
        session: Of the index.
        knowledge: What it has learned.
        settings: Those it was made with.
        window: In seconds, None without one.
    """

    session: Session
    knowledge: Knowledge
    settings: Settings
    window: int | None

    def decide(self, article: KeyedArticle) -> Decision:
        """Say what an article is to those in the index."""
        codec, at = self.knowledge.codec, self._dated(article)
        same_id = self.session.find(article.id)
        if same_id is not None and namesakes.is_same(same_id, article, codec):
            return self._known(same_id, at)
        rows = self._candidates(article, at, same_id)
        own = [row for row in rows if namesakes.is_namesake(row, article, codec)]
        same = next((row for row in own if namesakes.is_same(row, article, codec)), None)
        if same is not None:
            return self._known(same, at)
        own_ids = {row.id for row in own}
        matches = self._compare(article, rows, own_ids)
        evidence = {
            "shingles": article.n_shingles,
            "furniture_words": article.furniture_words,
            "compared": len(rows),
        }
        old = verdicts.text_before(article.id, matches, own_ids)
        if old is not None:
            evidence = _with_given_id(evidence, namesakes.given_id(old.row, codec), old.row.id)
            verdict = verdicts.decide_update(old, matches, evidence)
            return Decision(verdict, at, old.row, is_known=False)
        name = article.id if same_id is None else namesakes.free_id(self.session, article, codec)
        if not isinstance(name, str):
            return self._known(name, at)
        evidence = _with_given_id(evidence, article.id, name)
        return Decision(verdicts.decide(name, matches, evidence), at, None, is_known=False)

    def _known(self, row: Row, at: int) -> Decision:
        content = self.knowledge.codec.open(row.payload)
        return Decision(verdicts.from_values(content.verdict, row), at, row, is_known=True)

    def _dated(self, article: KeyedArticle) -> int:
        """Give an article's time; one without a date came when the newest did."""
        if article.time is not None:
            return article.time
        newest = self.session.meta("newest") if self.window is not None else None
        return int(newest or time.time())

    def _candidates(self, article: KeyedArticle, at: int, same_id: Row | None) -> list[Row]:
        """Find what to compare an article with; what has its id is among that."""
        since, until = (
            (-_ALWAYS, _ALWAYS) if self.window is None else (at - self.window, at + self.window)
        )
        found = {row.id: row for row in self._sharing(article, since, until)}
        found.pop(article.id, None)
        for row in list(found.values()):  # and what their clusters are named after
            if row.cluster not in found and row.cluster != article.id:
                head = self.session.find(row.cluster)
                found |= {head.id: head} if head else {}
        rows = [row for row in found.values() if since <= row.time <= until]
        return rows if same_id is None else [*rows, same_id]

    def _sharing(self, article: KeyedArticle, since: int, until: int) -> list[Row]:
        """Give the articles that share enough keys with one, those that share most."""
        numbers, counts = self.session.sharing(article.asked, since, until)
        least = 1 if article.is_short else fingerprints.LEAST_SHARED
        is_short = numbers & 1 == 1
        likely = (counts >= least) | is_short
        most = np.lexsort((-numbers, -counts))
        most = most[likely[most]][:_MOST_COMPARED]
        shared = dict(zip(numbers[most].tolist(), counts[most].tolist(), strict=True))
        n_asked = len(article.asked)
        return [
            row
            for row in self.session.rows(list(shared))
            if shared[row.number] >= fingerprints.LEAST_SHARE * min(n_asked, row.n_keys)
        ]

    def _compare(
        self, article: KeyedArticle, rows: list[Row], own_ids: Collection[str]
    ) -> list[Match]:
        """Compare an article with those of some rows, as a batch run compares its candidates.

        Those of `own_ids`, which came under its id, are compared however short the texts are.
        """
        if not rows:
            return []
        contents = [self.knowledge.codec.open(row.payload).fields for row in rows]
        contents.insert(0, article.fields)
        column = pa.array([fields[0] for fields in contents], pa.large_string())
        tokens = learning.tokenise(column, self.knowledge, self.settings)
        sets, _ = shingles.shingle_tokens(tokens.values, tokens.offsets, self.settings)
        outlets = learning.number_outlets(contents)
        said = learning.headings_of(contents, self.knowledge)
        said = headings.mark_untold(said, tokens, headings.find(said, tokens))
        nodes = matching.Nodes(np.arange(len(contents)), outlets, tokens, sets, said)
        same = _same_texts(tokens, sets, said)
        long = matching.are_comparable(sets, self.settings)
        comparable = np.array([False, *(row.id in own_ids for row in rows)]) | (long & long[0])
        asked = np.flatnonzero(comparable & ~same & (sets.sizes() > 0))
        asked = asked[(asked > 0) & (sets.sizes()[0] > 0)]
        pairs = np.stack((np.zeros_like(asked), asked), axis=1)
        found = matching.verify(nodes, pairs, self.settings)
        return verdicts.list_matches(
            rows,
            np.flatnonzero(same[1:]),
            matching.relate(nodes, found, self.settings),
            article.n_shingles,
            self.settings.threshold,
        )


def _with_given_id(evidence: dict[str, Any], given: str, name: str) -> dict[str, Any]:
    """Add the id that an article came under to the evidence, if it is kept under another."""
    return evidence if given == name else {**evidence, "given_id": given}


def _same_texts(
    tokens: Tokens, sets: ShingleSets, said: headings.Headings
) -> npt.NDArray[np.bool_]:
    """Say which texts but the first are the first one's text, as a batch run groups them."""
    found = np.diff(tokens.offsets) > 0
    titles = np.where(said.untold > 0, said.keys, 0)
    for measure in (sets.n_tokens, sets.sizes(), sets.text_hashes, titles):
        found &= measure == measure[0]
    found[0] = False
    return found
