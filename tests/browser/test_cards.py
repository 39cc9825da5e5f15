"""The page and paper: a real browser asks for a card, gets a PDF, and opens what another phone's camera read off it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from bot.ask import Keywords
from bot.loader.load import load
from bot.pipeline import Brain, Pipeline
from tests.browser.test_web_page import Citizen, ask, says
from tests.cards.reading import read
from tests.flows.kitchen import FLOW, build
from tests.web_rig import RealPipeline, Rig, web_rig

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 26, 9, 0)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
]


def served(root: Path, redis_url: str, port: int) -> Iterator[Rig]:
    """The page with the content below `root`; its public address is where it listens, so that codes can be followed."""
    brain = Brain(load(root)[0], now=lambda: NOW, public=f"http://127.0.0.1:{port}")
    real = RealPipeline(Pipeline(brain=lambda: brain, understander=Keywords()))
    with web_rig(redis_url, port, scripted=real) as rig:
        yield rig


@pytest.fixture
def rig(redis_url: str, free_port: int) -> Iterator[Rig]:
    yield from served(ROOT, redis_url, free_port)


@pytest.fixture
def kitchen(redis_url: str, free_port: int, tmp_path: Path) -> Iterator[Rig]:
    build(tmp_path)
    yield from served(tmp_path, redis_url, free_port)


async def citizen_of(chromium: Browser, rig: Rig) -> Citizen:
    return Citizen(await chromium.new_context(viewport={"width": 390, "height": 800}), rig)


async def card_link(page: Page) -> str:
    link = page.locator(".log a", has_text="Mở tờ để in").last
    await expect(link).to_be_visible()
    return str(await link.get_attribute("href"))


async def test_a_pressed_button_brings_a_page_and_a_scanned_code_goes_on_from_it(chromium: Browser, rig: Rig) -> None:
    citizen = await citizen_of(chromium, rig)
    page = await citizen.open(f"{rig.url}/?open=at:papers-birth:baby:note:who:parent")
    await page.get_by_role("button", name="In ra, mang theo").click()
    address = await card_link(page)
    answer = await citizen.context.request.get(rig.url + address)
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    assert 'filename="giay-to-khai-sinh-theo-tung-truong-hop.pdf"' in answer.headers["content-disposition"]
    paper = read(await answer.body())
    assert "Giấy chứng sinh của bệnh viện" in paper and paper.pages == 1
    assert (await says(page))[-1].count("Giay to khai sinh. Can 3 loai giay.") == 1

    another = await citizen_of(chromium, rig)
    scanned = await another.open(paper.codes[0])
    await expect(scanned.locator(".log .theirs")).to_have_count(1)
    assert "Giấy chứng sinh của bệnh viện" in (await says(scanned))[-1]
    assert scanned.url == f"{rig.url}/"  # a reload does not press again
    await scanned.reload()
    await expect(scanned.locator(".log")).to_have_attribute("aria-live", "polite")
    assert await scanned.locator(".log .theirs").count() == 1
    assert citizen.faults == another.faults == []
    await citizen.context.close()
    await another.context.close()


@pytest.mark.parametrize(
    "payload", ["forget", "/xoa", "entry:<img src=x>", "flow:pay-online:how:card", "entry:gone", ""]
)
async def test_an_address_that_is_no_cards_does_no_harm(chromium: Browser, rig: Rig, payload: str) -> None:
    citizen = await citizen_of(chromium, rig)
    page = await citizen.open(f"{rig.url}/?open={payload}")
    await ask(page, "/menu")
    await expect(page.locator(".log .theirs").last).to_contain_text("Anh/chị cần việc gì")
    # the menu is all it opens
    await expect(page.locator(".log .own")).to_have_count(1 + (payload == "entry:gone"))
    assert citizen.faults == []
    await citizen.context.close()


async def test_a_page_with_a_citizens_own_day_is_given_to_that_citizen_alone(chromium: Browser, kitchen: Rig) -> None:
    citizen = await citizen_of(chromium, kitchen)
    page = await citizen.open(f"{kitchen.url}/?open=flow:{FLOW}")
    for said in ("Cho con cháu", "05/03/2015", "/in"):
        before = await page.locator(".log .theirs").count()
        await ask(page, said)
        await expect(page.locator(".log .theirs")).to_have_count(before + 1)
    address = await card_link(page)
    assert address == f"/card.pdf?of=flow:{FLOW}&lang=vi"
    own = await citizen.context.request.get(kitchen.url + address)
    assert own.status == 200 and own.headers["cache-control"] == "private, no-store"
    assert "Cháu sinh ngày 05/03/2015" in read(await own.body())
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        other = await stranger.get(kitchen.url + address)
    assert other.status_code == 404 and "hỏi một việc trước" in other.text
    assert citizen.faults == []
    await citizen.context.close()
