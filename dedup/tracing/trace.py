"""`dedup trace`: clusters and stories, and whose copy each article is.

    batches -> cluster              stories of the dump and the wire stories given with it
            -> credits              which agencies each article credits
            -> sources              the agencies' texts each article shares text with, else the
                                    origin of its story, else those it rewords
            -> align                sentence by sentence
            -> verdicts, outlets    whose copy, credited or not; who leans on whom

Texts are held, which clustering alone does not. Sentences of articles without a source are not
listed: all of them would be added.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines import local
from dedup.engines.workspace import Workspace
from dedup.kernels import pair_keys
from dedup.readers.repeats import RepeatedIds
from dedup.records import Batch, article_schema
from dedup.results import contract
from dedup.results.result import Result, Trace
from dedup.text import dates, tokenizer, weights
from dedup.text.outlets import host_of, outlet_names
from dedup.tracing import alignment, credit_lines, origin

if TYPE_CHECKING:
    import numpy.typing as npt

    from dedup.settings import Settings
    from dedup.tracing.alignment import Alignment, Document
    from dedup.tracing.origin import Facts, Origin

_SOURCES = 6
"""Texts that an article is aligned with, at most."""

_TOP, _COMMON = 16, 6
"""Weightiest words of a source, and how many of them stand in what may be a rewrite of it."""

_AT_ONCE, _ROWS_AT_ONCE = 1_000, 4_096
_REWORDED = 0.4
"""Share of an article's words in matched sentences that makes it a rewrite."""

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SHORT_LINE = 80
_STOPS = (
    ".",
    "!",
    "?",
    "…",
    "。",
    "！",
    "？",
    ".”",
    '."',
    "?”",
    "!”",
    ".)",
    "。」",
    "».",
    ". »",
    ".»",
)

_CANONICAL = (
    "canonical_url",
    "canonical",
    "canonicalUrl",
    "isBasedOn",
    "is_based_on",
    "source_url",
)


class _Kept:
    """All articles of a run with their texts, and what stands before the ids of wire stories."""

    def __init__(self, space: Workspace) -> None:
        self.articles = space.records("texts", article_schema())
        self._prefix = space.column("wire_prefix", np.uint8)

    @property
    def prefix(self) -> str:
        """As many NUL characters as no id of an article begins with."""
        return "\0" * (len(self._prefix) + 1)

    def lengthen_prefix(self) -> None:
        """Make the prefix longer."""
        self._prefix.extend(np.zeros(1, dtype=np.uint8))


class _Texts(Mapping[str, str]):
    """Texts by id, taken from where they are kept when they are asked for."""

    def __init__(self, column: pa.ChunkedArray, rows: dict[str, int]) -> None:
        self._chunks = column.chunks
        self._starts = np.cumsum([0] + [len(chunk) for chunk in self._chunks])
        self._rows = rows

    def __getitem__(self, name: str) -> str:
        row = self._rows[name]
        chunk = int(np.searchsorted(self._starts, row, side="right")) - 1
        found: str = self._chunks[chunk][row - int(self._starts[chunk])].as_py()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Whose(NamedTuple):
    """Whose copy an article is."""

    origin_id: str | None
    agency: str
    evidence: str
    confidence: float
    alignment: Alignment | None


