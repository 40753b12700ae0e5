"""How well and how fast sentences are aligned, beside simple methods on the same data.

    python benchmarks/alignment.py --data ../shared/data

1. Sentence spans of `wire_alignment`, beside sentencex and blingfire where they are installed.
2. `wire_alignment`: macro F1 over copied, rewritten and added sentences of 15 (wire, local) pairs;
   the label of a gold sentence is that of the found sentence it overlaps most, `furniture` counting
   as added (the gold knows no furniture). Peers label with the
   rules of the data's README: a sentence is copied from a similarity on, added below another.
3. The fixtures' reworded and stitched articles, six languages, the same way.
4. `pan13_verbatim`: PlagDet per pair (Potthast et al., "An evaluation framework for plagiarism
   detection", COLING 2010), averaged; granularity; difflib's matching blocks beside.
5. `msrp_sentences`: accuracy and F1 as a paraphrase detector, one threshold chosen on one half of
   the pairs, measured on the other; TF-IDF cosine beside.
6. Speed on `wire_alignment` pairs: warm, one thread; a batch; difflib and rapidfuzz on sentences.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dedup import readers
from dedup.text import sentences, tokenizer
from dedup.tracing import alignment

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
LABELS = alignment.LABELS
Spans = list[tuple[int, int]]


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read one table of a data set."""
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Count the code points that two spans share."""
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def macro_f1(gold: list[str], found: list[str]) -> float:
    """Mean F1 of the three labels."""
    scores = []
    for label in LABELS:
        both = sum(g == f == label for g, f in zip(gold, found, strict=True))
        scores.append(2 * both / max(gold.count(label) + found.count(label), 1))
    return float(np.mean(scores))


def ours(local: str, source: str, wanted: Spans) -> list[tuple[str, tuple[int, int] | None]]:
    """Label wanted spans by the found sentence they overlap most."""
    found = alignment.align(local, source).sentences
    out = []
    for span in wanted:
        row = max(found, key=lambda row: overlap((row.start, row.end), span))
        place = None if row.source_start is None else (row.source_start, row.source_end)
        out.append(("added" if row.label == "furniture" else row.label, place))
    return out


def by_similarity(
    score: Callable[[list[str], list[str]], np.ndarray], copied: float, added: float
) -> Callable[[str, str, Spans], list[tuple[str, tuple[int, int] | None]]]:
    """Label by the highest similarity to a source sentence."""

    def label(local: str, source: str, wanted: Spans) -> list[tuple[str, tuple[int, int] | None]]:
        places = sentences.split(source)
        matrix = score([local[a:b] for a, b in wanted], [source[a:b] for a, b in places])
        best, at = matrix.max(axis=1), matrix.argmax(axis=1)
        names = ["copied" if s >= copied else "added" if s < added else "rewritten" for s in best]
        return [(name, places[j]) for name, j in zip(names, at, strict=True)]

    return label


def cosine(local: list[str], source: list[str]) -> np.ndarray:
    """TF-IDF cosine over words, fitted on the pair."""
    vectors = TfidfVectorizer(token_pattern=r"\w+").fit_transform(local + source)
    return (vectors[: len(local)] @ vectors[len(local) :].T).toarray()


def ratio(local: list[str], source: list[str]) -> np.ndarray:
    """Edit similarity of rapidfuzz."""
    return process.cdist(local, source, scorer=fuzz.ratio) / 100


def matcher(local: list[str], source: list[str]) -> np.ndarray:
    """Similarity of difflib over words."""
    return np.array(
        [
            [difflib.SequenceMatcher(None, a.split(), b.split()).ratio() for b in source]
            for a in local
        ]
    )


METHODS = {
    "dedup": ours,
    "TF-IDF cosine, copied >= .7, added < .3": by_similarity(cosine, 0.7, 0.3),
    "rapidfuzz ratio, copied >= .8, added < .55": by_similarity(ratio, 0.8, 0.55),
    "difflib over words, copied >= .7, added < .4": by_similarity(matcher, 0.7, 0.4),
}


def wire_alignment(folder: Path) -> Iterator[str]:
    """Sentences of real local versions of wire copy."""
    texts = {row["id"]: row["text"] for row in rows(folder, "articles")}
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows(folder, "sentences"):
        if row["label"] != "ignore":
            pairs.setdefault((row["source_id"], row["local_id"]), []).append(row)
    for name, method in METHODS.items():
        gold, found, is_read, right = [], [], [], []
        for (source, local), labelled in pairs.items():
            wanted = [(row["start"], row["end"]) for row in labelled]
            for row, (label, place) in zip(
                labelled, method(texts[local], texts[source], wanted), strict=True
            ):
                gold.append(row["label"])
                found.append(label)
                is_read.append(row["label_by"] == "read")
                if row["label"] == "copied":
                    span = (row["src_start"], row["src_end"])
                    right.append(place is not None and overlap(place, span) > 0)
        read = [i for i, yes in enumerate(is_read) if yes]
        hard = macro_f1([gold[i] for i in read], [found[i] for i in read])
        yield f"| wire_alignment: macro F1 | {name} | {macro_f1(gold, found):.3f} |"
        yield f"| wire_alignment, read sentences: macro F1 | {name} | {hard:.3f} |"
        yield f"| wire_alignment, copied: source sentence right | {name} | {np.mean(right):.3f} |"


def splitters(folder: Path) -> Iterator[str]:
    """Sentence ends of `wire_alignment`'s local articles, beside other splitters if installed."""
    texts = {row["id"]: row["text"] for row in rows(folder, "articles")}
    gold: dict[str, set[tuple[int, int]]] = {}
    for row in rows(folder, "sentences"):
        gold.setdefault(row["local_id"], set()).add((row["start"], row["end"]))
    for name, split in find_splitters().items():
        found = {key: {(a, b) for a, b in split(texts[key]) if texts[key][a:b]} for key in gold}
        first, last = (
            {k: min(v)[0] for k, v in gold.items()},
            {k: max(v)[1] for k, v in gold.items()},
        )
        said = {k: {s for s in v if first[k] <= s[0] and s[1] <= last[k]} for k, v in found.items()}
        right = sum(len(gold[k] & said[k]) for k in gold)
        f1 = 2 * right / (sum(map(len, gold.values())) + sum(map(len, said.values())))
        yield f"| wire_alignment: F1 of sentence spans | {name} | {f1:.3f} |"


