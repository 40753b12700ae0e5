"""Which news agencies an article credits, and where.

All agencies' names are found in one pass by one automaton (Aho and Corasick 1975; ahocorasick-rs).
What makes a name a credit is its place and the words around it: the shapes of datelines, bylines,
tails, contribution, copyright and republication lines are a few patterns for all agencies, in nine
languages. A name in running text, under a picture, or of the outlet itself is none. Abbreviations
count in datelines, bylines and tails only and in exact case, because most of them mean other things
too ("(AP)" is Andhra Pradesh as well). The table of agencies is `data/agencies.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from dedup.records import without_surrogates
from dedup.text.outlets import host_of

KINDS = (
    "dateline",
    "byline",
    "tail",
    "contribution",
    "copyright",
    "republish",
    "self_reference",
)
"""`self_reference` is no credit: a mention that only the agency itself would make, so that the
sentence is likely its copy ("could not independently verify")."""


class Credit(NamedTuple):
    """A credit of an article.

    Attributes:
        agency: Its name in the table of agencies; "" if the line says only that the text is from
            elsewhere; a republished outlet by the name the line gives.
        kind: One of `KINDS`.
        start: In code points of the text; None for a credit in the author field.
        end: See `start`.
    """

    agency: str
    kind: str
    start: int | None
    end: int | None


class _Table(NamedTuple):
    """Agencies by the forms of their names."""

    automaton: object
    forms: tuple[str, ...]
    agencies: tuple[str, ...]
    short: tuple[bool, ...]
    clashes: frozenset[str]
    domains: dict[str, str]
    owned: dict[str, tuple[str, ...]]
    kinds: dict[str, str]
    republished: frozenset[str]


class _Mention(NamedTuple):
    """A name in a line: its place, and whether it is an abbreviation or a word too."""

    agency: str
    start: int
    end: int
    is_short: bool
    clashes: bool


# fmt: off
_TRIGGERS = (
    "riginally published", "riginally appeared", "riginally posted", "riginally ran",
    "riginally reported", "irst published", "irst appeared", "irst ran", "epublished", "eprinted",
    "reproduced", "partnership with", "comes from", "zuerst", "publié", "ublicad", "pubblicato",
    "опубликован", "转载", "轉載", "diting by", "eporting by", "syndicated feed", "wire feed",
    "news feed", "agency feed", "PTI feed", "AFP feed", "provided by", "produced by", "report by",
    "story by", "article by", "courtesy of", "ripubblicat", "PUBLISHED",
)
# fmt: on
"""What marks a line that may be a credit without the name of an agency."""

_HEAD = 3_000
"""Code points in which datelines stand; signatures stand in as many at the end."""

_TOP, _END = 800, 500
"""Where a line that is but an abbreviation is a byline, and where it signs."""

_LINE, _NOTE, _CONTRIBUTION = 600, 260, 300
"""Longest lines that are notices: of any kind, of another outlet, of contributions."""

_AROUND, _SHORT = 300, 80
"""What is looked at before and behind a name."""

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|ene|abr|ago|set|dic|déc|févr|fév|avr|"
    r"mai|juin|juil|août|gen|mag|giu|lug|ott|out|dez|märz|okt|янв|февр|фев|марта|мар|апр|мая|июня|июн|"
    r"июля|июл|авг|сент|сен|окт|нояб|ноя|дек)\w{0,7}"
)
_SMALL = (
    r"(?:ag|de|del|della|da|do|dos|das|di|du|des|la|las|le|les|los|el|of|the|and|y|e|et|und|am|an|der|"
    r"die|im|in|bei|près|sur|sous|near|aan|den|на|под|и|van|von|zu|al|st)"
)
_PLACE_WORD = (
    rf"(?:[^\W\d_a-zß-öø-ÿа-яё][\w.'’`-]*|\d{{1,4}}(?:er|º|ª|st|nd|rd|th)?|{_MONTH}|{_SMALL}|г)"
)
_PLACE = re.compile(  # possessive and atomic: words in a row have one reading only
    rf"^[\s\"'“”«»>*•]*+[–—-]?\s*+(?:(?>{_PLACE_WORD}(?!\w))[\s,./:\[\]()–—-]*+){{0,14}}$"
)
_DASH = r"(?:[-–—―‐‑]|--|\.-|:)"
_OLD_PLACE = re.compile(
    r"(?:(?<!\w)[^\W\d_a-zß-öø-ÿ][\w.'’-]++\s?){1,4}\s?[,.]?\s?\d{1,2}\s?[.,]?\s?"
    r"(?:[^\W\d_]{3,9}\s?[.,]?\s?)?(?:[—–-]\s?)?\(\s?$"
    r"|(?<!\w)[^\W\d_a-zß-öø-ÿ]{4,}+\s?[.,]?\s?\(\s?$"
)
_RUN_ON = (
    re.compile(r"[({]\s?$|\d\s?\.?\s?[—–-]\s?$"),
    re.compile(rf"^\s?[.,]?\s?[)}}]?\s?[.,]?\s?{_DASH}"),
    re.compile(r"[.,!?»”]\s?\(\s?$"),
    re.compile(r"^(?:[-,]\s?\w+\.?){0,2}\s?[.,]?\s?\)"),
)
"""Around names in lines that run on over many reports: a bracket and a dash, or a stop before it."""

_AFTER_BRACKET = re.compile(rf"^\.?\)\s*(?:[.,]?\s*{_DASH}|\.\s)")
_SUFFIX = re.compile(r"^(?:/[A-Za-zÀ-ÿ-]{2,12}| Business| Nachrichtenagentur| News(?: Agency)?)?")

_PICTURE = re.compile(
    r"\b(?:photos?|photographs?|fotos?|foto-?|fotograf\w*|images?|imagen|immagine|imagem|bild(?:er)?|"
    r"picture|pictured|caption|illustration|getty|crédit|credits?:|montage|videos? by|video:|graphic|"
    r"copyright foto|quelle foto|archivbild|symbolbild|fotocredit|screenshot|file pic|фото|снимок)\b|"
    r"写真|図|图|照片|圖|摄|攝|撮影",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\(?\b(?:Additional [Rr]eporting|Reporting|Reported|Writing|Compiled) (?:and [Ww]riting )?by "
    r"[^\n]{2,300}?[Ee]diting by [^\n)]{2,200}\)?|"
    r"\(Reporting by [^\n)]{2,300}\)"
)
_INITIALS = re.compile(r"\n([a-z]{2,4}(?:-[a-z]{2,4}){1,4}(?:/[a-z]{2,4}){1,3})(?=\n|$)")
_FEED = re.compile(
    r"\(?[^\n.]{0,80}\b(?:not been|hasn.t been|has not been|was not) edited by [^\n]{2,80}?(?:syndicated|"
    r"agency|wire|news) feed[^\n]{0,40}|published (?:directly )?from a (?:syndicated|wire) feed",
    re.IGNORECASE,
)
_CONTRIBUTED = re.compile(
    r"contributed (?:to|reporting|additional)|(?:was|were) used in (?:this|compiling)|"
    r"\bwith (?:additional )?(?:material|reporting|reports|information|files|inputs?|agency inputs|"
    r"contributions?) (?:from|by)\b|\bwith files from\b|\binformation (?:from|provided by)\b.*\bused\b|"
    r"\b(?:includes?|contains?) (?:material|reporting|information) (?:from|by)\b|"
    r"\badditional reporting (?:for this \w+ )?by\s+(?:the )?(?=\x00)|"
    r"\bavec des informations d|"
    r"\bmit (?:material|informationen|agenturmaterial|inhalten) (?:der|von|des|vom|durch)\b|"
    r"\bunter verwendung von\b|\bmit\s+\W?(?=\x00)|"
    r"\bavec\s+(?:l['’]|les agences |agences? )?\W?(?=\x00)|"
    r"\bcon (?:información|informaciones|datos|informazioni|materiale|material) (?:de|di|della|dell)|"
    r"\bcom (?:informações|material|agências|conteúdo|dados) d[aeo]s?\b|\bcom\s+(?=\x00)|"
    r"\bpo materiałach\b|по материалам|по информации агентства\b.*подготов|с использованием материалов|"
    r"配信記事を含む|配信を含む|の情報をもと|综合|編譯|编译自|\bcon\s+(?=\x00)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b|℗|™", re.IGNORECASE)
_RIGHTS = re.compile(
    r"all rights|alle rechte|tous droits|todos los derechos|todos os direitos|tutti i diritti|права|"
    r"may not be|prohibid|interdit|vietat|untersagt|版权|無断|\d{6}-\d",
    re.IGNORECASE,
)
_SITE_WIDE = re.compile(
    r"\b(?:articles?|content|material|stories|news|some)\s*:|\bportions?\b|"
    r"\bcontains? (?:content|material)|\bprovided by .* and other",
    re.IGNORECASE,
)
_REPUBLISHED = re.compile(
    r"(?:was |is )?(?:first |originally |initially )(?:published|appeared|posted|ran)"
    r"(?: (?:on )?\w+ \d{1,2},?(?: \d{4},?)?)?(?: by| on| in| at)(?: the)? |"
    r"\b(?:is |was |been )?(?:re-?published|reprinted|reproduced|syndicated) (?:here )?(?:with [^.\n]{0,30}permission )?"
    r"(?:from|courtesy of) (?:the )?|"
    r"\b(?:this (?:story|article|report) (?:is|was|comes) (?:from|produced by|provided by) (?:the )?)|"
    r"\bpublished in partnership with (?:the )?|re?publié à partir de |转载自|轉載自|"
    r"\bpublished from an? (?=\x00 feed)|"
    r"\bthis (?:report|story|article) by (?:the )?(?=\x00[^.]{0,30}first published)|"
    r"(?:erschien|veröffentlicht)[^.\n]{0,20} zuerst (?:bei|auf|in|im) (?:der |dem )?|"
    r"\bzuerst (?:erschienen|veröffentlicht) (?:bei|auf|in|im) (?:der |dem )?|"
    r"(?:a été|est) (?:initialement |d['’]abord )?(?:re)?publié[e]? (?:initialement |à l['’]origine )?"
    r"(?:par|sur|dans) (?:le |la |l['’])?|"
    r"(?:fue )?publicad[oa] (?:originalmente|por primera vez) (?:por|en) (?:el |la )?|"
    r"originariamente pubblicato (?:da|su) |publicad[oa] originalmente (?:por|pel[ao]|n[ao]|em) (?:o |a )?|"
    r"(?:впервые|изначально) опубликован[оа]? (?:в|на) ",
    re.IGNORECASE,
)
_OF_THIS = re.compile(
    r"^\W*$|\b(?:this|story|article|post|column|piece|essay|report|version|commentary|op-ed|excerpt|"
    r"interview|following|dieser|artikel|beitrag|text|cet|article|este|esta|artículo|questo|articolo|"
    r"esse|artigo|статья|материал)\b",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"^\W*(?:republish|reprint)\b|our (?:articles|stories|content)\b", re.IGNORECASE
)
_TAGLINE = re.compile(
    r"^\s+is (?:a|an|the) [^.\n]{0,40}?(?:newsroom|news organi[sz]ation|news outlet|news site|news service)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^\W*(?:source|sources|quelle|quellen|fonte|fuente|bron|źródło|источник|来源|來源|出典|via)\s*[:：|]\s*$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^[\s•|*]*(?:by|von|par|por|di|de|da|from|reported by|text by|story by|written by|автор|текст|"
    r"posted by|published by|författare|door|af|av|od|przez)\s*[:：]?\s+(?:the |der |die |l['’])?",
    re.IGNORECASE,
)
_PERSONS = re.compile(
    r"^[\s•|*]*+(?:(?:By|BY|by|Von|VON|von|Par|PAR|par|Por|POR|Di|DI|De|Da|От|Автор)\s*+:?\s++)?"
    r"(?:(?:[^\W\d_a-zà-öø-ÿа-я][\w.'’-]*+|de|van|von|der|den|del|la|bin|al|el|und|and|et|y|e|и|in|"
    r"à|aus|en|mit Material der)(?!\w)[\s,|/–—·&-]*+)+$"
)
_STAFF = re.compile(
    r"^(?:\s*(?:staff|writers?|reporters?|correspondents?|editors?|journalists?|agentur|news|sports|"
    r"science|political|business|health|medical|military|religion|legal|education|technology|food|"
    r"entertainment|national|auto|music|film|economics|diplomatic|white house|staff reports?|and staff "
    r"reports?|and wire reports?|wire reports?|and|und|et|y|e|&|the|desk|team|network|/|,|\)|\.|:|\||-|–))*"
    r"(?:\s*(?:published|updated|posted|veröffentlicht|publié|\d).{0,60})?\s*$",
    re.IGNORECASE,
)
_PARTED = re.compile(
    r"[,|/–—·&-]\s*$|\b(?:und|and|et|y|e|и)\s*$|^\W*(?:by|von|par|por|di|от)\s", re.IGNORECASE
)
_SELF = (
    re.compile(
        r"^[^.]{0,60}\b(?:not|unable)\b[^.]{0,60}\b(?:verif|confirm|authenticate)", re.IGNORECASE
    ),
    re.compile(
        r"(?:\btold|\breviewed by|\bseen by|\bobtained by|\binterviewed by|\bviewed by|\bshown to|"
        r"\bstatement to|\bemail to|\be-mail to|\bby|\bverified by|\bcontacted by|\bspoke to|"
        r"\bspoke with|\bsaid to|\bsagte(?: [^.\n]{0,30})? der|\bà l['’]|\ba|\bdijo a|\bdichiarato all['’])\s+(?:the |l['’])?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:['’]s?)?\s+(?:journalists?|reporters?|correspondents?|witness(?:es)?|photographers?|"
        r"calculations?|tally|poll|count|team|news director)\b",
        re.IGNORECASE,
    ),
)
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")
_ASIAN_DATELINE = re.compile(r"^[^\n。]{0,24}?(?:电|電)")

_PLACE_ONLY = re.compile(
    r"^[^\S\n]*((?:[A-Z][A-Z.'’-]{2,}+(?:[ /](?:[A-Z][A-Z.'’-]++))*+)(?:, (?:[A-Z][\w.]+)(?: [A-Z]\w+)*)?"
    r"|[A-Z]\w+ \[[A-Z]\w+\], [A-Z]\w+ \d{1,2})\s*(?:—|–|--| - |:)\s*(?=[\"“A-Z])"
)
_LINES, _BEGINNING = 40, 20
_RUBRIC = re.compile(
    r"(?:WATCH|READ|MORE|RELATED|UPDATE|BREAKING|PHOTOS?|VIDEO|ALSO|LIVE|OPINION|ANALYSIS|EXCLUSIVE|"
    r"NOTE|CORRECTION|SEE|LISTEN|FAQ)\b"
)


def credits(  # noqa: A001, the field's word
    text: str, title: str = "", authors: str = "", outlet: str = "", url: str = ""
) -> list[Credit]:
    """Find which agencies an article credits.

    Args:
        text: The article's text.
        title: Its headline; the same line in the text is passed over.
        authors: Byline as printed.
        outlet: Who published it: its own name in copyright, staff and republication lines is no
            credit.
        url: Where; its host counts as the outlet's.

    Returns:
        Credits in order of the text, those of the author field first; one for each line and agency.
    """
    own = _own_names(outlet, url)
    text, title, authors = map(without_surrogates, (text, title, authors))
    found = list(_in_authors(authors))
    seen = {(credit.agency, credit.kind, credit.start) for credit in found}
    for credit in _in_text(text, title, own):
        key = (credit.agency, credit.kind, credit.start)
        if key not in seen:
            seen.add(key)
            found.append(credit)
    return found


def _own_names(outlet: str, url: str) -> set[str]:
    """Give the words by which an outlet calls itself: its name, and the host without ending."""
    host = host_of(url)
    names = {bare_name(outlet), bare_name(host), bare_name(host.rpartition(".")[0])}
    if "." in outlet and " " not in outlet:
        names.add(bare_name(outlet.removeprefix("www.").rpartition(".")[0]))
    return names - {""}


@lru_cache(maxsize=1 << 14)
def bare_name(name: str) -> str:
    """Reduce a name to letters: "The Bracken Ledger" and "brackenledger" are one."""
    letters = re.sub(r"[\W_]+", "", name.casefold())
    return letters.removeprefix("the")


@cache
def _table() -> _Table:
    """Load the table of agencies, and build the automaton."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    path = resources.files("dedup.data").joinpath("agencies.json")
    stored = json.loads(path.read_text(encoding="utf-8"))
    forms: dict[str, tuple[str, bool]] = dict.fromkeys(_TRIGGERS, ("", False))
    for agency in stored["agencies"]:
        for form in agency["names"]:
            for spelled in (form, form.upper()):
                forms.setdefault(spelled, (agency["name"], False))
        for form in agency["short"]:
            forms.setdefault(form, (agency["name"], True))
            if form.upper() != form and form not in stored["clashes"]:
                forms.setdefault(form.upper(), (agency["name"], True))
    ordered = tuple(forms)
    return _Table(
        AhoCorasick(ordered, matchkind=MatchKind.LeftmostLongest),
        ordered,
        tuple(forms[form][0] for form in ordered),
        tuple(forms[form][1] for form in ordered),
        frozenset(stored["clashes"]),
        {host: agency["name"] for agency in stored["agencies"] for host in agency["domains"]},
        {
            agency["name"]: tuple(map(bare_name, agency["outlets"]))
            for agency in stored["agencies"]
            if "outlets" in agency
        },
        {agency["name"]: agency["kind"] for agency in stored["agencies"]},
        frozenset(
            agency["name"]
            for agency in stored["agencies"]
            if agency["kind"] == "nonprofit_republish"
        ),
    )


