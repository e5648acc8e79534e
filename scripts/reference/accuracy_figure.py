"""The table and the figure of docs/numerics.md about accuracy, from what torch (torch_accuracy.py) and the engine's tests computed.

    EAD_ACCURACY=1 swift test --filter AccuracyTests > accuracy.txt
    python3 scripts/reference/accuracy_figure.py --ours accuracy.txt --fixtures Tests/EADTransformerTests/Fixtures \
        --figure docs/accuracy.svg

Prints the table in Markdown; the figure follows the reader's light or dark scheme.
"""

import argparse
import json
import math
from pathlib import Path

# Name, colour in light and dark, dashes.
STYLES = {
    "torch f32": ("#6b6b6b", "#a8a8a8", ""),
    "EAD f32": ("#1f5fa8", "#6fa8e8", "5 3"),
    "EAD bf16": ("#1f5fa8", "#6fa8e8", ""),
    "torch autocast": ("#2e7d4f", "#69c08d", ""),
    "torch bf16": ("#c1542d", "#f08a5d", ""),
}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 900, 320, 56, 40, 44, 76


def read(options):
    arms = {}
    torch = json.loads((options.fixtures / "accuracy.json").read_text())["arms"]
    for name in torch:
        arm = torch[name]
        arms["torch " + name] = {
            "logits": [arm["logits"]["largest"], arm["logits"]["mean"]],
            "gradients": [arm["gradients"]["norm"], arm["gradients"]["entries"]],
            "losses": arm["losses"],
        }
    for line in options.ours.read_text().splitlines():
        if line.startswith("accuracy "):
            _, precision, name, *values = line.split()
            arms.setdefault("EAD " + precision, {})[name] = [float(x) for x in values]
    return arms


def distances(arm, reference):
    return [abs(a - b) for a, b in zip(arm["losses"], reference["losses"], strict=True)]


def table(arms):
    short = lambda x: f"{x:.1e}" if x < 1e-3 else f"{x:.2g}"
    print("| | logits, largest | logits, mean | gradient norm, worst tensor | gradient entries, rms | loss of 20 steps, largest | last |")
    print("|---|---|---|---|---|---|---|")
    for name in STYLES:
        arm = arms[name]
        apart = distances(arm, arms["torch f32"])
        cells = [*arm["logits"], *arm["gradients"], max(apart), apart[-1]]
        print(f"| {name} | " + " | ".join(short(x) if x else "0" for x in cells) + " |")


def panel(x0, title, arms, names, values, low, high, ticks, scale):
    """One set of axes with a line per arm over the steps 0 to n - 1."""
    width, bottom = (WIDTH - LEFT - GAP - 16) / 2, HEIGHT - BOTTOM
    steps = len(values[names[0]]) - 1
    x = lambda k: x0 + width * k / steps
    y = lambda v: bottom - (bottom - TOP) * (scale(v) - scale(low)) / (scale(high) - scale(low))
    parts = [f'<text class="title" x="{x0}" y="22">{title}</text>']
    for value, label in ticks:
        parts.append(f'<line class="grid" x1="{x0}" x2="{x0 + width:.0f}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{x0 - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{label}</text>')
    for k in range(0, steps + 1, 5):
        parts.append(f'<text x="{x(k):.0f}" y="{bottom + 16}" text-anchor="middle">{k}</text>')
    parts.append(f'<text x="{x0 + width / 2:.0f}" y="{bottom + 34}" text-anchor="middle">updates</text>')
    for name in names:
        points = " ".join(f"{x(k):.1f},{y(max(v, low)):.1f}" for k, v in enumerate(values[name]))
        parts.append(f'<polyline class="{name.replace(" ", "-")}" points="{points}"/>')
    return parts


def figure(arms):
    sheet = lambda column: "".join(
        f'.{name.replace(" ", "-")}{{stroke:{style[column]};'
        + (f"stroke-dasharray:{style[2]}" if style[2] else "") + "}"
        for name, style in STYLES.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        "<style>text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.grid{stroke:#ddd}.paper{fill:#fff}"
        "polyline{fill:none;stroke-width:2}" + sheet(0)
        + "@media (prefers-color-scheme:dark){text{fill:#ccc}.grid{stroke:#444}.paper{fill:#161616}" + sheet(1) + "}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    names = list(STYLES)
    losses = {name: arms[name]["losses"] for name in names}
    high = math.ceil(max(map(max, losses.values())))
    parts += panel(LEFT, "loss, nats per token", arms, names, losses, 0, high,
                   [(v, str(v)) for v in range(high + 1)], lambda v: v)
    apart = {name: distances(arms[name], arms["torch f32"]) for name in names if name != "torch f32"}
    bottom, top = 1e-7, 10.0
    ticks = [(10.0**e, str(10**e) if e >= 0 else f"1e{e}") for e in range(-7, 2)]
    second = LEFT + (WIDTH - LEFT - GAP - 16) / 2 + GAP
    parts += panel(round(second), "distance of the loss from torch f32", arms, list(apart), apart, bottom, top, ticks,
                   math.log10)
    # The legend stands where the curves of the right panel leave room.
    for row, name in enumerate(names):
        y = 138 + 16 * row
        parts.append(f'<polyline class="{name.replace(" ", "-")}" points="740,{y - 4} 766,{y - 4}"/>')
        parts.append(f'<text x="772" y="{y}">{name}</text>')
    return "\n".join(parts + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, required=True)
    parser.add_argument("--fixtures", type=Path, required=True)
    parser.add_argument("--figure", type=Path, required=True)
    options = parser.parse_args()
    arms = read(options)
    table(arms)
    options.figure.write_text(figure(arms))


if __name__ == "__main__":
    main()
