"""A citizen on Telegram, from the update that comes in to the message on the telegram."""

import asyncio
import unicodedata
from datetime import datetime
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.responses import JSONResponse, Response

from bot.ask import Keywords
from bot.loader.load import load
from bot.pipeline import Brain, Pipeline
from bot.store.keys import SESSION, conversation_key
from bot.worker import AT_ONCE
from tests.channels.fakes import FakeTelegram, Sent
from tests.channels.rig import ROOT, SECRET, Rig, until

AN = "700100200"


def shown(one: Sent) -> str:
    """All that stands on the telegram, in lower case."""
    return " ".join([one.text, *(label for label, _ in one.buttons)]).lower()


async def test_question_answer_and_a_pressed_button(telegram: Rig) -> None:
    assert await telegram.fake.say(AN, "đăng ký khai sinh") == 200
    await telegram.told(AN, 1)
    assert "khai sinh" in shown(telegram.fake.sent[0])

    await telegram.fake.press(AN, "entry:birth-registration")
    _, birth = await telegram.told(AN, 2)
    assert "khai sinh" in birth.lower()
    label, payload = next(b for b in telegram.fake.sent[1].buttons if b[1].endswith(":fee"))
    assert label == "Lệ phí"
    await telegram.fake.press(AN, payload)
    assert "phí" in (await telegram.told(AN, 3))[2].lower()
    assert [name for name, _ in telegram.fake.calls].count("answerCallbackQuery") == 2  # else the buttons spin for ever


async def test_start_menu_and_a_deep_link(telegram: Rig) -> None:
    await telegram.fake.say(AN, "/start")
    await telegram.fake.say(AN, "/start birth-registration")
    welcome, birth = await telegram.told(AN, 2)
    assert welcome.startswith("Chào anh/chị")
    assert "khai sinh" in birth.lower()


async def test_edited_question_is_answered_anew(telegram: Rig) -> None:
    await telegram.fake.say(AN, "đăng ký khai tử")
    edited = {"message_id": 1, "date": 1790000000, "edit_date": 1790000009, "chat": {"id": int(AN), "type": "private"}}
    await telegram.fake.update(edited_message=edited | {"text": "đăng ký kết hôn"})
    await telegram.told(AN, 2)
    assert "kết hôn" in shown(telegram.fake.sent[1])


async def test_what_is_not_text_gets_a_polite_word(telegram: Rig) -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 90, "height": 90}]
    voice = {"file_id": "a", "file_unique_id": "b", "duration": 3}
    await telegram.fake.say(AN, photo=photo)
    await telegram.fake.say(AN, voice=voice)
    await telegram.fake.say(AN, location={"latitude": 10.7769, "longitude": 106.7009})
    await telegram.fake.say(AN, photo=photo, caption="đăng ký kết hôn ở đâu")
    picture, spoken, place, captioned = await telegram.told(AN, 4)
    assert "không xem được ảnh" in picture
    assert "thoại" in spoken
    assert "Trung tâm Phục vụ hành chính công" in place
    assert "kết hôn" in shown(telegram.fake.sent[3]) and "không xem ảnh" in captioned
    assert not [name for name, _ in telegram.fake.calls if name == "getFile"]  # nothing was fetched


async def test_same_update_twice_is_answered_once(telegram: Rig) -> None:
    body = {
        "update_id": 7,
        "message": {"message_id": 1, "date": 1, "chat": {"id": int(AN), "type": "private"}, "text": "/menu"},
    }
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    assert [await telegram.fake.deliver(body, headers) for _ in range(3)] == [200, 200, 200]
    await telegram.fake.say(AN, "/start")
    menu, welcome = await telegram.told(AN, 2)
    assert welcome.startswith("Chào anh/chị") and menu != welcome


async def test_retry_after_is_obeyed_and_nothing_is_lost(telegram: Rig) -> None:
    telegram.fake.answers.extend([FakeTelegram.too_fast(1), JSONResponse({"ok": False, "error_code": 502}, 502)])
    began = asyncio.get_running_loop().time()
    await telegram.fake.say(AN, "/start")
    await telegram.fake.say(AN, "/menu")
    first, second = await telegram.told(AN, 2)
    assert telegram.fake.sent[0].at - began >= 1.0  # what Telegram asked for
    assert first.startswith("Chào anh/chị")
    assert "Anh/chị cần việc gì" in second


