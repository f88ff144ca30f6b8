"""Draw the picture of docs/performance.md from the table under it: `python tests/docs/picture.py`."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BAR = re.compile(r"^\| bar: (.+?) \| ([\d.]+) \|$", re.MULTILINE)
COLOURS = ("#2f6f9f", "#8fbcdb", "#9a9a9a", "#c4c4c4", "#b8743a", "#d9a878")
WIDTH, LEFT, TOP, STEP = 720, 260, 38, 26
ATTRIBUTES = 'font-family="sans-serif" font-size="13" role="img" aria-labelledby="title desc"'
STYLE = """  .paper { fill: #ffffff } text { fill: #222222 } .note { fill: #555555 }
  @media (prefers-color-scheme: dark) { .paper { fill: #16181c } text { fill: #e6e6e6 } .note { fill: #a8a8a8 } }"""


def drawn(page: str) -> str:
    bars = [(name, float(value)) for name, value in BAR.findall(page)]
    scale = (WIDTH - LEFT - 80) / max(value for _, value in bars)
    height = TOP + STEP * len(bars) + 12
    said = ", ".join(f"{name} {value:g}" for name, value in bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {ATTRIBUTES}>',
        '<title id="title">Processor time of one item, in microseconds</title>',
        f'<desc id="desc">{len(bars)} bars: {said}.</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'<rect width="{WIDTH}" height="{height}" class="paper"/>',
        '<text x="12" y="22" font-weight="bold">Processor time of one item, µs (median; shorter is better)</text>',
    ]
    for number, ((name, value), colour) in enumerate(zip(bars, COLOURS, strict=True)):
        top, width = TOP + STEP * number, round(value * scale)
        lines.append(
            f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{name}</text>'
            f'<rect x="{LEFT}" y="{top}" width="{width}" height="19" fill="{colour}"/>'
            f'<text x="{LEFT + width + 6}" y="{top + 15}">{value:g}</text>'
        )
    return "\n".join([*lines, "</svg>\n"])


if __name__ == "__main__":
    (DOCS / "pictures" / "performance.svg").write_text(drawn((DOCS / "performance.md").read_text()))