_WIRES = ("agency", "financial_wire", "press_release")


def agency_of(outlet: str, url: str = "") -> str:
    """Give the agency that an outlet or its site is, "" if it is none.

    Newspapers that sell their copy (syndicates) count as outlets.
    """
    table = _table()
    host = host_of(url)
    while "." in host:
        if table.kinds.get(table.domains.get(host, "")) in _WIRES:
            return table.domains[host]
        host = host.partition(".")[2]
    name = _outlets().get(bare_name(outlet), "")
    return name if table.kinds.get(name) in _WIRES else ""


def is_own(agency: str, outlet: str, url: str = "") -> bool:
    """Say whether an agency is the outlet itself: its datelines are no credit to another."""
    return agency_of(outlet, url) == agency or _is_own(agency, agency, _own_names(outlet, url))


def is_agency(name: str) -> bool:
    """Say whether a name is one of the table of agencies, not of an outlet that is republished."""
    return name in _table().kinds


@cache
def _outlets() -> dict[str, str]:
    """Give the agency of each form of a name, as an outlet would be called."""
    table = _table()
    forms = zip(table.forms, table.agencies, strict=True)
    return {
        bare_name(form): agency for form, agency in forms if agency and len(bare_name(form)) > 2
    }


def _mentions(text: str) -> Iterator[_Mention]:
    """Find agencies' names that are no parts of other words."""
    table = _table()
    found = table.automaton.find_matches_as_indexes(text)  # type: ignore[attr-defined]
    for form, start, end in found:
        if table.agencies[form] and _is_inside(text, start, end):
            continue
        clashes = text[start:end] in table.clashes
        yield _Mention(table.agencies[form], start, end, table.short[form], clashes)


