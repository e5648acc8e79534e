#!/usr/bin/env python3
"""Plots what `engine-bench --growth FILE` wrote: time against context, batch and tokens, on logarithmic axes.

usage: growth.py FILE.json FILE.svg

The dashed line in each picture rises in proportion to the horizontal axis, from the last point backwards: a curve that
runs beside it is linear, one that is flatter has a part that does not grow.
"""
import json
import math
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 420, 320, 62, 34, 16, 46
COLOURS = ["#1f5fa8", "#c1542d", "#3d8a4d"]


def label(value: float) -> str:
    return f"{value:g}" if value < 1000 else f"{value:.0f}"


def ticks(low: float, high: float) -> list[float]:
    steps = [m * 10.0**e for e in range(-3, 6) for m in (1, 2, 5)]
    return [t for t in steps if low <= t <= high]


def panel(series: list[dict], shift: int) -> str:
    xs = [p["x"] for s in series for p in s["points"]]
    ys = [p["y"] for s in series for p in s["points"]]
    x0, x1 = math.log(min(xs)), math.log(max(xs))
    low, high = min(ys) / 1.3, max(ys) * 1.3
    y0, y1 = math.log(low), math.log(high)

    def px(x: float) -> float:
        return shift + LEFT + (math.log(x) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)

    def py(y: float) -> float:
        return TOP + (y1 - math.log(y)) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)

    out = []
    for t in ticks(low, high):
        out.append(f'<line x1="{shift + LEFT}" x2="{shift + WIDTH - RIGHT}" y1="{py(t):.1f}" y2="{py(t):.1f}" class="grid"/>')
        out.append(f'<text x="{shift + LEFT - 6}" y="{py(t) + 4:.1f}" text-anchor="end">{label(t)}</text>')
    right = -math.inf
    for x in sorted(set(xs)):
        if px(x) < right + 28:
            continue
        right = px(x)
        out.append(f'<text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label(x)}</text>')
    # Proportional growth through the last point of the first series, as far as the picture goes.
    last = series[0]["points"][-1]
    start = max(min(xs), last["x"] * low / last["y"])
    out.append(
        f'<line x1="{px(start):.1f}" y1="{py(last["y"] * start / last["x"]):.1f}" x2="{px(last["x"]):.1f}" '
        f'y2="{py(last["y"]):.1f}" class="linear"/>')
    for number, s in enumerate(series):
        colour = COLOURS[number]
        points = " ".join(f'{px(p["x"]):.1f},{py(p["y"]):.1f}' for p in s["points"])
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for p in s["points"]:
            out.append(f'<circle cx="{px(p["x"]):.1f}" cy="{py(p["y"]):.1f}" r="3" fill="{colour}"/>')
        out.append(f'<text x="{shift + LEFT + 8}" y="{TOP + 14 + 16 * number}" style="fill:{colour}">{s["name"]}</text>')
    out.append(f'<text x="{shift + LEFT}" y="{TOP - 14}" class="title">{series[0]["y"]}</text>')
    middle = shift + (LEFT + WIDTH - RIGHT) / 2
    out.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{series[0]["x"]}</text>')
    return "\n".join(out)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        series = json.load(file)
    panels: dict[str, list[dict]] = {}
    for s in series:
        panels.setdefault(s["x"], []).append(s)
    width = WIDTH * len(panels)
    body = "\n".join(panel(group, WIDTH * number) for number, group in enumerate(panels.values()))
    style = (
        "text{font:11px sans-serif;fill:#333}.title{font-weight:bold}.grid{stroke:#ddd}"
        ".linear{stroke:#999;stroke-dasharray:4 4}")
    with open(sys.argv[2], "w") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
            f'viewBox="0 0 {width} {HEIGHT}">\n<style>{style}</style>\n'
            f'<rect width="{width}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n')


main()
