"""An answer or the outcome of a flow as a card to take home: the same words, set for paper. Part of bot.render."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from bot.core.flows import way_of
from bot.core.library import CATALOGUE, Entry, Office, PaperCase, Unit
from bot.core.speak import hours, shorten
from bot.messages import Card, Decision, Language
from bot.render_flow import checklist, desk_of, source_of, told_by

if TYPE_CHECKING:
    from bot.render import Renderer

SMS: Final = 160  # characters of one message, as long as none has an accent; with accents it would be 70
_PLAIN = str.maketrans("đĐ“”‘’–—−…•×₫", "dD\"\"''---.*xd")
_NOT_GSM = re.compile(r"[^\n !-Z_a-z]")  # of ASCII, those that every phone sends as one character


def card_of(renderer: "Renderer", decision: Decision, language: Language) -> Card:
    """The card of the entry, procedure of the catalogue or outcome that the decision speaks of."""
    if decision.kind == "flow":
        return _of_outcome(renderer, decision, language)
    entry = renderer.library.entries.get(decision.entry)
    if entry is None:
        return _of_catalogue(renderer, decision.entry.removeprefix(CATALOGUE), language)
    return _of_entry(renderer, entry, decision, language)


def _of_entry(renderer: "Renderer", entry: Entry, decision: Decision, language: Language) -> Card:
    words, spoken = entry.in_language(language)
    unit, office = renderer.desk(entry, spoken)
    said = {
        aspect: renderer.text(words.answers[aspect], spoken, official=None)
        for aspect in ("documents", "where")
        if aspect in words.answers
    }
    papers = words.papers if decision.aspect == "documents" else ()
    where = said.get("where", "") if entry.kind != "contact" else ""  # whose answers are all about where
    match decision.aspect:
        case "documents" if papers:
            text = said.get("documents", "")
        case "where" if where:
            text = ""
        case aspect:
            text = renderer.aspect(entry, words, aspect, spoken, decision.facts)
    return _card(
        renderer,
        spoken,
        title=words.title,
        label=words.label,
        text=text,
        groups=papers,
        where=where,
        unit=unit,
        office=office,
        source=renderer.source(entry.passport, spoken),
        official=next((link.url for link in renderer.official(entry.passport, spoken)), ""),
        subject=f"entry:{entry.id}:{decision.aspect}",
    )


def _of_outcome(renderer: "Renderer", decision: Decision, language: Language) -> Card:
    flow, facts = renderer.library.flows[decision.entry], decision.facts
    step, answers = str(facts["step"]), dict(facts["answers"])  # type: ignore[call-overload]
    words = flow.words[language]
    told = told_by(renderer, flow, answers, language)
    desk: dict[str, Any] = dict(desk_of(flow, step, renderer.library.communes[language]))
    papers, where = checklist(renderer, flow, step, answers, language)
    passport = source_of(renderer.library, flow, step)
    return _card(
        renderer,
        language,
        title=words.title,
        label=words.label,
        text=renderer.text(words.outcomes[step].text, language, **told, **desk),
        chosen=tuple(told["labels"].values()),
        groups=(PaperCase("", "", tuple(papers)),) if papers else (),
        action=renderer.text(words.outcomes[step].action, language, **told, **desk),
        where=where,
        source=renderer.source(passport, language),
        official=next((link.url for link in renderer.official(passport, language)), ""),
        subject=way_of(flow, answers),
        **desk,
    )


def _of_catalogue(renderer: "Renderer", code: str, language: Language) -> Card:
    item = renderer.library.catalogue[code]
    text, links = renderer.catalogue(code, language)
    unit, office = renderer.desk(None, language)
    return _card(
        renderer,
        language,
        title=item.name,
        label=item.name,
        text=text.removeprefix(item.name).strip(),
        unit=unit,
        office=office,
        source="",
        official=next((link.url for link in links), ""),
        subject=CATALOGUE + code,
    )


def _card(
    renderer: "Renderer",
    language: Language,
    *,
    title: str,
    label: str,
    text: str,
    unit: Unit,
    office: Office,
    source: str,
    official: str,
    subject: str,
    groups: tuple[PaperCase, ...] = (),
    chosen: tuple[str, ...] = (),
    where: str = "",
    action: str = "",
) -> Card:
    public = renderer.public
    body = renderer.say(
        "card_body",
        language,
        text=text,
        groups=groups,
        chosen=chosen,
        where=where,
        action=action,
        unit=unit,
        office=office,
    )
    shared = public and not subject.startswith("flow:")  # else it holds what must not stand in an address
    return Card(
        language=language,
        title=title,
        body=body,
        source=source,
        short=_short(renderer, language, label=label, groups=groups, unit=unit, office=office),
        subject=subject,
        link=public + pdf_path(subject, language) if shared else "",
        resume=f"{public}/?open={subject}" if public else "",
        resume_label=renderer.say("card_resume", language),
        official=official,
        official_label=renderer.say("card_official", language),
    )


def pdf_path(subject: str, language: Language) -> str:
    """Where the web server gives the card (bot.web)."""
    return f"/card.pdf?of={subject}&lang={language}"


def _short(
    renderer: "Renderer", language: Language, *, label: str, groups: tuple[PaperCase, ...], unit: Unit, office: Office
) -> str:
    """One SMS: what, the papers if all of them fit, else how many, where, when, whom to phone. Never some of the papers:
    who reads three of five brings three.
    """
    items = groups[0].items if len(groups) == 1 else ()
    longest = {"papers": "; ".join(items), "hours": hours(office.hours, language), "count": len(items)}
    for left in ({}, {"hours": ""}, {"papers": ""}, {"papers": "", "hours": ""}):
        values: dict[str, Any] = {**longest, **left, "unit": unit, "office": office}
        said = plain(renderer.say("card_short", language, label=label, **values))
        if len(said) <= SMS:
            return said
    label = shorten(label, max(20, len(label) + SMS - len(said) - 2))
    return plain(renderer.say("card_short", language, label=label, **values))[:SMS]


def plain(text: str) -> str:
    """Without accents, in the letters of GSM 03.38 (3GPP TS 23.038): "Đến quầy – 8:00" -> "Den quay - 8:00"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(_NOT_GSM.sub("", bare.translate(_PLAIN)).split())
