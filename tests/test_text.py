"""Texts to tokens, blocks and quotations, by rules that can be said in a sentence."""

from __future__ import annotations

import itertools
import re

import naive
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from dedup import kernels
from dedup.text import tokenizer
from dedup.text.tokenizer import LineList, Tokens, tokenise

LINES = st.text(alphabet="ab1 .!?…,\t\u00a0\"')]»«’“é日。！\u00ad", max_size=30)
TEXTS = (
    st.text()
    | st.text(alphabet="ab1 .!?…\"')]»«’“é日。！\u00a0\u00ad\n\r\f\x1c\x85\u2028", max_size=40)
    | st.text(alphabet="аaсcoοхxрpнtwж τ -\u0301", max_size=40)  # of three alphabets
    | st.text(alphabet="ÃÂâ€™œ©®\xa0\xad»´é \x9d\ufffdÐ°×a", max_size=30)  # misread bytes
    | st.text(alphabet='กา่ ำ១ກမ。।؟۔"a', max_size=90)
)


def tokens_of(*texts: str | bytes, listed: LineList = tokenizer.NO_LINES) -> Tokens:
    """Tokenise texts, or bytes that may be no UTF-8."""
    rows = [t if isinstance(t, bytes) else t.encode() for t in texts]
    offsets = np.cumsum([0] + [len(row) for row in rows], dtype=np.int64)
    buffers = [pa.py_buffer(offsets), pa.py_buffer(b"".join(rows))]
    column = pa.LargeStringArray.from_buffers(len(rows), *buffers)
    return tokenise(column, listed)


def parts(tokens: Tokens, i: int) -> dict[str, list[int]]:
    """All that is known of one text, as lists."""
    blocks = tokens.blocks
    own = slice(blocks.offsets[i], blocks.offsets[i + 1])
    return {
        "values": tokens.values[tokens.offsets[i] : tokens.offsets[i + 1]].tolist(),
        "hashes": blocks.hashes[own].tolist(),
        "ends": blocks.ends[own].tolist(),
        "spans": blocks.spans[own].tolist(),
        "marks": blocks.marks[own].tolist(),
    }


def block_texts(written: str) -> list[str]:
    spans = parts(tokens_of(written), 0)["spans"]
    return [written[start:end] for start, end in spans]


@given(TEXTS)
@example("... Ends. \n***\n. \u2028 b. c")
@settings(deadline=None, max_examples=400)
def test_blocks_are_those_of_the_naive_twin(written: str) -> None:
    found = parts(tokens_of(written), 0)
    meant, places = naive.mend(written)
    expected = naive.blocks(meant)
    assert found["spans"] == [[places[start], places[end]] for start, end, *_ in expected]
    assert found["marks"] == [
        kernels.WHOLE_LINE * whole + kernels.SENTENCE * stop for *_, whole, stop in expected
    ]
    ends = np.cumsum([len(naive.tokens(meant[start:end])) for start, end, *_ in expected]).tolist()
    assert found["ends"] == ends
    values = naive.token_values(written)
    assert [value & ~3 for value in found["values"]] == values
    rows = [values[start:end] for start, end in itertools.pairwise([0, *ends])]
    assert found["hashes"] == [naive.row_hash(row) for row in rows]


def is_plain(written: str) -> bool:
    """Say whether a text is judged by no evidence from elsewhere in it."""
    return naive.mend(written)[0] == written and not naive.mixes_alphabets(written)


@given(TEXTS.filter(is_plain))
@settings(deadline=None, max_examples=300)
def test_a_block_holds_exactly_its_tokens(written: str) -> None:
    whole = parts(tokens_of(written), 0)
    spans = whole["spans"]
    alone = tokens_of(*[written[start:end] for start, end in spans])
    assert [value >> 2 for value in alone.values] == [value >> 2 for value in whole["values"]]
    assert np.cumsum(np.diff(alone.offsets)).tolist() == whole["ends"]
    assert tokenizer.hash_texts(alone).tolist() == whole["hashes"]