@dataclass
class _Dump:
    """The articles with their texts, and how they hang together.

    Attributes:
        prefix: Stands before the ids of wire stories, and of no other.
        facts: Of each id, in input order, wire stories last.
        texts: Of each id.
        story: Of each id.
        stories: Ids by story, in input order.
        partners: Matches of each id: the other, the relation, the containment and the share of this
            article found in the other.
        furniture: Stretches of page furniture of each id that has any.
        titles: Of each id.
        repeated: Lines that one outlet alone prints in several stories, with the outlet.
        prepared: Texts made ready to be aligned, so far.
        plain: Texts in which lines are looked for, so far.
    """

    prefix: str
    facts: dict[str, Facts]
    texts: Mapping[str, str]
    story: dict[str, str]
    stories: dict[str, list[str]]
    partners: dict[str, list[tuple[str, str, float, float]]]
    furniture: dict[str, list[tuple[int, int]]]
    titles: dict[str, str]
    repeated: set[tuple[str, str]]
    prepared: dict[str, Document] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)

    def document(self, name: str) -> Document:
        """Give a text made ready to be aligned."""
        found = self.prepared.get(name)
        if found is None:
            value = self.texts[name]
            outside = self.furniture.get(name, []) + list(_page_lines(value, self.titles[name]))
            outside += self._repeated_lines(name, value)
            found = alignment.prepare(value, name, outside=outside)
            self.prepared[name] = found
        return found

    def _repeated_lines(self, name: str, value: str) -> Iterator[tuple[int, int]]:
        """Find lines that only its outlet prints, and that no match of another outlet holds."""
        outlet = self.facts[name].outlet
        spans = [match.span() for match in _LINE.finditer(value)] if outlet else []
        spans = [span for span in spans if (outlet, value[slice(*span)].strip()) in self.repeated]
        if not spans:
            return
        near = [
            self._plain(other)
            for other, *_ in self.partners.get(name, ())
            if self.facts[other].outlet != outlet
        ]
        for start, end in spans:
            line = _plain(value[start:end])
            if not any(line in other for other in near):
                yield start, end

    def _plain(self, name: str) -> str:
        if name not in self.plain:
            self.plain[name] = _plain(self.texts[name])
        return self.plain[name]


