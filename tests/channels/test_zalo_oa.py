"""A citizen and an officer on a Zalo Official Account, whose platform signs, repeats, refuses and lets tokens die."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import asdict
from typing import Any

import httpx2
import pytest
from starlette.responses import JSONResponse

from bot.channels.base import Limits
from bot.channels.zalo_tokens import challenge_of
from bot.messages import Incoming, IncomingKind
from bot.store.keys import HOLD, OUT, SESSION, conversation_key
from tests.channels.fake_zalo_oa import OA
from tests.channels.rig import SECRET, Rig, until

AN = "6180339887498948482"
BODY = json.dumps({"event_name": "user_send_text", "app_id": "3141592653589793238", "timestamp": "1"}).encode()


async def post(rig: Rig, body: bytes, **headers: str) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.post(rig.url, content=body, headers=headers)).status_code


async def sessions(rig: Rig) -> list[str]:
    return [str(key) async for key in rig.redis.scan_iter("motcua:{zalo-oa:*")]


async def test_question_and_a_choice_by_number(zalo_oa: Rig) -> None:
    assert await zalo_oa.fake.say(AN, "/menu") == 200
    (menu,) = await zalo_oa.told(AN, 1)
    assert "\n1. " in menu and menu.endswith("ví dụ 1.")
    await zalo_oa.fake.say(AN, "1")
    section = (await zalo_oa.told(AN, 2))[1]
    assert menu.split("\n1. ")[1].split("\n")[0] in section
    await until(lambda: not zalo_oa.fake.echoes)  # what we sent is echoed to us, and starts nothing
    assert len(zalo_oa.fake.sent) == 2 and not zalo_oa.fake.slow


@pytest.mark.parametrize("shape", ["A", "B"])
async def test_buttons_come_back_as_texts(zalo_oa: Rig, shape: str) -> None:
    zalo_oa.channel._buttons = zalo_oa.fake.mode = shape
    await zalo_oa.fake.say(AN, "/start")
    await zalo_oa.told(AN, 1)
    label, tap = zalo_oa.fake.sent[0].buttons[0]
    assert tap == "#menu:" and label
    await zalo_oa.fake.say(AN, tap)
    assert "\n1. " in (await zalo_oa.told(AN, 2))[1]  # more choices than five buttons: numbers


async def test_refused_buttons_become_numbers_and_stay_so(zalo_oa: Rig) -> None:
    zalo_oa.channel._buttons = "A"  # this OA takes none
    await zalo_oa.fake.say(AN, "/start")
    (welcome,) = await zalo_oa.told(AN, 1)
    assert "\n1. " in welcome and welcome.endswith("ví dụ 1.")
    assert zalo_oa.channel.limits == Limits(chars=2000, files=True, late=48 * 3600)


async def test_hashtag_of_a_citizen_is_a_question(zalo_oa: Rig) -> None:
    await zalo_oa.fake.say(AN, "#thutuc đăng ký khai sinh")
    await zalo_oa.fake.say(AN, "#menu:khong-co-muc-nay")
    hashtag, strange = await zalo_oa.told(AN, 2)
    assert "khai sinh" in hashtag.lower()
    assert "\n1. " in strange  # a tap that names nothing opens the menu


async def test_pictures_places_and_files(zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    await fake.send_thing(AN, "image", url="https://f20.example.test/a.jpg", thumbnail="https://f20.example.test/t.jpg")
    await fake.send_thing(AN, "audio", url="https://voice.example.test/a.amr")
    await fake.send_thing(AN, "sticker", id="23311", url="https://z.example.test/s")
    await fake.send_thing(AN, "file", name="don.pdf", size="188316", type="pdf", url="https://f.example.test/f")
    await fake.send_thing(AN, "location", "UBND phường", coordinates={"latitude": "10.7769", "longitude": "106.7009"})
    await fake.send_thing(AN, "image", "đăng ký kết hôn", url="https://f20.example.test/a.jpg")
    await fake.send_thing(AN, "business_card", url="https://q.test/p", description='{"phone": "84900000000"}')
    picture, voice, sticker, file, place, captioned, card = await zalo_oa.told(AN, 7)
    assert "không xem được ảnh" in picture and "thoại" in voice and "cần hỏi việc gì" in sticker
    assert "tệp" in file and "Trung tâm Phục vụ hành chính công" in place
    assert "kết hôn" in captioned.lower()
    assert "không cần gửi số điện thoại" in card
    assert {path for path, _ in fake.calls} == {"/v3.0/oa/message/cs"}  # nothing was fetched


async def test_greeting_once_a_day_and_events_that_ask_nothing(zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    await fake.follow(AN)
    await fake.event("user_click_chatnow", oa_id=OA, user_id=AN)
    for name, content in (
        ("user_seen_message", {"sender": {"id": OA}, "recipient": {"id": AN}, "message": {"msg_ids": ["a", "b"]}}),
        ("user_received_message", {"sender": {"id": OA}, "recipient": {"id": AN}, "message": {"msg_id": "a"}}),
        ("user_reacted_message", {"sender": {"id": AN}, "recipient": {"id": OA}, "message": {"msg_id": "a"}}),
        ("user_submit_info", {"sender": {"id": AN}, "recipient": {"id": OA}, "info": {"phone": "84912345678"}}),
        ("shop_has_order", {}),
        ("an_event_of_tomorrow", {}),
    ):
        assert await fake.event(name, **content) == 200
    await fake.say(AN, "/menu")
    welcome, menu = await zalo_oa.told(AN, 2)
    assert welcome.startswith("Chào anh/chị") and "\n1. " in menu


async def test_visitor_of_a_website_without_an_account(zalo_oa: Rig) -> None:
    message = {"text": "/start", "msg_id": "f0e1", "conversation_id": "cv-55aa01"}
    content: dict[str, Any] = {"sender": {"id": "anon-7f3a"}, "recipient": {"id": OA}, "message": message}
    assert await zalo_oa.fake.event("anonymous_send_text", **content) == 200
    (welcome,) = await zalo_oa.told("anon-7f3a:cv-55aa01", 1)
    assert welcome.startswith("Chào anh/chị")
    path, body = zalo_oa.fake.calls[0]
    assert path == "/v2.0/oa/message"
    assert body["recipient"] == {"anonymous_id": "anon-7f3a", "conversation_id": "cv-55aa01"}


async def test_assistant_is_silent_while_an_officer_talks(zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    await fake.say(AN, "/start")
    await zalo_oa.told(AN, 1)
    await fake.staff(AN, "Chào bác, em là cán bộ trực.")
    await fake.say(AN, "cảm ơn em, giờ làm việc thế nào")
    await fake.say(AN, "#menu:")  # who presses a button asks the assistant
    assert "Anh/chị cần việc gì" in (await zalo_oa.told(AN, 2))[1]
    key = conversation_key(SESSION, "zalo-oa", AN)
    kept = json.loads(await zalo_oa.redis.get(key))
    assert kept["silent_until"] > time.time() + 3000
    await zalo_oa.redis.set(key, json.dumps(kept | {"silent_until": time.time() - 1}), keepttl=True)
    await fake.say(AN, "/start")
    assert (await zalo_oa.told(AN, 3))[2].startswith("Chào anh/chị")
    officer = {"id": OA, "admin_id": "1414213562373095048"}
    await fake.event(
        "oa_send_consent", sender=officer, recipient={"id": AN}
    )  # nothing is said, and yet somebody is there
    async with asyncio.timeout(40):
        while json.loads(await zalo_oa.redis.get(key))["silent_until"] < time.time():
            await asyncio.sleep(0.01)


async def test_a_number_belongs_to_who_spoke_last(zalo_oa: Rig) -> None:
    """Said after an officer's words it is for the officer; after a list that the citizen asked us for, it is for us."""
    fake = zalo_oa.fake
    await fake.say(AN, "/menu")
    (menu,) = await zalo_oa.told(AN, 1)
    await fake.staff(AN, "Bác cần 1. tách thửa hay 2. sang tên ạ?")
    await fake.say(AN, "1")
    await fake.say(AN, "in ra")
    await fake.say(AN, "/menu")
    await fake.say(AN, "số 2")
    first = menu.split("\n2. ")[1].split("\n")[0]
    again, section = (await zalo_oa.told(AN, 3))[1:]
    assert again == menu and section.startswith(first)
    await fake.staff(AN, "Bác gửi em số thửa nhé.")
    key = conversation_key(SESSION, "zalo-oa", AN)
    async with asyncio.timeout(40):
        while (kept := json.loads(await zalo_oa.redis.get(key)))["offered"]:
            await asyncio.sleep(0.01)
    await zalo_oa.redis.set(key, json.dumps(kept | {"silent_until": time.time() - 1}), keepttl=True)
    await fake.say(AN, "1")  # of which list? the menu is a fresh start
    assert (await zalo_oa.told(AN, 4))[3] == menu


