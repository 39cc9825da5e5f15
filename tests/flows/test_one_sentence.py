"""One sentence may answer more than one question of a flow; a bare yes, a number or a button never does."""

from functools import cache
from pathlib import Path

import pytest

from bot.messages import Candidate, Language, Understanding
from bot.pipeline import Brain
from tests.flows.kitchen import Citizen, brain_of
from tests.flows.test_conversation import Sure


@cache
def brain() -> Brain:
    return brain_of(Path(__file__).resolve().parents[2])


async def answered(citizen: Citizen, text: str) -> dict[str, str]:
    """The answers that the sentence gave."""
    before = citizen.sessions["test", "one"].answers if citizen.sessions else {}
    await citizen.says(text)
    return {step: given for step, given in citizen.sessions["test", "one"].answers.items() if step not in before}


@pytest.mark.parametrize(
    ("at", "text", "steps"),
    [
        ("vneid-doctor", "quên passcode", "inside passcode"),
        ("vneid-doctor", "dạ tôi quên passcode rồi", "inside passcode"),
        ("vneid-doctor", "toi quen mat khau", "login password"),
        ("vneid-doctor", "quên mật khẩu, còn số đó", "login password yes"),
        ("vneid-doctor", "mới đổi sim nên không vào được", "login"),
        ("vneid-doctor", "sai ngày sinh trên đó", "inside wrong person"),
        ("vneid-doctor", "bị mất máy hôm qua", "phone lost"),
        ("vneid-doctor", "app không nhận khuôn mặt của tôi", "app face"),
        ("vneid-doctor", "chưa kích hoạt, của con tôi", "new child"),
        ("vneid-doctor", "I got a new phone", "phone new-phone"),
        ("vneid-doctor", "passcode", "inside"),
        ("vneid-doctor", "bị khóa", "login"),
        ("vneid-doctor", "tài khoản bị khóa", "login locked"),
        ("vneid-doctor", "đổi máy, đổi số", "phone"),
        ("vneid-doctor", "Đổi máy, đổi số, mất máy", "phone"),
        ("vneid-doctor", "Không nhận được mã OTP", "otp"),
        ("vneid-doctor", "5", "inside"),
        ("vneid-doctor", "New or lost phone, number", "phone"),
        ("vneid-doctor:trouble:new:whose:mine", "có rồi", "yes"),
        ("vneid-doctor:trouble:phone:phone:new-phone", "không còn", "no"),
        ("vneid-doctor:trouble:phone:phone:new-phone", "không có", "no"),  # and not that it has no NFC
        ("submit-online:stage:send", "rõ rồi", "yes"),
        ("submit-online:stage:send", "có", "yes"),
        ("submit-online:stage:send:check-photo:yes", "đủ rồi", "yes"),
        ("submit-online:stage:send:check-photo:yes", "đúng rồi", "yes"),  # and not the office
        ("submit-online", "tôi nộp rồi mà bị trả lại", "sent returned"),
        ("pay-online", "thuế đất, có thông báo rồi", "tax land yes"),
        ("pay-online", "bị trừ hai lần", "trouble twice"),
        ("pay-online", "nộp thuế", "tax"),
        ("papers-birth", "có giấy chứng sinh, ông bà đi khai", "note relative"),
        ("papers-single", "ly hôn, xin lại", "ended again"),
        ("papers-single", "chưa", ""),
        ("papers-land", "đất mua giấy tay, nhờ người đi thay", "bought"),  # whose land it is comes first
        ("digital-team-help", "chỉ tôi dùng VNeID, tôi đến được", "vneid come"),
        ("digital-team-help", "nộp hồ sơ, gọi điện buổi sáng", "apply call morning"),
    ],
)
async def test_typed_at_a_question(at: str, text: str, steps: str) -> None:
    citizen = Citizen(brain())
    await citizen.presses(f"flow:{at}")
    assert list((await answered(citizen, text)).values()) == steps.split()


@pytest.mark.parametrize(
    ("flow", "text", "steps"),
    [
        ("vneid-doctor", "vneid quên passcode", "inside passcode"),
        ("vneid-doctor", "vneid báo sai ngày sinh", "inside wrong person"),
        ("vneid-doctor", "điện thoại không vào được vneid", "login"),
        ("vneid-doctor", "vneid bị lỗi", ""),
        ("vneid-doctor", "vneid otp", ""),  # one word is not enough to begin with
        ("vneid-doctor", "mình không quên mật khẩu vneid mà nó cứ lỗi", ""),
        ("pay-online", "trả tiền hồ sơ trục trặc hoài", ""),  # of which two may be meant
        ("pay-online", "chỉ tôi đóng thuế đất trên mạng", "tax land"),
        ("submit-online", "điền xong rồi thì bấm gì nữa", "send"),
        ("submit-online", "what do I press after filling in the form", ""),
    ],
)
async def test_a_flow_that_a_sentence_starts(flow: str, text: str, steps: str) -> None:
    citizen = Citizen(brain(), Sure(flow))
    assert list((await answered(citizen, text)).values()) == steps.split()
    assert citizen.sessions["test", "one"].flow == flow


async def test_one_step_back_is_the_second_question_that_the_sentence_answered() -> None:
    citizen = Citizen(brain())
    await citizen.presses("flow:vneid-doctor")
    assert "còn dùng không" in (await citizen.says("quên passcode")).reply.text
    assert "anh/chị vướng gì?" in (await citizen.says("quay lại")).reply.text
    assert "vướng VNeID ở chỗ nào" in (await citizen.says("quay lại")).reply.text


class Doubtful(Sure):
    """Sure of a flow that somebody is already in."""

    async def understand(self, text: str, language: Language) -> Understanding:
        return Understanding(text, (Candidate("vneid-doctor", 0.9),))


async def test_who_comes_back_to_a_flow_by_words_keeps_the_answers_of_before() -> None:
    citizen = Citizen(brain(), Doubtful("vneid-doctor"))
    await citizen.presses("flow:vneid-doctor:trouble:app")
    await citizen.presses("menu")
    assert "vướng ở đâu" in (await citizen.says("vneid quên passcode")).reply.text
