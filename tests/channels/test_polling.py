"""Without a public address the assistant asks the platforms for news itself."""

import asyncio
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.platforms import bring, webhook_secret
from bot.store.presence import Troubles
from bot.webhooks import Webhooks
from tests.channels.fakes import FakeTelegram
from tests.channels.rig import Rig, until

AN = "700100200"


async def test_news_are_asked_for_and_confirmed_once(telegram: Rig) -> None:
    hooks = Webhooks({telegram.channel.name: telegram.channel}, telegram.mailboxes, longest=2000)
    asking = asyncio.create_task(bring(telegram.channel, "", hooks.keep, Troubles(telegram.redis)))
    try:
        async with asyncio.timeout(40):
            while telegram.fake.webhook:  # the rig's webhook is taken off first
                await asyncio.sleep(0.01)
        await telegram.fake.say(AN, "/start")
        await telegram.fake.say(AN, "/menu")
        assert len(await telegram.told(AN, 2)) == 2
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    languages = [given.get("language_code") for name, given in telegram.fake.calls if name == "setMyCommands"]
    assert languages == ["vi", "en", None]


async def test_zalo_bot_is_asked_for_one_thing_after_the_other(zalo_bot: Rig) -> None:
    hooks = Webhooks({zalo_bot.channel.name: zalo_bot.channel}, zalo_bot.mailboxes, longest=2000)
    asking = asyncio.create_task(bring(zalo_bot.channel, "", hooks.keep, Troubles(zalo_bot.redis)))
    try:
        await until(lambda: not zalo_bot.fake.webhook)
        asked = len(zalo_bot.fake.calls)
        await until(
            lambda: [name for name, _ in zalo_bot.fake.calls[asked:]].count("getUpdates") >= 2
        )  # nothing came: 408
        await zalo_bot.fake.say(AN, "/start")
        await zalo_bot.fake.say(AN, "/menu")
        first, second = await zalo_bot.told(AN, 2)
        assert first.startswith("Chào anh/chị") and "\n1. " in second
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.parametrize(
    "odd",
    [
        "[]",
        "null",
        '{"ok": true, "result": {"a": 1}}',
        '{"ok": true, "result": [{}]}',
        '{"ok": true, "result": [{"update_id": 7, "message": {"text": "Phường tôi"}}]}',
        "<html>Phường tôi",
        "",
    ],
)
async def test_odd_news_of_telegram_end_nothing_and_stand_in_no_log(
    telegram: Rig, odd: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.platforms.FIRST_PAUSE", 0.05)
    telegram.fake.news.append(Response(odd))
    await asked_and_answered(telegram)
    assert "Phường tôi" not in caplog.text


@pytest.mark.parametrize(
    "odd",
    [
        [],
        {"ok": False, "error_code": "BUSY"},
        {"ok": True, "result": "news"},
        {"ok": True, "result": {"event_name": "message.text.received"}},
        {"ok": True, "result": [5, {"event_name": "message.text.received", "message": []}]},
        {"ok": True},
    ],
)
async def test_odd_news_of_zalo_end_nothing(zalo_bot: Rig, odd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.FIRST_PAUSE", 0.05)
    zalo_bot.fake.news.append(JSONResponse(odd))
    await asked_and_answered(zalo_bot)


@pytest.mark.parametrize("body", ["", "<html>Request Timeout</html>"])
async def test_no_news_is_no_trouble_also_without_json(
    zalo_bot: Rig, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    zalo_bot.fake.news.append(Response(body, 408))
    await asked_and_answered(zalo_bot)
    assert "platform.trouble" not in capsys.readouterr().out


async def test_who_is_told_when_to_ask_again_asks_no_sooner(telegram: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.FIRST_PAUSE", 0.05)
    telegram.fake.news.append(FakeTelegram.too_fast(1))
    began = asyncio.get_running_loop().time()
    await asked_and_answered(telegram)
    assert telegram.fake.sent[0].at - began >= 1.0


async def test_an_update_that_nobody_can_read_takes_no_other_with_it(telegram: Rig) -> None:
    message = {"message_id": 1, "date": 1, "chat": {"id": int(AN), "type": "private"}}
    texts = (5, "/menu")
    updates = [{"update_id": number, "message": message | {"text": text}} for number, text in enumerate(texts, 7)]
    telegram.fake.news.append(JSONResponse({"ok": True, "result": updates}))
    await asked_and_answered(telegram, before=1)


async def test_an_update_that_telegrams_library_cannot_read_stands_in_nobodys_way(
    telegram: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram gives it again and again until a later number is asked for."""
    monkeypatch.setattr("bot.platforms.FIRST_PAUSE", 0.05)
    chat = {"id": int(AN), "type": "private"}
    unheard_of = {"message_id": 1, "date": "sau này", "chat": chat, "text": "Phường tôi"}
    telegram.fake.waiting.append({"update_id": 1, "message": unheard_of})
    await asked_and_answered(telegram)
    await until(lambda: not telegram.fake.waiting)
    assert "Phường tôi" not in caplog.text


async def asked_and_answered(rig: Rig, *, before: int = 0) -> None:
    """The platform's odd news come first, of which `before` messages can be answered, then a citizen's message."""
    hooks = Webhooks({rig.channel.name: rig.channel}, rig.mailboxes, longest=2000)
    asking = asyncio.create_task(bring(rig.channel, "", hooks.keep, Troubles(rig.redis)))
    try:
        await until(lambda: not rig.fake.webhook and not rig.fake.news)
        await rig.fake.say(AN, "/start")
        assert (await rig.told(AN, before + 1))[before].startswith("Chào anh/chị")
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_wrong_token_is_said_and_tried_again(telegram: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    right, telegram.fake.token = telegram.fake.token, "another"
    troubles = Troubles(telegram.redis)
    url = "https://hoi.example.gov.vn/webhook/telegram"
    asking = asyncio.create_task(bring(telegram.channel, url, _never, troubles))
    try:
        async with asyncio.timeout(40):
            while not (told := await troubles.of(["telegram"])):
                await asyncio.sleep(0.01)
            assert "MOTCUA_TELEGRAM_TOKEN" in told["telegram"] and "InvalidToken" in capsys.readouterr().out
            telegram.fake.token = right
        await asking
    finally:
        asking.cancel()
    assert telegram.fake.webhook == url
    assert await troubles.of(["telegram"]) == {}


async def _never(incoming: object) -> None:
    raise AssertionError


def test_the_secret_of_a_webhook_tells_nothing_of_the_token() -> None:
    secret = webhook_secret("111:ABC")
    assert len(secret) == 64 and "ABC" not in secret and secret != webhook_secret("111:ABD")