@pytest.mark.parametrize(
    ("written", "blocks"),
    [
        pytest.param("It left. It sank!\nWhy?", ["It left.", "It sank!", "Why?"], id="sentences"),
        pytest.param('"It sank." He saw it.', ['"It sank."', "He saw it."], id="closing mark"),
        pytest.param("(It sank.) It did.", ["(It sank.)", "It did."], id="bracket"),
        pytest.param("« Il part. » Oui.", ["« Il part.", "» Oui."], id="mark after a space"),
        pytest.param("»Er sank.« Ja.", ["»Er sank.«", "Ja."], id="BUG: inward closing mark"),
        pytest.param("Up 3.5 percent to 2.1m", ["Up 3.5 percent to 2.1m"], id="decimal point"),
        pytest.param("See bbc.co.uk/news?a=1 now", ["See bbc.co.uk/news?a=1 now"], id="address"),
        pytest.param(
            "船沉了。有人看见。", ["船沉了。", "有人看见。"], id="no space after CJK stops"
        ),
        pytest.param("One.\u00a0Two", ["One.", "\u00a0Two"], id="no-break space"),
        pytest.param("One\r\nTwo\u2028Three", ["One", "Two", "Three"], id="kinds of newlines"),
        pytest.param("***\n\n — \nOne", ["One"], id="lines without words"),
        pytest.param("… . One. * * *", ["… . One."], id="sentences without words"),
        pytest.param("Menu | Home | Sport", ["Menu | Home | Sport"], id="line without a stop"),
        pytest.param("Ein Fähre. Zwei", ["Ein Fähre.", "Zwei"], id="places are code points"),
        pytest.param("", [], id="empty"),
    ],
)
def test_blocks_are_sentences_or_lines(written: str, blocks: list[str]) -> None:
    assert block_texts(written) == blocks


@pytest.mark.parametrize("closing", [*naive.CLOSING, "”’", "'\")]"])
@pytest.mark.parametrize("stop", ".!?")
def test_closing_marks_belong_to_their_sentence(stop: str, closing: str) -> None:
    sentence = f"One{stop}{closing}"
    assert block_texts(f"{sentence} Two") == [sentence, "Two"]
    assert block_texts(f"{sentence}Two") == [f"{sentence}Two"]


@pytest.mark.parametrize("other", "„‗…¬–,;(¡%")
def test_other_marks_behind_a_stop_do_not_end_a_sentence(other: str) -> None:
    assert len(block_texts(f"One.{other} Two")) == 1


@pytest.mark.parametrize("newline", naive.NEWLINES)
def test_newlines_end_a_line(newline: str) -> None:
    found = parts(tokens_of(f"One two{newline}{newline} Three"), 0)
    assert found["spans"] == [[0, 7], [10, 15]]
    assert found["marks"] == [kernels.WHOLE_LINE] * 2


@pytest.mark.parametrize("stop", "。！？")
def test_stops_of_scripts_without_spaces_end_a_sentence_at_once(stop: str) -> None:
    assert block_texts(f"船{stop}船{stop}a") == [f"船{stop}", f"船{stop}", "a"]


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        pytest.param("One", [True], id="no newline"),
        pytest.param("One.\nTwo", [True, True], id="one each"),
        pytest.param("One. Two\nThree", [False, False, True], id="two and one"),
        pytest.param("One. ***\n***\nTwo.", [True, True], id="the rest has no words"),
    ],
)
def test_a_block_alone_on_its_line_is_marked(written: str, whole: list[bool]) -> None:
    marks = parts(tokens_of(written), 0)["marks"]
    assert [mark & kernels.WHOLE_LINE > 0 for mark in marks] == whole


@pytest.mark.parametrize("newline", naive.NEWLINES)
@pytest.mark.parametrize(
    ("line", "is_sentence"),
    [
        pytest.param("The ferry sank.", True, id="a stop"),
        pytest.param("“The ferry sank!”", True, id="a stop and a closing mark"),
        pytest.param("The ferry sank", False, id="no stop, as in a headline or a link"),
        pytest.param("Ferries of St. Brannoc", False, id="a stop amid the line only"),
    ],
)
def test_a_block_that_ends_with_a_stop_is_a_sentence(
    newline: str, line: str, is_sentence: bool
) -> None:
    for written in (line, f"{line}{newline}", f"{line}{newline}?", f"Home{newline}{line}"):
        marks = parts(tokens_of(written), 0)["marks"]
        assert (marks[-1] & kernels.SENTENCE > 0) == is_sentence


def quotations(written: str) -> list[str]:
    """The rows of quoted words, in the folded form of tokens."""
    values = parts(tokens_of(written), 0)["values"]
    words = naive.tokens(written)
    marks = "".join(str(value & kernels.QUOTED) for value in values)
    return [" ".join(words[m.start() : m.end()]) for m in re.finditer("1+", marks)]