async def test_silence_is_counted_from_when_the_officer_wrote(zalo_oa: Rig) -> None:
    """The workers were away for two hours: what was said to the officer then is not answered now, what is said now is."""
    then = time.time() - 2 * 3600
    for number, kind in enumerate[IncomingKind](("staff", "text")):
        waited = asdict(Incoming("zalo-oa", AN, f"waited-{number}", "cảm ơn em", kind=kind, at=then + number))
        await zalo_oa.mailboxes.put("zalo-oa", AN, f"waited-{number}", waited)
    zalo_oa.fake.met[AN] = time.time()
    await zalo_oa.fake.say(AN, "giờ làm việc thế nào")
    await zalo_oa.fake.say(AN, "/start")
    hours, welcome = await zalo_oa.told(AN, 2)
    assert "Giờ làm việc" in hours and welcome.startswith("Chào anh/chị")


async def test_assistant_is_silent_while_an_officer_talks_with_a_visitor(zalo_oa: Rig) -> None:
    fake, visitor = zalo_oa.fake, {"event": "anonymous_send_text", "conversation_id": "cv-55aa01"}
    await fake.say("anon-7f3a", "/start", **visitor)
    await zalo_oa.told("anon-7f3a:cv-55aa01", 1)
    said: dict[str, Any] = {"text": "Chào bác", "msg_id": "f0e2", "conversation_id": "cv-55aa01"}
    officer, person = {"id": OA, "admin_id": "1414213562373095048"}, {"id": "anon-7f3a"}
    assert await fake.event("oa_send_anonymous_text", sender=officer, recipient=person, message=said) == 200
    await fake.say("anon-7f3a", "cảm ơn em, giờ làm việc thế nào", **visitor)
    await fake.say("anon-7f3a", "#menu:", **visitor)
    assert "Anh/chị cần việc gì" in (await zalo_oa.told("anon-7f3a:cv-55aa01", 2))[1]