async def test_answer_follows_a_chat_that_got_another_number(telegram: Rig) -> None:
    moved = "Bad Request: group chat was upgraded to a supergroup chat"
    telegram.fake.answers.append(FakeTelegram._error(400, moved, migrate_to_chat_id=-1001234567890))
    await telegram.fake.say(AN, "/start")
    assert (await telegram.told("-1001234567890", 1))[0].startswith("Chào anh/chị")
    assert telegram.fake.to(AN) == []


async def test_shared_place_is_answered_with_the_nearest_office(telegram: Rig, tmp_path: Path) -> None:
    """From the line in commune.yml to the distance on the citizen's phone."""
    for folder in ("content", "flows"):
        copytree(ROOT / folder, tmp_path / folder)
    commune = tmp_path / "content" / "commune.yml"
    text = commune.read_text("utf-8")
    for office, place in (("ttpvhcc", "10.7769, 106.7009"), ("ubnd", "10.7869, 106.7009")):
        text = text.replace(f"  - id: {office}\n", f"  - id: {office}\n    place: {place}\n", 1)
    commune.write_text(text, "utf-8")
    library, _ = load(tmp_path)
    mind = Brain(library, now=lambda: datetime(2026, 11, 25, 9, 0))
    telegram.workers.pop().cancel()
    telegram.hire("who knows places", pipeline=Pipeline(brain=lambda: mind, understander=Keywords()))
    await telegram.fake.say(AN, location={"latitude": 10.7849, "longitude": 106.7009})
    (near,) = await telegram.told(AN, 1)
    assert "Trụ sở Ủy ban nhân dân phường Bến Mẫu" in near and "0,2 km" in near and "Trung tâm" not in near


async def test_a_place_that_moves_along_is_answered_once(telegram: Rig) -> None:
    """Of a live location Telegram tells every few seconds, for up to eight hours, as if the message had been edited."""
    live = {"latitude": 21.03, "longitude": 105.85, "live_period": 28800}
    await telegram.fake.say(AN, location=live)
    moved = {"message_id": 1, "date": 1790000000, "edit_date": 1790000009, "chat": {"id": int(AN), "type": "private"}}
    for step in range(3):
        assert await telegram.fake.update(edited_message=moved | {"location": live | {"latitude": 21.04 + step}}) == 200
    await telegram.fake.say(AN, "/start")
    assert (await telegram.told(AN, 2))[1].startswith("Chào anh/chị")


async def test_blocked_bot_forgets_the_citizen(telegram: Rig) -> None:
    await telegram.fake.say(AN, "đăng ký kết hôn")
    await telegram.told(AN, 1)
    key = conversation_key(SESSION, "telegram", AN)
    assert await telegram.redis.exists(key)
    chat = {"id": int(AN), "type": "private"}
    bot = {"id": 111222333, "is_bot": True, "first_name": "DVC"}
    member = {
        "chat": chat,
        "from": {"id": int(AN), "is_bot": False, "first_name": "An"},
        "date": 1790000200,
        "old_chat_member": {"user": bot, "status": "member"},
        "new_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
    }
    await telegram.fake.update(my_chat_member=member)
    await telegram.fake.say("700100201", "/start")
    await telegram.told("700100201", 1)
    async with asyncio.timeout(40):
        while await telegram.redis.exists(key):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (b"{}", "wrong", 403),
        (b"{}", "", 403),
        (b"not json", SECRET, 400),
        (b"[" * 100_000, SECRET, 400),
        (b'"text"', SECRET, 400),
        (b'{"update_id": "x", "message": 3}', SECRET, 400),
        (
            b'{"update_id": 1, "message": {"message_id": 1, "date": 1e30, "chat": {"id": 1, "type": "private"}}}',
            SECRET,
            400,
        ),
        (
            b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": 5}}',
            SECRET,
            400,
        ),
        (b" " * 600_000, SECRET, 413),
        (b'{"update_id": 1, "something_new": {"id": "1"}}', SECRET, 200),
    ],
)
async def test_requests_that_are_not_taken(telegram: Rig, body: bytes, secret: str, status: int) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(telegram.url, content=body, headers={"X-Telegram-Bot-Api-Secret-Token": secret})
    assert answer.status_code == status
    assert not [key async for key in telegram.redis.scan_iter("motcua:{*")]  # nothing is kept of it


async def test_an_update_that_never_ends_is_not_waited_for(telegram: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.body.PATIENCE", 0.2)

    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(telegram.url).port)
    head = f"POST /webhook/telegram HTTP/1.1\r\nHost: a\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()