FOUR_HUNDRED = "so it is " * 133 + "so"


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        pytest.param('He said "we go" then left', ["we go"], id="straight"),
        pytest.param("He said “we go” then left", ["we go"], id="curly"),
        pytest.param("Er sagte „wir gehen“ und ging", ["wir gehen"], id="German"),
        pytest.param("Mówił „idziemy” i szedł", ["idziemy"], id="Polish"),
        pytest.param("Il dit « on part » et part", ["on part"], id="French"),
        pytest.param("Er sagte »wir gehen« und ging", ["wir gehen"], id="inward guillemets"),
        pytest.param("彼は「行く」と言", ["行 く"], id="corner brackets"),
        pytest.param("彼は『行く』と言", ["行 く"], id="white corner brackets"),
        pytest.param("He said 'we go' then left", ["we go"], id="straight single"),
        pytest.param("He said ‘we go’ then left", ["we go"], id="curly single"),
        pytest.param("('we go', he said)", ["we go"], id="single in brackets"),
        pytest.param("the workers' rights and the bosses' too", [], id="possessive"),
        pytest.param("the workers’ rights, the bosses’ too", [], id="curly possessive"),
        pytest.param("it's what he doesn't say", [], id="apostrophe"),
        pytest.param("O‘Neill’s and the bosses’ too", [], id="wrong curly apostrophe"),
        pytest.param("it's the workers' day", [], id="apostrophe and possessive"),
        pytest.param("'jusqu'à midi' dit il", ["jusqu a midi"], id="straight one and an accent"),
        pytest.param("'we don't go' he said", ["we don t go"], id="apostrophe inside"),
        pytest.param("‘we don’t go’ he said", ["we don t go"], id="curly apostrophe inside"),
        pytest.param("‘c’était là’ dit il", ["c etait la"], id="apostrophe before an accent"),
        pytest.param("'not closed on its line\nnext' line", [], id="single unclosed"),
        pytest.param("in '98 and '99' it", [], id="years"),
        pytest.param("“he said ‘no’ to us” then", ["he said no to us"], id="single in curly"),
        pytest.param("\"he said 'no' to us\" then", ["he said no to us"], id="single in straight"),
        pytest.param("‘he said “no” to us’ then", ["no"], id="curly in single"),
        pytest.param("'he said \"no\" to us' then", ["no"], id="straight in single"),
        pytest.param('“he said "no" to us” then', ["he said no to us"], id="straight in curly"),
        pytest.param("„er sagte «nein» zu uns“ da", ["er sagte nein zu uns"], id="other in low"),
        pytest.param("« il dit “non” » puis", ["il dit non"], id="curly in French"),
        pytest.param('a 6" pipe and a 12" one', [], id="inches"),
        pytest.param('"we go " he said', ["we go"], id="closing mark after a space"),
        pytest.param('a 6"x9" frame', [], id="inches before a letter"),
        pytest.param("'we ' go' he said", ["we go"], id="single mark between spaces"),
        pytest.param('a " alone and x', [], id="mark between spaces"),
        pytest.param('"We go," he said. "Now."', ["we go", "now"], id="two"),
        pytest.param('("We go") and (“we”)', ["we go", "we"], id="in brackets"),
        pytest.param('"One.\n"Two.\n"Three." End', ["one two three"], id="paragraphs"),
        pytest.param("“One.\n“Two.” End", ["one two"], id="curly paragraphs"),
        pytest.param("“One\ntwo” end", ["one"], id="unclosed ends with its line"),
        pytest.param('"One\u2028two" end', ["one"], id="unclosed ends with a line separator"),
        pytest.param("x “one two", ["one two"], id="unclosed at the end"),
        pytest.param('x "one two', ["one two"], id="straight unclosed at the end"),
        pytest.param(f"“{FOUR_HUNDRED}", [FOUR_HUNDRED], id="unclosed of 400"),
        pytest.param(f"“{FOUR_HUNDRED} 401\nx", [], id="unclosed of 401"),
        pytest.param(f'"{FOUR_HUNDRED} 401" x', [], id="closing mark of something else"),
        pytest.param(f'"{FOUR_HUNDRED} 401" x "y" z', ["y"], id="and the next one counts"),
        pytest.param("no one said ” or 」 or ’ x", [], id="closing marks alone"),
        pytest.param("« Un.\nDeux. » Puis il part.", ["un"], id="BUG: » of a line before opens"),
        pytest.param("„Eins.\nZwei.“ Dann geht er.", ["eins"], id="BUG: “ of a line before opens"),
        pytest.param("‘we go’— he said ‘no’ x", ["we go", "no"], id="BUG: dash after curly single"),
        pytest.param("'we go'— he said 'no' x", ["we go", "no"], id="BUG: dash after single"),
        pytest.param('“” "" «» x', [], id="empty"),
        pytest.param('"Wort"Wort', ["wort"], id="closing mark before a word"),
        pytest.param('—"We go"—', ["we go"], id="between dashes"),
        pytest.param('é"we" 日『we』', ["we", "we"], id="after other letters"),
    ],
)
def test_words_inside_quotation_marks_are_marked(written: str, quoted: list[str]) -> None:
    assert quotations(written) == quoted


