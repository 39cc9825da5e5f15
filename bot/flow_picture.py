"""A flow as a picture (SVG) for officers: questions with their options on the left, outcomes in green further right.

Columns are numbers of steps from the start. Every step takes a strip of its own within the strip of a step of the column
before, so that no two boxes ever lie upon each other. Only that step has an arrow to it: elsewhere its number says where a
way leads, since arrows across the picture run behind boxes and nobody can follow them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import chain
from textwrap import wrap

from bot.core.flow_model import Flow, Step
from bot.core.library import Library
from bot.core.speak import shorten
from bot.messages import Language

WIDTH, COLUMN, GAP, LINE, PAD = 280, 360, 18, 18, 10  # pixels
LETTERS = 35  # of one line of a box
COLOURS = {"outcome": ("#e8f5e9", "#2e7d32"), "fork": ("#fff8e1", "#b26a00")}
QUESTION = ("#e8f0fe", "#1a56b0")
_NAMED = re.compile(r"\{[{%].*?[%}]\}")


@dataclass(frozen=True)
class Box:
    """A step with its lines of text and its ways out: (label, step id), each a line of its own at the bottom."""

    step: Step
    lines: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]

    @property
    def height(self) -> int:
        return 2 * PAD + LINE * (len(self.lines) + len(self.ways)) + (PAD // 2 if self.ways else 0)


def picture(flow: Flow, library: Library, language: Language = "vi") -> str:
    """The flow as one SVG document."""
    boxes = {name: _box(flow, library, step, language) for name, step in flow.steps.items()}
    column = _columns(flow)
    top: dict[str, float] = {}
    before: dict[str, str] = {}
    height = _strips(boxes, column, next(iter(flow.steps)), 60.0, top=top, before=before)
    width = (max(column.values()) + 1) * COLUMN + PAD
    place = {name: (PAD + column[name] * COLUMN, top[name]) for name in column}
    far = {target for name in column for _, target in boxes[name].ways if before[target] != name}
    numbers = {name: number for number, name in enumerate((name for name in top if name in far), start=1)}
    parts = chain(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 80:.0f}" '
            'font-family="sans-serif" font-size="13">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{PAD}" y="32" font-size="20" font-weight="bold">{escape(flow.words[language].title)}</text>',
        ],
        chain.from_iterable(_arrows(boxes[name], place, before) for name in place),
        chain.from_iterable(_drawn(boxes[name], *place[name], numbers, before) for name in place),
        ["</svg>\n"],
    )
    return "\n".join(parts)


def _box(flow: Flow, library: Library, step: Step, language: Language) -> Box:
    words = flow.words[language]
    messages = library.messages[language]
    if step.id in words.outcomes:
        unit = library.communes[language].units[flow.contacts[step.id]]
        lines = [*_wrapped(words.outcomes[step.id].action, 4), *_wrapped(f"☎ {unit.name}", 1)]
        if step.id in flow.papers:
            lines += _wrapped(f"☰ {library.entries[flow.papers[step.id].entry].in_language(language)[0].label}", 1)
        return Box(step, tuple(lines), ())
    if step.id not in words.steps:
        ways = tuple((f"{messages['flow_if']} {rule}", go) for rule, go in step.when)
        return Box(step, (), (*ways, (messages["flow_else"], step.go)) if step.go else ways)
    asked = words.steps[step.id]
    ways = tuple((asked.options[option], go) for option, go in step.next.items())
    question = asked.text.strip().rsplit("\n\n", 1)[-1]  # what comes before is explained to the citizen
    return Box(step, tuple(_wrapped(question, 5)), ways or ((messages[f"flow_kind_{step.kind}"], step.go),))


def _wrapped(text: str, most: int) -> list[str]:
    """At most `most` lines, lists as lists; what is filled in at run time becomes dots."""
    lines = [piece for line in _NAMED.sub("…", text).splitlines() for piece in wrap(line, LETTERS)]
    return lines if len(lines) <= most else [*lines[: most - 1], shorten(f"{lines[most - 1]} …", LETTERS)]


def _columns(flow: Flow) -> dict[str, int]:
    """Step id -> the most steps that may lie before it; only steps that can be reached."""
    columns: dict[str, int] = {}

    def put(name: str, column: int) -> None:
        if column > columns.get(name, -1):
            columns[name] = column
            for target in flow.steps[name].targets:
                put(target, column + 1)

    put(next(iter(flow.steps)), 0)
    return columns


def _strips(
    boxes: dict[str, Box],
    column: dict[str, int],
    name: str,
    start: float,
    *,
    top: dict[str, float],
    before: dict[str, str],
) -> float:
    """Place the box and, below one another, the new ones of the next column that it leads to; the height of its strip.

    `before` is told from which box each was placed.
    """
    top[name] = start
    used = 0.0
    for _, target in boxes[name].ways:
        if target not in top and column[target] == column[name] + 1:
            before[target] = name
            used += _strips(boxes, column, target, start + used, top=top, before=before)
    strip = max(used, boxes[name].height + GAP)
    top[name] = start + (strip - boxes[name].height - GAP) / 2
    return strip


def _arrows(box: Box, place: dict[str, tuple[int, float]], before: dict[str, str]) -> Iterator[str]:
    x, y = place[box.step.id]
    for number, (_, target) in enumerate(box.ways, start=1):
        if before[target] != box.step.id:
            continue
        to_x, to_y = place[target]
        from_y = y + box.height - PAD - LINE * (len(box.ways) - number + 0.5)
        end_y = to_y + min(22, 2 * PAD)
        bend = (to_x - x - WIDTH) / 2
        yield (
            f'<path d="M{x + WIDTH} {from_y:.0f} C{x + WIDTH + bend:.0f} {from_y:.0f} {to_x - bend:.0f} {end_y:.0f} '
            f'{to_x - 5} {end_y:.0f}" fill="none" stroke="#8a94a6" stroke-width="1.4"/>'
            f'<path d="M{to_x - 8} {end_y - 4:.0f} l8 4 l-8 4 z" fill="#8a94a6"/>'
        )


def _drawn(box: Box, x: int, y: float, numbers: dict[str, int], before: dict[str, str]) -> Iterator[str]:
    fill, edge = COLOURS.get(box.step.kind, QUESTION)
    yield (
        f'<g><title>{escape(box.step.id)}</title><rect x="{x}" y="{y:.0f}" width="{WIDTH}" height="{box.height}" rx="8" '
        f'fill="{fill}" stroke="{edge}"/>'
    )
    if box.step.id in numbers:
        yield f'<circle cx="{x}" cy="{y:.0f}" r="12" fill="{edge}"/>'
        yield (
            f'<text x="{x}" y="{y + 4:.0f}" text-anchor="middle" fill="white" font-size="12" font-weight="bold">'
            f"{numbers[box.step.id]}</text>"
        )
    line_y = y + PAD + LINE * 0.75
    for line in box.lines:
        yield f'<text x="{x + PAD}" y="{line_y:.0f}">{escape(line)}</text>'
        line_y += LINE
    line_y += PAD // 2
    for label, target in box.ways:
        goes = "›" if before[target] == box.step.id else f"→ {numbers[target]}"
        text = escape(f"{shorten(label, LETTERS)} {goes}")
        yield f'<text x="{x + WIDTH - PAD}" y="{line_y:.0f}" text-anchor="end" fill="{edge}">{text}</text>'
        line_y += LINE
    yield "</g>"
