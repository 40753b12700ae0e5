"""The shapes of credits, as regular expressions in nine languages.

Most look at what stands before or behind the name of an agency in its line. What they mean together
is said by the rules in `credit_lines`, `datelines`, `notices` and `signatures`.
"""

from __future__ import annotations

import re

NAME = "\0"
"""Stands for the name in lines that patterns look at as a whole; they have it as `\\0` or `\\x00`."""

# fmt: off
TRIGGERS = (
    "riginally published", "riginally appeared", "riginally posted", "riginally ran",
    "riginally reported", "irst published", "irst appeared", "irst ran", "epublished", "eprinted",
    "reproduced", "partnership with", "comes from", "zuerst", "publié", "ublicad", "pubblicato",
    "опубликован", "转载", "轉載", "diting by", "eporting by", "syndicated feed", "wire feed",
    "news feed", "agency feed", "PTI feed", "AFP feed", "provided by", "produced by", "report by",
    "story by", "article by", "courtesy of", "ripubblicat", "PUBLISHED",
)
# fmt: on
"""What marks a line that may be a credit without the name of an agency."""

# Datelines: "PARIS, March 3 (Reuters) -", "【東京電】", "BERLIN/dpa/".
MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|ene|abr|ago|set|dic|déc|févr|fév|avr|"
    r"mai|juin|juil|août|gen|mag|giu|lug|ott|out|dez|märz|okt|янв|февр|фев|марта|мар|апр|мая|июня|июн|"
    r"июля|июл|авг|сент|сен|окт|нояб|ноя|дек)\w{0,7}"
)
SMALL = (
    r"(?:ag|de|del|della|da|do|dos|das|di|du|des|la|las|le|les|los|el|of|the|and|y|e|et|und|am|an|der|"
    r"die|im|in|bei|près|sur|sous|near|aan|den|на|под|и|van|von|zu|al|st)"
)
PLACE_WORD = (
    rf"(?:[^\W\d_a-zß-öø-ÿа-яё][\w.'’`-]*|\d{{1,4}}(?:er|º|ª|st|nd|rd|th)?|{MONTH}|{SMALL}|г)"
)

PLACE = re.compile(
    rf"^[\s\"'“”«»>*•]*+[–—-]?\s*+(?:(?>{PLACE_WORD}(?!\w))[\s,./:\[\]()–—-]*+){{0,14}}$"
)
"""Places, days and small words only. Possessive and atomic: words in a row have one reading, so that
a long line costs no square of its length."""

DASH = r"(?:[-–—―‐‑]|--|\.-|:)"
DATED = re.compile(rf"\d\.?\s*{MONTH}|{MONTH}\.?\s*\d", re.IGNORECASE)
DATE_IN_PLACE = re.compile(r"\d{1,4}\W+[^\W\d_]+(?=\W|$)|(?<=\d)[.,]+\s*[^\W\d_]+\s*$")
INITIAL = re.compile(r"\b[^\W\d_a-zß-öø-ÿ](?=\w)")
FOUR_CAPITALS = re.compile(r"[A-ZÀ-ÞА-Я]{4,}")
NO_SMALL_LETTERS = re.compile(r"\b[^\W\d_a-zß-öø-ÿ]{4,}")
OPEN_BRACKET = re.compile(r"[【［\[(][^【［\]】\n]{0,24}$")
CLOSING_BRACKET = re.compile(r"^\s?[】］\])]")
BRACKET_AND_DASH = re.compile(rf"^\)\s*{DASH}")
BRACKET_AND_CAPITAL = re.compile(r"^\.?\)\s+[^\W\d_a-z]")
BRACKET_AND_STOP = re.compile(rf"^\.?\)\s*(?:[.,]?\s*{DASH}|\.\s)")
WITH_IN_BRACKET = re.compile(r"^\W*\([^()]{0,20}\b(?:avec|with|mit|con|com)\s+$")
SLASH_AND_DASH = re.compile(r"^/\s*[-–—.]")
DASH_BEFORE = re.compile(r"(?:[—–-]|\.|,)\s*\W?$")
DASH_BEHIND = re.compile(rf"^\W?\s*(?:{DASH}|\.)\s")