@given(st.lists(LINES | st.sampled_from(['He said "we go." Then', "„so“", "“so."]), max_size=5))
@settings(deadline=None, max_examples=200)
def test_lines_stand_for_themselves(lines: list[str]) -> None:
    """The tokens, blocks and quotations of a text are those of its lines, one after another."""
    assume(is_plain("\n".join(lines)))
    together = parts(tokens_of("\n".join(lines)), 0)
    alone = tokens_of(*lines)
    assert together["values"] == alone.values.tolist()
    assert together["hashes"] == alone.blocks.hashes.tolist()
    assert together["marks"] == alone.blocks.marks.tolist()
    spans, ends, n_chars, n_tokens = [], [], 0, 0
    for i, line in enumerate(lines):
        own = parts(alone, i)
        spans += [[start + n_chars, end + n_chars] for start, end in own["spans"]]
        ends += [end + n_tokens for end in own["ends"]]
        n_chars += len(line) + 1
        n_tokens += len(own["values"])
    assert (together["spans"], together["ends"]) == (spans, ends)


HALF_BYTES = st.sampled_from(['"', "“so", "Ends. ", "é", "日".encode()[:2], b"\xe2\x80", b"\xff"])


@given(st.lists(TEXTS | HALF_BYTES, min_size=1, max_size=6), st.data())
@settings(deadline=None)
def test_a_text_among_others_is_the_same_as_alone(
    texts: list[str | bytes], data: st.DataObject
) -> None:
    together = tokens_of(*texts)
    for i, written in enumerate(texts):
        assert parts(together, i) == parts(tokens_of(written), 0)
    start = data.draw(st.integers(0, len(texts)))
    whole = [t for t in texts if isinstance(t, str)]
    sliced = tokenise(pa.array(whole, pa.large_string())[start:])
    assert sliced.values.tolist() == tokens_of(*whole[start:]).values.tolist()
    assert sliced.blocks.spans.tolist() == tokens_of(*whole[start:]).blocks.spans.tolist()


@given(TEXTS, st.data())
@settings(deadline=None)
def test_marking_blocks_changes_nothing_else(written: str, data: st.DataObject) -> None:
    tokens = tokens_of("before", written, "after")
    n = len(tokens.blocks.hashes)
    found = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=np.bool_)
    before = [parts(tokens, i) for i in range(3)]
    kernels.mark_furniture(
        tokens.values,
        tokens.offsets,
        tokens.blocks.offsets,
        tokens.blocks.ends,
        found,
    )
    marked = tokens.values & kernels.FURNITURE > 0
    assert (
        marked.tolist()
        == np.repeat(
            found, np.concatenate([np.diff([0, *texts["ends"]]) for texts in before])
        ).tolist()
    )
    tokens.values[marked] -= kernels.FURNITURE
    assert [parts(tokens, i) for i in range(3)] == before


def line_list(*lines: str, **limits: int) -> LineList:
    """Lines, and beginnings of lines (`_` for a space) with the most words of their line."""
    starts = tokens_of(*[start.replace("_", " ") for start in limits])
    return LineList(
        np.unique(tokenizer.hash_texts(tokens_of(*lines))),
        tokenizer.hash_texts(starts),
        np.array(list(limits.values()), dtype=np.int64),
        int(np.diff(starts.offsets).max(initial=0)),
    )


