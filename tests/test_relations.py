"""What kind of match a pair is: decided from the passages its texts share."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import newswriter
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings
from dedup.stages import headings, passages, relations
from dedup.text import tokenizer

FERRY = [
    "A passenger ferry with 212 people on board ran aground off the Marrow islands late on Sunday "
    "after its steering failed in heavy swell, the coast guard said.",
    "Rescue boats took everyone ashore before dawn and no one was seriously hurt, although eleven "
    "passengers were treated for cold and bruises at a clinic in Port Ansel.",
    "The captain told investigators that an alarm on the bridge had sounded twice in the hour "
    "before the accident but that both times the crew found nothing wrong.",
    "The operator, Tidewater Lines, has grounded its two other ships of the same class until "
    "engineers have examined their rudders and the hydraulic pumps that drive them.",
    "It was the third accident on the route since March, and residents of the islands have long "
    "asked the transport ministry for newer vessels and a second lifeboat station.",
    "A hearing is to open in the provincial capital on Thursday, when the harbour master and the "
    "company's head of safety are expected to be questioned by three judges.",
]
UPDATE = [
    "Divers who examined the hull on Tuesday found a crack as long as a man's arm beneath the "
    "engine room, and a salvage tug from the mainland is due at the reef by the weekend.",
    "The transport minister, Odile Brandt, flew over the site and promised the islanders a "
    "replacement ship by the end of the summer, paid for by the ministry's reserve.",
    "Tidewater Lines said tickets for the coming month would be refunded in full and that a "
    "chartered catamaran would carry mail, medicine and schoolchildren in the meantime.",
]
SPEECH = (
    "We did not come to this hall to divide the water of our fathers into yours and mine, and I "
    "will not sign a paper that sells one well while a single child of this valley goes to bed "
    "thirsty, because a river that is owned by nobody is looked after by everybody and a river "
    "that is owned by a bank is looked after by nobody at all"
)
REDE = (
    "Wir sind nicht in diesen Saal gekommen, um das Wasser unserer Väter in deines und meines zu "
    "teilen, und ich werde kein Papier unterschreiben, das auch nur einen Brunnen verkauft, "
    "solange ein einziges Kind in diesem Tal durstig zu Bett geht, denn ein Fluss, der niemandem "
    "gehört, wird von allen gehütet, und ein Fluss, der einer Bank gehört, von niemandem"
)
DISCOURS = (
    "Nous ne sommes pas venus dans cette salle pour partager l'eau de nos pères entre la vôtre et "
    "la mienne, et je ne signerai aucun papier qui vende un seul puits tant qu'un enfant de cette "
    "vallée se couche avec la soif, car une rivière qui n'est à personne est gardée par tous et "
    "une rivière qui est à une banque n'est gardée par personne"
)
HALL_A = [
    "Governor Irena Stahl refused on Monday to approve the sale of the Ostrava reservoir, ending "
    "four months of talks with a group of foreign lenders that had offered to clear the debt of "
    "the region in return for its pumping stations.",
    "Her speech drew long applause from farmers in the gallery, some of whom had walked for two "
    "days to hear it, while deputies of the finance party left the chamber one by one before the "
    "end and gathered on the steps outside.",
    "The lenders have until the first week of next month to table another offer, and officials "
    "close to the talks believe that a lease of twenty years could still win a majority if the "
    "price of household water is fixed by law.",
]
HALL_B = [
    "Bond prices of the northern region fell by a tenth yesterday when its head of government "
    "tore up a rescue deal in front of the assembly, and traders spoke of the worst session since "
    "the flood year in which two savings banks had to close.",
    "Analysts at three brokerages warned that wages of teachers and nurses can be paid for six "
    "more weeks at most, after which the capital will have to step in or accept that schools and "
    "hospitals shut their doors through the winter.",
    "Opposition leader Petr Anders called the decision a gamble with other people's pensions and "
    "announced a vote of no confidence, which he is unlikely to win as long as the two rural "
    "parties stand behind the coalition.",
]
BLOG_OPENING = [
    "Regular readers know that I have crossed to the Marrows more often than is good for my "
    "stomach, so forgive me if I take last night's news a little personally this morning, because "
    "half of my neighbours had a cousin on that boat.",
]
BLOG_END = [
    "My own view has not changed since the spring: you cannot run a line for forty years on "
    "paint and prayers, and if the ministry has money for a new opera house then it has money "
    "for two rudders and a pump as well.",
]
GAZETTE = [
    "Fishermen who saw the lights go out rowed across the sound without waiting for orders, and "
    "by midnight the church hall of Saint Brannoc was full of wet coats, tea and dogs.",
    "The schoolteacher Maren Holt counted the children twice and then a third time by their "
    "names before she would let anybody close the doors against the wind.",
    "Old Tobias Grieve, who piloted the first steamer through the narrows as a boy, said that the "
    "reef has a voice in a south wind and that the young captains no longer know it.",
    "At the harbour office nobody would say who had last signed for the pumps, only that the book "
    "in question had been sent to the mainland for binding in the week before Easter.",
    "A collection for the families stands at nine thousand crowns, most of it in coins, and the "
    "bakery will give bread without payment until the mail boat runs again.",
    "The islands' council meets tonight in the open air, since no room on Great Marrow is large "
    "enough for all those who have asked to be heard about the crossing.",
    "Its chairwoman asked that anyone with photographs of the bridge deck bring them along, and "
    "that those who only wish to shout leave their lanterns and their bottles at home.",
]


def lines(*parts: list[str] | str) -> str:
    return "\n".join(part if isinstance(part, str) else "\n".join(part) for part in parts)


class Case(NamedTuple):
    """Two texts, what they are to each other, and whether they end up together."""

    a: str
    b: str
    relation: str | None
    cluster: bool
    story: bool
    outlets: tuple[str, str] = ("", "")


def spoken(opening: str, closing: str, speech: str = SPEECH) -> Case:
    a = lines(HALL_A[:2], f"{opening}{speech}.{closing}", HALL_A[2:])
    b = lines(HALL_B[:1], f"{opening}{speech}.{closing}", HALL_B[1:])
    return Case(a, b, "quote", cluster=False, story=False)


EDITED = (
    lines(FERRY)
    .replace("late on Sunday", "on Sunday night")
    .replace("no one", "nobody")
    .replace("judges", "magistrates")
    .replace("Rescue boats took", "Lifeboats brought")
)

CASES = {
    "reprint under another headline": Case(
        lines("Ferry runs aground off Marrow islands, all 212 safe", FERRY),
        lines("Steering failure strands island ship; hearing set for Thursday", FERRY),
        "duplicate", cluster=True, story=True),
    "light edits": Case(lines(FERRY), EDITED, "duplicate", cluster=True, story=True),
    "another case and typography": Case(
        lines(FERRY), lines(FERRY).upper().replace("'", "’"), "duplicate", cluster=True, story=True
    ),
    "paragraphs added": Case(
        lines(FERRY), lines(FERRY, UPDATE), "version", cluster=True, story=True),
    "cut from the bottom": Case(
        lines(FERRY), lines(FERRY[:3]), "version", cluster=True, story=True),
    "a truncated stub": Case(
        lines(FERRY, UPDATE), " ".join(lines(FERRY).split()[:40]) + " …", "version",
        cluster=False, story=True),
    "an update of the same outlet": Case(
        lines(UPDATE, FERRY[:2], FERRY[3:5]), lines(FERRY), "version", cluster=True, story=True,
        outlets=("Courier", "Courier")),
    "one speech in curly quotation marks": spoken("“", "”"),
    "one speech in straight quotation marks": spoken('"', '"'),
    "one speech in single quotation marks": spoken("‘", "’"),
    "one speech in German quotation marks": spoken("„", "“", REDE),
    "one speech in inward angles": spoken("»", "«", REDE),
    "one speech in French quotation marks": spoken("« ", " »", DISCOURS),
    "one speech without quotation marks": spoken("", "")._replace(relation="version"),
    "a blog takes another outlet's paragraphs": Case(
        lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE), "quote",
        cluster=False, story=False, outlets=("blog", "Gazette")),
    "a blog of an unknown outlet does": Case(
        lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE), "quote",
        cluster=False, story=False),
    "a carrier of agency copy names the agency": Case(
        lines(BLOG_OPENING, FERRY[:4], BLOG_END, "With reporting by the Associated Press."),
        lines(GAZETTE, FERRY[:4], UPDATE), "version",
        cluster=False, story=True, outlets=("blog", "Gazette")),
    "the longer text names the agency": Case(
        lines(BLOG_OPENING, FERRY[:4], BLOG_END),
        lines("PORT ANSEL (Reuters) –", GAZETTE, FERRY[:4], UPDATE), "version",
        cluster=False, story=True, outlets=("blog", "Gazette")),
    "an outlet reuses its own paragraphs": Case(
        lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE), "version",
        cluster=False, story=True, outlets=("Gazette", "Gazette")),
    "a weak overlap, under two fifths": Case(
        lines(GAZETTE[:4], FERRY[3:4], FERRY[5:]), lines(HALL_B, FERRY[3:4], FERRY[5:]),
        "version", cluster=False, story=False),
    "under a hundred words": Case(
        lines(GAZETTE[:2], FERRY[2:5]), lines(UPDATE, HALL_A, FERRY[2:5]),
        "version", cluster=False, story=False, outlets=("Courier", "Courier")),
    "two independent reports": Case(
        lines(FERRY), lines(GAZETTE), None, cluster=False, story=False),
}  # fmt: skip


def counted(**counts: int) -> passages.Shared:
    """Make what one pair shares; what is not given is 0."""
    names = [field.name for field in dataclasses.fields(passages.Shared)]
    columns = {name: np.array([counts.get(name, 0)]) for name in names}
    return passages.Shared(**{**columns, "titles": np.zeros((1, 2, 3))})


TEXT_PAIRS = st.lists(
    st.lists(st.sampled_from([*FERRY, *HALL_A, f"“{SPEECH}”"]), max_size=5).map("\n".join),
    min_size=1,
    max_size=5,
)


def related(a: Article, b: Article, **options: Any) -> tuple[str | None, bool, bool, float | None]:
    """Give a pair's relation, whether it is a cluster and a story, and the margin."""
    result = dedup.cluster([a, b], Settings(**options))
    pairs = result.pairs.to_pylist()
    rows = result.articles.to_pylist()
    together = [rows[0][level] == rows[1][level] for level in ("cluster", "story")]
    relation, margin = (pairs[0]["relation"], pairs[0]["margin"]) if pairs else (None, None)
    return relation, together[0], together[1], margin


