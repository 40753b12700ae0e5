"""Batches to articles: ids that came before are left out, texts become tokens, in threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from dedup.engines.articles import Articles
from dedup.errors import InputError
from dedup.readers import describe
from dedup.readers.repeats import RepeatedIds
from dedup.records import Skipped
from dedup.stages import furniture
from dedup.text import tokenizer

if TYPE_CHECKING:
    import pyarrow as pa

    from dedup.engines.context import Context
    from dedup.records import Batch
    from dedup.text.tokenizer import Tokens


class Companions(NamedTuple):
    """Articles to compare with that get no rows of their own in the tables.

    Attributes:
        batches: From `dedup.readers`, or of an index.
        are_named: They are known under the ids of the input, as those of an index are: one whose id
            is in the input too is passed over, and tables may name the others as cluster, story or
            partner. Otherwise their ids are apart, nothing in the tables of clustering shows them,
            and those that cannot be read are listed as skipped.
    """

    batches: Iterable[Batch] = ()
    are_named: bool = True


class Incoming(NamedTuple):
    """What a run is to read.

    Attributes:
        batches: From `dedup.readers`.
        companions: What else to compare with.
        strict: Stop at the first record that would be skipped.
        keep_texts: Keep the texts, for a trace.
    """

    batches: Iterable[Batch]
    companions: Companions = Companions()
    strict: bool = False
    keep_texts: bool = False


def read(incoming: Incoming, context: Context) -> Articles:
    """Read articles and companions, and keep what later stages need of them.

    Raises:
        InputError: `strict`, and a record is bad or an id is repeated.
    """
    depends_on = {
        **context.space.source,
        "command": "trace" if incoming.keep_texts else "cluster",
        **context.settings_named("fields", "max_record_bytes", "keep_furniture"),
    }
    is_done = context.resumes("read", depends_on)
    articles = Articles(context.space, keep_texts=incoming.keep_texts)
    counts = context.account.counts
    if is_done and incoming.strict and counts["skipped"]:
        raise InputError(describe(_first(articles.skipped())))
    if is_done:
        articles.n_own = counts["articles"]
        return articles
    with context.stage("read"):
        _read_all(incoming, articles, context)
    _note(articles, incoming.companions, context)
    context.finish("read", depends_on)
    return articles


def _read_all(incoming: Incoming, articles: Articles, context: Context) -> None:
    listed = tokenizer.NO_LINES if context.settings.keep_furniture else furniture.line_list()

    def tokenise(item: tuple[Batch, bool]) -> tuple[Batch, Tokens, bool]:
        batch, is_own = item
        return batch, tokenizer.tokenise(batch.articles.column("text"), listed), is_own

    repeats = RepeatedIds()
    batches = _without_repeats(incoming, repeats)
    for batch, tokens, is_own in context.threads.in_order(tokenise, batches):
        articles.add(batch, tokens, is_own=is_own)
        context.space.trim()
        context.account.progress("read", len(articles))
    context.account.warnings += repeats.warnings()


def _without_repeats(incoming: Incoming, repeats: RepeatedIds) -> Iterator[tuple[Batch, bool]]:
    """Give each text of each id once, and whether it is of the input."""
    for batch in map(repeats, incoming.batches):
        yield _checked(batch, incoming), True
    companions, are_named = incoming.companions
    if are_named:
        yield from ((batch, False) for batch in map(repeats.unknown_in, companions))
    else:
        for batch in map(RepeatedIds(), companions):  # their ids are apart
            yield _checked(repeats.note(batch), incoming), False


def _checked(batch: Batch, incoming: Incoming) -> Batch:
    if incoming.strict and batch.skipped:
        raise InputError(describe(batch.skipped[0]))
    return batch


def _note(articles: Articles, companions: Companions, context: Context) -> None:
    """Note what was read, and warn if that is nothing."""
    account, skipped = context.account, articles.skipped()
    account.bytes |= articles.sizes_in_bytes()
    account.counts |= {"articles": articles.n_own, "skipped": len(skipped)}
    if companions.are_named and len(articles) > articles.n_own:
        account.counts["known"] = len(articles) - articles.n_own
    if len(skipped) and not len(articles):
        account.warnings.append(
            f"no article could be read, {len(skipped)} records were skipped; the first: "
            + describe(_first(skipped))
        )


def _first(skipped: pa.Table) -> Skipped:
    return Skipped(*(column[0].as_py() for column in skipped.columns))
