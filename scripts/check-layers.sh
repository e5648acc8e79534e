#!/bin/sh
# Checks the package against scripts/layers.txt: targets depend only on lower ones, C and engines stay where they
# belong, and the table in docs/architecture.md says the same. With --write it writes that table.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
command -v python3 >/dev/null || { echo "check-layers: python3 is missing" >&2; exit 1; }
manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
swift package --package-path "$root" dump-package >"$manifest"
python3 - "$root" "$manifest" "${1:-}" <<'PYTHON'
import json, pathlib, re, sys

root = pathlib.Path(sys.argv[1])
faults = []
rules, table = {}, []  # targets in order
number = name = None
for line in (root / "scripts" / "layers.txt").read_text().splitlines():
    if heading := re.match(r"# (\d+) (\w+)$", line):
        number, name = int(heading[1]), heading[2]
    elif line and not line.startswith("#"):
        target, rule, sentence = (part.strip() for part in line.split("|", 2))
        rules[target] = rule.split()
        only = [r.removeprefix("only:") for r in rules[target] if r.startswith("only:")]
        users = f"; for {', '.join(f'`{u}`' for u in only[0].split(','))} only" if only else ""
        table.append(f"| {number} {name} | `{target}` | {sentence}{users} |")

def having(prefix):
    return {t: r.removeprefix(prefix).split(",") for t, all in rules.items() for r in all if r.startswith(prefix)}

place = {target: index for index, target in enumerate(rules)}
only, banned, pure = having("only:"), having("no:"), {t for t, r in rules.items() if "pure" in r}
dependencies = {}
for target in json.loads(pathlib.Path(sys.argv[2]).read_text())["targets"]:
    dependencies[target["name"]] = [next(iter(d.values()))[0] for d in target["dependencies"]]
    if target["type"] in ("test", "plugin") or target["name"] == "EADTestKit":
        continue
    if target["name"] not in rules:
        faults.append(f"{target['name']} has no line in scripts/layers.txt")
        continue
    for other in dependencies[target["name"]]:
        if other in place and place[other] > place[target["name"]]:
            faults.append(f"{target['name']} depends on {other}, which is not below it")
        if target["name"] not in only.get(other, [target["name"]]):
            faults.append(f"{target['name']} depends on {other}, which only {', '.join(only[other])} may")
faults += [f"scripts/layers.txt has {t}, the package has not" for t in rules if t not in dependencies]

def reach(name):
    seen, todo = set(), [name]
    while todo:
        for other in dependencies.get(todo.pop(), []):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen

for target, names in banned.items():
    faults += [f"{target} links {other}" for other in names if other in reach(target)]
for path in sorted([*root.glob("Sources/*/**/*.swift"), *root.glob("Benchmarks/*/**/*.swift")]):
    target = path.relative_to(root).parts[1]
    for module in re.findall(r"^(?:package |internal |@\w+ )*import (\w+)", path.read_text(), re.M):
        if target not in only.get(module, [target]):
            faults.append(f"{path.relative_to(root)} imports {module}")
        if target in pure and (module in {"Foundation", "Logging", "Metrics"} or module.startswith("C")):
            faults.append(f"{path.relative_to(root)} imports {module}, but {target} is pure")

page = root / "docs" / "architecture.md"
begin, end = "<!-- layers -->\n", "<!-- end of layers -->\n"
text = page.read_text()
before, rest = text.split(begin)
after = rest.split(end)[1]
wanted = before + begin + "\n".join(["| layer | target | what lives there |", "|---|---|---|", *table]) + "\n" + end + after
if sys.argv[3] == "--write":
    page.write_text(wanted)
elif text != wanted:
    faults.append("the table in docs/architecture.md differs from scripts/layers.txt; run scripts/check-layers.sh --write")
for fault in faults:
    print("check-layers: " + fault, file=sys.stderr)
sys.exit(1 if faults else 0)
PYTHON
