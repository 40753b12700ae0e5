"""Sentences: whole, in order, and where a reader would end them."""

from __future__ import annotations

import naive
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.text import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One. Two.", ["One.", "Two."], id="two"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="white space"),
        pytest.param("A headline\nThe text. ", ["A headline", "The text."], id="no full stop"),
        pytest.param(
            "WASHINGTON (AP) — Sen. J. R. Smith met Dr. Lee. He left.",
            ["WASHINGTON (AP) — Sen. J. R. Smith met Dr. Lee.", "He left."],
            id="dateline, titles, initials",
        ),
        pytest.param(
            "“We won.” He left.", ["“We won.”", "He left."], id="quotation that ends inside"
        ),
        pytest.param(
            "It rose 3.5 percent. It fell.", ["It rose 3.5 percent.", "It fell."], id="3.5"
        ),
        pytest.param(
            f"{'_' * 50} One. Two. {'-' * 50} Three.",
            [f"{'_' * 50} One.", f"Two. {'-' * 50}", "Three."],
            id="rows of signs",
        ),
        pytest.param("列車が止まった。乗客は無事。", ["列車が止まった。", "乗客は無事。"], id="ja"),
        pytest.param(
            "「止まった。」彼は言った。", ["「止まった。」", "彼は言った。"], id="ja, quoted"
        ),
        pytest.param("Un.\r\nDeux.\u2028Trois", ["Un.", "Deux.", "Trois"], id="line ends"),
    ],
)
def test_cases(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences.split(text)] == expected


@pytest.mark.parametrize(
    "sentences_in_order",
    [
        pytest.param('कहा कि डॉ. सुधा रावत आईं।¶फिर गईं!¶"सब ठीक है।"¶क्यों?¶पता नहीं।', id="hi"),
        pytest.param("वह आया ।¶उसने कहा॥¶ठीक है।", id="hi, space before, double danda"),
        pytest.param("नगर निगम ने बताया |¶काम शुरू होगा|", id="hi, bars for dandas"),
        pytest.param("পৌরসভা জানিয়েছে।¶প্রকৌশলী বলেন, কাজ শুরু হবে।¶কেন?¶জানা নেই।", id="bn"),
        pytest.param("ਨਗਰ ਕੌਂਸਲ ਨੇ ਦੱਸਿਆ।¶ਕੰਮ ਸ਼ੁਰੂ ਹੋਵੇਗਾ।", id="pa"),
        pytest.param("ସେ ଆସିଲେ।¶ସେ କହିଲେ।", id="or"),
        pytest.param("شہر نے بتایا۔¶کیا ہوا؟¶اس نے کہا ”ہاں۔“¶پھر گئے۔", id="ur"),
        pytest.param("ماذا حدث؟¶لا نعرف.¶وقال د. أحمد إن الأمر انتهى.¶نعم!", id="ar"),
        pytest.param("چه شد؟¶نمی‌دانیم.¶شهردار گفت: «تمام شد.»¶سپس رفت.", id="fa"),
        pytest.param("שר האוצר הגיע.¶מה קרה?¶איש לא יודע.", id="he"),
        pytest.param("ከተማው አስታወቀ።¶መሐንዲሱ ተናገረ፡፡¶ሥራው ይጀምራል፧¶አዎ::¶ይሁን።", id="am"),
        pytest.param("Քաղաքապետարանը հայտարարեց։¶Ա. Պետրոսյանն ասաց:¶Այո։", id="hy"),
        pytest.param("សាលាក្រុងបានប្រកាស។¶វិស្វករបាននិយាយ។¶ការងារនឹងចាប់ផ្តើម៕", id="km"),
        pytest.param("မြို့တော်က ကြေညာသည်။¶အင်ဂျင်နီယာ၊ ဦးလှက ပြောသည်။¶အလုပ်စမည်။", id="my"),
        pytest.param("གྲོང་ཁྱེར་གྱིས་བསྒྲགས།¶བཟོ་རིག་པས་བཤད།¶ལས་ཀ་འགོ་འཛུགས་རྒྱུ་རེད༎", id="bo"),
        pytest.param(
            "นายกรัฐมนตรีอนุทิน ชาญวีรกูล กล่าวว่ารัฐบาลจะช่วยเหลือผู้ประสบภัยทุกครอบครัว"
            " และจะจ่ายเงินภายใน 30 วัน โดยเริ่มจากจังหวัดเชียงใหม่ก่อน"
            "¶ชาวบ้านบางส่วนบอกว่ายังไม่ได้รับเงินเลยสักบาท ครับ",
            id="th, names, numbers and clauses",
        ),
        pytest.param(
            "ເທດສະບານປະກາດວ່າຕະຫຼາດນ້ຳເກົ່າຂອງເມືອງຈະປິດປັບປຸງເປັນເວລາສອງເດືອນ"
            "¶ຜູ້ອຳນວຍການໂຮງຮຽນໃກ້ຄຽງເປີດສະໜາມໃຫ້ລູກຄ້າຈອດລົດໄດ້",
            id="lo",
        ),
        pytest.param("他说：“走吧。”¶她问：“去哪？”¶后来呢！？¶U.S. 军方说没有。", id="zh"),
        pytest.param("Τι έγινε;¶Κανείς δεν ξέρει.", id="el"),
        pytest.param("Что случилось?¶Мэр г. Москвы ушёл.¶Всё.", id="ru"),
        pytest.param("நகராட்சி அறிவித்தது.¶பொறியாளர் கூறினார்.", id="ta"),
        pytest.param("시는 밝혔다.¶기술자는 말했다.", id="ko"),
        pytest.param(
            "He said नमस्ते।¶Dr. Smith met Mr. Lee.¶They went.", id="en with a word of Hindi"
        ),
    ],
)
@pytest.mark.parametrize("between", [" ", "  "])
def test_sentences_of_many_scripts(sentences_in_order: str, between: str) -> None:
    expected = sentences_in_order.split("¶")
    text = between.join(expected)
    assert [text[start:end] for start, end in sentences.split(text)] == expected


