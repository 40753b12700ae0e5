from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup import kernels
from dedup.text import tokenizer
from dedup.tracing import documents


@given(st.lists(st.text("abcdé", min_size=1, max_size=7), min_size=1, max_size=8))
def test_pieces_of_words_equal_their_naive_twin(words: list[str]) -> None:
    entries = kernels.load_unicode()[0]
    value = " ".join(words)
    spans = tokenizer.token_spans(value)
    characters = np.frombuffer(value.encode("utf-32-le"), dtype=np.uint32)
    grams, owners = np.zeros(len(value) + len(spans), np.uint32), np.zeros(99, np.int32)
    n = kernels.cut_grams(characters, spans, entries, grams, owners)
    plain = [f" {word.replace('é', 'e')} " for word in words]
    naive = [
        (word[i : i + 4], token)
        for token, word in enumerate(plain)
        for i in range(max(len(word) - 3, 1))
    ]
    assert n == len(naive)
    assert owners[:n].tolist() == [token for _, token in naive]
    assert len({*zip(grams[:n].tolist(), [gram for gram, _ in naive], strict=True)}) == len(
        {gram for gram, _ in naive}
    )


def test_pieces_of_a_long_sentence_do_not_overlap() -> None:
    spans = documents.prepare("a " + "½ " * 400).spans.tolist()
    assert len(spans) > 1
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