def _is_inside(text: str, start: int, end: int) -> bool:
    """Say whether letters go on before or behind; scripts without spaces know no words."""
    if text[start] >= "\u3000":
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isalnum() and before < "\u3000") or (after.isalnum() and after < "\u3000")


def _in_authors(authors: str) -> Iterator[Credit]:
    """Find agencies in the author field: alone, behind a name, or as those whose material it is."""
    for part in re.split(r"[;\n]|,(?=\s*(?:By|Von)\s)", authors):
        for mention in _mentions(part):
            before, after = part[: mention.start], part[mention.end :]
            if _PICTURE.search(part):
                continue
            if _is_byline(before, after, mention) or _CONTRIBUTED.search(_masked(part, mention)):
                yield Credit(mention.agency, "byline", None, None)


def _masked(line: str, mention: _Mention, at: int = 0) -> str:
    """Put a sign in the place of a name."""
    return f"{line[: mention.start - at]}\0{line[mention.end - at :]}"


def _in_text(text: str, title: str, own: set[str]) -> list[Credit]:
    """Find the credits of a text, in its order."""
    found: list[Credit] = []
    lines: dict[tuple[int, int], list[_Mention]] = {}
    marked: dict[tuple[int, int], None] = {}  # in order, each once
    for mention in _mentions(text):
        start = text.rfind("\n", 0, mention.start) + 1
        end = text.find("\n", mention.end)
        line = (start, len(text) if end < 0 else end)
        if mention.agency:
            lines.setdefault(line, []).append(mention)
        else:
            marked[line] = None
    title = title.strip()
    for (start, end), mentions in lines.items():
        if title and text[start:end].strip() == title:
            continue
        found += _in_line(text, start, end, mentions, own, (start, end) in marked)
    found += _without_name(text, found, own, marked)
    return sorted(found, key=lambda credit: (credit.start or 0, credit.end or 0, credit.agency))


