"""Asked for on paper: what each platform can carry. Telegram and an Official Account a file, a Zalo Bot an address."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.ask import Keywords
from bot.channels.zalo_bot import ZaloBot
from bot.http import http_client
from bot.pipeline import Brain, Pipeline
from tests.cards.reading import Paper, read
from tests.channels.fakes import FakeZaloBot, Sent
from tests.channels.rig import SECRET, Rig, brain, rig, until

AN = "700100200"
BINH = "8246823468234682346"
PUBLIC = "https://hoi.example.gov.vn"


def public() -> Pipeline:
    mind = Brain(brain().library, now=lambda: datetime(2026, 11, 25, 9, 0), public=PUBLIC)
    return Pipeline(brain=lambda: mind, understander=Keywords())


async def filed(up: Rig) -> tuple[Sent, Paper]:
    """What was told with the file, and the file."""
    await until(lambda: any(one.file[0] for one in up.fake.sent))
    one = next(one for one in up.fake.sent if one.file[0])
    return one, read(one.file[1])


async def test_telegram_brings_the_page_first_and_the_sms_with_buttons_after_it(telegram: Rig) -> None:
    await telegram.fake.press(AN, "flow:papers-birth:baby:abandoned")
    await telegram.told(AN, 1)
    label, payload = next(b for b in telegram.fake.sent[0].buttons if b[1].startswith("card"))
    assert label == "In ra, mang theo"
    await telegram.fake.press(AN, payload)
    await telegram.told(AN, 3)
    one, paper = await filed(telegram)
    assert telegram.fake.sent.index(one) == 1
    assert one.file[0] == "giay-to-khai-sinh-theo-tung-truong-hop.pdf" and one.text == paper.title
    assert "Biên bản về việc trẻ bị bỏ rơi" in paper
    assert "Giay to khai sinh. Can 3 loai giay." in telegram.fake.sent[2].text
    assert [b for b in telegram.fake.sent[2].buttons if b[1] == "restart"]


async def test_without_a_public_page_a_scanned_card_leads_back_to_the_bot(telegram: Rig) -> None:
    await telegram.fake.press(AN, "entry:birth-registration:documents")
    await telegram.fake.say(AN, "/in")
    _, paper = await filed(telegram)
    address = paper.codes[0]
    assert address == "https://t.me/dvc_vd_bot?start=entry__birth-registration__documents"
    await telegram.told(AN, 3)
    await telegram.fake.say("700", f"/start {address.partition('start=')[2]}")
    assert "Giấy chứng sinh" in (await telegram.told("700", 1))[0]
    await telegram.fake.say("700", "/start forget__x")  # nobody's conversation is deleted by a link
    assert "Anh/chị cần việc gì" in (await telegram.told("700", 2))[1]


async def test_what_is_too_long_for_a_link_to_the_bot_leads_to_the_beginning_of_the_flow(telegram: Rig) -> None:
    answers = "stage:filling:stuck:nothing:check-photo:yes:check-files:yes:check-office:yes:check-fee:not-asked"
    await telegram.fake.say(AN, "/start at__submit-online__stage__filling")
    await telegram.fake.press(AN, f"at:submit-online:{answers}")
    await telegram.told(AN, 2)
    await telegram.fake.say(AN, "/in")
    _, paper = await filed(telegram)
    assert paper.codes[0] == "https://t.me/dvc_vd_bot?start=flow__submit-online"


async def test_a_page_that_telegram_could_not_take_is_brought_again_once(telegram: Rig) -> None:
    await telegram.fake.press(AN, "entry:certified-copy:how")
    await telegram.told(AN, 1)
    telegram.fake.answers.append(telegram.fake.too_fast(1))
    await telegram.fake.say(AN, "/in")
    await telegram.told(AN, 3)
    assert [bool(one.file[0]) for one in telegram.fake.sent] == [False, True, False]


async def test_an_official_account_uploads_the_page(zalo_oa: Rig) -> None:
    await zalo_oa.fake.say(BINH, "#entry:birth-registration:documents")
    await zalo_oa.fake.say(BINH, "in ra")
    _, paper = await filed(zalo_oa)
    assert "Giấy chứng sinh của bệnh viện" in paper
    await zalo_oa.told(BINH, 3)
    assert "Dang ky khai sinh." in zalo_oa.fake.sent[-1].text


@pytest.mark.parametrize(
    ("refusal", "visitor"), [(-233, False), (-233, True), (-224, False), (-212, False), (-240, False)]
)
async def test_an_official_account_that_may_send_no_files_tells_the_address(
    zalo_oa: Rig, refusal: int, visitor: bool
) -> None:
    zalo_oa.fake.no_files = refusal
    worker, *_ = zalo_oa.workers
    worker.cancel()
    zalo_oa.hire("public", pipeline=public())
    more: dict[str, Any] = {"event": "anonymous_send_text", "conversation_id": "c1"} if visitor else {}
    person = f"{BINH}:c1" if visitor else BINH
    await zalo_oa.fake.say(BINH, "#entry:birth-registration:documents", **more)
    await zalo_oa.fake.say(BINH, "/in", **more)
    _, address, sms = await zalo_oa.told(person, 3)
    assert address.endswith(f": {PUBLIC}/card.pdf?of=entry:birth-registration:documents&lang=vi")
    assert "Dang ky khai sinh." in sms


@pytest.mark.parametrize("reachable", [False, True])
async def test_a_zalo_bot_tells_the_address_where_there_is_one_and_else_the_sms(
    redis_url: str, free_ports: Callable[[], int], reachable: bool
) -> None:
    fake = FakeZaloBot()
    async with http_client() as client:

        def channel(api: str) -> ZaloBot:
            return ZaloBot(client, base=api, token=fake.token, secret=SECRET)

        async with rig(redis_url, free_ports, fake, channel, workers=0) as up:
            up.hire("worker", **({"pipeline": public()} if reachable else {}))
            await fake.say("binh", "thủ tục chứng thực bản sao giấy tờ")
            assert "1. Chứng thực bản sao, sao y" in (await up.told("binh", 1))[0]
            await fake.say("binh", "1")
            await fake.say("binh", "/in")
            text = (await up.told("binh", 3))[2]
    assert "Chung thuc ban sao, sao y." in text
    assert (f"{PUBLIC}/card.pdf?of=entry:certified-copy:overview&lang=vi" in text) is reachable
