"""A citizen on the Zalo Bot Platform, which has no buttons: numbers do."""

import pytest
from starlette.responses import JSONResponse

from tests.channels.fakes import FakeZaloBot
from tests.channels.rig import Rig

BINH = "6ede9afa66b88fe6d6a9"


@pytest.mark.parametrize("wrapped", [False, True])
async def test_question_and_a_choice_by_number(zalo_bot: Rig, wrapped: bool) -> None:
    zalo_bot.fake.wrapped = wrapped
    assert await zalo_bot.fake.say(BINH, "/menu") == 200
    (menu,) = await zalo_bot.told(BINH, 1)
    assert "\n1. " in menu and menu.endswith("ví dụ 1.")
    await zalo_bot.fake.say(BINH, "1")
    section = (await zalo_bot.told(BINH, 2))[1]
    assert menu.split("\n1. ")[1].split("\n")[0] in section


@pytest.mark.parametrize("said", ["2.", "số 2", "Chọn 2 nhé", "câu thứ hai", "em chọn cái số 2 ạ", "so hai", "2️⃣"])
async def test_a_line_is_chosen_in_the_words_that_people_use(zalo_bot: Rig, said: str) -> None:
    """Each of these was taken for a question, and got an answer about something else."""
    await zalo_bot.fake.say(BINH, "/menu")
    (menu,) = await zalo_bot.told(BINH, 1)
    await zalo_bot.fake.say(BINH, said)
    assert (await zalo_bot.told(BINH, 2))[1].startswith(menu.split("\n2. ")[1].split("\n")[0])
    await zalo_bot.fake.say(BINH, "cái cuối cùng")  # leads back to the menu, whose last line is a person
    await zalo_bot.fake.say(BINH, "câu 99")
    await zalo_bot.fake.say(BINH, "cái cuối")
    assert [text == menu for text in (await zalo_bot.told(BINH, 5))[2:]] == [True, True, False]
    assert "gặp cán bộ" in zalo_bot.fake.to(BINH)[-1]


async def test_a_nod_keeps_the_numbers_and_a_thumb_is_no_question(zalo_bot: Rig) -> None:
    async def lines(said: str, number: int) -> list[str]:
        await zalo_bot.fake.say(BINH, said)
        return (await zalo_bot.told(BINH, number))[-1].split("\n\n")[-1].splitlines()

    offered = await lines("đăng ký kết hôn", 1)
    assert await lines("vâng", 2) == offered
    assert offered[0] == "1. Làm từng bước"
    asked = await lines("1", 3)
    assert asked[-2].endswith(". Thoát")
    assert await lines("vâng", 4) == asked
    assert zalo_bot.fake.to(BINH)[-1] == zalo_bot.fake.to(BINH)[-2]  # in the middle of a guide the question stands
    await lines("thoát", 5)
    for number, signs in enumerate(("👍👍", "🙏", "?", "..."), start=6):
        assert await lines(signs, number) == ["1. Danh mục", "2. Hỏi cán bộ", "Anh/chị trả lời bằng số, ví dụ 1."]
        assert "Dạ, tôi đây." in zalo_bot.fake.to(BINH)[-1]


async def test_a_borrowed_word_changes_nobodys_language(zalo_bot: Rig) -> None:
    said = ["đăng ký kết hôn", "thanks", "yes", "bye em", "How much does a marriage cost?", "ok thank you", "cảm ơn"]
    hints = []
    for number, words in enumerate(said, start=1):
        await zalo_bot.fake.say(BINH, words)
        hints.append((await zalo_bot.told(BINH, number))[-1].split("\n")[-1].split()[0])
    assert hints == ["Anh/chị"] * 4 + ["Answer"] * 2 + ["Anh/chị"]


async def test_who_is_angry_finds_the_person_that_is_spoken_of(zalo_bot: Rig) -> None:
    await zalo_bot.fake.say(BINH, "đồ vô dụng")
    (sorry,) = await zalo_bot.told(BINH, 1)
    assert 'chọn "Hỏi cán bộ"' in sorry and "phản ánh" in sorry
    assert ". Góp ý, phản ánh phục vụ" in sorry and ". Hỏi cán bộ" in sorry