@pytest.mark.parametrize("name", CASES)
def test_relations(name: str) -> None:
    case = CASES[name]
    a = Article("a", case.a, outlet=case.outlets[0])
    b = Article("b", case.b, outlet=case.outlets[1])
    found = related(a, b)
    assert found[:3] == (case.relation, case.cluster, case.story)
    swapped = related(Article("a", b.text, outlet=b.outlet), Article("b", a.text, outlet=a.outlet))
    assert related(b, a) == swapped == found


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.cluster])
def test_the_member_of_a_cluster_says_what_it_is_to_the_representative(name: str) -> None:
    case = CASES[name]
    rows = dedup.cluster([Article("a", case.a), Article("b", case.b)]).articles.to_pylist()
    assert [row["relation"] for row in rows] == [None, case.relation]
    assert [row["representative"] for row in rows] == [True, False]


def test_a_speech_quoted_in_one_of_two_reports_is_a_quote_all_the_same() -> None:
    marked, plain = spoken("“", "”").a, spoken("", "").b
    assert related(Article("a", marked), Article("b", plain))[:3] == ("quote", False, False)


def test_a_quotation_of_two_paragraphs_without_a_closing_mark_between_them_is_one() -> None:
    half = SPEECH.index(", because")
    speech = f"“{SPEECH[:half]}.\n“{SPEECH[half + 2 :]}.”"
    a, b = lines(HALL_A, speech), lines(HALL_B, speech)
    assert related(Article("a", a), Article("b", b))[:3] == ("quote", False, False)