def _in_line(
    text: str, start: int, end: int, mentions: list[_Mention], own: set[str], is_notice: bool
) -> Iterator[Credit]:
    """Find the credits of one line."""
    for mention in mentions:
        is_own = _is_own(text[mention.start : mention.end], mention.agency, own)
        kind = _kind(text, start, end, mention, is_own, is_notice)
        if kind is None:
            continue
        name, first, last = kind
        while first < last and text[first] in " \t\u00a0•*|>–—-":
            first += 1
        yield Credit(mention.agency, name, first, last)


def _is_own(form: str, agency: str, own: set[str]) -> bool:
    """Say whether a name is that of the outlet: its words begin with it."""
    names = {bare_name(form), bare_name(agency), *_table().owned.get(agency, ())}
    return any(name.startswith(other) for name in own for other in names if len(other) > 2)


def _kind(
    text: str, start: int, end: int, mention: _Mention, is_own: bool, is_notice: bool
) -> tuple[str, int, int] | None:
    """Say what a name in a line is: kind and span of the credit, None for a mere mention."""
    before = text[max(start, mention.start - _AROUND) : mention.start]
    after = text[mention.end : min(end, mention.end + _AROUND)]
    length = end - start
    form = text[mention.start : mention.end]
    is_near = mention.start - start <= 120
    dateline = _dateline(before, after, mention, form) if is_near else None
    if dateline is not None and start < _HEAD:
        if _CONTRIBUTED.search(before + "\0"):
            return "contribution", start, mention.end
        return "dateline", start, mention.end + dateline
    if _is_picture(before, after, length):
        return None
    if length <= _LINE and not is_own:
        line = text[start:end]
        if (found := _notice(line, start, mention, is_notice)) is not None:
            return found
    if is_own:
        return None
    if length <= 140 and not _ENDED.search(before.rstrip("\"'”) ") or "x"):
        found = _byline(text, start, end, before, after, mention)
        if found is not None:
            return found
    if _is_old_dateline(before, after):
        return "dateline", mention.start - 1, mention.end + 1
    runs_on = length > _LINE and mention.start - start > _NOTE // 2
    if runs_on and not _is_definition(before.rstrip(" ("), form):
        if _RUN_ON[0].search(before) and _RUN_ON[1].match(after):
            return "dateline", mention.start - 1, mention.end + 1
        if _RUN_ON[2].search(before) and _RUN_ON[3].match(after):
            return "tail", mention.start - 1, mention.end + 1
    is_last = len(text) - end < _END
    is_signed = is_last or (mention.is_short and before.rstrip().endswith(("(", "（")))
    if is_signed and _is_tail(before, after, mention, length, form):
        opens = before.rstrip().endswith(("(", "（", "["))
        return "tail", mention.start - opens, mention.end + (len(after.rstrip()) if opens else 0)
    if any(
        pattern.search(side) for pattern, side in zip(_SELF, (after, before, after), strict=True)
    ) and not (mention.is_short and text[mention.start : mention.end].islower()):
        return "self_reference", mention.start, mention.end
    return None


