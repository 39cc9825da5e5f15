"""A platform to rehearse with, without an account: `motcua fake telegram`. What is typed comes from a citizen's phone."""

import asyncio
import sys
import time

from tests.channels.fakes import FakeTelegram, FakeZaloBot, serving

PERSON = "700100200"
FAKES = {"telegram": FakeTelegram, "zalo-bot": FakeZaloBot}


async def rehearse(name: str, port: int) -> None:
    """Until the end of input. A number presses a button of the last message, where the platform has buttons."""
    fake = FAKES[name](number=int(time.time()))  # what was said in the last rehearsal is remembered: ids must be new
    async with serving(fake.app(), port) as address:
        setting = name.upper().replace("-", "_")
        print(
            f"Ở cửa sổ khác / in another window:\n  export MOTCUA_{setting}_TOKEN={fake.token} MOTCUA_{setting}_API={address}"
        )
        print(
            "  motcua run\nRồi gõ câu hỏi ở đây, Ctrl-D để nghỉ / then type questions here, Ctrl-D to leave.",
            flush=True,
        )
        showing = asyncio.create_task(_show(fake))
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                await _type(fake, line.strip())
        finally:
            showing.cancel()


async def _type(fake: FakeTelegram | FakeZaloBot, line: str) -> None:
    if isinstance(fake, FakeTelegram) and line.isdigit() and fake.sent and 1 <= int(line) <= len(fake.sent[-1].buttons):
        await fake.press(PERSON, fake.sent[-1].buttons[int(line) - 1][1])
    elif line:
        await fake.say(PERSON, line)


async def _show(fake: FakeTelegram | FakeZaloBot) -> None:
    shown = 0
    while True:
        for sent in fake.sent[shown:]:
            print(f"\n{sent.text}")
            for number, (label, target) in enumerate(sent.buttons, start=1):
                print(f"  [{number}] {label}" + (f"  {target}" if target.startswith("https://") else ""))
            sys.stdout.flush()
        shown = len(fake.sent)
        await asyncio.sleep(0.05)
