"""Every outcome of every flow is reached in the terminal by typing labels, and takes few questions."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest

from bot.core.flow_model import Step
from bot.messages import LANGUAGES, Language
from bot.settings import Settings
from bot.supervisor import environment
from tests.flows.walk import ROOT, brain, openings, promised, shortest, unseen, walks
from tests.installation import MOTCUA


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_terminal_by_typing_labels(language: Language) -> None:
    starts = openings(language)
    choose = "/english" if language == "en" else "/tiengviet"
    lines = [["/xoa", choose, *starts[walk.flow.id], *walk.labels(language)] for walk in walks()]
    command = [sys.executable, *MOTCUA, "chat", "--keywords", "--lang", language]
    env = os.environ | environment(Settings(_env_file=None, root=ROOT))
    typed = "".join(f"{line}\n" for walk in lines for line in walk)
    shown = subprocess.run(
        command, cwd=ROOT, env=env, input=typed, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    _, *talks = shown.split(brain().renderer.say("forgotten", language))
    assert len(talks) == len(walks())
    lost = {
        (walk.flow.id, walk.outcome): missing
        for walk, talk in zip(walks(), talks, strict=True)
        if (missing := unseen(walk, language, talk))
    }
    assert lost == {}


def test_an_outcome_takes_at_most_four_questions_in_the_middle() -> None:
    assert median(len(walk.answers) for walk in walks()) <= 4


def test_an_outcome_that_no_sample_reaches_is_an_error() -> None:
    library = brain().library
    flow = library.flows["scam-message"]
    unknown = {**flow.steps, "lost": Step("lost", "outcome")}
    with pytest.raises(AssertionError, match="no sample reaches"):
        shortest(replace(flow, steps=unknown), library, brain().now().date())


def test_the_end_of_another_way_is_not_taken_for_this_one() -> None:
    ailments = [walk for walk in walks() if walk.flow.id == "vneid-doctor"]
    for walk, other in pairwise(ailments):
        assert unseen(walk, "vi", "\n".join(promised(walk, "vi"))) == []
        assert len(unseen(walk, "vi", "\n".join(promised(other, "vi")))) >= 2