def _plain(value: str) -> str:
    """Reduce white space and composed characters, in which outlets differ."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def _page_lines(value: str, title: str) -> Iterator[tuple[int, int]]:
    """Find the headline, and the short lines without a stop before and behind the report."""
    lines = [match.span() for match in _LINE.finditer(value)]
    title = title.strip()
    if title:
        yield from (span for span in lines if value[slice(*span)].strip() == title)
    for ordered in (lines, lines[::-1]):
        for start, end in ordered:
            line = value[start:end].strip()
            if len(line) >= _SHORT_LINE or line.endswith(_STOPS):
                break
            yield start, end


def trace(
    batches: Iterable[Batch],
    settings: Settings,
    wires: Iterable[Batch] = (),
    *,
    workers: int = 1,
    strict: bool = False,
    keep_text: bool = True,
    progress: Callable[[str, int], None] | None = None,
    space: Workspace | None = None,
) -> Trace:
    """Cluster a stream of article batches, and say whose copy each article is.

    Args:
        batches: From `dedup.readers`.
        settings: As for `local.cluster`.
        wires: Known wire stories; they are in no table but as sources.
        workers: Threads of the clustering.
        strict: Stop at the first record that would be skipped.
        keep_text: Put the sentences themselves into the table `sentences`.
        progress: Called now and then from the calling thread.
        space: Where to keep texts and arrays, in memory by default; the result is the same.

    Raises:
        InputError: `strict`, and a record is bad or an id is repeated.
        WorkError: As for `local.cluster`.
    """
    space = space or Workspace()
    kept = _Kept(space)
    result = local.cluster(
        _keep(batches, wires, kept),
        settings,
        workers=workers,
        strict=strict,
        progress=progress,
        space=space,
    )
    run = local.Run(progress or (lambda stage, done: None), space.trim)
    with run.stage("credits"):
        dump = _dump(result, kept, space.trim)
    with run.stage("trace"):
        whose = _trace(dump)
    with run.stage("tables"):
        pairs = _without_wires(result.pairs, ("id_a", "id_b"), kept.prefix)
        articles = _articles(result.articles, pairs, dump, whose)
        sentences = _sentences(dump, whose, keep_text=keep_text)
        traced = Trace(
            articles=articles,
            pairs=pairs,
            furniture=_without_wires(result.furniture, ("id",), kept.prefix),
            skipped=_shown(result.skipped, kept.prefix),
            run={},
            sentences=sentences,
            outlets=_outlets(articles),
        )
    return replace(traced, run=_account(result.run, run, traced, dump, whose))


def _keep(batches: Iterable[Batch], wires: Iterable[Batch], kept: _Kept) -> Iterator[Batch]:
    """Pass batches on, then the wire stories under ids that no article has; keep all of them."""
    for batch in map(RepeatedIds(), batches):
        kept.articles.extend(batch.articles)
        while pc.any(pc.starts_with(batch.articles.column("id"), kept.prefix)).as_py():
            kept.lengthen_prefix()
        yield batch
    for batch in map(RepeatedIds(), wires):
        place = batch.articles.schema.get_field_index("id")
        renamed = [kept.prefix + name for name in batch.articles.column("id").to_pylist()]
        articles = batch.articles.set_column(
            place, batch.articles.schema.field(place), pa.array(renamed, pa.large_string())
        )
        kept.articles.extend(articles)
        yield batch._replace(articles=articles)


def _dump(result: Result, kept: _Kept, trim: Callable[[], None]) -> _Dump:
    """Put together what is known of each article."""
    story = dict(
        zip(
            result.articles.column("id").to_pylist(),
            result.articles.column("story").to_pylist(),
            strict=True,
        )
    )
    facts: dict[str, Facts] = {}
    rows: dict[str, int] = {}
    titles: dict[str, str] = {}
    table, n = kept.articles.table(), 0
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        outlets = outlet_names(pa.Table.from_batches([batch])).to_pylist()
        for place, (row, host) in enumerate(zip(batch.to_pylist(), outlets, strict=True)):
            rows[row["id"]] = n + place
            titles[row["id"]] = row["title"]
            facts[row["id"]] = _facts(row, row["outlet"] or host, kept.prefix)
        n += len(batch)
        trim()
    texts = _Texts(table.column("text"), rows)
    stories: dict[str, list[str]] = defaultdict(list)
    for name in facts:
        stories[story[name]].append(name)
    partners: dict[str, list[tuple[str, str, float, float]]] = defaultdict(list)
    columns = ("id_a", "id_b", "relation", "containment", "containment_a", "containment_b")
    for a, b, relation, containment, in_b, in_a in zip(
        *(result.pairs.column(name).to_pylist() for name in columns), strict=True
    ):
        partners[a].append((b, relation, containment, in_b))
        partners[b].append((a, relation, containment, in_a))
    furniture: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, start, end in zip(
        *(result.furniture.column(name).to_pylist() for name in ("id", "start", "end")), strict=True
    ):
        furniture[name].append((start, end))
    repeated = _repeated(facts, texts, story, partners)
    return _Dump(kept.prefix, facts, texts, story, stories, partners, furniture, titles, repeated)


def _repeated(
    facts: Mapping[str, Facts],
    texts: Mapping[str, str],
    story: Mapping[str, str],
    partners: Mapping[str, Any],
) -> set[tuple[str, str]]:
    """Find the lines that one outlet alone prints, in several stories: they are no part of any."""
    found: dict[tuple[str, str], str] = {}
    printed_by: dict[str, str] = {}
    wanted = {line for name in partners for line in texts[name].split("\n")}
    shared = {
        line for name, one in facts.items() if one.is_wire for line in texts[name].split("\n")
    }
    wanted -= shared
    for name, one in facts.items():
        for line in wanted.intersection(texts[name].split("\n")):
            if printed_by.setdefault(line, one.outlet) != one.outlet or not one.outlet:
                printed_by[line] = ""
            elif found.setdefault((one.outlet, line), story[name]) != story[name]:
                found[one.outlet, line] = ""
    return {
        (outlet, line.strip())
        for (outlet, line), where in found.items()
        if not where and printed_by[line] and line.strip()
    }


def _facts(row: Mapping[str, Any], outlet: str, prefix: str) -> Facts:
    found = credit_lines.credits(
        row["text"], row["title"], row["authors"], row["outlet"], row["url"]
    )
    own = {
        agency
        for agency in {credit.agency for credit in found} - {""}
        if credit_lines.is_own(agency, row["outlet"], row["url"])
    }
    found = [credit for credit in found if credit.agency not in own]
    return origin.Facts(
        id=row["id"],
        outlet=outlet,
        agency=credit_lines.agency_of(row["outlet"], row["url"]),
        is_wire=row["id"].startswith(prefix),
        published=row["published"],
        credits=found,
        url=row["url"],
        canonical=_canonical(row),
    )


def _canonical(row: Mapping[str, Any]) -> str:
    """Give the address that an article calls its own, if it is on another host."""
    extra = orjson.loads(row["extra"]) if row["extra"] else {}
    for name in _CANONICAL:
        address = extra.get(name)
        if isinstance(address, str) and host_of(address) not in ("", host_of(row["url"])):
            return address
    return ""


def _trace(dump: _Dump) -> dict[str, _Whose]:
    """Say of each article whose copy it is."""
    origins = {
        story: _origin_of(story, members, dump)
        for story, members in dump.stories.items()
        if len(members) > 1 and not any(dump.facts[name].is_source() for name in members)
    }
    whose = {
        name: _whose(name, dump, origins) for name, facts in dump.facts.items() if not facts.is_wire
    }
    for name, sources in _reworded(dump, whose):
        found = _by_alignment(name, sources, dump)
        if found is not None and found.alignment is not None:
            share = found.alignment.copied_share + found.alignment.rewritten_share
            if share >= _REWORDED:
                whose[name] = found
    return whose


def _origin_of(story: str, members: Sequence[str], dump: _Dump) -> Origin:
    """Find the origin of a story that holds none of the agencies' own texts."""
    shared: dict[tuple[str, str], float] = {}
    own = dict.fromkeys(members, 1.0)
    inside = set(members)
    for name in members:
        for other, _, containment, found in dump.partners.get(name, ()):
            if other in inside:
                shared[name, other] = containment
                own[name] = min(own[name], 1.0 - found)
    return origin.find(story, [dump.facts[name] for name in members], shared, own)


