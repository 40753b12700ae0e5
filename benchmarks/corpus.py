"""Write a synthetic news corpus whose copies are known, of any size, as a stream.

    python benchmarks/corpus.py --articles 50000 --kilobytes 5 --seed 1 -o corpus.parquet

Columns are id, text, title, outlet, published, in order of publication; `corpus.gold.parquet`
beside it holds id, cluster, story and kind. The same seed gives the same bytes, and a corpus of n
articles is the first n of any longer one.

Language. Words are real English function words and then pseudo-words, drawn by Zipf-Mandelbrot;
about one token in 25 is a set phrase of 5 to 9 words from a long-tailed pool. Phrase weights are
set so that unrelated articles overlap as in `allsides` (16,000 articles without known copies:
0.14 word 5-grams shared per pair, unigram Jaccard 0.12). A story has its own names and topic words.

Copies. A wire story appears and outlets copy it, each from an article already out, so popular
versions grow (a Pólya urn). Sizes of stories are heavy-tailed, up to `LARGEST_STORY`. Each copy is
wrapped in its outlet's furniture (top, middle, end), which all articles of the outlet share.

Gold. Furniture, datelines, credits and headlines never count. A copy stays in its source's
`cluster` when it is a reprint, changes at most 3 % of the words (or one), or loses at most the last
10 %. It starts a new cluster of the same `story` when it is cut to at most 65 % of its source, puts
a local lead of at least 40 % of the source's words on top, or is an update that adds at least 40 %
new words. Nothing between is made, so no label is a matter of taste. Like cuts of one version are
one version, whoever makes them. Some stories share only quotations with another one (`kind`
"quotes"): they are other stories.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FUNCTION_WORDS = re.findall(
    r"\w+",
    "the of and to in a that for is on it with as was at by he from be said have his an has but "
    "are not they who had their this will which were or its been about after she more would when "
    "one than her out if up we what there also all new some into people over no two could other "
    "last first time you him while so may now can before year against them do most during only "
    "many just because where those any should made through between three being under still i how "
    "since both then even such down did these my our off us another back very around told",
)
FURNITURE = (
    "Sign up for the {name} morning newsletter and never miss a story",
    "Follow {name} on Facebook, Twitter and Instagram",
    "Story continues below advertisement",
    "Copyright {name}. All rights reserved. This material may not be published, broadcast, "
    "rewritten or redistributed without permission",
    "Click here to subscribe to {name} for full digital access",
    "Home News Sport Business Opinion Culture Lifestyle Weather Jobs Cars",
    "Read more from {name}",
    "You have free articles left this month. Log in or register to continue reading",
    "Get breaking news alerts sent straight to your phone with the {name} app",
    "We use cookies to improve your experience. By continuing you accept our policy",
    "Have a tip? Email the {name} newsroom",
    "Share this article on Facebook Twitter Email Print",
    "Congratulations! Your weather is set to your current location",
    "Support independent journalism by becoming a member of {name}",
    "Comments on this story are moderated according to our site rules",
    "Related stories and videos from around the region",
)
CREDITS = {
    "AP": "Copyright The Associated Press. All rights reserved.",
    "Reuters": "(Reporting by {reporter}; Editing by {editor})",
    "AFP": "{reporter} contributed to this report for AFP.",
}
LARGEST_STORY = 100
VOCABULARY = 60_000
PHRASES = 200_000
LOTTERY = 1 << 21
MINUTES_BETWEEN_STORIES = 0.55
FIRST_MINUTE = datetime(2024, 1, 1, tzinfo=UTC)
KINDS = ("reprint", "edited", "trimmed", "cut", "lead", "update")
KIND_WEIGHTS = (0.38, 0.20, 0.10, 0.14, 0.10, 0.08)
BATCH = 2_000
ARTICLE_COLUMNS = ("id", "text", "title", "outlet", "published")
GOLD_COLUMNS = ("id", "cluster", "story", "kind")

Paragraphs = tuple[str, ...]


class Article(NamedTuple):
    """One article and its gold labels; `minute` orders the stream."""

    minute: int
    story: int
    copy: int
    version: int
    kind: str
    text: str
    title: str
    outlet: str


@dataclass(frozen=True, slots=True)
class Version:
    """A text version of a story: what every article of one gold cluster carries."""

    number: int
    paragraphs: Paragraphs
    is_full: bool = True
    has_lead: bool = False


class Outlet(NamedTuple):
    """An outlet's name and the furniture that all its articles carry."""

    name: str
    top: Paragraphs
    middle: Paragraphs
    end: Paragraphs
    lists_stories: bool