async def test_who_withdraws_or_leaves_is_forgotten(zalo_oa: Rig) -> None:
    key = conversation_key(SESSION, "zalo-oa", AN)
    for leave in (
        zalo_oa.fake.withdraw(AN),
        zalo_oa.fake.event("user_withdraw", sender={"id": AN}, recipient={"id": OA}),
        zalo_oa.fake.event("unfollow", oa_id=OA, follower={"id": AN}),
    ):
        await zalo_oa.fake.say(AN, "/start")
        async with asyncio.timeout(40):
            while not await zalo_oa.redis.exists(key):
                await asyncio.sleep(0.01)
            assert await leave == 200
            while await zalo_oa.redis.exists(key):
                await asyncio.sleep(0.01)


async def test_who_withdraws_while_zalo_makes_us_wait_is_forgotten_at_once(zalo_oa: Rig) -> None:
    """An answer that nobody may be told any more does not keep what was said for as long as Zalo lets us wait."""
    out, hold = (conversation_key(key, "zalo-oa", AN) for key in (OUT, HOLD))
    zalo_oa.fake.answers.append(JSONResponse({"error": -32, "message": "Out of quota"}))
    await zalo_oa.fake.say(AN, "/start")
    async with asyncio.timeout(40):
        while not await zalo_oa.redis.exists(hold):
            await asyncio.sleep(0.01)
        assert await zalo_oa.redis.exists(out)
        assert await zalo_oa.fake.withdraw(AN) == 200
        assert not await zalo_oa.redis.exists(out)
        while [key for key in await sessions(zalo_oa) if ":seen:" not in key]:
            await asyncio.sleep(0.01)
    assert zalo_oa.fake.sent == []


