"""Transcripts of the shipped flows, without Rasa: choices carry ids, so guided conversations never need it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.console import as_text
from tests.flows.kitchen import Citizen, brain_of

HERE = Path(__file__).parent
CONVERSATIONS: list[dict[str, Any]] = yaml.load((HERE / "flows.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
brain = cache(brain_of)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c["name"])
async def test_conversation(conversation: dict[str, Any]) -> None:
    citizen = Citizen(brain(HERE.parents[1]))
    for turn in conversation["turns"]:
        answer = await citizen.says(turn.get("say", ""), turn.get("press", ""))
        got = {"decision": answer.decision.kind, "entry": answer.decision.entry}
        wanted = {key: turn[key] for key in ("decision", "entry") if key in turn}
        assert {key: got[key] for key in wanted} == wanted, f"{turn}: {as_text(answer.reply)[:300]}"
        assert turn.get("has", "") in as_text(answer.reply), f"{turn}: {as_text(answer.reply)[:300]}"