def _dateline(before: str, after: str, mention: _Mention, form: str) -> int | None:
    """Say how far behind the name a dateline ends, None if it is none."""
    bracket = re.search(r"[【［\[(][^【［\]】\n]{0,24}$", before)
    if bracket and (form[0] >= "\u3000" or bracket.group().startswith("【")):
        inside = re.match(r"^\s?[】］\])]", after)
        by_place = bracket.group()[0] not in "([" or bracket.group().endswith("=")
        return inside.end() if inside and by_place else None
    if mention.is_short is False and after and after[0] >= "\u3000":
        sent = _ASIAN_DATELINE.match(after)
        if sent and not before.strip("（( 　"):
            return sent.end()
        return None
    if before.endswith("("):
        suffix = _SUFFIX.match(after)
        rest = after[suffix.end() if suffix else 0 :]
        place = before[:-1]
        if mention.is_short and _is_definition(place, form):
            return None
        if not rest.lstrip(".").startswith(")") or not _is_place(place):
            return None
        if _AFTER_BRACKET.match(rest) or (_is_loud(place) and rest[rest.index(")") + 1 :].strip()):
            return len(after) - len(rest) + rest.index(")") + 1
        opens_text = re.match(r"^\.?\)\s+[^\W\d_a-z]", rest)
        is_plain = not mention.clashes and (not mention.is_short or not place.strip())
        return len(after) - len(rest) + 1 if opens_text and is_plain else None
    if re.match(r"^\W*\([^()]{0,20}\b(?:avec|with|mit|con|com)\s+$", before):
        return 1 if re.match(rf"^\)\s*{_DASH}", after) else None
    if before.endswith("/") and after.startswith("/"):
        return 1 if _is_place(before[:-1]) and re.match(r"^/\s*[-–—.]", after) else None
    if re.search(r"(?:[—–-]|\.|,)\s*\W?$", before) and re.match(rf"^\W?\s*(?:{_DASH}|\.)\s", after):
        dated = re.search(rf"\d\.?\s*{_MONTH}|{_MONTH}\.?\s*\d", before, re.IGNORECASE)
        return 0 if (dated or _is_loud(before)) and _is_place(before) else None
    return None