LISTED = line_list(
    *("Read more", "Follow us. On Facebook!", "日本"),
    read_also=5,
    sign_up_now=3,
    read=2,
    click=4,
    click_here=2,
)


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        pytest.param("Read more", ["Read more"], id="a line"),
        pytest.param("READ — MORE…", ["READ — MORE…"], id="in other letters and marks"),
        pytest.param("“Read more”", ["“Read more”"], id="in quotation marks"),
        pytest.param("a\nRead more\nb", ["Read more"], id="a line among others"),
        pytest.param("Read more books", [], id="the beginning of a line"),
        pytest.param("You read more", [], id="the end of a line"),
        pytest.param("Read\nmore", ["Read"], id="two lines, of which one begins so"),
        pytest.param("Read more. Now.", [], id="a sentence of a line"),
        pytest.param("Now. Read more.", [], id="the last sentence of a line"),
        pytest.param("Read more. ***\n", ["Read more."], id="a line with a wordless rest"),
        pytest.param("Follow us. On Facebook!", ["Follow us.", "On Facebook!"], id="two sentences"),
        pytest.param("Follow us on Facebook", ["Follow us on Facebook"], id="stops do not matter"),
        pytest.param("Follow us.\nOn Facebook!", [], id="two sentences of two lines"),
        pytest.param("日本", ["日本"], id="a token per character"),
        pytest.param("Read also", ["Read also"], id="a beginning alone"),
        pytest.param("Read also: the ferry sank", ["Read also: the ferry sank"], id="at the limit"),
        pytest.param("Read also: why the ferry sank", [], id="beyond the limit"),
        pytest.param("Read. Also. One. Two. Six", ["Read.", "Also.", "One.", "Two.", "Six"],
                     id="a beginning of two sentences"),
        pytest.param("Now read also this", [], id="a beginning amid a line"),
        pytest.param("Read it", ["Read it"], id="the shorter of two beginnings"),
        pytest.param("Read it all", [], id="beyond the limit of the shorter one"),
        pytest.param("Click here for more", ["Click here for more"], id="the larger of two limits"),
        pytest.param("It was so\nRead also why so", ["Read also why so"], id="behind another line"),
        pytest.param("Sign up now", ["Sign up now"], id="the longest beginning"),
        pytest.param("Sign up today", [], id="a part of a beginning"),
        pytest.param("Read also x\nIt was so", ["Read also x"], id="the next line is another"),
        pytest.param("Read also x\nRead more x", ["Read also x"], id="limits end with their line"),
    ],
)  # fmt: skip
def test_listed_lines_are_marked(written: str, listed: list[str]) -> None:
    marks = parts(tokens_of(written, listed=LISTED), 0)["marks"]
    blocks = zip(block_texts(written), marks, strict=True)
    assert [block for block, mark in blocks if mark & kernels.LISTED] == listed


def test_the_list_of_lines_changes_nothing_else() -> None:
    texts = ["Read more\nIt sank. “So it did.”", "", "Read also this"]
    tokens, plain = tokens_of(*texts, listed=LISTED), tokens_of(*texts)
    assert tokens.values.tolist() == plain.values.tolist()
    assert tokens.blocks.spans.tolist() == plain.blocks.spans.tolist()
    assert (tokens.blocks.marks & ~kernels.LISTED).tolist() == plain.blocks.marks.tolist()


