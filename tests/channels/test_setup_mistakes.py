"""What an operator gets wrong when connecting a platform, and what the commands say about it. The commands are the real ones."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from bot.http import http_client
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import serving
from tests.channels.rig import ROOT, SECRET, oa_of, tokens_of
from tests.channels.test_consent import post_forged, running, up


async def motcua(env: dict[str, str], *words: str) -> tuple[int | None, str]:
    """The exit code of a command and what it said."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(child.communicate(), 60)
    return child.returncode, said.decode()


@pytest.fixture
def env(redis_url: str, free_ports: Callable[[], int]) -> dict[str, str]:
    """Everything that the guide says, before the webhook page has shown the OA Secret Key."""
    port = free_ports()
    return os.environ | {
        "MOTCUA_ZALO_OA_APP_ID": FakeZaloOa.app_id,
        "MOTCUA_ZALO_OA_APP_SECRET": FakeZaloOa.app_secret,
        "MOTCUA_ZALO_OA_API": f"http://127.0.0.1:{port}/nothing-is-asked-of-zalo",
        "MOTCUA_ZALO_OA_OAUTH": f"http://127.0.0.1:{port}/nothing-is-asked-of-zalo",
        "MOTCUA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MOTCUA_PORT": str(port),
        "MOTCUA_NLU_URL": f"http://127.0.0.1:{free_ports()}",
        "REDIS_URL": redis_url,
    }


async def test_app_secret_in_place_of_the_oa_secret_key(env: dict[str, str]) -> None:
    code, said = await motcua(env | {"MOTCUA_ZALO_OA_SECRET": FakeZaloOa.app_secret}, "setup", "zalo-oa")
    assert code == 1 and "OA Secret Key" in said and "permission?" not in said


async def test_assistant_does_not_run(env: dict[str, str], free_ports: Callable[[], int]) -> None:
    code, said = await motcua(env, "setup", "zalo-oa")
    assert code == 1 and "chưa chạy" in said and "permission?" not in said
    nobody = env | {"MOTCUA_TELEGRAM_TOKEN": "1:A", "REDIS_URL": f"redis://127.0.0.1:{free_ports()}/0"}
    code, said = await motcua(nobody, "doctor")
    assert code == 1 and "REDIS_URL" in said


async def test_assistant_was_not_started_anew_after_env_was_changed(env: dict[str, str], tmp_path: Path) -> None:
    before = {name: value for name, value in env.items() if "ZALO" not in name} | {"MOTCUA_TELEGRAM_TOKEN": "1:A"}
    before["MOTCUA_TELEGRAM_API"] = env["MOTCUA_ZALO_OA_API"]
    async with running(tmp_path, before, "web"):
        await up(env["MOTCUA_PUBLIC_URL"])
        code, said = await motcua(env, "setup", "zalo-oa")
        assert code == 1 and "chưa được chạy lại" in said and "permission?" not in said
        code, said = await motcua(env, "doctor")
        assert "!!  zalo-oa: http://127.0.0.1" in said and "chưa được chạy lại" in said


async def test_oa_secret_key_that_is_missing_and_one_that_is_wrong(env: dict[str, str], tmp_path: Path) -> None:
    wrong = env | {"MOTCUA_ZALO_OA_SECRET": "of-another-oa"}
    async with running(tmp_path, wrong, "web", "worker"), httpx2.AsyncClient(trust_env=False) as zalo:
        await up(env["MOTCUA_PUBLIC_URL"])
        _, said = await motcua(env, "doctor")
        assert "!!  zalo-oa: thiếu / is missing: MOTCUA_ZALO_OA_SECRET" in said
        _, said = await motcua(wrong, "doctor")
        assert "MOTCUA_ZALO_OA_SECRET" not in said
        assert "(MOTCUA_PORT): trợ lý đang chạy" in said  # though no supervisor runs it, as in containers
        assert await post_forged(zalo, f"{env['MOTCUA_PUBLIC_URL']}/webhook/zalo-oa") == 403
        async with asyncio.timeout(30):
            while "từ chối 1 vì sai khóa" not in said:  # counts are added once a second
                _, said = await motcua(wrong, "doctor")
        assert "!!  zalo-oa: nhận 0 sự kiện" in said and "MOTCUA_ZALO_OA_SECRET" in said
        assert SECRET not in said and "of-another-oa" not in said


async def test_refusal_that_no_consent_cures(
    env: dict[str, str], tmp_path: Path, free_ports: Callable[[], int]
) -> None:
    fake = FakeZaloOa(failures=[-224])
    async with serving(fake.app(), free_ports()) as zalo, http_client() as client:
        env |= {"MOTCUA_ZALO_OA_API": zalo, "MOTCUA_ZALO_OA_OAUTH": zalo, "MOTCUA_ZALO_OA_SECRET": SECRET}
        await oa_of(fake, zalo, client, env["REDIS_URL"]).keeper.keep(tokens_of(fake))
        async with running(tmp_path, env, "web"):
            await up(env["MOTCUA_PUBLIC_URL"])
            code, said = await motcua(env, "setup", "zalo-oa")
            assert code == 1 and "gói OA" in said and "permission?" not in said
            code, said = await motcua(env | {"REDIS_URL": "redis:/a"}, "setup", "zalo-oa")
            assert code == 1 and "REDIS_URL" in said
            code, said = await motcua(env, "setup", "zalo-oa")  # the package was paid for
            assert code == 0 and "UBND xã Ví Dụ" in said