@dataclass(slots=True)
class Language:
    """Words and phrases, and urns to draw from them at their frequencies in one array look-up."""

    tokens: np.ndarray
    tokens_urn: np.ndarray
    words: np.ndarray
    names: np.ndarray
    names_urn: np.ndarray

    def draw(self, rng: np.random.Generator, size: int) -> list[str]:
        """Words and phrases at their frequencies."""
        return self.tokens[self.tokens_urn[rng.integers(0, LOTTERY, size)]].tolist()

    def draw_rare(self, rng: np.random.Generator, size: int) -> list[str]:
        """Content words, all equally likely: what a story is about."""
        return self.words[rng.integers(len(FUNCTION_WORDS), VOCABULARY, size)].tolist()

    def draw_names(self, rng: np.random.Generator, size: int) -> list[str]:
        """Full names of persons, some of them often in the news."""
        last = self.names[self.names_urn[rng.integers(0, len(self.names_urn), size)]]
        first = self.names[rng.integers(0, 400, size)]
        return [f"{a} {b}" for a, b in zip(first, last, strict=True)]


@dataclass(slots=True)
class Story:
    """What the copies of one story have in common, and its versions so far."""

    number: int
    rng: np.random.Generator
    names: list[str]
    topic: list[str]
    title: str
    agency: str
    city: str
    kind: str
    versions: list[Version] = field(default_factory=list)
    carried: list[int] = field(default_factory=list)
    cuts: dict[int, list[Version]] = field(default_factory=dict)


@lru_cache(maxsize=2)
def language(seed: int) -> Language:
    """Build the corpus's language; two articles of one seed never disagree about it."""
    rng = np.random.default_rng([seed, 1])
    words = np.array(FUNCTION_WORDS + _pseudo_words(rng, VOCABULARY - len(FUNCTION_WORDS)), object)
    word_weights = 1 / (np.arange(VOCABULARY) + 2.7) ** 1.13
    word_urn = _urn(rng, word_weights, 1 << 20)
    phrases = _phrases(rng, words, word_urn)
    # 1/(rank + 400): flat enough that no phrase is in more than 1 % of the articles, see module
    phrase_weights = 1 / (np.arange(PHRASES) + 400)
    weights = np.concatenate(
        [0.962 * word_weights / word_weights.sum(), 0.038 * phrase_weights / phrase_weights.sum()]
    )
    names = np.array([w.capitalize() for w in words[-12_000:]], object)
    return Language(
        tokens=np.concatenate([words, phrases]),
        tokens_urn=_urn(rng, weights, LOTTERY),
        words=words,
        names=names,
        names_urn=_urn(rng, 1 / (np.arange(len(names)) + 50), 1 << 18),
    )


def _pseudo_words(rng: np.random.Generator, count: int) -> list[str]:
    """Pronounceable words, frequent ones shorter, none twice and none a function word."""
    onsets = [*"bcdfghklmnprstvwz", *re.findall("..", "brchclflgrplprshsttr")]
    syllables = [onset + vowel for onset in onsets for vowel in "aeiou"]
    codas = ["", "", "", "n", "r", "s", "l", "t", "d", "ck"]
    found: dict[str, None] = dict.fromkeys(FUNCTION_WORDS)
    while len(found) < count + len(FUNCTION_WORDS):
        n_syllables = 1 if len(found) < 200 else 2 if len(found) < 5_000 else 3
        picks = rng.integers(0, len(syllables), (1_000, n_syllables)).tolist()
        ends = rng.integers(0, len(codas), 1_000).tolist()
        made = ("".join(syllables[i] for i in row) for row in picks)
        found.update(dict.fromkeys(map(str.__add__, made, (codas[end] for end in ends))))
    return list(found)[len(FUNCTION_WORDS) : count + len(FUNCTION_WORDS)]