def spans_of(written: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Spans from `tokenizer.token_spans`, which must leave room for them all."""
    locate = kernels.locate_tokens

    def check(data: np.ndarray, start: int, end: int, *rest: np.ndarray) -> int:
        *table, out = rest
        wide = np.empty((2 * len(data) + 2, 2), dtype=np.int32)
        n = locate(data, start, end, *table, wide)
        assert n <= len(out), "written beyond the end of the array"
        out[:n] = wide[:n]
        return n

    with monkeypatch.context() as patch:
        patch.setattr(kernels, "locate_tokens", check)
        return [tuple(span) for span in tokenizer.token_spans(written).tolist()]


@given(TEXTS)
@example("İ re\u00adport e\u0301 ½ ﬁ")
@settings(deadline=None, max_examples=200)
def test_tokens_stand_where_the_naive_twin_says(written: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        spans = spans_of(written, patch)
    meant, places = naive.mend(written)
    assert spans == [(places[start], places[end]) for start, end in naive.token_spans(meant)]
    assert len(spans) == len(tokens_of(written).values)


@pytest.mark.parametrize("written", ["㌖", "㌖" * 1000])
def test_bug_spans_of_characters_that_fold_to_many_tokens_have_room(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BUG: `token_spans` has room for a row per byte, but `㌖` (3 bytes) gives six tokens."""
    assert spans_of(written, monkeypatch) == naive.token_spans(written)


def test_a_lone_surrogate_parts_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spans_of("a\ud800b", monkeypatch) == [(0, 1), (2, 3)]


def test_texts_are_hashed_by_their_tokens() -> None:
    texts = ["The ferry left.", "THE — ferry “left”", "The ferry", ""]
    hashes = tokenizer.hash_texts(tokens_of(*texts)).tolist()
    assert hashes == [naive.row_hash(naive.token_values(written)) for written in texts]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize(
    "unit",
    [
        *(".", "\n", '"', "'", '."', ".'", '"a', "a.", ".) ", "a. ", "a.\n", "“", "«»", "’", "‘a"),
        *("。", "日", "\u2028", "\u0301", "\x85 ", " ", "ﷺ"),
    ],
    ids=lambda unit: unit.encode("unicode-escape").decode(),
)
def test_a_million_of_the_same_take_no_time(unit: str) -> None:
    n = 1_000_000
    for written in (unit * n, "a." + unit * n, unit * n + " b."):
        tokens = tokens_of(written)
        spans = tokens.blocks.spans
        assert len(spans) <= len(tokens.values)
        assert (spans[:, 0] < spans[:, 1]).all()


def values_of(written: str) -> list[int]:
    """Token values without their marks."""
    return (tokens_of(written).values & ~np.uint32(3)).tolist()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param("یک کتاب کوچک", "يك كتاب كوچك", id="Persian with Arabic letters"),
        pytest.param("یہ ہمارا ملک ہے", "يه همارا ملك هي", id="Urdu with Arabic letters"),
        pytest.param("خانهٔ ما، ۀ", "خانه ما، ه", id="heh with yeh above"),
        pytest.param("می‌شود", "میشود", id="no zero width non-joiner"),
        pytest.param("سنة ۱۳۹۸ و ٢٠٢٤", "سنه 1398 و 2024", id="digits, final teh"),
        pytest.param("أكد الآن إن المسؤول", "اكد الان ان المسوول", id="no hamza on its letter"),
        pytest.param("سماء وشيء رئيس", "سما وشي رييس", id="no hamza, alone or on its letter"),
        pytest.param("إلى مستشفى", "الي مستشفي", id="final yeh without dots"),
        pytest.param("ٱلكتاب", "الكتاب", id="alef that joins"),
        pytest.param("الــسـلام", "السلام", id="lengthened"),
        pytest.param("مُحَمَّدٌ", "محمد", id="vowel signs"),
        pytest.param("ﻣﺤﻤﺪ ﷲ", "محمد الله", id="presentation forms"),
        pytest.param("१२ ০৯ ๒๕", "12 09 25", id="digits of any script"),
        pytest.param("体制与发展后面只有干部", "體製與發展後面隻有幹部", id="Chinese"),
        pytest.param("台风里的汇款", "颱風裡的匯款", id="Chinese of Taiwan"),
        pytest.param("衞生署說着為了羣眾", "卫生署说著为了群众", id="Chinese of Hong Kong"),
        pytest.param("乾坤 幹什麼 干扰", "干坤 干什么 干擾", id="one character for several"),
        pytest.param("пʼять п’ять", "п'ять п'ять", id="Ukrainian apostrophes"),
        pytest.param("IŞIK Qurʾan ɡo", "ışık Qur'an go", id="Latin"),
    ],
)
def test_spellings_of_one_word_give_the_same_tokens(a: str, b: str) -> None:
    assert values_of(a) == values_of(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param("کار", "گار", id="kaf, gaf"),
        pytest.param("باب", "پاپ", id="beh, peh"),
        pytest.param("时间", "事件", id="Chinese of one sound"),
        pytest.param("мел", "мель", id="Cyrillic"),
        pytest.param("рост", "poct", id="a Cyrillic word and its look-alike"),
        pytest.param("Ποτ", "Пот", id="a Greek word and its look-alike"),
        pytest.param("ก็ไป", "ก็มา", id="Thai"),
    ],
)
def test_other_words_stay_apart(a: str, b: str) -> None:
    assert values_of(a) != values_of(b)