def test_a_report_that_is_a_quotation_for_the_most_part_is_no_mere_quote() -> None:
    whole = f"“{' '.join(FERRY)}”"
    a, b = lines(whole, UPDATE[:1]), lines(GAZETTE[:1], whole)
    assert related(Article("a", a), Article("b", b))[:3] == ("duplicate", True, True)
    longer = lines(whole, UPDATE, GAZETTE[0])
    assert related(Article("a", whole), Article("b", longer))[:3] == ("version", True, True)


def test_identical_articles_are_duplicates_without_a_border() -> None:
    text = lines(FERRY)
    assert related(Article("a", text), Article("b", text.upper())) == (
        "duplicate",
        True,
        True,
        None,
    )


def test_a_quote_ties_no_cluster_even_above_the_threshold() -> None:
    a, b = (f"{newswriter.text(90, seed)}\n“{SPEECH}.”" for seed in (1, 2))
    row = dedup.cluster([Article("a", a), Article("b", b)]).pairs.to_pylist()[0]
    assert row["relation"] == "quote"
    assert row["jaccard"] >= Settings().threshold
    assert related(Article("a", a), Article("b", b))[:3] == ("quote", False, False)


@pytest.mark.parametrize(
    ("kept", "added", "margin"),
    [
        pytest.param(90, 10, 0.15, id="duplicate by far"),
        pytest.param(76, 24, 0.01, id="hardly a duplicate"),
        pytest.param(74, 26, 0.01, id="hardly a version"),
        pytest.param(55, 45, 0.20, id="a version by far"),
    ],
)
def test_the_margin_is_how_far_the_nearest_border_is(kept: int, added: int, margin: float) -> None:
    base = newswriter.words(kept, 1)
    a = " ".join(base + newswriter.words(added, 2))
    b = " ".join(newswriter.words(added, 3) + base)
    found = related(Article("a", a), Article("b", b))
    assert found[0] == ("duplicate" if kept >= 75 else "version")
    assert found[3] == pytest.approx(margin)