def _is_old_dateline(before: str, after: str) -> bool:
    """Say whether a name in brackets stands behind a place and a day, anywhere in a line.

    Old print runs its reports on, and OCR loses line breaks and puts blanks around signs.
    """
    if not before.rstrip().endswith("(") or not _OLD_PLACE.search(before[-_SHORT:]):
        return False
    dated = re.search(r"\d\W*(?:[^\W\d_]{3,9}\W*)?\($|\d\W*(?:[^\W\d_]{3,9}\W*)?\(\s$", before)
    closing = r"^\s?\.?\s?\)" if dated else rf"^\s?\.?\s?\)\s?[,.]?\s?{_DASH}"
    return re.match(closing, after) is not None


def _is_place(place: str) -> bool:
    """Say whether words may be a place, with a date in any language."""
    if _PLACE.match(place):
        return True
    undated = re.sub(r"\d{1,4}\W+[^\W\d_]+(?=\W|$)|(?<=\d)[.,]+\s*[^\W\d_]+\s*$", "1", place)
    return len(place) < 60 and _PLACE.match(undated) is not None


def _is_definition(before: str, form: str) -> bool:
    """Say whether an abbreviation in brackets is that of the words before it."""
    initials = "".join(re.findall(r"\b[^\W\d_a-zß-öø-ÿ](?=\w)", before[-100:]))
    return len(form) > 1 and initials.endswith(form.upper().replace(".", ""))


