from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
SHARED = ROOT.parent / "shared"
RELATIONS = {"duplicate", "version", "rewrite", "quote", "furniture"}
LABELS = {"copied", "rewritten", "added", "credit", "furniture"}
KINDS = {"dateline", "byline", "tail", "contribution", "copyright", "republish"}
VERDICTS = {"wholly_derived", "partially_derived", "non_derived"}


@cache
def rows(name: str) -> list[dict[str, Any]]:
    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def newsroom() -> dict[str, dict[str, Any]]:
    """The usable articles, in input order."""
    found: dict[str, dict[str, Any]] = {}
    for line in (FIXTURES / "newsroom.jsonl").read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if (record["text"] or "").strip():
            found.setdefault(record["id"], record)
    return found


@cache
def wire() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows("wire.jsonl")}


@cache
def gold() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows("gold/articles.jsonl")}


def text_of(name: str) -> str:
    return str((newsroom().get(name) or wire()[name])["text"])


def test_the_outputs_are_what_the_parts_give() -> None:
    command = [sys.executable, str(FIXTURES / "build.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_usable_article_has_one_gold_row() -> None:
    assert list(newsroom()) == [row["id"] for row in rows("gold/articles.jsonl")]


def test_six_lines_are_broken_each_in_its_own_way() -> None:
    lines = (FIXTURES / "newsroom.jsonl").read_bytes().splitlines()
    assert len(lines) - len(newsroom()) == 6
    assert sum(not _decodes(line) for line in lines) == 1
    assert sum(_decodes(line) and not _parses(line) for line in lines) == 1
    parsed = [json.loads(line) for line in lines if _parses(line)]
    assert sum(row["text"] is None for row in parsed) == 1
    assert sum(row["text"] == "" for row in parsed) == 1
    assert sum(count > 1 for count in Counter(row["id"] for row in parsed).values()) == 1


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parses(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_the_readme_counts_hold() -> None:
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    outlets = {row["outlet"] for row in newsroom().values()}
    chains = Counter(name.rpartition("-")[0] for name in wire())
    several = sum(count > 1 for count in chains.values())
    assert f"{len(newsroom())} articles of {len(outlets)} outlets" in readme
    assert f"{len(wire())} agency texts as sent: {len(chains)} stories, {several} of" in readme
    templates = re.findall(r"^template:", _parts(), flags=re.MULTILINE)
    assert f"{len(templates)} template pages" in readme
    singles = (FIXTURES / "parts" / "singles.txt").read_text(encoding="utf-8")
    assert f"{singles.count('=== article ')} articles with no relatives" in readme


def _parts() -> str:
    return "\n".join(
        p.read_text(encoding="utf-8") for p in sorted((FIXTURES / "parts").glob("*.txt"))
    )


def test_the_world_is_as_large_and_as_mixed_as_promised() -> None:
    articles = newsroom().values()
    assert len(articles) >= 120
    assert len({name.rpartition("-")[0] for name in wire()}) >= 20
    assert len({row["outlet"] for row in articles}) >= 12
    assert len({row["agency"] for row in gold().values()} - {""}) >= 3
    assert {"en", "de", "es", "fr", "ja", "ru"} == {row["language"] for row in articles}
    assert {row["relation"] for row in rows("gold/pairs.jsonl")} == RELATIONS
    assert {row["label"] for row in rows("gold/sentences.jsonl")} == LABELS
    assert {row["kind"] for row in rows("gold/credits.jsonl")} == KINDS
    assert {row["verdict"] for row in gold().values()} == VERDICTS
    assert any(row["agency"] and not row["credited"] for row in gold().values())


def test_the_fixtures_stay_small() -> None:
    size = sum(p.stat().st_size for p in FIXTURES.rglob("*") if p.suffix != ".pyc" and p.is_file())
    assert size < 2_500_000


@pytest.mark.parametrize("level", ["cluster", "story", "event"])
def test_a_group_is_named_after_one_of_its_articles(level: str) -> None:
    for row in gold().values():
        assert gold()[row[level]][level] == row[level]


def test_clusters_lie_within_stories_and_stories_within_events() -> None:
    for inner, outer in (("cluster", "story"), ("story", "event")):
        outers = defaultdict(set)
        for row in gold().values():
            outers[row[inner]].add(row[outer])
        assert all(len(found) == 1 for found in outers.values())


def test_a_group_is_named_after_its_earliest_article() -> None:
    for row in gold().values():
        for level in ("cluster", "story"):
            first, own = (_moment(newsroom()[i]["published"]) for i in (row[level], row["id"]))
            assert first is None or own is None or first <= own


def test_nothing_is_carried_before_the_agency_sent_it() -> None:
    for row in gold().values():
        sent = wire().get(row["origin_id"] or "", {}).get("published")
        published = _moment(newsroom()[row["id"]]["published"])
        if sent and published:
            assert published >= datetime.fromisoformat(sent), row["id"]


def _moment(published: Any) -> datetime | None:
    """A full date with zone, or None."""
    if not isinstance(published, str) or len(published) < 19:
        return None
    try:
        moment = datetime.fromisoformat(published)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def test_shares_sum_to_one_and_fit_the_verdict() -> None:
    for row in gold().values():
        shares = [row[f"{label}_share"] for label in ("copied", "rewritten", "added")]
        assert sum(shares) == pytest.approx(1, abs=0.0002)
        assert (row["verdict"] == "non_derived") == (row["added_share"] == 1)
        assert (row["verdict"] == "wholly_derived") == (row["added_share"] <= 0.05)
        assert (row["origin_id"] is None) == (row["verdict"] == "non_derived")


def test_pairs_name_known_articles_in_input_order_and_fit_the_groups() -> None:
    order = {name: i for i, name in enumerate(newsroom())}
    seen = set()
    for row in rows("gold/pairs.jsonl"):
        a, b = row["id_a"], row["id_b"]
        assert order[a] < order[b]
        assert (a, b) not in seen
        seen.add((a, b))
        together = gold()[a]["cluster"] == gold()[b]["cluster"]
        assert (row["relation"] == "duplicate") == together
        if row["relation"] in ("rewrite", "quote", "furniture"):
            assert gold()[a]["story"] != gold()[b]["story"]


def test_every_pair_of_one_story_is_listed() -> None:
    listed = {(row["id_a"], row["id_b"]) for row in rows("gold/pairs.jsonl")}
    names = list(newsroom())
    inside = {
        (a, b)
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if gold()[a]["story"] == gold()[b]["story"]
    }
    assert inside <= listed


def test_sentences_cover_each_derived_article_in_order() -> None:
    by_id = defaultdict(list)
    for row in rows("gold/sentences.jsonl"):
        by_id[row["id"]].append(row)
    assert set(by_id) == {row["id"] for row in gold().values() if row["origin_id"]}
    for name, sentences in by_id.items():
        assert [row["sentence"] for row in sentences] == list(range(len(sentences)))
        assert all(a["end"] <= b["start"] for a, b in pairwise(sentences))
        left_over = _without(text_of(name), [(row["start"], row["end"]) for row in sentences])
        assert left_over.strip() == ""


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    return "".join(text[a:b] for a, b in zip(starts, ends, strict=True))


def test_sentence_offsets_slice_to_whole_lines_on_both_sides() -> None:
    for row in rows("gold/sentences.jsonl"):
        piece = text_of(row["id"])[row["start"] : row["end"]]
        assert piece == piece.strip() != ""
        reused = row["label"] in ("copied", "rewritten")
        assert (row["source_id"] is not None) == reused
        if reused:
            source = text_of(row["source_id"])[row["source_start"] : row["source_end"]]
            assert source == source.strip() != ""


def test_copied_sentences_share_most_words_with_their_source_and_rewritten_ones_do_not() -> None:
    for row in rows("gold/sentences.jsonl"):
        if row["label"] not in ("copied", "rewritten"):
            continue
        piece = _pairs_of_words(text_of(row["id"])[row["start"] : row["end"]])
        source = _pairs_of_words(text_of(row["source_id"])[row["source_start"] : row["source_end"]])
        share = len(piece & source) / len(piece)
        assert (share > 0.6) if row["label"] == "copied" else (share < 0.4), (row, share)


def _pairs_of_words(text: str) -> set[tuple[str, str]]:
    """Neighbouring words, or letters where there are no spaces, typography levelled."""
    level = unicodedata.normalize("NFC", text).replace("\u00ad", "").translate({8217: "'"})
    pattern = r"\w" if re.search(r"[\u3040-\u30ff]", level) else r"\w+"
    return set(pairwise(re.findall(pattern, level.lower())))


def test_credits_slice_to_text_that_names_a_source() -> None:
    marks = r"AP|Associated Press|REUTERS|Reuters|AFP|Agence|dpa|EFE|PA|共同|(?i:интерфакс)"
    for row in rows("gold/credits.jsonl"):
        text = text_of(row["id"])
        assert 0 <= row["start"] < row["end"] <= len(text)
        piece = text[row["start"] : row["end"]]
        assert piece == piece.strip() != ""
        named = row["kind"] not in ("tail", "republish")
        assert not named or re.search(marks, piece), piece
        assert gold()[row["id"]]["credited"]


def test_template_pages_do_not_cluster() -> None:
    names = re.findall(r"=== article (\S+)\n(?:[a-z]+: .*\n)*?template: ", _parts())
    assert len({gold()[name]["story"] for name in names}) == len(names) == 13


def test_the_typographic_habits_survive() -> None:
    texts: dict[str, str] = defaultdict(str)
    for row in newsroom().values():
        texts[row["outlet"]] += row["text"]
    assert "\u00ad" in texts["Oberlauter Tagblatt"]
    assert "\u00a0" in texts["KVLO Channel 8"]
    assert "\u0301" in texts["La Voz de San Elías"]
    assert "“" in texts["The Continental Post"]
    assert "(AP) --" in texts["Gulf Meridian"]


def test_the_formats_can_be_read_and_hold_the_same_texts() -> None:
    texts = {row["text"] for row in newsroom().values()}
    for name, field, found in _formats():
        assert len(found) >= 6, name
        assert all(row[field] in texts for row in found), name


def _formats() -> list[tuple[str, str, list[dict[str, Any]]]]:
    folder = FIXTURES / "formats"
    with (folder / "plain.csv").open(encoding="utf-8", newline="") as plain:
        comma = list(csv.DictReader(plain))
    with gzip.open(folder / "trafilatura.tsv.gz", "rt", encoding="utf-8", newline="") as packed:
        tab = list(csv.DictReader(packed, delimiter="\t"))
    answer = json.loads((folder / "newsapi.json").read_text(encoding="utf-8"))
    squeezed = (folder / "newsplease.jsonl.zst").read_bytes()
    please = zstandard.ZstdDecompressor().decompress(squeezed).decode().strip().split("\n")
    plain_files = [p.read_text(encoding="utf-8") for p in sorted((folder / "txt").glob("*.txt"))]
    return [
        ("csv", "body", comma),
        ("tsv", "text", tab),
        ("json", "content", answer["articles"]),
        ("zst", "maintext", [json.loads(line) for line in please]),
        ("parquet", "content", pq.read_table(folder / "nela.parquet").to_pylist()),
        ("txt", "text", [{"text": text} for text in plain_files]),
    ]


def test_no_text_repeats_twelve_words_of_the_third_party_data() -> None:
    # `allsides` is left out: its 111 M characters take 12 s; checked by hand, no hit
    if not SHARED.is_dir():
        pytest.skip("the shared evaluation data are not beside the repository")
    ours = set()
    for row in [*newsroom().values(), *wire().values()]:
        ours |= _runs(row["text"])
    for name in ("syndication_day", "wire_alignment", "bbc", "basil", "ecbplus"):
        table = pq.read_table(SHARED / "data" / name / "articles.parquet", columns=["text"])
        for text in table["text"].to_pylist():
            assert not ours & _runs(text)
    for path in (SHARED / "seeds").glob("*.txt"):
        assert not ours & _runs(path.read_text(encoding="utf-8"))


def _runs(text: str, length: int = 12) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