def test_below_half_the_border_of_quotations_counts_too() -> None:
    shared = [newswriter.text(20, seed) for seed in range(1, 6)]

    def report(seed: int, n_quoted: int) -> str:
        pieces = [f"“{part}”" if i < n_quoted else part for i, part in enumerate(shared)]
        between = (newswriter.text(2, seed + i) for i in range(5))
        parts = [" ".join(pair) for pair in zip(pieces, between, strict=True)]
        return " ".join([*parts, newswriter.text(140, seed + 9)])

    for n_quoted, relation, margin in ((3, "quote", 0.15), (2, "version", 0.05)):
        a, b = (Article(name, report(seed, n_quoted)) for name, seed in (("a", 30), ("b", 50)))
        found = related(a, b)
        assert found[0] == relation
        assert found[3] == pytest.approx(margin)


@pytest.mark.parametrize(
    ("own", "length", "margin"),
    [
        pytest.param(100, 50, 1 / 6, id="a half, in paragraphs"),
        pytest.param(300, 50, 1 / 12, id="a quarter, in paragraphs"),
        pytest.param(100, 25, 0.25, id="a half, in shorter pieces"),
        pytest.param(300, 25, 0.45, id="a quarter, in shorter pieces"),
        pytest.param(20, 50, 5 / 6 - 0.75, id="a duplicate, in paragraphs"),
    ],
)
def test_the_border_of_excerpts_counts_for_paragraphs_that_are_no_duplicate(
    own: int, length: int, margin: float
) -> None:
    shared = newswriter.words(100, 1)
    pieces = [" ".join(shared[start : start + length]) for start in range(0, 100, length)]

    def report(seed: int) -> str:
        cuts = [own * i // len(pieces) for i in range(len(pieces) + 1)]
        words = newswriter.words(own, seed)
        parts = [[piece, *words[cuts[i] : cuts[i + 1]]] for i, piece in enumerate(pieces)]
        return " ".join(word for part in parts for word in part)

    a, b = (Article(name, report(seed), outlet="A") for name, seed in (("a", 2), ("b", 3)))
    found = related(a, b)
    assert found[0] == ("duplicate" if own == 20 else "version")
    assert found[3] == pytest.approx(margin)


@pytest.mark.parametrize(
    ("n_quoted", "n_shared", "own_of_short", "relation"),
    [
        pytest.param(45, 100, 60, "quote", id="nine twentieths quoted"),
        pytest.param(44, 100, 60, "version", id="less than that"),
        pytest.param(100, 100, 18, "quote", id="some of the shorter text is its own"),
        pytest.param(100, 100, 17, "version", id="hardly any of the shorter text is"),
    ],
)
def test_when_shared_words_are_a_quotation(
    n_quoted: int, n_shared: int, own_of_short: int, relation: str
) -> None:
    shared = newswriter.words(n_shared, 1)
    piece = f"“{' '.join(shared[:n_quoted])}” {' '.join(shared[n_quoted:])}"
    short = f"{newswriter.text(own_of_short, 2)} {piece}"
    long = f"{piece} {newswriter.text(140, 3)}"
    a, b = Article("a", short, outlet="A"), Article("b", long, outlet="A")
    assert related(a, b)[0] == relation


@pytest.mark.parametrize(
    ("total", "of_shorter", "expected"),
    [(100, 0.4, True), (99, 0.84, False), (99, 0.85, True), (10, 1.0, True), (0, 0.0, False)],
)
def test_a_hundred_words_or_nearly_all_of_the_shorter_text_are_reuse(
    total: int, of_shorter: float, expected: bool
) -> None:
    shared = counted(
        words_a=100, words_b=1000, covered_a=round(100 * of_shorter), covered_b=total, total=total
    )
    assert relations.is_reused(shared).tolist() == [expected]


TITLES = st.sampled_from(["", "Ferry runs aground off Marrow", "Stahl refuses reservoir sale"])


@given(
    TEXT_PAIRS,
    st.lists(TITLES, min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=60)
def test_pairs_are_measured_alike_in_any_order(
    texts: list[str], titles: list[str], order: Any
) -> None:
    tokens = tokenizer.tokenise(pa.array(texts, pa.large_string()))
    n = len(texts)
    pairs = np.array([(a, b) for a in range(n) for b in range(n)], dtype=np.int64)
    said = headings.read(pa.array(titles[:n]), pa.array([""] * n))
    expected = passages.measure(tokens.values, tokens.offsets, pairs, said)
    rows = list(range(len(pairs)))
    order.shuffle(rows)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(3) as executor:
        patch.setattr(passages, "_PAIRS_PER_TASK", 2)
        found = passages.measure(tokens.values, tokens.offsets, pairs[rows], said, executor)
    alone, _ = passages.measure_one(tokens.values, tokens.offsets, pairs[-1:], said)
    for field in dataclasses.fields(passages.Shared):
        of_all = getattr(expected, field.name)
        assert getattr(found, field.name).tolist() == of_all[rows].tolist()
        assert getattr(alone, field.name).tolist() == of_all[-1:].tolist()


@pytest.mark.parametrize(
    ("shared", "own", "tied"),
    [
        pytest.param(104, 140, True, id="a hundred words and two fifths"),
        pytest.param(99, 130, False, id="two fifths of under a hundred words"),
        pytest.param(104, 160, False, id="a hundred words, under two fifths"),
        pytest.param(60, 8, True, id="few words, nearly all of the shorter"),
        pytest.param(60, 14, False, id="few words, not quite all of the shorter"),
    ],
)
def test_what_ties_a_story(shared: int, own: int, tied: bool) -> None:
    base = newswriter.text(shared, 1)
    a = f"{base} {newswriter.text(own, 2)}"
    b = f"{newswriter.text(400, 3)} {base}"
    assert related(Article("a", a), Article("b", b))[:3] == ("version", False, tied)


@pytest.mark.parametrize(
    ("length", "relation"), [pytest.param(40, "quote", id="paragraphs"), (20, "version")]
)
def test_an_excerpt_takes_whole_paragraphs(length: int, relation: str) -> None:
    taken = newswriter.words(160, 1)
    starts = range(0, 160, length)
    own = newswriter.words(100, 2)
    pieces = [taken[i : i + length] + own[i // 2 : (i + length) // 2] for i in starts]
    short = " ".join(word for piece in pieces for word in piece)
    whole = f"{newswriter.text(200, 3)} {' '.join(taken)} {newswriter.text(200, 4)}"
    found = related(Article("a", short, outlet="A"), Article("b", whole, outlet="B"))
    assert found[:3] == (relation, False, relation == "version")


@pytest.mark.parametrize(
    ("own_of_short", "own_of_long", "relation"),
    [
        pytest.param(100, 400, "quote", id="words of its own around a small part of the other"),
        pytest.param(30, 400, "version", id="hardly any words of its own"),
        pytest.param(130, 400, "version", id="for the most part its own"),
        pytest.param(100, 230, "version", id="more than a third of the other"),
    ],
)
def test_when_paragraphs_of_another_outlet_are_an_excerpt(
    own_of_short: int, own_of_long: int, relation: str
) -> None:
    base = newswriter.text(125, 1)
    a = Article("a", f"{newswriter.text(own_of_short, 2)} {base}", outlet="A")
    b = Article("b", f"{base} {newswriter.text(own_of_long, 3)}", outlet="B")
    assert related(a, b)[0] == relation


@pytest.mark.parametrize(
    ("urls", "relation"),
    [
        pytest.param(("https://b.example/1", "https://b.example/2"), "version", id="one host"),
        pytest.param(
            ("https://www.b.example/a", "http://B.example:8080/?b"), "version",
            id="www, port and case make no difference",
        ),
        pytest.param(("//b.example/a", "https://u:p@b.example#x"), "version", id="odd forms"),
        pytest.param(("https://a.example/1", "https://b.example/2"), "quote", id="two hosts"),
    ],
)  # fmt: skip
def test_the_host_of_the_url_stands_for_an_outlet_that_is_not_given(
    urls: tuple[str, str], relation: str
) -> None:
    """Within one outlet paragraphs are reused; one outlet quotes another."""
    blog, report = lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE)
    assert (
        related(Article("a", blog, url=urls[0]), Article("b", report, url=urls[1]))[0] == relation
    )


def test_the_given_outlet_counts_more_than_the_host() -> None:
    blog, report = lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE)
    shared = "https://syndication.example/x"
    for names, relation in ((("A", "B"), "quote"), (("A", "a "), "version")):
        a, b = (
            Article(name, text, outlet=outlet, url=shared)
            for name, text, outlet in zip("ab", (blog, report), names, strict=True)
        )
        assert related(a, b)[0] == relation


def test_a_higher_story_containment_ties_less() -> None:
    base = newswriter.text(200, 1)
    a = Article("a", f"{base} {newswriter.text(150, 2)}", outlet="Courier")
    b = Article("b", f"{newswriter.text(500, 3)} {base}", outlet="Courier")
    assert related(a, b) == related(a, b, story_containment=0.5)
    assert related(a, b)[1:3] == (False, True)
    assert related(a, b, story_containment=0.6)[1:3] == (False, False)


def test_a_higher_containment_lists_fewer_matches() -> None:
    base = newswriter.text(100, 1)
    a = Article("a", f"{base} {newswriter.text(200, 2)}")
    b = Article("b", f"{newswriter.text(500, 3)} {base}")
    assert related(a, b)[0] == "version"
    assert related(a, b, containment=0.4)[0] is None


# Of 36 words, two prints at least are also prints of a longer text around them.
WORDS = st.integers(36, 160)


@given(st.integers(0, 50), WORDS, st.integers(0, 400), st.sampled_from([" ", "\n", ". ", "”\n“"]))
@settings(deadline=None, max_examples=80)
def test_a_beginning_is_contained_in_the_whole(
    seed: int, n: int, more: int, separator: str
) -> None:
    beginning = newswriter.text(n, seed)
    whole = beginning + (separator + newswriter.text(more, seed + 1000) if more else "")
    row = dedup.cluster([Article("a", beginning), Article("b", whole)]).pairs.to_pylist()[0]
    assert (row["containment"], row["containment_a"]) == (1.0, 1.0)
    assert row["relation"] == ("duplicate" if n / (n + more) >= 0.75 else "version")


PIECES = [*FERRY[:4], *HALL_A[:2], *GAZETTE[:2], f"“{SPEECH}.”", SPEECH, "(AP)"]
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("\n".join)


@given(TEXT, TEXT, st.sampled_from([("", ""), ("A", "B"), ("A", "A")]))
@settings(deadline=None, max_examples=150)
def test_a_is_to_b_what_b_is_to_a(a: str, b: str, outlets: tuple[str, str]) -> None:
    first, second = outlets
    found = related(Article("a", a, outlet=first), Article("b", b, outlet=second))
    assert related(Article("b", b, outlet=second), Article("a", a, outlet=first)) == found
    assert related(Article("a", b, outlet=second), Article("b", a, outlet=first)) == found


@given(st.integers(30, 120), st.integers(0, 90), st.integers(0, 20))
@settings(deadline=None, max_examples=60)
def test_texts_of_one_length_are_judged_alike_from_both_sides(n: int, kept: int, seed: int) -> None:
    base = newswriter.words(n, seed)
    other = base[: n * kept // 100] + newswriter.words(n - n * kept // 100, seed + 500)
    a, b = (
        " ".join(base),
        " ".join(reversed([" ".join(other[: n // 2]), " ".join(other[n // 2 :])])),
    )
    found = related(Article("a", a), Article("b", b))
    assert related(Article("b", b), Article("a", a)) == found
    assert related(Article("a", b), Article("b", a)) == found


@pytest.mark.parametrize(
    ("words", "covered", "longer", "shorter"),
    [
        pytest.param((200, 100), (60, 80), 0.3, 0.8, id="the first is longer"),
        pytest.param((100, 200), (80, 60), 0.3, 0.8, id="the second is longer"),
        pytest.param((100, 100), (60, 80), 0.6, 0.8, id="equal, the second says a thing twice"),
        pytest.param((100, 100), (80, 60), 0.6, 0.8, id="equal, the first does"),
        pytest.param((0, 100), (0, 0), 0.0, 0.0, id="nothing left of one"),
    ],
)
def test_shares_of_the_longer_and_the_shorter_text(
    words: tuple[int, int], covered: tuple[int, int], longer: float, shorter: float
) -> None:
    (words_a, words_b), (covered_a, covered_b) = words, covered
    shared = counted(
        words_a=words_a, words_b=words_b, covered_a=covered_a, covered_b=covered_b,
        total=80, quoted=40, passages=4,
    )  # fmt: skip
    assert shared.share_of_longer().tolist() == [longer]
    assert shared.share_of_shorter().tolist() == [shorter]
    assert (shared.quoted_share()[0], shared.words_per_passage()[0]) == (0.5, 20.0)


def reports(*articles: Article) -> set[tuple[frozenset[str], str]]:
    rows = dedup.cluster(articles).pairs.to_pylist()
    return {(frozenset((row["id_a"], row["id_b"])), row["relation"]) for row in rows}


def test_quotation_marks_of_one_copy_count_for_all_whichever_comes_first() -> None:
    """Copies that differ in punctuation are one text; which is met first must not decide."""
    quoted = Article("quoted", spoken("“", "”").a)
    stripped = Article("stripped", spoken("", "").a)
    other = Article("other", spoken("", "").b)
    assert reports(quoted, stripped, other) == reports(stripped, quoted, other)


def test_a_credit_in_the_furniture_of_one_copy_does_not_depend_on_the_order() -> None:
    blog, report = lines(BLOG_OPENING, FERRY[:4], BLOG_END), lines(GAZETTE, FERRY[:4], UPDATE)
    footer = "Our pages carry news of the Associated Press and other agencies around the clock."
    others = [
        Article(f"p{i}", f"{newswriter.report(12, i)}\n{footer}", outlet="Courier")
        for i in range(4)
    ]
    credited = Article("credited", f"{report}\n{footer}", outlet="Courier")
    plain = Article("plain", report, outlet="Gazette")
    asked = Article("asked", blog, outlet="blog")
    assert reports(credited, plain, asked, *others) == reports(plain, credited, asked, *others)
