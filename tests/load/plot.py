"""A line drawing of a few measured points, as SVG: no library for three dots."""

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, MARGIN = 640, 320, 56
COLOURS = ("#0b5cad", "#b3261e", "#2e7d32")


def lines(xs: Sequence[float], series: Mapping[str, Sequence[float]], unit: str) -> str:
    """`series` by name, each with one value for every x; `unit` is what the x axis counts."""
    most = max(max(values) for values in series.values()) * 1.1
    right = max(xs)

    def place(x: float, y: float) -> tuple[float, float]:
        return MARGIN + (WIDTH - 2 * MARGIN) * x / right, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * y / most

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="14">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{MARGIN} {MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="#555"/>',
    ]
    for x in xs:
        drawn.append(
            f'<text x="{place(x, 0)[0]:.0f}" y="{HEIGHT - MARGIN + 22}" text-anchor="middle">{x:g} {unit}</text>'
        )
    for values, colour in zip(series.values(), COLOURS, strict=False):
        points = [place(x, y) for x, y in zip(xs, values, strict=True)]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), value in zip(points, values, strict=True):
            drawn.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>')
            drawn.append(f'<text x="{x:.0f}" y="{y - 10:.0f}" text-anchor="middle" fill="{colour}">{value:.0f}</text>')
    for number, (name, colour) in enumerate(zip(series, COLOURS, strict=False)):
        drawn.append(f'<text x="{MARGIN}" y="{24 + 18 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"