async def test_a_farewell_that_comes_late_takes_no_later_question_with_it(zalo_oa: Rig) -> None:
    """Zalo may bring events out of order: who left by mistake, came back and asked is answered."""
    out = conversation_key(OUT, "zalo-oa", AN)
    left = time.time() - 1
    zalo_oa.fake.failures = [-200]
    await zalo_oa.fake.say(AN, "/start")
    async with asyncio.timeout(40):
        while not await zalo_oa.redis.exists(out):
            await asyncio.sleep(0.01)
    assert await zalo_oa.fake.event("unfollow", at=left, oa_id=OA, follower={"id": AN}) == 200
    zalo_oa.fake.met[AN] = time.time()
    assert (await zalo_oa.told(AN, 1))[0].startswith("Chào anh/chị")


async def test_forged_and_old_events_are_refused_and_nothing_is_kept(zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    right = fake.signed(BODY, "1")["X-ZEvent-Signature"]
    hmac_mac = hmac.new(SECRET.encode(), fake.app_id.encode() + BODY + b"1", hashlib.sha256).hexdigest()
    for wrong in ("", "mac=", "mac=" + "0" * 64, f"mac={hmac_mac}", right[:-1]):
        assert await post(zalo_oa, BODY, **{"X-ZEvent-Signature": wrong}) == 403
    assert await post(zalo_oa, BODY + b" ", **{"X-ZEvent-Signature": right}) == 403  # one byte more
    assert await fake.event("user_seen_message", sender={"id": OA}, recipient={"id": AN}, message={}) == 200  # now
    assert await post(zalo_oa, BODY, **{"X-ZEvent-Signature": right.removeprefix("mac=").upper()}) == 200  # and too old
    assert await post(zalo_oa, b"{", **{"X-ZEvent-Signature": right}) == 400
    for half in (
        b'{"recipient": {"id": "\\ud800"}}',
        b'{"timestamp": "\\ud800"}',
    ):  # of a character: no text that can be signed
        assert await post(zalo_oa, half, **{"X-ZEvent-Signature": right}) == 403
    assert await post(zalo_oa, b"[" * 100_000, **{"X-ZEvent-Signature": right}) == 400
    assert await post(zalo_oa, b"x" * 600_000, **{"X-ZEvent-Signature": right}) == 413
    assert await post(zalo_oa, b"") == 200  # Zalo tries the address when it is entered
    assert await fake.event("follow", at=time.time() - 25 * 3600, follower={"id": AN}) == 200  # a replay of yesterday
    assert await sessions(zalo_oa) == ["motcua:{zalo-oa}:tokens"] or await sessions(zalo_oa) == []
    assert fake.sent == []


async def test_it_is_zalos_clock_that_counts(zalo_oa: Rig) -> None:
    """Ours may be wrong by months; a moment that Zalo writes by mistake must not make us deaf either."""
    fake, september = zalo_oa.fake, time.time() - 66 * 86400
    await fake.event("follow", at=september, follower={"id": AN})
    fake.met[AN] = time.time()
    await zalo_oa.told(AN, 1)
    assert await fake.event("shop_has_order", at=september + 10**9) == 200
    await fake.say(AN, "/menu")
    await zalo_oa.told(AN, 2)
    assert await fake.event("user_click_chatnow", at=september, user_id="another") == 200
    await fake.say(AN, "/start")
    await zalo_oa.told(AN, 3)
    assert fake.to("another") == []


async def test_what_zalo_signed_is_taken_whatever_it_is(zalo_oa: Rig) -> None:
    """Zalo repeats for an hour what gets no 200, then switches the webhook off."""
    fake, moment = zalo_oa.fake, str(int(time.time() * 1000))
    strange: list[dict[str, Any]] = [
        {"sender": {"id": AN}, "recipient": {"id": OA}},
        {"sender": {"id": ""}, "message": {"msg_id": "1", "text": "a"}},
        {"sender": {"id": AN}, "message": {"msg_id": "1", "text": ["a"]}},
        {"sender": "an", "message": {"msg_id": "1", "text": "a"}},
        {"timestamp": "9" * 4000},
        {"event_name": "anonymous_send_text", "sender": {"id": AN}, "message": {"msg_id": "1", "text": "a"}},
        {"event_name": "oa_send_consent", "oa_id": OA, "user_id": AN},
        {"event_name": "oa_send_text", "sender": {"id": OA, "admin_id": ""}, "recipient": {"id": AN}},
        {"event_name": "user_withdraw", "user_id_by_app": "5772156649015328606"},
        {"event_name": ["user_send_text"]},
    ]
    for content in strange:
        body = {"event_name": "user_send_text", "timestamp": moment, **content}
        raw = json.dumps(body).encode()
        assert await post(zalo_oa, raw, **fake.signed(raw, body["timestamp"])) == 200
    assert [key for key in await sessions(zalo_oa) if "tokens" not in key] == []
    assert fake.sent == []


async def test_links_and_places_without_their_attachment(zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    await fake.say(AN, event="user_send_link")
    await fake.say(AN, event="user_send_location", location={"latitude": "10.77", "longitude": "106.70"})
    await fake.send_thing(AN, "location", coordinates={"latitude": "nan", "longitude": "inf"})
    link, *places = await zalo_oa.told(AN, 3)
    assert "chỉ đọc được chữ" in link
    assert ["chỉ đọc được chữ" in place for place in places] == [True, True]


async def test_same_event_many_times_at_once_is_answered_once(zalo_oa: Rig) -> None:
    body = {
        "event_name": "user_send_text",
        "timestamp": str(int(time.time() * 1000)),
        "sender": {"id": AN},
        "message": {"msg_id": "same", "text": "/menu"},
    }
    zalo_oa.fake.met[AN] = time.time()
    raw = json.dumps(body).encode()
    headers = zalo_oa.fake.signed(raw, body["timestamp"])
    assert set(await asyncio.gather(*(post(zalo_oa, raw, **headers) for _ in range(8)))) == {200}
    await zalo_oa.fake.say(AN, "/start")
    menu, welcome = await zalo_oa.told(AN, 2)
    assert welcome.startswith("Chào anh/chị") and menu != welcome


async def test_before_the_secret_exists_every_event_gets_200_and_does_nothing(zalo_oa: Rig) -> None:
    zalo_oa.channel._secret = ""
    assert await post(zalo_oa, b"{}") == 200
    assert await post(zalo_oa, BODY) == 200
    assert [key for key in await sessions(zalo_oa) if "tokens" not in key] == []


async def test_what_is_done_about_each_refusal(zalo_oa: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.zalo_api.PAUSES", {-32: 0.2})
    monkeypatch.setattr("bot.worker._back_off", lambda tries: 0.05)
    fake = zalo_oa.fake
    fake.failures = [-32, -200]  # too fast, then a hiccup: both are tried again
    odd: list[Any] = [
        [],
        {"message": "Success"},
        {"error": "busy"},
        {"error": None},
        {"error": "-200"},
    ]  # success is error 0
    fake.answers.extend(JSONResponse(answer) for answer in odd)
    await fake.say(AN, "/start")
    assert len(await zalo_oa.told(AN, 1)) == 1
    fake.flagged = {"gone": -213}  # cannot be reached: not tried again, and nobody else waits
    await fake.say("gone", "/start")
    await fake.say(AN, "/menu")
    await zalo_oa.told(AN, 2)
    async with asyncio.timeout(40):
        while [key for key in await sessions(zalo_oa) if key.endswith((":out", ":mail"))]:
            await asyncio.sleep(0.01)
    assert [body["recipient"]["user_id"] for _, body in fake.calls].count("gone") == 1


async def test_an_answer_that_would_cost_money_is_not_sent(zalo_oa: Rig) -> None:
    """The assistant was away for two days: within 48 hours a message is free, after that Zalo takes money for each."""
    await zalo_oa.fake.say(AN, "/start")
    await zalo_oa.told(AN, 1)
    days = time.time() - 49 * 3600
    for number, (text, at) in enumerate((("/start", days), ("/privacy", time.time() - 47 * 3600))):
        waited = asdict(Incoming("zalo-oa", AN, f"waited-{number}", text, at=at))
        await zalo_oa.mailboxes.put("zalo-oa", AN, f"waited-{number}", waited)
    _, answer = await zalo_oa.told(AN, 2)
    assert "được giữ tối đa" in answer  # of /privacy
    await zalo_oa.fake.say(AN, "/menu")
    assert len(await zalo_oa.told(AN, 3)) == 3


async def test_no_minute_has_more_messages_than_the_package_allows(zalo_oa: Rig) -> None:
    (rule,) = zalo_oa.channel.rules
    assert rule.burst + 60 / rule.seconds <= 100


def test_pkce_as_the_sdks_do_it() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