def _is_loud(place: str) -> bool:
    """Say whether a place is written in capitals, or dated."""
    return bool(
        re.search(r"\b[^\W\d_a-zß-öø-ÿ]{4,}", place) and re.search(r"[A-ZÀ-ÞА-Я]{4,}", place)
    ) or bool(re.search(rf"\d\.?\s*{_MONTH}|{_MONTH}\.?\s*\d", place, re.IGNORECASE))


def _is_picture(before: str, after: str, length: int) -> bool:
    """Say whether a name belongs to a picture."""
    if re.match(r"^\s?/\s?[A-ZÀ-Þ]", after) or re.match(r"^ (?:Photo|Images?)\b", after):
        return True
    if re.search(r"(?:\bvia|[A-Za-zÀ-ÿ]\s?/)\s*$", before) and not before.rstrip().endswith(" /"):
        return not re.search(r"(?:dpa|afp|ap|apa|sda|ats)/$", before, re.IGNORECASE) or length < 40
    near = before[-90:] + after[:30] if length > 200 else before + " " + after
    return bool(_PICTURE.search(near))


def _notice(
    line: str, start: int, mention: _Mention, is_notice: bool
) -> tuple[str, int, int] | None:
    """Find contribution, copyright and republication lines."""
    masked = _masked(line, mention, start)
    whole = (start, start + len(line.rstrip()))
    at = mention.start - start
    if _OFFER.search(line):
        return None
    republished = _REPUBLISHED.search(masked) if is_notice else None
    if republished and not _OF_THIS.search(masked[: republished.end()]):
        republished = None
    if republished and -1 <= at - republished.end() < 4:
        return "republish", *whole
    if re.match(
        r"^\W*this (?:report|story|article) by (?:the )?\0 was first published",
        masked,
        re.IGNORECASE,
    ):
        return "republish", *whole
    if mention.agency in _table().republished and _TAGLINE.match(masked[at + 1 :]) and at < 5:
        return "republish", *whole
    if _COPYRIGHT.search(line) and len(line) < 400 and not _SITE_WIDE.search(line):
        near = _COPYRIGHT.search(line[:at]) is not None and at < 90
        if near and (not mention.is_short or _RIGHTS.search(line)):
            return "copyright", *whole
    if len(line) > _CONTRIBUTION or " said" in line or " told " in line or " says" in line:
        return None
    contributed = _CONTRIBUTED.search(masked)
    if re.match(r"^\W*\0(?: [^.\n]{0,60})? receives (?:\w+ )?(?:support|funding)", masked):
        return "tail", *whole
    if contributed:
        bare = masked.strip(" ()（）.[]")
        lead = contributed.group().lower().strip(" «\"'")
        if lead in ("con", "com", "mit", "avec", "avec l'", "avec l’") and len(bare) > 24:
            return None
        return "contribution", *whole
    return None


def _is_byline(before: str, after: str, mention: _Mention) -> bool:
    """Say whether a line is a name alone, behind "By", or behind persons."""
    if not _STAFF.match(after) and not re.match(r"^\s[^\W\d_a-z]{3,}[^\n(]{0,40}\(", after):
        return False
    if mention.clashes and before.strip() and not _BY.match(before):
        return re.fullmatch(r"(?:\S+\s+){1,3}\S+?\s?[,|–—]\s*", before) is not None
    return (
        not before.strip(" \t\u00a0•*|–—-(")
        or _BY.fullmatch(before) is not None
        or (re.fullmatch(r"\s*(?:the|die|der|la)\s+", before, re.IGNORECASE) is not None)
        or (_PERSONS.match(before) is not None and _PARTED.search(before) is not None)
        or re.fullmatch(r"(?:\S+\s+){1,4}[-–—,|]\s*\w+ (?:d[aeo]s?|der|for|of|para|du)\s", before)
        is not None
    )


def _byline(
    text: str, start: int, end: int, before: str, after: str, mention: _Mention
) -> tuple[str, int, int] | None:
    """Find bylines, and names that stand alone at the end."""
    is_late = start > len(text) * 0.5 and start > 300
    if _SOURCE.match(before) and _STAFF.match(after):
        return "byline" if not is_late and start else "tail", start, mention.end
    if re.match(r"^\s*\|\s*\w+\s*$", after) and not before.strip():
        return "tail", start, mention.end
    if not _is_byline(before, after, mention) or before.rstrip().endswith("("):
        return None
    if re.fullmatch(r"\s*\(?(?:the|die)\s*", before, re.IGNORECASE) and after.strip() == ")":
        return None
    if "-" in text[mention.start : mention.end] and not before.strip() and not after.strip():
        return "tail", start, mention.end
    is_last = len(text) - end < _END
    if _PARTED.search(before) and text[:start].rstrip().endswith(("”", "»", '"')):
        return None  # whose quotation it was
    if is_late and not is_last and (mention.is_short or _PARTED.search(before)):
        return None  # under a picture, or a quotation's source
    if mention.clashes and not before.strip() and start > _TOP and not is_last:
        return None
    return "tail" if is_late else "byline", start, mention.end + len(after.rstrip())


