"""The picture of a flow: every box by itself, and every way can be followed with the finger."""

from itertools import combinations
from xml.etree import ElementTree

import pytest

from bot.core.flow_model import Flow
from bot.flow_picture import picture
from tests.flows.walk import brain

SVG = "{http://www.w3.org/2000/svg}"
LIBRARY = brain().library


@pytest.mark.parametrize("flow", LIBRARY.flows.values(), ids=lambda flow: flow.id)
def test_boxes_lie_apart_and_each_way_has_an_arrow_or_a_number(flow: Flow) -> None:
    drawn = ElementTree.fromstring(picture(flow, LIBRARY))
    boxes = {str(group.findtext(f"{SVG}title")): group for group in drawn.iter(f"{SVG}g")}
    assert boxes.keys() == flow.steps.keys()
    sides = []
    for group in boxes.values():
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        x, y, width, height = (float(rect.attrib[side]) for side in ("x", "y", "width", "height"))
        sides.append((x, y, x + width, y + height))
    assert not [1 for a, b in combinations(sides, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    numbers = {text.text for text in drawn.iter(f"{SVG}text") if text.get("text-anchor") == "middle"}
    ends = [str(text.text) for text in drawn.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    led = [end.rpartition(" → ")[2] for end in ends if " → " in end]
    arrows = [path for path in drawn.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(ends) == sum(len(step.targets) for step in flow.steps.values()) == len(arrows) + len(led)
    assert set(led) == numbers
    labels = {label for words in flow.words["vi"].steps.values() for label in words.options.values()}
    assert labels <= {end.removesuffix(" ›").rpartition(" → ")[0] or end.removesuffix(" ›") for end in ends}