SUFFIX = re.compile(r"^(?:/[A-Za-zÀ-ÿ-]{2,12}| Business| Nachrichtenagentur| News(?: Agency)?)?")
"""What may stand behind a name inside the brackets of a dateline."""

ASIAN_DATELINE = re.compile(r"^[^\n。]{0,24}?(?:电|電)")

OLD_PLACE = re.compile(
    r"(?:(?<!\w)[^\W\d_a-zß-öø-ÿ][\w.'’-]++\s?){1,4}\s?[,.]?\s?\d{1,2}\s?[.,]?\s?"
    r"(?:[^\W\d_]{3,9}\s?[.,]?\s?)?(?:[—–-]\s?)?\(\s?$"
    r"|(?<!\w)[^\W\d_a-zß-öø-ÿ]{4,}+\s?[.,]?\s?\(\s?$"
)
"""A place and a day before a bracket, as print of the 19th century has them."""

DAY_AND_BRACKET = re.compile(r"\d\W*(?:[^\W\d_]{3,9}\W*)?\($|\d\W*(?:[^\W\d_]{3,9}\W*)?\(\s$")
OLD_CLOSING = re.compile(r"^\s?\.?\s?\)")
OLD_CLOSING_AND_DASH = re.compile(rf"^\s?\.?\s?\)\s?[,.]?\s?{DASH}")

RUN_ON_DATELINE = (
    re.compile(r"[({]\s?$|\d\s?\.?\s?[—–-]\s?$"),
    re.compile(rf"^\s?[.,]?\s?[)}}]?\s?[.,]?\s?{DASH}"),
)
"""Before and behind a name in a line that runs on over many reports: a bracket or a day, a dash."""

RUN_ON_TAIL = (
    re.compile(r"[.,!?»”]\s?\(\s?$"),
    re.compile(r"^(?:[-,]\s?\w+\.?){0,2}\s?[.,]?\s?\)"),
)
"""The same where the name signs a report: a stop and a bracket, and its other half."""

PLACE_ONLY = re.compile(
    r"^[^\S\n]*((?:[A-Z][A-Z.'’-]{2,}+(?:[ /](?:[A-Z][A-Z.'’-]++))*+)(?:, (?:[A-Z][\w.]+)(?: [A-Z]\w+)*)?"
    r"|[A-Z]\w+ \[[A-Z]\w+\], [A-Z]\w+ \d{1,2})\s*(?:—|–|--| - |:)\s*(?=[\"“A-Z])"
)
"""A dateline that names no agency: a place in capitals at the start of a line, and a dash."""

RUBRIC = re.compile(
    r"(?:WATCH|READ|MORE|RELATED|UPDATE|BREAKING|PHOTOS?|VIDEO|ALSO|LIVE|OPINION|ANALYSIS|EXCLUSIVE|"
    r"NOTE|CORRECTION|SEE|LISTEN|FAQ)\b"
)
"""What looks like such a place and is none."""

# Pictures: whose photo it is says nothing of the text.
PICTURE = re.compile(
    r"\b(?:photos?|photographs?|fotos?|foto-?|fotograf\w*|images?|imagen|immagine|imagem|bild(?:er)?|"
    r"picture|pictured|caption|illustration|getty|crédit|credits?:|montage|videos? by|video:|graphic|"
    r"copyright foto|quelle foto|archivbild|symbolbild|fotocredit|screenshot|file pic|фото|снимок)\b|"
    r"写真|図|图|照片|圖|摄|攝|撮影",
    re.IGNORECASE,
)

PICTURE_BEHIND = re.compile(r"^\s?/\s?[A-ZÀ-Þ]|^ (?:Photo|Images?)\b")
PICTURE_BEFORE = re.compile(r"(?:\bvia|[A-Za-zÀ-ÿ]\s?/)\s*$")
JOINT_WIRE = re.compile(r"(?:dpa|afp|ap|apa|sda|ats)/$", re.IGNORECASE)
"""Agencies that sign together, "dpa/afp": a slash that is no photographer's."""

