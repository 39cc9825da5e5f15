"""A citizen on the Zalo Bot Platform, which has no buttons: numbers do."""

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from bot.channels.zalo_bot import ZaloBot
from tests.channels.fakes import FakeZaloBot
from tests.channels.rig import SECRET, Rig, rig

BINH = "6ede9afa66b88fe6d6a9"


@pytest.fixture
async def phone(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    fake = FakeZaloBot()
    async with httpx2.AsyncClient(trust_env=False) as client:

        def channel(api: str) -> ZaloBot:
            return ZaloBot(client, base=api, token=fake.token, secret=SECRET)

        async with rig(redis_url, free_ports, fake, channel) as up:
            yield up


@pytest.mark.parametrize("wrapped", [False, True])
async def test_question_and_a_choice_by_number(phone: Rig, wrapped: bool) -> None:
    phone.fake.wrapped = wrapped
    assert await phone.fake.say(BINH, "/menu") == 200
    (menu,) = await phone.told(BINH, 1)
    assert "\n1. " in menu and menu.endswith("ví dụ 1.")
    await phone.fake.say(BINH, "1")
    section = (await phone.told(BINH, 2))[1]
    assert menu.split("\n1. ")[1].split("\n")[0] in section


async def test_pictures_stickers_and_the_unknown(phone: Rig) -> None:
    await phone.fake.say(BINH, event="message.image.received", photo="https://a.test/a.jpg", caption="đăng ký kết hôn")
    await phone.fake.say(BINH, event="message.sticker.received", sticker="s", url="https://a.test/s")
    await phone.fake.say(BINH, event="message.unsupported.received")
    assert await phone.fake.say(BINH, event="message.reaction.received") == 200
    captioned, sticker, other = await phone.told(BINH, 3)
    assert "kết hôn" in captioned.lower()
    assert "cần hỏi việc gì" in sticker
    assert "chỉ đọc được chữ" in other


async def test_group_chat_and_other_bots_are_left_alone(phone: Rig) -> None:
    assert await phone.fake.say(BINH, "giờ làm việc?", chat={"id": "g1", "chat_type": "GROUP"}) == 200
    await phone.fake.say(BINH, "/start")
    await phone.told(BINH, 1)
    assert [one.conversation for one in phone.fake.sent] == [BINH]


async def test_quota_and_outage_are_waited_out(phone: Rig) -> None:
    phone.fake.answers.extend([FakeZaloBot._error(429, "quota"), FakeZaloBot._error(403, "internal server error")])
    await phone.fake.say(BINH, "/start")
    await phone.fake.say(BINH, "/menu")
    first, second = await phone.told(BINH, 2)
    assert first.startswith("Chào anh/chị") and "\n1. " in second


async def test_wrong_secret(phone: Rig) -> None:
    phone.fake.secret = "wrong"
    assert await phone.fake.say(BINH, "/start") == 403
    assert not [key async for key in phone.redis.scan_iter("motcua:{*")]
