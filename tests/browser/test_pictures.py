"""The drawings of docs/images as GitHub shows them: an <img> as narrow as a phone, in light and dark, in anybody's fonts."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DRAWINGS = sorted(path for path in IMAGES.glob("*.svg") if path.name != "load.svg")  # that one is plotted
NARROW = 328  # CSS pixels that a phone of 360 leaves for a picture
SMALLEST = 10  # CSS pixels of a letter there


FAULTS = """() => {
  const whole = document.documentElement.viewBox.baseVal, found = [];
  const texts = [...document.querySelectorAll('text')].map(one => [one.textContent, one.getBBox()]);
  const boxes = [...document.querySelectorAll('rect:not(.dash)')].map(one => one.getBBox());
  const size = Math.min(...[...document.querySelectorAll('text')].map(one => parseFloat(getComputedStyle(one).fontSize)));
  if (size * NARROW / whole.width < SMALLEST) found.push('letters too small');
  const inside = (box, x, y) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
  texts.forEach(([text, a], i) => {
    if (a.x < 4 || a.y < 0 || a.x + a.width > whole.width - 4 || a.y + a.height > whole.height) found.push('cut: ' + text);
    for (const box of boxes) {
      const points = [1, a.width / 2, a.width - 1].map(x => inside(box, a.x + x, a.y + a.height / 2));
      if (new Set(points).size > 1) found.push('leaves its box: ' + text);
    }
    for (const [other, b] of texts.slice(i + 1)) {
      const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
      const high = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
      if (wide > 1 && high > 4) found.push(text + ' lies over ' + other);
    }
  });
  return found;
}""".replace("NARROW", str(NARROW)).replace("SMALLEST", str(SMALLEST))


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_drawing_needs_nothing_from_elsewhere_and_says_what_it_shows(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<script|<foreignObject|<image|@import|@font-face|url\((?!#)|href=", text)
    assert re.search(r"<title id=.title.>.+</title>\n<desc id=.desc.>.+</desc>", text)
    assert "prefers-color-scheme:dark" in text


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
async def test_no_label_is_cut_covered_or_too_small(path: Path, chromium: Browser) -> None:
    page = await chromium.new_page()
    await page.goto(path.as_uri())
    assert await page.evaluate(FAULTS) == []
    await page.close()
