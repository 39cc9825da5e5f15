"""Every text is rendered once before it is published, so that a citizen never meets a template mistake."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import TemplateError

from bot.core.flow_model import Flow, Step
from bot.core.flows import answered_before
from bot.core.library import Library
from bot.core.scam import REASONS
from bot.errors import Problem
from bot.loader.yaml import Document, Loc
from bot.messages import LANGUAGES, Language
from bot.render import Renderer
from bot.render_flow import desk_of, told_by
from bot.render_localities import spoken

_ANSWERS = {
    "message": " ".join(("dangerous", *REASONS)), "locality": "found", "duration": "3 working_day", "clock": "09:00",
}  # fmt: skip
_NOON = datetime(2026, 11, 23, 12, 0)


def problems(
    library: Library, files: Mapping[str, Mapping[Language, Document]], messages: Mapping[Language, Document]
) -> Iterator[Problem]:
    """One problem for each text that names an unknown variable or is no valid template."""
    renderer = Renderer(library, now=lambda: _NOON, days=7)
    for entry in library.entries.values():
        for language, words in entry.words.items():
            document = files[entry.id][language]
            people = (None, *library.communes[language].officials[:1]) if entry.kind == "contact" else (None,)
            for aspect, source in words.answers.items():
                for official in people:
                    try:
                        renderer.text(source, language, official=official)
                    except (TemplateError, TypeError) as error:
                        yield _problem(document, ("answers", aspect), error)
    for flow in library.flows.values():
        yield from _flow(renderer, flow, files[flow.id])
    unit = next(iter(library.communes["vi"].units.values()))
    office = library.communes["vi"].offices[0]
    sample = {
        "unit": unit, "office": office, "title": "…", "item": next(iter(library.catalogue.values()), None), "groups": [],
        "extra": "", "fees": [], "times": [], "local": None, "legal_basis": [], "text": "…", "source": "…",
        "checked": _NOON.date(), "time": "…", "near": office, "distance": "…", "wrong": "", "hint": "", "action": "…",
        "papers": ["…"], "where": "…", "place": spoken(library.localities, "open", library.communes["vi"], "vi"),
        "kind": "working_day", "length": "…", "holidays": "…", "worked": "…", "moved": True,
        "short": "…", "chosen": ["…"], "label": "…", "hours": "…", "count": 2,
    }  # fmt: skip
    for language in LANGUAGES:
        for key, source in library.messages[language].items():
            values = sample | (
                {"local": library.communes[language].local_fees[0]}
                if key == "fee_local" and library.communes[language].local_fees
                else {}
            )
            if key == "fee_local" and not values["local"]:
                continue
            try:
                renderer.text(source, language, **values)
            except (TemplateError, TypeError, AttributeError) as error:
                yield _problem(messages[language], (key,), error)


def _flow(renderer: Renderer, flow: Flow, files: Mapping[Language, Document]) -> Iterator[Problem]:
    """A step may speak only of answers that are there on every way to it."""
    for name, known in answered_before(flow.steps).items():
        sample = {step: _answer(flow.steps[step]) for step in sorted(known)}
        for language, words in flow.words.items():
            texts: dict[Loc, str] = {}
            told: dict[str, Any] = told_by(renderer, flow, sample, language)
            if name in words.steps:
                loc: Loc = ("steps", name)
                texts = {(*loc, "text"): words.steps[name].text, (*loc, "hint"): words.steps[name].hint}
            elif name in words.outcomes:
                loc = ("outcomes", name)
                told |= desk_of(flow, name, renderer.library.communes[language])
                texts = {(*loc, "text"): words.outcomes[name].text, (*loc, "action"): words.outcomes[name].action}
            for place, source in texts.items():
                try:
                    renderer.text(source, language, **told)
                except (TemplateError, TypeError, AttributeError) as error:
                    yield _problem(files[language], place, error)


def _answer(step: Step) -> str:
    """Some answer that fits."""
    if step.kind in _ANSWERS:
        return _ANSWERS[step.kind]
    return next(iter(step.next)) if step.next else "2000-01-31"


def _problem(document: Document, loc: tuple[str | int, ...], error: Exception) -> Problem:
    vi = f"chữ trong {{{{ }}}} hoặc {{% %}} sai ({error}) → dùng đúng tên đã có trong docs/noi-dung.md"
    en = f"the text inside {{{{ }}}} or {{% %}} is wrong ({error}) → use only names listed in docs/noi-dung.md"
    return document.problem(loc, vi, en)