# Notices: contributions, rights, and copy of other outlets.
CONTRIBUTED = re.compile(
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

FUNDED = re.compile(r"^\W*\0(?: [^.\n]{0,60})? receives (?:\w+ )?(?:support|funding)")
"""How outlets that offer their articles for nothing end them."""

COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b|℗|™", re.IGNORECASE)
RIGHTS = re.compile(
    r"all rights|alle rechte|tous droits|todos los derechos|todos os direitos|tutti i diritti|права|"
    r"may not be|prohibid|interdit|vietat|untersagt|版权|無断|\d{6}-\d",
    re.IGNORECASE,
)

SITE_WIDE = re.compile(
    r"\b(?:articles?|content|material|stories|news|some)\s*:|\bportions?\b|"
    r"\bcontains? (?:content|material)|\bprovided by .* and other",
    re.IGNORECASE,
)
"""Lines about all pages of a site, not about the article."""

REPUBLISHED = re.compile(
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
FIRST_PUBLISHED = re.compile(
    r"^\W*this (?:report|story|article) by (?:the )?\0 was first published", re.IGNORECASE
)

OF_THIS = re.compile(
    r"^\W*$|\b(?:this|story|article|post|column|piece|essay|report|version|commentary|op-ed|excerpt|"
    r"interview|following|dieser|artikel|beitrag|text|cet|article|este|esta|artículo|questo|articolo|"
    r"esse|artigo|статья|материал)\b",
    re.IGNORECASE,
)
"""What makes a republication line speak of this very article."""

OFFER = re.compile(r"^\W*(?:republish|reprint)\b|our (?:articles|stories|content)\b", re.IGNORECASE)
"""Lines that offer the article to others."""

TAGLINE = re.compile(
    r"^\s+is (?:a|an|the) [^.\n]{0,40}?(?:newsroom|news organi[sz]ation|news outlet|news site|news service)",
    re.IGNORECASE,
)
"""How an outlet that is often republished describes itself."""

OUTLET_NAME = re.compile(
    r"((?:[^\W\d_a-zà-öø-ÿ][\w.'’&-]*)(?:[ ]+(?:of|the|de|la|and|&|[^\W\d_a-zà-öø-ÿ][\w'’&-]*))*)"
)
DATE_FIRST = re.compile(rf"{MONTH}\b|\d", re.IGNORECASE)
STOP = re.compile(r"[.:](?=\s|$)")

FEED = re.compile(
    r"\(?[^\n.]{0,80}\b(?:not been|hasn.t been|has not been|was not) edited by [^\n]{2,80}?(?:syndicated|"
    r"agency|wire|news) feed[^\n]{0,40}|published (?:directly )?from a (?:syndicated|wire) feed",
    re.IGNORECASE,
)
"""The notice of Indian sites that a text came from a feed as it is."""

# Signatures: bylines and tails.

AUTHORS = re.compile(r"[;\n]|,(?=\s*(?:By|Von)\s)")
"""Where the author field is cut into its parts."""

SOURCE = re.compile(
    r"^\W*(?:source|sources|quelle|quellen|fonte|fuente|bron|źródło|источник|来源|來源|出典|via)\s*[:：|]\s*$",
    re.IGNORECASE,
)
BY = re.compile(
    r"^[\s•|*]*(?:by|von|par|por|di|de|da|from|reported by|text by|story by|written by|автор|текст|"
    r"posted by|published by|författare|door|af|av|od|przez)\s*[:：]?\s+(?:the |der |die |l['’])?",
    re.IGNORECASE,
)

PERSONS = re.compile(
    r"^[\s•|*]*+(?:(?:By|BY|by|Von|VON|von|Par|PAR|par|Por|POR|Di|DI|De|Da|От|Автор)\s*+:?\s++)?"
    r"(?:(?:[^\W\d_a-zà-öø-ÿа-я][\w.'’-]*+|de|van|von|der|den|del|la|bin|al|el|und|and|et|y|e|и|in|"
    r"à|aus|en|mit Material der)(?!\w)[\s,|/–—·&-]*+)+$"
)
"""Names of persons and what stands between them, with or without "By"."""

STAFF = re.compile(
    r"^(?:\s*(?:staff|writers?|reporters?|correspondents?|editors?|journalists?|agentur|news|sports|"
    r"science|political|business|health|medical|military|religion|legal|education|technology|food|"
    r"entertainment|national|auto|music|film|economics|diplomatic|white house|staff reports?|and staff "
    r"reports?|and wire reports?|wire reports?|and|und|et|y|e|&|the|desk|team|network|/|,|\)|\.|:|\||-|–))*"
    r"(?:\s*(?:published|updated|posted|veröffentlicht|publié|\d).{0,60})?\s*$",
    re.IGNORECASE,
)
"""What may stand behind an agency in a byline: its desk, its writers, a date."""

PARTED = re.compile(
    r"[,|/–—·&-]\s*$|\b(?:und|and|et|y|e|и)\s*$|^\W*(?:by|von|par|por|di|от)\s", re.IGNORECASE
)
ARTICLE = re.compile(r"\s*(?:the|die|der|la)\s+", re.IGNORECASE)
ARTICLE_IN_BRACKET = re.compile(r"\s*\(?(?:the|die)\s*", re.IGNORECASE)
PERSON_AND_SIGN = re.compile(r"(?:\S+\s+){1,3}\S+?\s?[,|–—]\s*")
PERSON_OF = re.compile(r"(?:\S+\s+){1,4}[-–—,|]\s*\w+ (?:d[aeo]s?|der|for|of|para|du)\s")
"""A person and a role: "Jane Doe, correspondent of "."""
PLACE_BEHIND = re.compile(r"^\s[^\W\d_a-z]{3,}[^\n(]{0,40}\(")
SECTION_BEHIND = re.compile(r"^\s*\|\s*\w+\s*$")
SIGNED_IN_BRACKETS = re.compile(
    r"^(?:\s?[/,+&-]\s?[\w.-]{2,12}|\s[a-z]{2,4}(?=/)){0,4}[)\]）]\s?\.?\s*$"
)
SIGNED_BARE = re.compile(r"^(?:\s[A-Z]{2,3}\b|\s[a-z]{2,4}/[a-z]{2,4}|/Fim|/)*\s*\.?\s*$")
DASH_AT_END = re.compile(r"(?:\s?[-–—]+|\s?/)\s?$")

SIGNED = re.compile(
    r"\(?\b(?:Additional [Rr]eporting|Reporting|Reported|Writing|Compiled) (?:and [Ww]riting )?by "
    r"[^\n]{2,300}?[Ee]diting by [^\n)]{2,200}\)?|"
    r"\(Reporting by [^\n)]{2,300}\)"
)
"""How Reuters ends its reports."""

INITIALS = re.compile(r"\n([a-z]{2,4}(?:-[a-z]{2,4}){1,4}(?:/[a-z]{2,4}){1,3})(?=\n|$)")
"""How Agence France-Presse ends its: initials of writers and editors, "abc-de/fg"."""

ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")

# Mentions that only the agency itself would make.
NOT_VERIFIED = re.compile(
    r"^[^.]{0,60}\b(?:not|unable)\b[^.]{0,60}\b(?:verif|confirm|authenticate)", re.IGNORECASE
)
TOLD_TO = re.compile(
    r"(?:\btold|\breviewed by|\bseen by|\bobtained by|\binterviewed by|\bviewed by|\bshown to|"
    r"\bstatement to|\bemail to|\be-mail to|\bby|\bverified by|\bcontacted by|\bspoke to|"
    r"\bspoke with|\bsaid to|\bsagte(?: [^.\n]{0,30})? der|\bà l['’]|\ba|\bdijo a|\bdichiarato all['’])\s+(?:the |l['’])?$",
    re.IGNORECASE,
)
ITS_STAFF = re.compile(
    r"^(?:['’]s?)?\s+(?:journalists?|reporters?|correspondents?|witness(?:es)?|photographers?|"
    r"calculations?|tally|poll|count|team|news director)\b",
    re.IGNORECASE,
)
