"""The photographs of docs/images, taken anew of what runs today: `python -m tests.pictures [FOLDER]`.

A whole installation (`motcua run`) in FOLDER, whose name the pictures show, connected with the fake Official Account; the
page in Chromium, the commands with what they really print. Takes two minutes; the ports that a reader has must be free.
"""

import asyncio
import html
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect
from pydantic import SecretStr

from bot.settings import Settings
from bot.supervisor import environment
from tests.browser.conftest import CHROMIUM
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import serving
from tests.channels.rehearse import PERSON, SECRET
from tests.installation import CODE, MOTCUA, running, settings_in

IMAGES = CODE / "docs" / "images"
DESKTOP, PHONE = (1280, 800), (390, 844)
PORTS = {"port": 8080, "nlu_port": 5005, "redis_port": 6399}
ZALO_PORT = 7700
TERMINAL = """<meta charset=utf-8><style>
body { margin: 0; background: #14211f; width: max-content }
pre { margin: 0; padding: 18px 22px; width: 88ch; white-space: pre-wrap; overflow-wrap: anywhere; color: #e9efe9;
      font: 15px/1.5 "Noto Sans Mono", ui-monospace, monospace }
b { color: #f0c25a } i { color: #ff9d94; font-style: normal } u { color: #8fd6a8; text-decoration: none }
</style><pre>"""


async def main(folder: Path) -> None:
    fake = FakeZaloOa(number=int(time.time()))
    bot = f"http://127.0.0.1:{PORTS['port']}"
    fake.webhook, fake.secret = f"{bot}/webhook/zalo-oa", SECRET
    async with serving(fake.app(), ZALO_PORT) as zalo, browser() as chromium:
        oa = {"zalo_oa_app_id": fake.app_id, "zalo_oa_app_secret": SecretStr(fake.app_secret), "zalo_oa_api": zalo}
        oa |= {"zalo_oa_oauth": zalo, "zalo_oa_secret": SecretStr(SECRET), "zalo_verification": "GzsAT8xV"}
        settings = settings_in(folder, **PORTS, **oa).model_copy(update={"public_url": bot, "rasa_python": ""})
        (folder / ".venv-rasa").symlink_to(CODE / ".venv-rasa")
        async with running(settings):
            await the_page(chromium, bot)
            await connecting(chromium, settings)
            fake.access = fake.refresh = ""  # the OA's admin has taken the permission back
            await fake.say(PERSON, "/start")
            said = ""
            while "-14014" not in said:
                said = await output(settings, "doctor")
            await terminal(chromium, "doctor", said)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


async def the_page(chromium: Browser, url: str) -> None:
    """A question and what follows from it, on a desk and on a phone."""
    for name, (width, height), questions in (
        ("chat", DESKTOP, ["Tôi muốn làm giấy khai sinh cho con"]),
        ("chat-phone", PHONE, ["Tôi muốn làm giấy khai sinh cho con", "Lệ phí bao nhiêu?"]),
    ):
        page = await opened(chromium, url, width, height)
        for number, question in enumerate(questions, start=1):
            await page.locator("#question").fill(question)
            await page.keyboard.press("Enter")
            await expect(page.locator(".log article")).to_have_count(2 * number)
            await expect(page.get_by_role("status")).to_have_text("")
        await page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
        await page.context.close()


async def connecting(chromium: Browser, settings: Settings) -> None:
    """The command, the admin's consent, and the page that the admin sees then."""
    command = [sys.executable, "-u", *MOTCUA, "setup", "zalo-oa"]
    child = await asyncio.create_subprocess_exec(*command, env=env_of(settings), stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    said = ""
    while not (link := re.search(r"http\S+/permission\?\S+", said)):
        said += (await child.stdout.readline()).decode()
    page = await opened(chromium, link[0], PHONE[0], 90)
    await expect(page.locator("body")).to_contain_text("Đã nối")
    await page.screenshot(path=IMAGES / "zalo-oa-dong-y.png")
    said += (await child.stdout.read()).decode()
    await child.wait()
    await terminal(chromium, "setup-zalo-oa", said)


async def output(settings: Settings, command: str) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable, *MOTCUA, command, env=env_of(settings), stdout=asyncio.subprocess.PIPE
    )
    return (await child.communicate())[0].decode()


def env_of(settings: Settings) -> dict[str, str]:
    return os.environ | environment(settings) | {"PYTHONPATH": str(CODE)}


async def terminal(chromium: Browser, name: str, said: str) -> None:
    """What a command printed, as a terminal shows it."""
    command = {"doctor": "motcua doctor", "setup-zalo-oa": "motcua setup zalo-oa"}[name]
    lines = html.escape(said)
    lines = re.sub(r"^!!.*(\n +→.*)?", r"<i>\g<0></i>", lines, flags=re.MULTILINE)
    lines = re.sub(r"^(OK|✓)", r"<u>\1</u>", lines, flags=re.MULTILINE)
    page = await opened(chromium, "about:blank", 1000, 400)
    await page.set_content(f"{TERMINAL}<b>$ {command}</b>\n{lines.rstrip()}</pre>")
    await page.locator("pre").screenshot(path=IMAGES / f"{name}.png")
    await page.context.close()


async def opened(chromium: Browser, url: str, width: int, height: int) -> Page:
    context = await chromium.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page = await context.new_page()
    await page.goto(url)
    return page


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "/srv/motcua")))