def _is_tail(before: str, after: str, mention: _Mention, length: int, form: str) -> bool:
    """Say whether a name signs a line: behind its last stop, bare or in brackets."""
    opens = before.rstrip().endswith(("(", "（", "["))
    if opens:
        if not before.strip(" (（[") and mention.end - mention.start > 15:
            return False  # the full name in brackets alone stands under pictures
        inside = re.match(
            r"^(?:\s?[/,+&-]\s?[\w.-]{2,12}|\s[a-z]{2,4}(?=/)){0,4}[)\]）]\s?\.?\s*$", after
        )
        lead = before.rstrip()[:-1].rstrip()
        return inside is not None and (not lead or _ENDED.search(lead) is not None)
    signed = re.match(r"^(?:\s[A-Z]{2,3}\b|\s[a-z]{2,4}/[a-z]{2,4}|/Fim|/)*\s*\.?\s*$", after)
    lead = re.sub(r"(?:\s?[-–—]+|\s?/)\s?$", " ", before)
    is_alone = not lead.strip() and bool(after.strip())
    if signed is None or not (is_alone or _ENDED.search(lead)):
        return False
    if not form.isupper() and lead == before and not after.strip(" ."):
        return False  # "... founded by Mr. Bloomberg"
    return bool(lead[-1:].isspace()) and (length > 20 or bool(after.strip()))


def _without_name(
    text: str, found: list[Credit], own: set[str], marked: Iterable[tuple[int, int]]
) -> Iterator[Credit]:
    """Find credits that name no agency of the table: signatures, feeds, other outlets, places."""
    covered = [(credit.start or 0, credit.end or 0) for credit in found]
    for start, end in marked:
        signed = _SIGNED.search(text, start, end) if text.find("ing by", start, end) >= 0 else None
        if signed and all(signed.end() <= a or b <= signed.start() for a, b in covered):
            yield Credit("Reuters", "tail", *signed.span())
        if text.find(" feed", start, end) >= 0:
            for match in _FEED.finditer(text, start, end):
                yield Credit("", "republish", *match.span())
        if end - start <= _NOTE and (published := _REPUBLISHED.search(text, start, end)):
            yield from _other_outlet(text, published, own, covered)
    if "/" in text[-_HEAD:]:
        for match in _INITIALS.finditer(text, max(len(text) - _HEAD, 0)):
            yield Credit("Agence France-Presse", "tail", *match.span(1))
    if not any(credit.kind == "dateline" for credit in found):
        yield from _place_only(text)


def _other_outlet(
    text: str, match: re.Match[str], own: set[str], covered: list[tuple[int, int]]
) -> Iterator[Credit]:
    """Read the name of the outlet that a republication line gives."""
    start = text.rfind("\n", 0, match.start()) + 1
    line = text[start : match.start()]
    if any(first <= match.start() < last for first, last in covered) or len(line) > 120:
        return
    if not _OF_THIS.search(line) or _OFFER.search(line):
        return
    name = re.match(
        r"((?:[^\W\d_a-zà-öø-ÿ][\w.'’&-]*)(?:[ ]+(?:of|the|de|la|and|&|[^\W\d_a-zà-öø-ÿ][\w'’&-]*))*)",
        text[match.end() : match.end() + 80],
    )
    if name is None or re.match(rf"{_MONTH}\b|\d", name.group(1), re.IGNORECASE):
        return
    if any(bare_name(name.group(1)).startswith(one) for one in own):
        return
    end = text.find("\n", match.end())
    stop = re.search(r"[.:](?=\s|$)", text[match.end() : end if end >= 0 else len(text)])
    last = match.end() + stop.end() if stop else match.end() + name.end()
    yield Credit(name.group(1).rstrip(".,"), "republish", start, last)


def _place_only(text: str) -> Iterator[Credit]:
    """Find a dateline that names a place in capitals and no agency, at the head of the text."""
    at = 0
    for _ in range(_LINES):
        match = _PLACE_ONLY.match(text, at)
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if match is not None and _RUBRIC.match(match.group(1)) is None:
            if end - match.end() >= _BEGINNING:
                yield Credit("", "dateline", *match.span(1))
            return
        if end >= len(text):
            return
        at = end + 1
