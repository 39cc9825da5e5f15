"""Transcripts through the console channel with the real NLU server: what a citizen types, what must come back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from bot.ask import Talks, opened
from bot.channels.console import as_text
from bot.messages import Incoming
from bot.settings import Settings

pytestmark = [pytest.mark.rasa, pytest.mark.asyncio(loop_scope="module")]
CONVERSATIONS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("conversations.yml").read_text("utf-8"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talks() -> AsyncIterator[Talks]:
    async with opened(Settings()) as (made, _):
        yield made


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c["name"])
async def test_conversation(talks: Talks, conversation: dict[str, Any]) -> None:
    for number, turn in enumerate(conversation["turns"]):
        answer = await talks.handle(Incoming("console", conversation["name"], str(number), turn["say"]))
        got = {"language": answer.reply.language, "decision": answer.decision.kind} | {
            "entry": answer.decision.entry,
            "aspect": answer.decision.aspect,
        }
        wanted = {key: turn[key] for key in ("decision", "entry", "aspect", "language") if key in turn}
        assert {key: got[key] for key in wanted} == wanted, f"{turn['say']!r}: {as_text(answer.reply)[:200]}"
        assert turn.get("has", "") in as_text(answer.reply)
        assert answer.source in ("rasa", "")