def _whose(name: str, dump: _Dump, origins: Mapping[str, Origin]) -> _Whose:
    """Say whose copy one article is, by what it shares with agencies' texts or its story's."""
    facts, story = dump.facts[name], dump.story[name]
    if facts.agency:
        return _Whose(None, facts.agency, f"its outlet is {facts.agency}", 0.95, None)
    sources = _wires_of(name, dump)
    told = origins.get(story)
    if sources:
        found = _by_alignment(name, sources, dump)
        if found is not None:
            return found
    if told is None:
        return _by_credit(facts)
    others = _copies(name, dump)
    if told.id == name or not others:
        return _first_copy(facts, told, others, dump)
    sources = [told.id] if told.id in dump.facts else others[:_SOURCES]
    found_alignment = _align(name, sources, dump)
    return _Whose(told.id, told.agency, told.evidence, told.confidence, found_alignment)


def _first_copy(facts: Facts, told: Origin, others: Sequence[str], dump: _Dump) -> _Whose:
    """Judge the article that is itself the origin of its story, as far as the dump goes."""
    if not told.agency or told.agency not in facts.credited():
        return _Whose(None, "", told.evidence, told.confidence, None)
    found = _align(facts.id, others[:_SOURCES], dump) if others else None
    return _Whose(None, told.agency, f"credits {told.agency}", 0.8, found)


def _by_credit(facts: Facts) -> _Whose:
    """Judge an article without relatives."""
    credited = facts.credited()
    if not credited:
        return _Whose(None, "", "", 0.0, None)
    agency = next(iter(credited))
    return _Whose(None, agency, f"{credited[agency]} of {agency}", 0.5, None)


def _wires_of(name: str, dump: _Dump) -> list[str]:
    """Give the agencies' texts that an article shares reporting with, the nearest first."""
    near = {
        other: found
        for other, relation, _, found in dump.partners.get(name, ())
        if dump.facts[other].is_source() and relation in ("duplicate", "version")
    }
    for other in dump.stories[dump.story[name]]:
        if other != name and dump.facts[other].is_source():
            near.setdefault(other, 0.0)
    return sorted(near, key=lambda other: (-near[other], other))[:_SOURCES]


def _copies(name: str, dump: _Dump) -> list[str]:
    """Give the other outlets' articles of its story that share most with an article."""
    story, outlet = dump.story[name], dump.facts[name].outlet
    found = {
        other: share
        for other, relation, _, share in dump.partners.get(name, ())
        if dump.story[other] == story
        and relation in ("duplicate", "version")
        and (not outlet or dump.facts[other].outlet != outlet)
    }
    return sorted(found, key=lambda other: (-found[other], other))