def test_every_group_of_chinese_characters_is_one() -> None:
    groups = naive.FACTS["han"]
    values = [set(values_of(group)) for group in groups]
    assert all(len(found) == 1 for found in values)
    assert len({found.pop() for found in values}) == len(groups)


SENTENCES = {
    "de": "Der Stadtrat von Alt-Gehren hat am Dienstag beschlossen, das Freibad zu schließen.",
    "en": "A crew of thirty will stay for that purpose, and so is his ship in Asia.",
    "fr": "La préfecture a ordonné mardi la fermeture de quatre plages près de là-bas.",
    "es": "El Ayuntamiento aprobó el lunes, por un solo voto, cerrar al tráfico once calles.",
    "pl": "Burmistrz ogłosił we wtorek, że most zostanie zamknięty do końca roku.",
    "ru": "Жители посёлка остались во вторник без отопления, а вода залила подвалы и у соседей.",
    "uk": "Мешканці міста залишились у вівторок без опалення, і це не вперше за рік.",
    "bg": "Кметът съобщи във вторник, че мостът ще бъде затворен до края на годината.",
    "sr": "Градоначелник је у уторак саопштио да ће мост бити затворен до краја године.",
    "el": "Ο δήμαρχος ανακοίνωσε την Τρίτη ότι η γέφυρα θα μείνει κλειστή ως το τέλος του έτους.",
    "ar": "أعلنت بلدية المدينة يوم الأحد أن السوق القديم سيبقى مغلقا حتى نهاية الشهر.",
    "hi": "नगर निगम ने बुधवार को बताया कि शहर का सबसे बड़ा तालाब बंद रहेगा।",
    "th": "เทศบาลประกาศว่าตลาดน้ำเก่าของเมืองจะปิดปรับปรุงเป็นเวลาสองเดือน",
    "zh": "青河市政府周三宣布，由于水库蓄水量只剩两成，全市每天停水六小时。",
    "ko": "시는 화요일 다리를 연말까지 폐쇄한다고 밝혔다.",
    "quotes": "“It’s not over — don’t leave…” he said, “for £5 or €6.”",
}


def disguises(c: str) -> list[str]:
    """Letters of another alphabet that look like this one, and like no other of its alphabet."""
    own = naive.alphabet(naive.fold(c)[:1] or " ")
    return [
        other
        for other in naive.LOOK_ALIKES.get(c, "")
        if own is not None
        and naive.alphabet(naive.fold(other)[:1] or " ") not in (own, None)
        and naive.looks_like(other, own) == naive.fold(c)
    ]


LOOKS = {c: disguises(c) for written in SENTENCES.values() for c in written}


@given(st.sampled_from(["de", "en", "fr", "es", "pl", "ru", "uk", "bg", "sr", "el"]), st.data())
@settings(deadline=None, max_examples=300)
def test_disguised_words_give_the_tokens_of_what_they_look_like(
    language: str, data: st.DataObject
) -> None:
    clean = SENTENCES[language]
    chance = data.draw(st.integers(1, 10))
    source = data.draw(st.randoms(use_true_random=False))
    written = "".join(
        source.choice(LOOKS[c]) if LOOKS[c] and source.randint(1, 10) <= chance else c
        for c in clean
    )
    assume(naive.mixes_alphabets(written))
    assert naive.token_spans(written) == naive.token_spans(clean)
    assert values_of(written) == values_of(clean)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        pytest.param("mаil the news to Кarl", "mail the news to karl", id="Cyrillic in Latin"),
        pytest.param("Мoсква и Питeр", "москва и питер", id="Latin in Cyrillic"),
        pytest.param("Αthens is nοt far", "athens is not far", id="Greek in Latin"),
        pytest.param(
            "Аpple вчера купила рocт", "apple вчера купила рост", id="words of two alphabets"
        ),
        pytest.param("the соре of it waѕhеd", "the cope of it washed", id="a whole word"),
        pytest.param("Заболел COVIDом весной", "заболел covidом весной", id="none can write it"),
        pytest.param("на iPhоne и рост", "на iphone и рост", id="a brand"),
        pytest.param("5μg of it", "5μg of it", id="a unit"),
        pytest.param("ᎠᎬaf ꓚat сat", "deaf cat cat", id="letters of other alphabets"),
        pytest.param("ЁЖu", "ежu", id="no look-alike"),
    ],
)
def test_words_of_two_alphabets_are_read_as_they_look(written: str, seen: str) -> None:
    assert values_of(written) == [
        naive.token_hash(naive.fold(word)) >> 34 << 2 for word in seen.split()
    ]