async def test_group_chatter_is_left_alone(telegram: Rig) -> None:
    group = {"message_id": 1, "date": 1, "chat": {"id": -100123, "type": "supergroup"}, "text": "đăng ký kết hôn"}
    assert await telegram.fake.update(message=group) == 200
    await telegram.fake.say(AN, "/start")
    await telegram.told(AN, 1)
    assert [one.conversation for one in telegram.fake.sent] == [AN]


async def test_half_a_character_keeps_nobody_from_an_answer(telegram: Rig) -> None:
    assert await telegram.fake.say(AN, "đăng ký khai sinh \ud83d") == 200
    await telegram.told(AN, 1)
    assert "khai sinh" in shown(telegram.fake.sent[0])


async def test_an_album_is_answered_once_and_its_words_too(telegram: Rig) -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 90, "height": 90}]
    for caption in ("", "đăng ký kết hôn", "", ""):
        await telegram.fake.say(AN, photo=photo, media_group_id="137", **({"caption": caption} if caption else {}))
    await telegram.fake.say(AN, photo=photo, media_group_id="138")
    await telegram.fake.say(AN, "/start")
    pictures, words, others, welcome = await telegram.told(AN, 4)
    assert "không xem được ảnh" in pictures and "không xem được ảnh" in others
    assert "kết hôn" in words.lower() or "kết hôn" in shown(telegram.fake.sent[1])
    assert welcome.startswith("Chào anh/chị")


async def test_refused_buttons_become_lines(telegram: Rig) -> None:
    telegram.fake.no_buttons = True
    await telegram.fake.press(AN, "entry:birth-registration")
    (birth,) = await telegram.told(AN, 1)
    assert "\n1. " in birth and "https://" in birth


async def test_a_chat_that_moves_for_ever_is_followed_once(telegram: Rig) -> None:
    moved = [FakeTelegram._error(400, "Bad Request: moved", migrate_to_chat_id=-100) for _ in range(2)]
    telegram.fake.answers.extend(moved)
    await telegram.fake.say(AN, "/start")
    await telegram.fake.say(AN, "/menu")
    (menu,) = await telegram.told(AN, 1)
    assert "Anh/chị cần việc gì" in menu and telegram.fake.to("-100") == []


async def test_a_novel_is_not_read(telegram: Rig) -> None:
    await telegram.fake.say(AN, "x" * 3000)
    assert "dài quá" in (await telegram.told(AN, 1))[0]


async def test_letters_are_counted_as_people_see_them(telegram: Rig) -> None:
    await telegram.fake.say(AN, "lệ phí " + unicodedata.normalize("NFD", "ế" * 1900))
    assert "dài quá" not in (await telegram.told(AN, 1))[0]


@pytest.mark.parametrize("result", [{"message_id": 5, "date": "soon", "chat": {"id": 1}}, {"message_id": 5}, None])
async def test_what_telegram_has_taken_is_not_sent_again_however_it_tells_so(telegram: Rig, result: Any) -> None:
    telegram.fake.answers.append(JSONResponse({"ok": True, "result": result}))
    await telegram.fake.say(AN, "/start")
    await telegram.fake.say(AN, "/menu")
    assert "Anh/chị cần việc gì" in (await telegram.told(AN, 1))[0]


@pytest.mark.parametrize("odd", ["[]", '{"ok": true}', "<html>"])
async def test_a_button_that_cannot_be_let_go_keeps_nobody_from_an_answer(telegram: Rig, odd: str) -> None:
    async def oddly(given: dict[str, Any]) -> Response:
        return Response(odd)

    telegram.fake._answerCallbackQuery = oddly
    await telegram.fake.press(AN, "menu")
    await telegram.told(AN, 1)


async def test_buttons_that_telegram_lets_go_slowly_keep_nobody_else_waiting(telegram: Rig) -> None:
    go_on = asyncio.Event()

    async def slowly(given: dict[str, Any]) -> Response:
        await go_on.wait()
        return FakeTelegram._ok(True)

    telegram.fake._answerCallbackQuery = slowly
    for number in range(2 * AT_ONCE):
        await telegram.fake.press(f"{number + 1}", "menu")
    try:
        await telegram.fake.say(AN, "/start")
        await until(lambda: bool(telegram.fake.to(AN)), 10)
    finally:
        go_on.set()
