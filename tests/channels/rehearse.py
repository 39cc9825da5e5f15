"""A platform to rehearse with, without an account: `motcua fake telegram`. What is typed comes from a citizen's phone."""

import asyncio
import sys
import time

from bot.settings import Settings
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import Fake, FakeTelegram, FakeZaloBot, serving

PERSON = "700100200"
SECRET = "khoa-bi-mat-de-tap-duot"
FAKES: dict[str, type[FakeTelegram] | type[FakeZaloBot] | type[FakeZaloOa]] = {
    "telegram": FakeTelegram,
    "zalo-bot": FakeZaloBot,
    "zalo-oa": FakeZaloOa,
}


async def rehearse(name: str, port: int) -> None:
    """Until the end of input. A number presses a button of the last message, where the platform has buttons."""
    fake = FAKES[name](number=int(time.time()))  # what was said in the last rehearsal is remembered: ids must be new
    async with serving(fake.app(), port) as address:
        print("Ở mỗi cửa sổ khác, gõ trước / in each other window, type first:")
        for line in _settings(fake, name, address):
            print(f"  {line}")
        print("Cửa sổ hai / window two: motcua run")
        if isinstance(fake, FakeZaloOa):
            print(
                "Cửa sổ ba, khi trang web đã sẵn sàng / window three, once the web page is ready: motcua setup zalo-oa"
            )
            print("  rồi mở đường dẫn nó in ra bằng trình duyệt của máy này, hay: curl -L 'đường-dẫn'")
            print("  then open its link in this machine's browser, or: curl -L 'link'")
        print("Rồi gõ câu hỏi ở đây, Ctrl-D để nghỉ / then type questions here, Ctrl-D to leave.", flush=True)
        showing = asyncio.create_task(_show(fake))
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                await _type(fake, line.strip())
        finally:
            showing.cancel()


def _settings(fake: FakeTelegram | FakeZaloBot | FakeZaloOa, name: str, address: str) -> list[str]:
    """What to type to be connected with the fake."""
    if not isinstance(fake, FakeZaloOa):
        setting = f"MOTCUA_{name.upper().replace('-', '_')}"
        return [f"export {setting}_TOKEN={fake.token} {setting}_API={address}"]
    bot = f"http://127.0.0.1:{Settings().port}"
    fake.webhook, fake.secret = f"{bot}/webhook/{name}", SECRET
    return [
        f"export MOTCUA_ZALO_OA_APP_ID={fake.app_id} MOTCUA_ZALO_OA_APP_SECRET={fake.app_secret}",
        f"export MOTCUA_ZALO_OA_SECRET={SECRET} MOTCUA_PUBLIC_URL={bot}",
        f"export MOTCUA_ZALO_OA_API={address} MOTCUA_ZALO_OA_OAUTH={address}",
    ]


async def _type(fake: FakeTelegram | FakeZaloBot | FakeZaloOa, line: str) -> None:
    if isinstance(fake, FakeTelegram) and line.isdigit() and fake.sent and 1 <= int(line) <= len(fake.sent[-1].buttons):
        await fake.press(PERSON, fake.sent[-1].buttons[int(line) - 1][1])
    elif line.startswith("can bo:") and isinstance(fake, FakeZaloOa):  # as an officer in the OA's console
        await fake.staff(PERSON, line.removeprefix("can bo:").strip())
    elif line == "mat quyen" and isinstance(fake, FakeZaloOa):  # the OA's admin has taken the permission back
        fake.access = fake.refresh = ""
    elif line:
        await fake.say(PERSON, line)


async def _show(fake: Fake) -> None:
    shown = 0
    while True:
        for sent in fake.sent[shown:]:
            print(f"\n{sent.text}")
            if sent.file[0]:
                print(f"  ({sent.file[0]}, {len(sent.file[1]):,} bytes)")
            for number, (label, target) in enumerate(sent.buttons, start=1):
                print(f"  [{number}] {label}" + (f"  {target}" if target.startswith("https://") else ""))
            sys.stdout.flush()
        shown = len(fake.sent)
        await asyncio.sleep(0.05)
