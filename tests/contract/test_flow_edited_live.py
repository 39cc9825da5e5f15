"""An editor changes flows while people are in them: the real bot process over a copy of the content, a real Redis."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from bot.settings import Settings
from tests.flows.walk import ROOT
from tests.web_process import WebCitizen, becomes_true, web_process

pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture
async def client(tmp_path: Path, free_port: int, redis_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    for name in ("content", "flows"):
        shutil.copytree(ROOT / name, tmp_path / name)
    nobody = "http://127.0.0.1:1"
    settings = Settings(_env_file=None, root=tmp_path, port=free_port, REDIS_URL=redis_url, nlu_url=nobody)
    async with web_process(settings, tmp_path) as base, httpx2.AsyncClient(base_url=base, trust_env=False) as client:
        yield client


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{path}: {old}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


async def test_nobody_is_stranded_by_an_edit(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    asked, ended, removed, typing, pressing, leaving = (WebCitizen(client) for _ in range(6))
    question = "Số điện thoại đăng ký VNeID, anh/chị còn dùng không?"
    for person in (asked, ended):
        assert question in await person.presses("flow:vneid-doctor:trouble:inside:inside:passcode")
    assert "tự đặt lại passcode" in await ended.says("còn dùng")
    assert "Ai đi khai?" in await removed.presses("flow:papers-death:notice:long-ago")
    for person in (typing, pressing, leaving):
        assert "đến trụ sở được không" in await person.presses("flow:digital-team-help:what:vneid")

    words = [tmp_path / f"content/{language}/flows" for language in ("vi", "en")]
    for folder in (tmp_path / "flows", *words):
        edit(folder / "vneid-doctor.yml", ("passcode-number", "passcode-sim"))  # a step is renamed
        (folder / "digital-team-help.yml").unlink()  # a flow is taken away
    for entry in ("digital-team", "digital-skills"):
        edit(tmp_path / f"content/vi/faq/{entry}.yml", ("flow: digital-team-help\n", ""))
    edit(tmp_path / "flows/papers-death.yml", ("      - long-ago\n", ""), ("      long-ago: who\n", ""))
    edit(
        words[0] / "papers-death.yml",  # an option is removed
        ("      long-ago: Không có, mất đã lâu\n", ""),
        ("      long-ago:\n        - không có\n        - mất lâu rồi\n        - mất đã lâu\n", ""),
        ("          long-ago:\n            - long-ago\n", ""),
        ("      cases:\n        - common\n", "      cases:\n        - common\n        - long-ago\n"),
    )
    edit(
        words[1] / "papers-death.yml",
        ("      long-ago: None, died long ago\n", ""),
        ("      long-ago:\n        - long ago\n", ""),
    )

    async def live() -> bool:
        return "sắp xếp lại" in await WebCitizen(client).presses("flow:digital-team-help")

    assert await becomes_true(live), (await client.get("/readyz")).text

    assert question in await asked.says("còn dùng")  # not the answer to a question that is there no more
    assert "tự đặt lại passcode" in await asked.says("1")
    assert "anh/chị vướng gì?" in await ended.says("quay lại")  # the last question that is still answered
    assert question in await ended.says("1")
    assert "xin đổi số điện thoại" in await ended.says("mất sim rồi")
    assert "đã có giấy báo tử chưa?" in await removed.says("1")
    assert "Ai đi khai?" in await removed.says("mới mất")
    assert "Đăng ký khai tử" in await removed.says("1")
    assert "sắp xếp lại" in await typing.says("tôi lớn tuổi đi lại khó lắm")
    assert "sắp xếp lại" in await pressing.says("1")
    assert "sắp xếp lại" in await leaving.says("quay lại")
    replies = await asyncio.gather(*(person.says("vneid bị lỗi") for person in (typing, pressing, leaving)))
    assert all("vướng VNeID ở chỗ nào" in reply for reply in replies)