def find_splitters() -> dict[str, Callable[[str], Spans]]:
    """Ours, and those of sentencex and blingfire line by line."""
    found: dict[str, Callable[[str], Spans]] = {"dedup (nupunkt)": sentences.split}
    for name in ("sentencex", "blingfire"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        found[name] = functools.partial(by_line, functools.partial(pieces, module))
    return found


def pieces(module: Any, line: str) -> list[str]:
    """Split one line by another splitter."""
    if module.__name__ == "sentencex":
        return list(module.segment("en", line))
    return module.text_to_sentences(line).split("\n")


def by_line(split: Callable[[str], list[str]], value: str) -> Spans:
    """Find the sentences of each line where they stand in the text."""
    spans, at = [], 0
    for line in value.splitlines():
        for sentence in split(line) if line.strip() else ():
            start = value.find(sentence.strip(), at)
            if sentence.strip() and start >= 0:
                at = start + len(sentence.strip())
                spans.append((start, at))
    return spans


def fixtures() -> Iterator[str]:
    """Sentences of our own newsroom, each with all sources that its gold names."""
    texts: dict[str, str] = {}
    for name in ("newsroom", "wire"):
        for batch in readers.read([str(FIXTURES / f"{name}.jsonl")], readers.ReadOptions()):
            ids, values = (batch.articles.column(c).to_pylist() for c in ("id", "text"))
            texts |= {i: value for i, value in zip(ids, values, strict=True) if i not in texts}
    labelled: dict[str, list[dict[str, Any]]] = {}
    path = FIXTURES / "gold" / "sentences.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labelled.setdefault(row["id"], []).append(row)
    gold, found = [], []
    for local, group in labelled.items():
        sources = sorted({row["source_id"] for row in group if row["source_id"]})
        documents = [alignment.prepare(texts[source], source) for source in sources]
        aligned = alignment.align(texts[local], documents).sentences
        for row in group:
            if row["label"] in LABELS:
                span = (row["start"], row["end"])
                best = max(aligned, key=lambda one: overlap((one.start, one.end), span))
                gold.append(row["label"])
                found.append(best.label)
    score = macro_f1(gold, found)
    yield f"| fixtures, {len(gold):,} sentences, six languages: macro F1 | dedup | {score:.3f} |"
    for label in LABELS:
        of = [f for g, f in zip(gold, found, strict=True) if g == label]
        yield f"| fixtures, {label} found as such | dedup | {of.count(label)} of {len(of)} |"


def plagdet(found: list[tuple[Any, Any]], gold: list[tuple[Any, Any]]) -> tuple[float, float]:
    """Give PlagDet and granularity of one pair; passages are (span in local, span in source)."""

    def covered(passage: tuple[Any, Any], others: list[tuple[Any, Any]]) -> float:
        shares = []
        for side in (0, 1):
            marks = np.zeros(passage[side][1] - passage[side][0], dtype=bool)
            for other in others:
                if all(overlap(passage[k], other[k]) for k in (0, 1)):
                    first = max(other[side][0], passage[side][0]) - passage[side][0]
                    last = min(other[side][1], passage[side][1]) - passage[side][0]
                    marks[max(first, 0) : max(last, 0)] = True
            shares.append((marks.sum(), len(marks)))
        return sum(s for s, _ in shares) / max(sum(n for _, n in shares), 1)

    if not found or not gold:
        return float(not found and not gold), 1.0
    precision = float(np.mean([covered(passage, gold) for passage in found]))
    recall = float(np.mean([covered(passage, found) for passage in gold]))
    hits = [
        sum(all(overlap(one[k], passage[k]) for k in (0, 1)) for one in found) for passage in gold
    ]
    detected = [n for n in hits if n]
    granularity = float(np.mean(detected)) if detected else 1.0
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f1 / float(np.log2(1 + granularity)), granularity


def pan13(folder: Path) -> Iterator[str]:
    """Copied passages in noisy web text."""
    texts = {row["id"]: row["text"] for row in rows(folder, "articles")}
    gold: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
    for row in rows(folder, "alignment"):
        gold.setdefault((row["src_id"], row["susp_id"]), []).append(
            ((row["susp_start"], row["susp_end"]), (row["src_start"], row["src_end"]))
        )
    for name, method in (("dedup", our_passages), ("difflib over words", difflib_passages)):
        scores = [
            plagdet(method(texts[b], texts[a]), passages) for (a, b), passages in gold.items()
        ]
        det, granularity = np.mean(scores, axis=0)
        yield f"| pan13_verbatim: PlagDet / granularity | {name} | {det:.3f} / {granularity:.2f} |"


def our_passages(local: str, source: str) -> list[tuple[Any, Any]]:
    """Passages of an alignment."""
    found = alignment.align(local, source).passages
    return [((p.start, p.end), (p.source_start, p.source_end)) for p in found]


def difflib_passages(local: str, source: str) -> list[tuple[Any, Any]]:
    """The stretch between the first and the last matching block of eight words or more."""
    places = [tokenizer.token_spans(value) for value in (local, source)]
    words = [
        [value[a:b].casefold() for a, b in spans.tolist()]
        for value, spans in zip((local, source), places, strict=True)
    ]
    blocks = difflib.SequenceMatcher(None, *words, autojunk=False).get_matching_blocks()
    long = [block for block in blocks if block.size >= 8]
    if not long:
        return []
    first, last = long[0], long[-1]
    return [
        (
            (int(places[0][first.a][0]), int(places[0][last.a + last.size - 1][1])),
            (int(places[1][first.b][0]), int(places[1][last.b + last.size - 1][1])),
        )
    ]


def msrp(folder: Path) -> Iterator[str]:
    """Sentence similarity as a paraphrase detector."""
    pairs = rows(folder, "pairs")
    gold = np.array([row["label"] == 1 for row in pairs])
    own = [alignment.align(row["text_a"], row["text_b"]).sentences for row in pairs]
    similar = np.array(
        [np.mean([row.similarity for row in found]) if found else 0 for found in own]
    )
    vectors = TfidfVectorizer(token_pattern=r"\w+").fit(
        [row[name] for row in pairs for name in ("text_a", "text_b")]
    )
    a, b = (vectors.transform([row[name] for row in pairs]) for name in ("text_a", "text_b"))
    near = np.asarray(a.multiply(b).sum(axis=1)).ravel()
    even = np.arange(len(pairs)) % 2 == 0
    for name, values in (("dedup", similar), ("TF-IDF cosine", near)):
        choices = np.quantile(values[even], np.linspace(0.02, 0.98, 97))
        best = max(choices, key=lambda t: ((values[even] >= t) == gold[even]).mean())
        said = values[~even] >= best
        accuracy = (said == gold[~even]).mean()
        f1 = 2 * (said & gold[~even]).sum() / (said.sum() + gold[~even].sum())
        yield f"| msrp_sentences, other half: accuracy / F1 | {name} | {accuracy:.3f} / {f1:.3f} |"


def speed(folder: Path) -> Iterator[str]:
    """CPU time a pair, warm, one thread."""
    texts = {row["id"]: row["text"] for row in rows(folder, "articles")}
    pairs = sorted({(row["source_id"], row["local_id"]) for row in rows(folder, "sentences")})
    work = [(texts[local], texts[source]) for source, local in pairs]
    split = [tuple([t[a:b] for a, b in sentences.split(t)] for t in pair) for pair in work]
    ready = [tuple(alignment.prepare(t, str(i)) for i, t in enumerate(pair)) for pair in work]
    many = [(local, [source]) for local, source in ready * 20]
    timed: dict[str, tuple[Callable[[], object], int]] = {
        "dedup, one pair from text": (lambda: [alignment.align(*pair) for pair in work], 1),
        "dedup, batch of prepared texts": (lambda: list(alignment.align_many(many)), 20),
        "rapidfuzz cdist over sentences": (lambda: [ratio(a, b) for a, b in split], 1),
        "difflib over words of sentences": (lambda: [matcher(a, b) for a, b in split], 1),
    }
    for name, (call, times) in timed.items():
        call()
        start = time.process_time()
        call()
        each = (time.process_time() - start) / times / len(work)
        words = np.mean([len(local.split()) for local, _ in work])
        yield f"| CPU a pair of {words:.0f} words | {name} | {each * 1e3:.2f} ms |"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    data = parser.parse_args().data
    print("| measure | method | result |\n|---|---|---|")
    for lines in (
        splitters(data / "wire_alignment"),
        wire_alignment(data / "wire_alignment"),
        fixtures(),
        pan13(data / "pan13_verbatim"),
        msrp(data / "msrp_sentences"),
        speed(data / "wire_alignment"),
    ):
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