def misread(text: str, codec: str) -> str:
    """A text whose UTF-8 was read with another codec; what that has no sign for is a control."""
    data = text.encode()
    if codec == "latin-1":
        return data.decode("latin-1")
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte)
        for byte in data
    )


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("language", SENTENCES)
def test_misread_bytes_give_the_tokens_that_were_meant(
    language: str, times: int, codec: str
) -> None:
    clean = written = SENTENCES[language]
    for _ in range(times):
        written = misread(written, codec)
    assert values_of(written) == values_of(clean)
    places = [0]
    for c in clean:
        for _ in range(times):
            c = misread(c, codec)
        places.append(places[-1] + len(c))
    spans = [(places[start], places[end]) for start, end in naive.token_spans(clean)]
    assert [tuple(span) for span in tokenizer.token_spans(written).tolist()] == spans


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("plages prÃ¨s de Kervalec oÃ¹", "plages près de Kervalec où", id="all"),
        pytest.param("prÃ¨s Ã\xa0 lâ€™Ã‰tat Â« Ã§a Â»", "près à l’État « ça »", id="with quotes"),
        pytest.param("été à la plage prÃ¨s", "été à la plage près", id="a part of a text"),
        pytest.param("He said â€œno.â€", "He said “no.”", id="the last byte of ” lost"),
        pytest.param("He said â€œno.â€\ufffd It", "He said “no.” It", id="it is a sign for it"),
        pytest.param("costs Â£5 and Â 6", "costs £5 and 6", id="a no-break space tidied"),
    ],
)
def test_misread_bytes_of_all_sorts_are_mended(written: str, meant: str) -> None:
    assert values_of(written) == values_of(meant)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("« Il a gagné\u00a0» « Été\u00a0»", id="French, no-break space"),
        pytest.param("“CAFÉ” ‘À LA MODE’ PERÚ… MAÇÃ”", id="capitals in quotes"),
        pytest.param("NESTLÉ® CAFÉ™ É©", id="capitals and signs of trade"),
        pytest.param("Spaß“ groß” Straße–", id="German"),
        pytest.param("ÚŠTĚK DÍŠ ÍŽ", id="Czech"),
        pytest.param("ÂME ÀÉÈ Ãé éà âî", id="letters only"),
        pytest.param("3×¼ 5×² ×« 7×", id="times"),
        pytest.param("Việt Nam ỨNG CỬ Â Ê", id="Vietnamese"),
        pytest.param("MANHÃ\u00a0DE SOL", id="Portuguese, no-break space"),
    ],
)
def test_what_people_write_is_not_mended(written: str) -> None:
    assert naive.mend(written)[0] == written
    assert tokenizer.mend(np.frombuffer(written.encode(), dtype=np.uint8))[1] is None


@given(st.text(alphabet="กาข่็ ำເກำ abก1", max_size=60))
@settings(deadline=None)
def test_letters_of_words_without_spaces_are_told_by_those_before_them(written: str) -> None:
    """Words of Thai, Lao, Khmer and Burmese: three letters say more than one."""
    assert values_of(written) == naive.token_values(written)


def test_a_space_ends_a_long_row_of_thai() -> None:
    long, short = "ก" * 30, "ข" * 5
    assert block_texts(f"{long} {short} {long} a {long}") == [
        long, f"{short} {long} a {long}"
    ]  # fmt: skip


def test_misread_text_among_broken_bytes_is_mended_within_its_room() -> None:
    broken = b"\xff\xfe" * 500 + "prÃ©fecture оcean сat".encode()
    meant, places = tokenizer.mend(np.frombuffer(broken, dtype=np.uint8))
    assert meant.tobytes().decode() == "\ufffd" * 1000 + "préfecture оcean сat"
    assert places is not None
    assert len(places) == 1000 + len("préfecture оcean сat") + 1
    words = [naive.token_hash(word) >> 34 << 2 for word in ("prefecture", "ocean", "cat")]
    assert tokens_of(broken, "x").values.tolist() == [*words, *values_of("x")]
