"""The flows on the real page, by pressing buttons: real Chromium, the real web process, a real Redis."""

import re
from collections.abc import AsyncIterator, Callable
from itertools import groupby
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.messages import LANGUAGES, Language
from bot.settings import Settings
from tests.flows.walk import ROOT, Walk, brain, openings, unseen, walks
from tests.web_process import web_process

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
expect.set_options(timeout=15_000)


@pytest_asyncio.fixture(loop_scope="module")
async def url(redis_url: str, free_ports: Callable[[], int], tmp_path: Path) -> AsyncIterator[str]:
    """The bot as it is served, without an NLU server; one citizen may press a thousand buttons a minute."""
    settings = Settings(
        _env_file=None,
        root=ROOT,
        port=free_ports(),
        nlu_port=free_ports(),
        REDIS_URL=redis_url,
        messages_per_minute=100_000,
    )
    async with web_process(settings, tmp_path) as address:
        yield address


class Screen:
    """One conversation on the page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._answers = page.locator(".log .message.theirs")
        self._number = 0

    async def _answered(self) -> str:
        answer = self._answers.nth(self._number)
        await answer.wait_for()
        self._number += 1
        return await answer.locator(".bubble").inner_text()

    async def types(self, text: str) -> str:
        await self._page.fill("#question", text)
        await self._page.press("#question", "Enter")
        return await self._answered()

    async def presses(self, label: str) -> str:
        last = self._answers.nth(self._number - 1)
        await last.locator(".choice", has_text=re.compile(f"^{re.escape(label)}$")).click()
        return await self._answered()


async def walked(
    page: Page, url: str, language: Language, flow_walks: list[Walk]
) -> dict[tuple[str, str, str], list[str]]:
    """What was not seen of the outcomes of one flow, in one conversation: after each the button starts over."""
    await page.context.clear_cookies()
    await page.goto(url)
    await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
    screen = Screen(page)
    await screen.types("/english" if language == "en" else "/tiengviet")
    first, *leads = openings(language)[flow_walks[0].flow.id]
    await screen.types(first)
    for label in leads:
        await screen.presses(label)
    again = brain().renderer.say("button_restart", language)
    lost: dict[tuple[str, str, str], list[str]] = {}
    for walk in flow_walks:
        for label, typed in zip(walk.labels(language), walk.typed, strict=True):
            shown = await (screen.types(label) if typed else screen.presses(label))
        if missing := unseen(walk, language, shown):
            lost[language, walk.flow.id, walk.outcome] = missing
        await screen.presses(again)
    return lost


@pytest.fixture
def plan() -> list[tuple[Language, list[Walk]]]:
    """Flow by flow, in every language."""
    for language in LANGUAGES:
        openings(language)  # found here, where no loop runs
    by_flow = [list(mine) for _, mine in groupby(walks(), key=lambda walk: walk.flow.id)]
    return [(language, mine) for language in LANGUAGES for mine in by_flow]


async def test_every_outcome_by_pressing_buttons(
    chromium: Browser, plan: list[tuple[Language, list[Walk]]], url: str
) -> None:
    lost: dict[tuple[str, str, str], list[str]] = {}
    page = await chromium.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    for language, mine in plan:
        lost |= await walked(page, url, language, mine)
    assert lost == {}