def _phrases(rng: np.random.Generator, words: np.ndarray, urn: np.ndarray) -> np.ndarray:
    lengths = rng.integers(5, 10, PHRASES)
    drawn = words[urn[rng.integers(0, len(urn), int(lengths.sum()))]].tolist()
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    return np.array([" ".join(drawn[a:b]) for a, b in zip(starts, ends, strict=True)], object)


def _urn(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    return rng.choice(len(weights), size, p=weights / weights.sum()).astype(np.int32)


def articles(*, kilobytes: float, seed: int) -> Iterator[Article]:
    """Yield articles in order of publication, without end."""
    tongue = language(seed)
    waiting: list[Article] = []
    recent_quotes: deque[str] = deque(maxlen=300)
    recent_titles: deque[str] = deque(["Latest headlines"] * 8, maxlen=8)
    n_articles = 0
    for number in itertools.count():
        minute = int(number * MINUTES_BETWEEN_STORIES)
        while waiting and waiting[0].minute <= minute:
            n_articles += 1
            yield heapq.heappop(waiting)
        story = _new_story(tongue, number, seed)
        _write_wire(story, tongue, recent_quotes, kilobytes)
        # outlets join as the corpus grows, so one outlet's share shrinks as it does in real dumps
        n_outlets = 200 + n_articles // 40
        for article in _carry(story, tongue, minute, n_outlets, seed, list(recent_titles)):
            heapq.heappush(waiting, article)
        recent_titles.append(story.title)


def _new_story(tongue: Language, number: int, seed: int) -> Story:
    rng = np.random.default_rng([seed, 2, number])
    topic = tongue.draw_rare(rng, 24)
    return Story(
        number=number,
        rng=rng,
        names=tongue.draw_names(rng, 9),
        topic=topic,
        title=_headline(rng, tongue, topic),
        agency=str(rng.choice(list(CREDITS))),
        city=str(topic[0]).upper(),
        kind="quotes" if rng.random() < 0.08 else "wire",
    )


def _headline(rng: np.random.Generator, tongue: Language, topic: list[str]) -> str:
    picks = [topic[i] for i in rng.integers(0, len(topic), 4)]
    filler = tongue.draw(rng, int(rng.integers(3, 6)))
    return " ".join(word for pair in zip(picks, filler, strict=False) for word in pair).capitalize()


def _write_wire(story: Story, tongue: Language, quotes: deque[str], kilobytes: float) -> None:
    """Write the story's first version; a "quotes" story takes in quotations already published."""
    rng = story.rng
    # log-normal with sigma .55 has the mean exp(.151) times its median
    n_words = max(60, int(kilobytes * 1000 / 6.75 * rng.lognormal(-0.151, 0.55)))
    paragraphs = list(_report(story, tongue, n_words))
    if story.kind == "quotes" and len(quotes) > 20:
        for i in rng.integers(0, len(quotes), int(rng.integers(1, 4))).tolist():
            paragraphs.insert(int(rng.integers(1, len(paragraphs) + 1)), quotes[i])
    quotes.extend(p for p in paragraphs[:6] if p.startswith("“"))
    story.versions.append(Version(0, tuple(paragraphs)))


def _report(story: Story, tongue: Language, n_words: int) -> Paragraphs:
    """Reporting text of about n_words words, in paragraphs of one to three sentences."""
    rng = story.rng
    words = _spiced(story, tongue, int(n_words * 0.8) + 1)  # phrases and names hold several words
    sentences = _sentences(rng, words)
    sizes = rng.integers(1, 4, len(sentences))
    is_quote = rng.random(len(sentences)) < 0.15
    paragraphs, start = [], 0
    for size, quoted in zip(sizes.tolist(), is_quote.tolist(), strict=True):
        if start >= len(sentences):
            break
        text = " ".join(sentences[start : start + size])
        if quoted:
            text = f"“{text[:-1]},” {story.names[start % 3]} said."
        paragraphs.append(text)
        start += size
    return tuple(paragraphs)


def _spiced(story: Story, tongue: Language, size: int) -> list[str]:
    """Draw words, and put the story's names, topic words, numbers and commas among them."""
    rng = story.rng
    words = tongue.draw(rng, size)
    names, topics = story.names, story.topic
    for at, which in zip(
        rng.integers(0, size, size // 25).tolist(),
        (rng.integers(0, len(names), size // 25) % 7).tolist(),
        strict=True,
    ):
        words[at] = names[which]
    for at, which in rng.integers(0, (size, len(topics)), (size // 10, 2)).tolist():
        words[at] = topics[which]
    for at, number in rng.integers(0, (size, 3_000), (size // 50, 2)).tolist():
        words[at] = str(number)
    for at in rng.integers(0, size, size // 15).tolist():
        words[at] += ","
    return words


def _sentences(rng: np.random.Generator, words: list[str]) -> list[str]:
    lengths = np.clip(rng.lognormal(2.85, 0.45, len(words) // 8 + 1), 4, 50).astype(int)
    sentences, start = [], 0
    for length in lengths.tolist():
        if start >= len(words):
            break
        sentence = " ".join(words[start : start + length]).rstrip(",")
        sentences.append(sentence[0].upper() + sentence[1:] + ".")
        start += length
    return sentences


def _carry(
    story: Story, tongue: Language, minute: int, n_outlets: int, seed: int, titles: list[str]
) -> Iterator[Article]:
    """Yield the story's first article and every copy of it."""
    rng = story.rng
    # seven stories in ten stay alone; the others' sizes follow a power law
    copies = 0 if rng.random() < 0.72 else min(int(rng.zipf(2.4)), LARGEST_STORY - 1)
    for copy in range(copies + 1):
        version, kind, paragraphs = _next_copy(story, tongue, copy)
        story.carried.append(version.number)
        outlet = _outlet(seed, int(n_outlets * rng.random() ** 1.5))
        late = rng.exponential(600 if rng.random() < 0.1 else 60) if copy else 0
        title = story.title if rng.random() < 0.6 else _headline(rng, tongue, story.topic)
        yield Article(
            minute=minute + int(late),
            story=story.number,
            copy=copy,
            version=version.number,
            kind=kind,
            text=_page(story, paragraphs, outlet, titles),
            title=title,
            outlet=outlet.name,
        )


def _next_copy(story: Story, tongue: Language, copy: int) -> tuple[Version, str, Paragraphs]:
    """Choose what the next article does with an article already out."""
    rng = story.rng
    if copy == 0:
        return story.versions[0], story.kind, story.versions[0].paragraphs
    source = story.versions[story.carried[int(rng.integers(0, len(story.carried)))]]
    kind = KINDS[int(np.searchsorted(np.cumsum(KIND_WEIGHTS), rng.random()))]
    if kind == "edited":
        return source, kind, _edited(story, tongue, source.paragraphs)
    if kind == "trimmed":
        return source, kind, _trimmed(source.paragraphs)
    version = None
    if kind == "cut" and source.is_full:
        version = _cut(story, source, share=0.6 if rng.random() < 0.6 else 0.35)
    elif kind == "lead" and not source.has_lead:
        version = _with_lead(story, tongue, source)
    elif kind == "update" and source.is_full:
        version = _updated(story, tongue, source)
    if version is None:
        return source, "reprint", source.paragraphs
    return version, kind, version.paragraphs


def _edited(story: Story, tongue: Language, paragraphs: Paragraphs) -> Paragraphs:
    """Change, drop or add 0.5 to 3 % of the words, anywhere."""
    rng = story.rng
    words = "\n".join(paragraphs).split(" ")
    n_edits = max(1, int(len(words) * rng.uniform(0.005, 0.03)))
    fresh = tongue.draw_rare(rng, n_edits)
    for at, word, how in zip(
        rng.integers(0, len(words), n_edits).tolist(),
        fresh,
        rng.integers(0, 3, n_edits).tolist(),
        strict=True,
    ):
        if "\n" not in words[at]:
            words[at] = (word, f"{words[at]} {word}", "")[how]
    return tuple(" ".join(filter(None, words)).split("\n"))


def _trimmed(paragraphs: Paragraphs) -> Paragraphs:
    """Lose the last paragraphs, at most 10 % of the words."""
    return paragraphs[: _paragraphs_within(paragraphs, 0.9, at_least=True)]


def _paragraphs_within(paragraphs: Paragraphs, share: float, *, at_least: bool) -> int:
    """How many paragraphs from the top hold at least, or at most, this share of the words."""
    total = np.cumsum([text.count(" ") + 1 for text in paragraphs])
    n_below = int(np.searchsorted(total, share * total[-1], side="left" if at_least else "right"))
    return n_below + 1 if at_least else n_below


def _cut(story: Story, source: Version, *, share: float) -> Version | None:
    """Keep the top of the source; None if its first paragraph is most of it.

    Cuts of one source that differ by at most a quarter of their words are one version.
    """
    n_kept = max(1, _paragraphs_within(source.paragraphs, share, at_least=False))
    kept = source.paragraphs[:n_kept]
    n_words = _word_count(kept)
    if n_words > 0.65 * _word_count(source.paragraphs):
        return None
    for made in story.cuts.get(source.number, ()):
        shorter, longer = sorted((n_words, _word_count(made.paragraphs)))
        if shorter >= 0.75 * longer:
            return made
    version = _add_version(story, replace(source, paragraphs=kept, is_full=False))
    story.cuts.setdefault(source.number, []).append(version)
    return version


def _with_lead(story: Story, tongue: Language, source: Version) -> Version:
    """Put local paragraphs on top, 40 to 80 % of the source's words."""
    lead = _fresh(story, tongue, source, story.rng.uniform(0.42, 0.8))
    return _add_version(
        story,
        replace(source, paragraphs=lead + source.paragraphs, is_full=False, has_lead=True),
    )


def _updated(story: Story, tongue: Language, source: Version) -> Version:
    """Rewrite the top: 40 to 80 % new words, and the old first paragraph gone unless it is long."""
    fresh = _fresh(story, tongue, source, story.rng.uniform(0.42, 0.8))
    first_is_long = _word_count(source.paragraphs[:1]) > 0.3 * _word_count(source.paragraphs)
    kept = source.paragraphs if first_is_long else source.paragraphs[1:]
    half, top = len(fresh) // 2, len(kept) // 4
    paragraphs = fresh[: half + 1] + kept[:top] + fresh[half + 1 :] + kept[top:]
    return _add_version(story, replace(source, paragraphs=paragraphs))


def _fresh(story: Story, tongue: Language, source: Version, share: float) -> Paragraphs:
    """New reporting on the same story, at least `share` of the source's words."""
    needed = share * _word_count(source.paragraphs)
    paragraphs = _report(story, tongue, int(needed) + 5)
    while _word_count(paragraphs) < needed:
        paragraphs += _report(story, tongue, 40)
    return paragraphs


def _word_count(paragraphs: Paragraphs) -> int:
    return sum(text.count(" ") + 1 for text in paragraphs)


def _add_version(story: Story, version: Version) -> Version:
    numbered = replace(version, number=len(story.versions))
    story.versions.append(numbered)
    return numbered


def _page(story: Story, paragraphs: Paragraphs, outlet: Outlet, titles: list[str]) -> str:
    """The article as scraped: dateline, credit, and the outlet's furniture around and inside."""
    rng = story.rng
    agency = f" ({story.agency})" if rng.random() < 0.5 else ""
    dateline = f"{story.city}{agency} — " if rng.random() < 0.8 else ""
    body = [dateline + paragraphs[0], *paragraphs[1:]]
    for line in outlet.middle:
        body.insert(len(body) // 2 + 1, line)
    if rng.random() < 0.2:
        reporter, editor = story.names[-2:]
        body.append(CREDITS[story.agency].format(reporter=reporter, editor=editor))
    listed = titles[:4] if outlet.lists_stories else []
    return "\n\n".join([*outlet.top, *body, *outlet.end, *listed])


@lru_cache(maxsize=20_000)
def _outlet(seed: int, number: int) -> Outlet:
    """An outlet's furniture: lines of its own, and now and then a template of the trade."""
    rng = np.random.default_rng([seed, 3, number])
    tongue = language(seed)
    name = " ".join(word.capitalize() for word in tongue.draw_rare(rng, 2))
    if rng.random() < 0.25:
        return Outlet(name, (), (), (), lists_stories=False)
    lines = [tongue.draw_rare(rng, n) for n in rng.integers(4, 16, 8).tolist()]
    if rng.random() < 0.15:  # a country menu, a biography, a list of opening hours
        lines[rng.integers(0, 8)] = tongue.draw_rare(rng, int(rng.integers(80, 250)))
    own = [" ".join(words).capitalize() for words in lines]
    if rng.random() < 0.35:
        own[rng.integers(0, 8)] = str(rng.choice(FURNITURE)).format(name=name)
    n_top, n_middle = int(rng.integers(0, 3)), int(rng.integers(0, 3))
    return Outlet(
        name,
        top=tuple(own[:n_top]),
        middle=tuple(own[n_top : n_top + n_middle]),
        end=tuple(own[n_top + n_middle : 4 + int(rng.integers(0, 5))]),
        lists_stories=bool(rng.random() < 0.3),
    )


def rows(*, articles_wanted: int, kilobytes: float, seed: int) -> Iterator[dict[str, str]]:
    """Yield the first articles of the corpus as records with article and gold columns."""
    stream = itertools.islice(articles(kilobytes=kilobytes, seed=seed), articles_wanted)
    for number, article in enumerate(stream):
        published = FIRST_MINUTE + timedelta(minutes=article.minute)
        yield {
            "id": f"a{number:07d}",
            "text": article.text,
            "title": article.title,
            "outlet": article.outlet,
            "published": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cluster": f"s{article.story}.{article.version}",
            "story": f"s{article.story}",
            "kind": article.kind,
        }


def write(path: Path, *, articles_wanted: int, kilobytes: float, seed: int) -> None:
    """Write the corpus to `path` (.parquet or .jsonl) and its gold labels beside it."""
    gold = path.with_suffix(".gold.parquet")
    stream = rows(articles_wanted=articles_wanted, kilobytes=kilobytes, seed=seed)
    with _ParquetRows(gold, GOLD_COLUMNS) as gold_file, _open_articles(path) as article_file:
        for batch in iter(lambda: list(itertools.islice(stream, BATCH)), []):
            article_file.write(batch)
            gold_file.write(batch)


def _open_articles(path: Path) -> _ParquetRows | _JsonRows:
    if path.suffix == ".jsonl":
        return _JsonRows(path, ARTICLE_COLUMNS)
    return _ParquetRows(path, ARTICLE_COLUMNS)


class _ParquetRows:
    """Some string columns of records, written batch by batch."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.schema = pa.schema([(column, pa.large_string()) for column in columns])
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def write(self, batch: list[dict[str, str]]) -> None:
        """Write one row group."""
        columns = [[row[name] for row in batch] for name in self.schema.names]
        self.writer.write_table(pa.table(columns, schema=self.schema))

    def __enter__(self) -> _ParquetRows:
        return self

    def __exit__(self, *_: Any) -> None:
        self.writer.close()


class _JsonRows:
    """Some columns of records, one JSON object a line."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.file = path.open("w", encoding="utf-8")

    def write(self, batch: list[dict[str, str]]) -> None:
        """Write one line for each record."""
        for row in batch:
            record = {name: row[name] for name in self.columns}
            self.file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def __enter__(self) -> _JsonRows:
        return self

    def __exit__(self, *_: Any) -> None:
        self.file.close()


def main() -> None:
    """Read the options and write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--kilobytes", type=float, default=5.0, help="mean size of an article")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True, help=".parquet or .jsonl")
    options = parser.parse_args()
    start = time.perf_counter()
    write(
        options.output,
        articles_wanted=options.articles,
        kilobytes=options.kilobytes,
        seed=options.seed,
    )
    print(f"{options.output}: {options.articles} articles in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
