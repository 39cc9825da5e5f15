"""An admin connects the Official Account, and again when its tokens are lost: a command, a link, one click at Zalo."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2

from bot.processes import Child
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import serving
from tests.channels.rig import ROOT, SECRET, oa_environment, until

AN = "6180339887498948482"


@asynccontextmanager
async def running(folder: Path, env: dict[str, str], *roles: str) -> AsyncIterator[list[Child]]:
    """The bot's own processes."""
    children = [
        await Child.start([sys.executable, "-m", "bot.serve", role], cwd=ROOT, env=env, log=folder / f"{role}.log")
        for role in roles
    ]
    try:
        yield children
    finally:
        for child in children:
            await child.stop()


async def test_admin_connects_the_account_and_a_citizen_is_answered(
    redis_url: str, free_ports: Callable[[], int], tmp_path: Path
) -> None:
    fake, port = FakeZaloOa(), free_ports()
    page = f"http://127.0.0.1:{port}"
    async with serving(fake.app(), free_ports()) as zalo:
        env = (
            os.environ
            | oa_environment(fake, zalo)
            | {
                # the whole tag, as Zalo's page gives it to be copied
                "MOTCUA_ZALO_VERIFICATION": '<meta name="zalo-platform-site-verification" content="GzsAT8xV" />',
                "MOTCUA_PUBLIC_URL": page,
                "MOTCUA_PORT": str(port),
                "MOTCUA_NLU_URL": f"http://127.0.0.1:{free_ports()}",  # nobody there: keywords answer
                "REDIS_URL": redis_url,
            }
        )
        async with running(tmp_path, env, "web", "worker"), httpx2.AsyncClient(trust_env=False) as browser:
            await up(page)
            said, back = await connect_anew(env, zalo, browser)
            assert f"{page}/webhook/zalo-oa" in said and "Webhook Retry: BẬT" in said
            assert (await browser.get(back)).status_code == 400  # the state counts once
            assert (await browser.get(f"{page}/zalo-oa/consent?code=a&state=guessed")).status_code == 400

            verifier = await browser.get(f"{page}/zalo_verifierGzsAT8xV.html")
            assert 'content="GzsAT8xV"' in verifier.text and 'content="GzsAT8xV"' in (await browser.get(page)).text
            assert (await browser.get(f"{page}/zalo_verifierOther.html")).status_code == 404

            fake.webhook, fake.secret = f"{page}/webhook/zalo-oa", SECRET
            await fake.follow(AN)
            await until(lambda: len(fake.to(AN)) == 1, 30)
            assert fake.to(AN)[0].startswith("Chào anh/chị")
            state = (await browser.get(f"{page}/readyz")).json()
            assert len(state["workers"]) == 1 and state["troubles"] == {}

            await fake.say(AN, "câu này không ai được ghi lại, số của tôi là 0912345678")
            await until(lambda: len(fake.to(AN)) == 2, 30)
            shown = ""
            async with asyncio.timeout(40):
                wanted = (
                    'motcua_sends_total{channel="zalo-oa",outcome="taken"} 2.0',
                    'motcua_events_total{channel="zalo-oa"',
                )
                while not all(line in shown for line in wanted):  # two processes add their counts once a second
                    shown = (await browser.get(f"{page}/metrics")).text
            assert 'motcua_turn_seconds_count{channel="zalo-oa"} 2.0' in shown and "motcua_workers 1.0" in shown
            assert 'motcua_events_total{channel="zalo-oa",status="200"}' in shown
            assert await post_forged(browser, fake.webhook) == 403

            fake.access, fake.refresh = "of a process", "that was killed when Zalo had just given it a new pair"
            await fake.say(AN, "/menu")
            async with asyncio.timeout(30):
                while "-14014" not in (await browser.get(f"{page}/readyz")).json()["troubles"].get("zalo-oa", ""):
                    await asyncio.sleep(0.05)
            await connect_anew(env, zalo, browser)
            await until(lambda: len(fake.to(AN)) == 3, 30)  # and not in half an hour, when it would be tried again
    logs = "".join(log.read_text() for log in tmp_path.glob("*.log"))
    assert '"event": "webhook.unauthentic"' in logs  # so there are logs, and they say nothing that they must not
    for secret in ("không ai được ghi lại", "0912345678", fake.access, fake.app_secret, SECRET, AN):
        assert secret not in logs


async def connect_anew(env: dict[str, str], zalo: str, browser: httpx2.AsyncClient) -> tuple[str, str]:
    """The command, its link, and the admin's consent; what it said, and the page to which Zalo sent the admin back."""
    command = [sys.executable, "-u", "-c", "from bot.cli import main; main()", "setup", "zalo-oa"]
    setup = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE)
    assert setup.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while not (link := re.search(rf"{zalo}/v4/oa/permission\S+", said)):
            line = (await setup.stdout.readline()).decode()
            assert line, said
            said += line
    back: str = (await browser.get(link[0])).headers["location"]  # the admin agrees, and is sent on
    answer = await browser.get(back)
    assert answer.status_code == 200 and "Đã nối với Zalo" in answer.text
    rest = (await asyncio.wait_for(setup.communicate(), 60))[0].decode()
    assert setup.returncode == 0 and "UBND xã Ví Dụ" in rest
    return said, back


async def post_forged(browser: httpx2.AsyncClient, webhook: str) -> int:
    body = '{"event_name": "user_send_text", "message": {"text": "câu này không ai được ghi lại"}}'
    return (await browser.post(webhook, content=body, headers={"X-ZEvent-Signature": "mac=0"})).status_code


async def up(page: str) -> None:
    """Until the web part answers."""
    async with asyncio.timeout(60), httpx2.AsyncClient(trust_env=False) as browser:
        while True:
            with suppress(httpx2.HTTPError):
                if (await browser.get(f"{page}/healthz", timeout=2)).is_success:
                    return
            await asyncio.sleep(0.05)