def _align(name: str, sources: Sequence[str], dump: _Dump) -> Alignment:
    return alignment.align(dump.document(name), [dump.document(other) for other in sources])


def _by_alignment(name: str, sources: Sequence[str], dump: _Dump) -> _Whose | None:
    """Say which of several agencies' texts explains an article best."""
    facts = dump.facts[name]
    single = {source: _align(name, [source], dump) for source in sources}
    matched = {
        source: found.copied_share + found.rewritten_share for source, found in single.items()
    }
    credited = facts.credited()

    def rank(source: str) -> tuple[float, bool, float, str]:
        agency = _agency(dump.facts[source])
        length = len(dump.texts[source])
        return round(matched[source], 3), agency in credited, -length, source

    best = max(sources, key=rank)
    if matched[best] == 0:
        return None
    agency = _agency(dump.facts[best])
    others = [source for source in sources if matched[source] > 0 and source != best]
    found = _align(name, [best, *others], dump) if others else single[best]
    evidence = [f"{matched[best]:.0%} of it stands in {best.removeprefix(dump.prefix)}"]
    if agency in credited:
        evidence.insert(0, f"{credited[agency]} of {agency}")
    elif any(c.kind == "self_reference" and c.agency == agency for c in facts.credits):
        evidence.append(f"it speaks of {agency} as only {agency} would")
    confidence = min(0.5 + matched[best] / 2, 0.99)
    return _Whose(best, agency, "; ".join(evidence), round(confidence, 2), found)


def _agency(facts: Facts) -> str:
    """Give the agency of one of the agencies' texts."""
    return facts.agency or next(iter(facts.credited()), "")


def _reworded(dump: _Dump, whose: Mapping[str, _Whose]) -> Iterator[tuple[str, list[str]]]:
    """Find articles without a source, and the texts they may reword: with the same rare words."""
    origins = {one.origin_id for one in whose.values() if one.origin_id in dump.facts}
    sources = [name for name, facts in dump.facts.items() if facts.is_wire or name in origins]
    alone = [name for name, one in whose.items() if one.alignment is None and name not in origins]
    if not sources or not alone:
        return
    top = dict(zip(sources, _top_words([dump.texts[name] for name in sources]), strict=True))
    wanted = np.unique(np.array([word for words in top.values() for word in words], np.uint32))
    held: list[list[int]] = []
    for part in range(0, len(alone), _AT_ONCE):
        held += _words_among([dump.texts[name] for name in alone[part : part + _AT_ONCE]], wanted)
    holders: dict[int, list[str]] = defaultdict(list)
    for name in sources:
        for word in top[name]:
            holders[word].append(name)
    for name, words in zip(alone, held, strict=True):
        if dump.facts[name].is_source() or len(words) < _COMMON:
            continue
        shared = Counter(source for word in words for source in holders[word])
        shared.pop(name, None)
        near = [source for source, n in shared.items() if n >= _COMMON]
        near = [source for source in near if _is_before(dump.facts[source], dump.facts[name])]
        if near:
            yield name, sorted(near, key=lambda source: (-shared[source], source))[:_SOURCES]


def _is_before(source: Facts, facts: Facts) -> bool:
    """Say whether a text can be the source of another: it is a wire story, or not from later."""
    if source.is_wire or not source.published or not facts.published:
        return True
    return dates.instant(source.published)[0] <= dates.instant(facts.published)[1]


def _top_words(values: Sequence[str]) -> list[list[int]]:
    """Give the weightiest words of each text: often there, and rare in the news."""
    tokens = tokenizer.tokenise(pa.array(values, pa.large_string()))
    words = weights.words_of(tokens.values)
    known = weights.background()
    found = []
    for start, end in zip(tokens.offsets[:-1].tolist(), tokens.offsets[1:].tolist(), strict=True):
        distinct, counts = np.unique(words[start:end], return_counts=True)
        worth = known.of(distinct) * np.log1p(counts)
        found.append(distinct[np.lexsort((distinct, -worth))[:_TOP]].tolist())
    return found


