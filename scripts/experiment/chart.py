"""Line charts in SVG: panels side by side, lines with bands, one legend. Plain text, readable in light and dark."""
import html
import math

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b", "#17a2a2", "#b8860b"]
WIDTH, HEIGHT, GAP = 360, 250, 58
LEFT, TOP, BOTTOM = 56, 34, 46


class Line:
    """Points (x, low, value, high) of one arm; low and high are None where there is no band."""

    def __init__(self, name, points, colour, dashed=False):
        self.name, self.points, self.colour, self.dashed = name, points, colour, dashed


class Panel:
    def __init__(self, title, x, y, lines, from_zero=False, percent=False):
        self.title, self.x, self.y, self.lines = title, x, y, lines
        self.from_zero, self.percent = from_zero, percent


def ticks(low, high, count=5):
    """Round numbers that cover a range."""
    span = (high - low) or abs(high) or 1
    raw = span / count
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    first = math.floor(low / step + 1e-9) * step
    found = []
    while len(found) < 2 or found[-1] < high - 1e-9 * span:
        found.append(round(first + len(found) * step, 12))
    return found


def label(value, percent):
    text = f"{value * 100:g}" if percent else f"{value:g}"
    return text + (" %" if percent else "")


def panel_svg(panel, left):
    points = [(x, v) for line in panel.lines for x, low, value, high in line.points for v in (low, value, high) if v is not None]
    if not points:
        return [f'<text x="{left + LEFT}" y="{TOP + 20}">no data</text>']
    xs = ticks(min(x for x, _ in points), max(x for x, _ in points))
    ys = ticks(0 if panel.from_zero else min(y for _, y in points), max(y for _, y in points))

    def at(x, y):
        across = left + LEFT + (x - xs[0]) / (xs[-1] - xs[0]) * WIDTH
        return f"{across:.1f},{TOP + HEIGHT - (y - ys[0]) / (ys[-1] - ys[0]) * HEIGHT:.1f}"

    parts = [f'<text class="title" x="{left + LEFT}" y="{TOP - 14}">{html.escape(panel.title)}</text>']
    for y in ys:
        a, b = at(xs[0], y).split(","), at(xs[-1], y).split(",")
        parts.append(f'<line class="grid" x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}"/>')
        parts.append(f'<text class="y" x="{left + LEFT - 6}" y="{float(a[1]) + 4:.1f}">{label(y, panel.percent)}</text>')
    for x in xs:
        across = at(x, ys[0]).split(",")[0]
        parts.append(f'<text class="x" x="{across}" y="{TOP + HEIGHT + 17}">{x:g}</text>')
    middle = left + LEFT + WIDTH / 2
    parts.append(f'<text class="x" x="{middle}" y="{TOP + HEIGHT + 36}">{html.escape(panel.x)}</text>')
    for line in panel.lines:
        banded = [point for point in line.points if point[1] is not None]
        if banded:
            edge = [at(x, high) for x, _, _, high in banded] + [at(x, low) for x, low, _, _ in reversed(banded)]
            parts.append(f'<polygon fill="{line.colour}" opacity="0.13" points="{" ".join(edge)}"/>')
    for line in panel.lines:
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        path = " ".join(at(x, value) for x, _, value, _ in line.points)
        parts.append(f'<polyline class="line" stroke="{line.colour}"{dash} points="{path}"/>')
    return parts


def svg(panels):
    """The panels side by side, with the names of all lines below."""
    width = len(panels) * (LEFT + WIDTH + GAP) - GAP + 24
    names = {}
    for panel in panels:
        for line in panel.lines:
            names.setdefault(line.name, line)
    rows, row, used = [], [], 0
    for name, line in names.items():
        size = 44 + 7.4 * len(name)
        if row and used + size > width - LEFT - 12:
            rows.append(row)
            row, used = [], 0
        row.append((LEFT + used, line))
        used += size
    rows.append(row)
    height = TOP + HEIGHT + BOTTOM + 22 * len(rows) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<style>text{font:12px system-ui,sans-serif;fill:#444}.title{font-weight:600;font-size:13px}.y{text-anchor:end}"
        ".x{text-anchor:middle}.grid{stroke:#888;stroke-opacity:.25}.line{fill:none;stroke-width:2;stroke-linejoin:round}"
        "@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>",
    ]
    for place, panel in enumerate(panels):
        parts += panel_svg(panel, place * (LEFT + WIDTH + GAP))
    for number, row in enumerate(rows):
        y = TOP + HEIGHT + BOTTOM + 14 + 22 * number
        for x, line in row:
            dash = ' stroke-dasharray="6 4"' if line.dashed else ""
            parts.append(f'<line class="line" x1="{x:.0f}" y1="{y - 4}" x2="{x + 24:.0f}" y2="{y - 4}" stroke="{line.colour}"{dash}/>')
            parts.append(f'<text x="{x + 30:.0f}" y="{y}">{html.escape(line.name)}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"
