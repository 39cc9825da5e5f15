"""The tour: what the assistant does, told in the order in which one should learn it. Read from top to bottom."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.ask import Keywords, Talks
from bot.loader.load import load
from bot.messages import Aspect, Candidate, Incoming, Language, Understanding
from bot.pipeline import Brain, Pipeline, Turn
from bot.understanding.base import Understander

ROOT = Path(__file__).resolve().parents[2]
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0)


class Heard:
    """An understander that hears what the story says, whatever was typed."""

    def __init__(self) -> None:
        self.candidates: tuple[Candidate, ...] = ()
        self.aspect: Aspect = "overview"

    def hears(self, *names: tuple[str, float], aspect: Aspect = "overview") -> None:
        self.candidates = tuple(Candidate(name, confidence) for name, confidence in names)
        self.aspect = aspect

    async def understand(self, text: str, language: Language) -> Understanding:
        return Understanding(text, self.candidates, self.aspect, 0.9)


@pytest.fixture(scope="module")
def brain() -> Brain:
    library, _ = load(ROOT)
    return Brain(library, now=lambda: MONDAY_MORNING)


class Citizen:
    """Somebody who types into one conversation."""

    def __init__(self, brain: Brain, understander: Understander) -> None:
        self._talks = Talks(Pipeline(brain=lambda: brain, understander=understander))
        self.sessions = self._talks.sessions
        self._number = 0

    async def says(self, text: str, payload: str = "") -> Turn:
        self._number += 1
        return await self._talks.handle(Incoming("console", "me", str(self._number), text, payload))


async def test_a_question_is_answered_from_a_reviewed_file_with_its_source(brain: Brain) -> None:
    heard = Heard()
    heard.hears(("certified-copy", 0.9), aspect="fee")
    turn = await Citizen(brain, heard).says("sao y bằng cấp bao nhiêu tiền một trang")
    assert turn.decision.kind == "answer"
    assert "2.000 đồng" in turn.reply.text
    assert "Nguồn: dichvucong.gov.vn" in turn.reply.text


async def test_the_buttons_lead_to_the_other_aspects_and_never_go_through_the_nlu(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("certified-copy", 0.9))
    first = await citizen.says("sao y giấy tờ")
    button = next(c for c in first.reply.choices if c.label == "Lệ phí")
    heard.hears()  # nothing would be understood now
    assert "2.000 đồng" in (await citizen.says(button.label, button.payload)).reply.text


async def test_a_number_or_a_label_is_as_good_as_a_button(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("certified-copy", 0.9))
    first = await citizen.says("sao y giấy tờ")
    place = 1 + [c.label for c in first.reply.choices].index("Lệ phí")
    assert (await citizen.says(str(place))).decision.aspect == "fee"
    assert (await citizen.says("bao lau")).decision.aspect == "time"


async def test_a_question_without_subject_is_about_what_was_just_discussed(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("birth-registration", 0.9))
    await citizen.says("làm khai sinh cho con")
    heard.hears(("followup", 0.9), aspect="documents")
    turn = await citizen.says("thế cần giấy tờ gì")
    assert (turn.decision.entry, turn.decision.aspect) == ("birth-registration", "documents")


async def test_unsure_it_asks_back_with_at_most_three_choices(brain: Brain) -> None:
    heard = Heard()
    heard.hears(("birth-registration", 0.3), ("death-registration", 0.25), ("divorce", 0.2), ("passport", 0.1))
    turn = await Citizen(brain, heard).says("giấy cho gia đình")
    assert turn.decision.kind == "clarify"
    assert [c.payload for c in turn.reply.choices] == [
        "entry:birth-registration",
        "entry:death-registration",
        "entry:divorce",
        "none",
    ]


async def test_not_understood_twice_in_a_row_it_offers_a_person(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("passport", 0.05))
    assert (await citizen.says("asdf qwer")).decision.kind == "fallback"
    second = await citizen.says("zxcv tyui")
    assert second.decision.kind == "handover"
    assert "0000 100 101" in second.reply.text
    assert "Bây giờ đang mở cửa, đến 11:30" in second.reply.text


async def test_where_it_depends_on_the_case_one_question_at_a_time_leads_to_one_thing_to_do(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("vneid-doctor", 0.9))
    assert "vướng VNeID ở chỗ nào" in (await citizen.says("vneid bị lỗi")).reply.text
    heard.hears()  # answers never need the NLU server
    await citizen.says("mã không về")
    await citizen.says("còn")
    end = await citizen.says("vẫn chưa có mã")
    assert "Việc cần làm: Hỏi nhà mạng" in end.reply.text
    assert "Công an phường, điện thoại 0000 100 113" in end.reply.text


async def test_without_the_nlu_server_keywords_still_answer(brain: Brain) -> None:
    turn = await Citizen(brain, Keywords()).says("sao y bản chính")
    assert (turn.source, turn.decision.entry) == ("keywords", "certified-copy")


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("đăng ký tạm trú", "temporary-residence"),
        ("lam giay khai sinh can gi", "birth-"),
        ("can giay to gi", "certified-copy"),  # this one is
    ],
)
async def test_a_new_subject_is_no_follow_up_even_without_the_nlu_server(brain: Brain, text: str, entry: str) -> None:
    citizen = Citizen(brain, Keywords())
    await citizen.says("sao y bản chính")
    turn = await citizen.says(text)
    shown = turn.decision.entry or " ".join(c.payload for c in turn.reply.choices)
    assert entry in shown


async def test_an_otp_is_masked_and_gets_a_loud_warning(brain: Brain) -> None:
    heard = Heard()
    heard.hears(("scam-otp-leaked", 0.9))
    turn = await Citizen(brain, heard).says("họ bảo đọc mã OTP là 482913 đúng không")
    assert "482913" not in turn.masked_text
    assert turn.reply.text.startswith("KHÔNG gửi mã OTP")


async def test_who_is_told_to_pay_into_an_account_is_warned_whatever_else_is_answered(brain: Brain) -> None:
    heard = Heard()
    heard.hears(("vneid-activation", 0.9))
    turn = await Citizen(brain, heard).says("người ta biểu chuyển tiền vô stk 0123456789 mới kích hoạt vneid được")
    assert "ĐỪNG chuyển" in turn.reply.text.split("\n\n")[0]
    assert "0123456789" not in turn.masked_text


async def test_english_is_answered_in_english_and_stays_so(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("birth-registration", 0.9), aspect="fee")
    assert (await citizen.says("how much does it cost to register a birth")).reply.language == "en"
    assert (await citizen.says("ok 1")).reply.language == "en"
    assert "tiếng Việt" in (await citizen.says("/tiengviet")).reply.text


async def test_the_conversation_can_be_forgotten(brain: Brain) -> None:
    citizen = Citizen(brain, heard := Heard())
    heard.hears(("birth-registration", 0.9))
    await citizen.says("làm khai sinh cho con")
    await citizen.says("/xoa")
    assert ("console", "me") not in citizen.sessions


async def test_an_answer_is_taken_home_as_one_page_and_one_sms(brain: Brain) -> None:
    citizen = Citizen(brain, Heard())
    await citizen.says("Giấy tờ", "entry:birth-registration:documents")
    card = (await citizen.says("in ra")).reply.card
    assert card and "[ ] Giấy chứng sinh của bệnh viện" in card.body  # a box to tick; bot/paper makes a PDF of it
    assert card.short.startswith("Dang ky khai sinh. Hoi: so 1 duong Ben Song") and len(card.short) <= 160
    assert (await citizen.says("", card.subject)).decision.entry == "birth-registration"  # what a code on it opens