def _words_among(values: Sequence[str], wanted: npt.NDArray[np.uint32]) -> list[list[int]]:
    """Give those of some words, sorted, that stand in each text."""
    tokens = tokenizer.tokenise(pa.array(values, pa.large_string()))
    low = np.zeros(1 << 20, dtype=np.bool_)  # by low bits: some others pass, none is lost
    low[wanted & np.uint32(len(low) - 1)] = True
    words = weights.words_of(tokens.values)
    places = np.flatnonzero(low[words & np.uint32(len(low) - 1)])
    places = places[np.isin(words[places], wanted)]
    texts = np.searchsorted(tokens.offsets, places, side="right") - 1
    pairs = np.unique(pair_keys.pack(np.stack((texts, words[places]), axis=1)))
    found: list[list[int]] = [[] for _ in values]
    for row, word in pair_keys.unpack(pairs).tolist():
        found[row].append(word)
    return found


def _articles(
    articles: pa.Table, pairs: pa.Table, dump: _Dump, whose: Mapping[str, _Whose]
) -> pa.Table:
    """Add whose copy each article is to the table `articles`, without the wire stories."""
    table = _without_wires(articles, ("id",), dump.prefix)
    names = table.column("id").to_pylist()
    table = _renamed(table, pairs, dump.prefix)
    rows = [whose[name] for name in names]
    aligned = [one.alignment for one in rows]
    columns: dict[str, list[Any]] = {
        "event": _events(names, table.column("story").to_pylist(), rows),
        "verdict": [_verdict(one, dump.facts[name]) for name, one in zip(names, rows, strict=True)],
        "agency": [one.agency for one in rows],
        "credited": [
            _is_credited(one, dump.facts[name], dump) for name, one in zip(names, rows, strict=True)
        ],
        "origin_id": [one.origin_id and one.origin_id.removeprefix(dump.prefix) for one in rows],
        "evidence": [one.evidence for one in rows],
        "confidence": [one.confidence for one in rows],
        "copied_share": [found.copied_share if found else 0.0 for found in aligned],
        "rewritten_share": [found.rewritten_share if found else 0.0 for found in aligned],
        "added_share": [found.added_share if found else 1.0 for found in aligned],
    }
    carried = {name: table.column(name) for name in table.column_names}
    return pa.table({**carried, **columns}, schema=contract.TRACED_ARTICLES.schema())


def _without_wires(table: pa.Table, columns: Sequence[str], prefix: str) -> pa.Table:
    """Leave out the rows of wire stories."""
    for name in columns:
        if table.num_rows:
            table = table.filter(pc.invert(pc.starts_with(table.column(name), prefix)))
    return table


def _shown(skipped: pa.Table, prefix: str) -> pa.Table:
    """Give skipped wire stories the ids they came with."""
    names = [name.removeprefix(prefix) for name in skipped.column("id").to_pylist()]
    place = skipped.column_names.index("id")
    return skipped.set_column(place, "id", pa.array(names, skipped.schema.field("id").type))


def _renamed(table: pa.Table, pairs: pa.Table, prefix: str) -> pa.Table:
    """Name groups that a wire story named by their first article, and count again."""
    ids = table.column("id").to_pylist()
    times = [dates.order_key(when) for when in table.column("published").to_pylist()]
    for level in ("cluster", "story"):
        names = table.column(level).to_pylist()
        sizes = Counter(names)
        first: dict[str, tuple[int, int, str]] = {}
        for row, (group, name, when) in enumerate(zip(names, ids, times, strict=True)):
            if group.startswith(prefix):
                key = (when, row, name)
                first[group] = min(first.get(group, key), key)
        renamed = [first[group][2] if group in first else group for group in names]
        table = _with(table, level, pa.array(renamed, pa.large_string()))
        counted = pa.array([sizes[group] for group in names], pa.int64())
        table = _with(table, f"{level}_size", counted)
    return _represented(table, pairs, times)


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _represented(table: pa.Table, pairs: pa.Table, times: Sequence[int]) -> pa.Table:
    """Let the earliest article stand for a cluster that a wire story stood for."""
    ids, clusters = table.column("id").to_pylist(), table.column("cluster").to_pylist()
    standing = table.column("representative").to_pylist()
    held = {group for group, stands in zip(clusters, standing, strict=True) if stands}
    chosen: dict[str, tuple[int, int, str]] = {}
    for row, (group, name) in enumerate(zip(clusters, ids, strict=True)):
        if group not in held:
            key = (times[row], row, name)
            chosen[group] = min(chosen.get(group, key), key)
    if not chosen:
        return table
    columns = (pairs.column(name).to_pylist() for name in ("id_a", "id_b", "relation"))
    known = {frozenset((a, b)): relation for a, b, relation in zip(*columns, strict=True)}
    relations = table.column("relation").to_pylist()
    for row, (group, name) in enumerate(zip(clusters, ids, strict=True)):
        if group in chosen:
            standing[row] = chosen[group][2] == name
            relations[row] = known.get(frozenset((name, chosen[group][2])))
    table = _with(table, "representative", pa.array(standing, pa.bool_()))
    return _with(table, "relation", pa.array(relations, table.schema.field("relation").type))