@pytest.mark.parametrize("stop", "।॥۔؟።။།។։。！？")
def test_own_stops_need_no_space(stop: str) -> None:
    assert sentences.split(f"क{stop}क{stop}क") == [(0, 2), (2, 4), (4, 5)]


def test_sentences_of_a_misread_text_are_those_that_were_meant() -> None:
    clean = "La préfecture a fermé la plage. « C’est fini. » Où ça ?"
    misread = clean.encode().decode("latin-1")
    pieces = [misread[a:b].encode("latin-1").decode() for a, b in sentences.split(misread)]
    assert pieces == [clean[a:b] for a, b in sentences.split(clean)]
    hindi = "वह आया। उसने कहा।"
    assert len(sentences.split(hindi.encode().decode("latin-1"))) == 2


@given(
    st.text(st.sampled_from("aB1 .!?。！\n\r\t\"'”’)—…\u00a0U.S.é中।۔؟กข|։:"), max_size=80)
    | st.text()
)
@settings(deadline=None, max_examples=400)
def test_pieces_and_gaps_give_back_the_text(text: str) -> None:
    assume(naive.mend(text)[0] == text)
    end = 0
    for first, last in sentences.split(text):
        assert end <= first < last
        assert not text[end:first].strip()
        assert text[first:last] == text[first:last].strip()
        end = last
    assert not text[end:].strip()


@pytest.mark.parametrize("text", ['."' * 100_000, "- " * 100_000, "… " * 100_000 + "End."])
def test_rows_of_stops_take_no_square_of_their_length(text: str) -> None:
    assert len(sentences.split(text)) <= 2


@pytest.mark.parametrize("unit", ["।", "क।", "ก ", "กขค " * 9, "؟ ", "| ", "é;", "د. "])
def test_rows_of_other_stops_take_no_square_of_their_length(unit: str) -> None:
    assert sentences.split(unit * 20_000)[-1][1] >= 20_000
