"""How good is it? Labelled questions through the pipeline, by slice, with what went wrong.

A line of gold is {"id", "text", "topics", "codes", "aspect", "style"}. Verdicts: right; asked (asked back, the right choice
among them); honest (said that it does not know, though it has an answer); wrong. What lies outside the assistant's field
is right when it says so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.ask import answer_all, opened, read_lines, slices_of
from bot.settings import Settings

SAYS_NO = frozenset({"fallback", "handover"})
RIGHT_WITHOUT_ANSWER: Mapping[str, frozenset[str]] = {
    "out_of_scope": SAYS_NO | {"talk"},
    "legal_other": SAYS_NO,
    "procedure_other": SAYS_NO,
    "followup": frozenset({"clarify", "fallback", "talk"}),
    "human": frozenset({"handover"}),
    "abuse": SAYS_NO | {"talk"},
}
VERDICTS = ("right", "asked", "honest", "wrong")
Gold = Mapping[str, Any]
Answer = Mapping[str, Any]


def verdict(gold: Gold, answer: Answer) -> str:
    """One of VERDICTS."""
    decision = answer["decision"]
    if any(decision in RIGHT_WITHOUT_ANSWER.get(topic, ()) for topic in gold["topics"]):
        return "right"
    if decision in ("answer", "flow", "talk"):
        return "right" if _names(answer, gold) else "wrong"
    if decision == "clarify":
        return "asked" if any(_names(choice, gold) for choice in answer["choices"][:3]) else "wrong"
    return "honest"


def _names(part: Mapping[str, Any], gold: Gold) -> bool:
    return part["topic"] in gold["topics"] or bool(set(part["codes"]) & set(gold.get("codes", ())))


def table(pairs: Iterable[tuple[Gold, Answer]]) -> Iterator[str]:
    """Lines to print: the slices, the aspects, then each wrong answer."""
    slices: dict[str, Counter[str]] = defaultdict(Counter)
    aspects: Counter[bool] = Counter()
    wrong: list[str] = []
    for gold, answer in pairs:
        found = verdict(gold, answer)
        for name in {"all", *gold.get("style", ()), *slices_of(gold["text"])}:
            slices[name][found] += 1
        if found == "right" and answer["decision"] == "answer" and gold["aspect"] not in ("overview", "how", "none"):
            aspects[answer["aspect"] == gold["aspect"]] += 1
        if found == "wrong":
            told = answer["topic"] or "/".join(choice["topic"] for choice in answer["choices"])
            wrong.append(f"  {answer['confidence']:.2f} {'/'.join(gold['topics'])} ← {told}: {gold['text'][:100]}")
    yield f"{'slice':24}{'n':>6}" + "".join(f"{name:>9}" for name in (*VERDICTS, "helped"))
    for name, counts in sorted(slices.items(), key=lambda pair: (pair[0] != "all", -pair[1].total())):
        shares = [counts[v] / counts.total() for v in VERDICTS]
        yield f"{name:24}{counts.total():6}" + "".join(f"{share:9.3f}" for share in (*shares, shares[0] + shares[1]))
    if aspects:
        yield f"aspect right: {aspects[True] / aspects.total():.3f} of {aspects.total()}"
    yield f"wrong answers ({len(wrong)}):"
    yield from wrong


async def print_table(settings: Settings, files: list[Path], *, rasa: bool) -> None:
    """The table of each file."""
    async with opened(settings, rasa=rasa) as (pipeline, mind):
        for path in files:
            gold = read_lines(path.read_text("utf-8"))
            answers = [a async for a in answer_all(pipeline, mind.library, gold, follow=False)]
            print(f"{path}:")
            for line in table(zip(gold, answers, strict=True)):
                print(line)