def _events(names: Sequence[str], stories: Sequence[str], rows: Sequence[_Whose]) -> list[str]:
    """Tie to a story the stories of one article that reword its origin."""
    story = dict(zip(names, stories, strict=True))
    sizes = Counter(stories)
    carriers: dict[str, set[str]] = defaultdict(set)
    for name, one in zip(names, rows, strict=True):
        if one.origin_id is not None:
            carriers[one.origin_id].add(story.get(one.origin_id, story[name]))
    main = {
        source: min(found, key=lambda name: (-sizes[name], name))
        for source, found in carriers.items()
    }
    return [
        main[one.origin_id]
        if one.origin_id is not None and sizes[story[name]] == 1
        else story[name]
        for name, one in zip(names, rows, strict=True)
    ]


def _verdict(one: _Whose, facts: Facts) -> str | None:
    if one.alignment is not None:
        return one.alignment.verdict if one.origin_id or one.agency else None
    return None if facts.credited() and not facts.agency else "non_derived"


def _is_credited(one: _Whose, facts: Facts, dump: _Dump) -> bool:
    """Say whether an article names the one whose copy it is."""
    credited = facts.credited()
    if one.agency:
        return one.agency in credited and not facts.agency
    source = dump.facts.get(one.origin_id or "")
    if source is None:
        return False
    return origin.names(facts, source)


def _sentences(dump: _Dump, whose: Mapping[str, _Whose], *, keep_text: bool) -> pa.Table:
    """Make the table `sentences`, in input order."""
    schema = contract.SENTENCES.schema(without=() if keep_text else ("text",))
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    for name, one in whose.items():
        if one.alignment is None:
            continue
        quoted = _quotations(name, one.alignment, dump)
        for number, row in enumerate(one.alignment.sentences):
            source = row.source_id and row.source_id.removeprefix(dump.prefix)
            place = (name, number, row.start, row.end, row.label, source)
            there = (row.source_start, row.source_end, row.similarity, quoted.get(number))
            for column, value in zip(columns.values(), (*place, *there), strict=False):
                column.append(value)
            if keep_text:
                columns["text"].append(dump.texts[name][row.start : row.end])
    return pa.table(columns, schema=schema)


def _quotations(name: str, found: Alignment, dump: _Dump) -> dict[int, str]:
    """Note of added sentences the independent report in which their quotation stands too."""
    notes: dict[int, str] = {}
    independent = [
        other for other, relation, *_ in dump.partners.get(name, ()) if relation == "quote"
    ]
    if not independent:
        return notes
    quoted = _align(name, sorted(independent)[:_SOURCES], dump)
    for number, (row, other) in enumerate(zip(found.sentences, quoted.sentences, strict=True)):
        if row.label == "added" and other.source_id is not None:
            notes[number] = f"quotation also in {other.source_id.removeprefix(dump.prefix)}"
    return notes


