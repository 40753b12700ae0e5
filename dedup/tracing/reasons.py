"""What decided the relation of a pair, and what it means for cluster and story: sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.stages import relations

if TYPE_CHECKING:
    from dedup.settings import Settings
    from dedup.tracing.explain import Side
    from dedup.tracing.pair import Pair


def of_relation(relation: str, pair: Pair, settings: Settings) -> str:
    """Say what decided the relation of the run."""
    if pair.is_same and relation == "furniture":
        return relations.say("stub", pair.shared)
    if pair.is_same:
        return "Outside page furniture both texts have the same words in the same order."
    if relation == "furniture":
        return _of_furniture(pair)
    if relation == "template":
        return relations.say("form", pair.shared)
    if relation == "unrelated":
        return _of_no_match(pair, settings)
    if relation != pair.relation:
        return (
            "The run judged a copy of one of these texts, which differs in quotation marks or page "
            "furniture."
        )
    return relations.say(pair.rule, pair.shared)


def _of_furniture(pair: Pair) -> str:
    if pair.relation == "unrelated":
        return (
            f"They match by page furniture; apart from it they share {pair.containment:.0%} of the "
            "shorter text's word sequences, too little."
        )
    return relations.say(pair.rule if pair.relation == "furniture" else "common", pair.shared)


def _of_no_match(pair: Pair, settings: Settings) -> str:
    if pair.is_short:
        return (
            f"Outside page furniture one has under {settings.min_tokens} words: too short to "
            "judge, and the other has not the same text."
        )
    return (
        f"They share {pair.containment:.0%} of the shorter text's word sequences; a match needs "
        f"{settings.containment:.0%}, or a Jaccard similarity of {settings.threshold:g}."
    )


def of_place(a: Side, b: Side, relation: str, pair: Pair, settings: Settings) -> str:
    """Say what the relation means for cluster and story."""
    ties = relation in ("duplicate", "version")
    if a.cluster == b.cluster:
        direct = pair.is_same or (ties and pair.jaccard >= settings.threshold)
        why = "" if direct else ", through an article that both are like"
        return f"They are in one cluster, {a.cluster}{why}."
    if a.story == b.story:
        if not ties:
            return f"They are in one story, {a.story}, through other versions of it."
        why = (
            f"their Jaccard similarity of {pair.jaccard:.2f} is below {settings.threshold:g}"
            if pair.jaccard < settings.threshold
            else "each is more like another article"
        )
        return f"They are in one story, {a.story}, but not in one cluster: {why}."
    return f"They are apart{_why_apart(pair, settings) if ties else ''}."


def _why_apart(pair: Pair, settings: Settings) -> str:
    """Say why a pair that is one report by its relation is not in one story."""
    if pair.containment < settings.story_containment:
        return (
            f": one story needs {settings.story_containment:.0%} of the shorter text in the "
            f"longer, and they have {pair.containment:.0%}"
        )
    if not relations.is_reused(pair.shared)[0]:
        return ": so few shared words do not make one story"
    return ": each belongs more closely to the story of other articles"