@pytest.mark.parametrize("one", ["\u200e1", "1\u200b", "\u20681\u2069", "1\ufe0f\u20e3", "１"])
async def test_marks_that_nobody_sees_change_no_choice(zalo_bot: Rig, one: str) -> None:
    await zalo_bot.fake.say(BINH, "\ufeff/menu")
    (menu,) = await zalo_bot.told(BINH, 1)
    await zalo_bot.fake.say(BINH, one)
    assert menu.split("\n1. ")[1].split("\n")[0] in (await zalo_bot.told(BINH, 2))[1]


async def test_pictures_stickers_and_the_unknown(zalo_bot: Rig) -> None:
    await zalo_bot.fake.say(
        BINH, event="message.image.received", photo="https://a.test/a.jpg", caption="đăng ký kết hôn"
    )
    await zalo_bot.fake.say(BINH, event="message.sticker.received", sticker="s", url="https://a.test/s")
    await zalo_bot.fake.say(BINH, event="message.unsupported.received")
    assert await zalo_bot.fake.say(BINH, event="message.reaction.received") == 200
    captioned, sticker, other = await zalo_bot.told(BINH, 3)
    assert "kết hôn" in captioned.lower()
    assert "cần hỏi việc gì" in sticker
    assert "chỉ đọc được chữ" in other


async def test_group_chat_and_other_bots_are_left_alone(zalo_bot: Rig) -> None:
    assert await zalo_bot.fake.say(BINH, "giờ làm việc?", chat={"id": "g1", "chat_type": "GROUP"}) == 200
    await zalo_bot.fake.say(BINH, "/start")
    await zalo_bot.told(BINH, 1)
    assert [one.conversation for one in zalo_bot.fake.sent] == [BINH]


async def test_quota_and_outage_are_waited_out(zalo_bot: Rig) -> None:
    zalo_bot.fake.answers.extend([FakeZaloBot._error(429, "quota"), FakeZaloBot._error(403, "internal server error")])
    await zalo_bot.fake.say(BINH, "/start")
    await zalo_bot.fake.say(BINH, "/menu")
    first, second = await zalo_bot.told(BINH, 2)
    assert first.startswith("Chào anh/chị") and "\n1. " in second


async def test_answers_that_say_nothing_are_no_refusal(zalo_bot: Rig) -> None:
    zalo_bot.fake.answers.extend([JSONResponse([]), JSONResponse({"ok": False, "error_code": "QUOTA"})])
    await zalo_bot.fake.say(BINH, "/start")
    assert (await zalo_bot.told(BINH, 1))[0].startswith("Chào anh/chị")


async def test_what_other_versions_of_the_platform_may_write(zalo_bot: Rig) -> None:
    """Numbers as ids, no kind of chat, a caption of null, a text event without text."""
    fake = zalo_bot.fake
    assert await fake.say("700", "/start", chat={"id": 700, "chat_type": "PRIVATE"}, message_id=5) == 200
    assert await fake.say("701", "/start", chat={"id": "701"}) == 200
    assert await fake.say("702", chat={"id": "g1"}) == 200  # somebody in a group
    assert await fake.say("703", event="message.image.received", photo="https://a.test/a.jpg", caption=None) == 200
    assert await fake.say("704") == 200
    for person, words in (("700", "Chào"), ("701", "Chào"), ("703", "không xem được ảnh"), ("704", "chỉ đọc được chữ")):
        assert words in (await zalo_bot.told(person, 1))[0]
    assert fake.to("g1") == []


async def test_wrong_secret(zalo_bot: Rig) -> None:
    zalo_bot.fake.secret = "wrong"
    assert await zalo_bot.fake.say(BINH, "/start") == 403
    assert not [key async for key in zalo_bot.redis.scan_iter("motcua:{*")]