def _outlets(articles: pa.Table) -> pa.Table:
    """Sum up by outlet, agency and day; days are as the articles state them, "" if unknown."""
    names = outlet_names(articles).to_pylist()
    columns = ("published", "agency", "verdict", "credited", "copied_share")
    rows = zip(names, *(articles.column(name).to_pylist() for name in columns), strict=True)
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0] * 5)
    for outlet, published, agency, verdict, credited, copied in rows:
        found = sums[outlet, agency, (published or "")[:10]]
        found[0] += 1
        found[1] += verdict == "wholly_derived"
        found[2] += verdict == "partially_derived"
        found[3] += verdict in ("wholly_derived", "partially_derived") and not credited
        found[4] += copied
    spelled = _spellings(names, articles.column("outlet").to_pylist())
    ordered = sorted(((spelled[key[0]], *key[1:]), found) for key, found in sums.items())
    schema = contract.OUTLETS.schema()
    summed = ((*key, *map(int, found[:4]), found[4] / found[0]) for key, found in ordered)
    lines = [dict(zip(schema.names, values, strict=True)) for values in summed]
    return pa.Table.from_pylist(lines, schema)


def _spellings(names: Sequence[str], written: Sequence[str]) -> dict[str, str]:
    """Give for each outlet the spelling that most of its articles have."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, spelling in zip(names, written, strict=True):
        counts[name][spelling or name] += 1
    return {
        name: min(found, key=lambda spelling: (-found[spelling], spelling))
        for name, found in counts.items()
    }


def _account(
    base: Mapping[str, Any],
    run: local.Run,
    traced: Trace,
    dump: _Dump,
    whose: Mapping[str, _Whose],
) -> dict[str, Any]:
    """Give the content of `run.json`."""
    verdicts = Counter(traced.articles.column("verdict").to_pylist())
    derived = pc.is_in(
        traced.articles.column("verdict"),
        value_set=pa.array(["wholly_derived", "partially_derived"], pa.large_string()),
    )
    copies = traced.articles.filter(derived)
    n_wires = sum(facts.is_wire for facts in dump.facts.values())
    counts = {
        **base["counts"],
        **_counted(traced),
        "wires": n_wires,
        **{name: verdicts[name] for name in ("wholly_derived", "partially_derived")},
        "uncredited": copies.num_rows - int(pc.sum(copies.column("credited")).as_py() or 0),
    }
    return {
        **base,
        "counts": counts,
        "survival": _survival(dump, whose),
        "seconds": {**base["seconds"], **{k: round(v, 3) for k, v in run.seconds.items()}},
        "cpu_seconds": {
            **base["cpu_seconds"],
            **{k: round(v, 3) for k, v in run.cpu_seconds.items()},
        },
    }


def _counted(traced: Trace) -> dict[str, int]:
    """Count the tables, in which no wire story is."""
    found = {"articles": traced.articles.num_rows, "pairs": traced.pairs.num_rows}
    for level, plural in (("cluster", "clusters"), ("story", "stories")):
        sizes = list(Counter(traced.articles.column(level).to_pylist()).values())
        found[plural] = sum(size > 1 for size in sizes)
        found[f"in_{plural}"] = sum(size for size in sizes if size > 1)
        found[f"largest_{level}"] = max(sizes, default=0)
    return found


_FIFTHS = 5


def _survival(dump: _Dump, whose: Mapping[str, _Whose]) -> dict[str, list[float]]:
    """Say for each agency which share of its sentences stands in the copies, by fifth of the text.

    A sentence of the source survives in a copy if a sentence of the copy is copied or reworded
    from it.
    """
    kept: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _ in range(_FIFTHS)])
    for one in whose.values():
        if one.alignment is None or one.origin_id not in dump.facts or not one.agency:
            continue
        source = dump.document(one.origin_id)
        spans = [
            (row.source_start, row.source_end)
            for row in one.alignment.sentences
            if row.source_id == source.id
        ]
        report = [i for i, beside in enumerate(source.beside) if not beside]
        for place, i in enumerate(report):
            start, end = source.spans[i].tolist()
            fifth = kept[one.agency][place * _FIFTHS // len(report)]
            fifth[0] += any(
                a is not None and b is not None and a < end and start < b for a, b in spans
            )
            fifth[1] += 1
    return {
        agency: [round(n / max(total, 1), 3) for n, total in fifths]
        for agency, fifths in sorted(kept.items())
    }
