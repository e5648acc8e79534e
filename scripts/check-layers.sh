#!/bin/sh
# Checks that targets depend only on lower layers, and that C and heavy modules stay where they belong.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
command -v python3 >/dev/null || { echo "check-layers: python3 is missing" >&2; exit 1; }
manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
swift package --package-path "$root" dump-package >"$manifest"
python3 - "$root" "$manifest" <<'PYTHON'
import json, pathlib, re, sys

root = pathlib.Path(sys.argv[1])
layer = {}
for number, names in enumerate([
    ["CZMQ", "CEADMessages", "CEADKernels", "CEADPosix"],
    ["EADCore"],
    ["EADSampling", "EADAlgorithms", "EADTelemetry", "EADMessages", "EADTransport", "EADProtocol"],
    ["EADEnvironments", "EADEvaluation", "EADEngine", "EADReport", "EADDoctor"],
    ["EADConfiguration"],
    ["EADRuntime"],
    ["EADController", "EADLearner", "EADWorker"],
    ["ead-controller", "ead-learner", "ead-worker", "ead-ctl"],
]):
    for name in names:
        layer[name] = number
# Who may import what is quarantined.
only = {
    "CZMQ": {"EADTransport"},
    "CEADMessages": {"EADMessages"},
    "CEADKernels": {"EADEngine"},
}
pure = {"EADCore", "EADSampling", "EADAlgorithms", "EADEvaluation", "EADProtocol", "EADReport", "EADDoctor"}
faults = []
package = json.loads(pathlib.Path(sys.argv[2]).read_text())
dependencies = {}
for target in package["targets"]:
    names = [next(iter(d.values()))[0] for d in target["dependencies"]]
    dependencies[target["name"]] = names
    if target["type"] == "test" or target["name"] == "EADTestKit":
        continue
    if target["name"] not in layer:
        faults.append(f"{target['name']} has no layer in scripts/check-layers.sh")
        continue
    for name in names:
        if name in layer and layer[name] >= layer[target["name"]]:
            faults.append(f"{target['name']} depends on {name}, which is not below it")
        if name in only and target["name"] not in only[name]:
            faults.append(f"{target['name']} depends on {name}, which only {', '.join(only[name])} may")

def reach(name, seen):
    for other in dependencies.get(name, []):
        if other not in seen:
            seen.add(other)
            reach(other, seen)
    return seen

for name in ["ead-controller"]:
    if "EADEngine" in reach(name, set()):
        faults.append(f"{name} links the engine")
for path in sorted(root.glob("Sources/*/**/*.swift")):
    target = path.relative_to(root / "Sources").parts[0]
    for module in re.findall(r"^(?:public |package |internal |@\w+ )*import (\w+)", path.read_text(), re.M):
        if module in only and target not in only[module]:
            faults.append(f"{path.relative_to(root)} imports {module}")
        if target in pure and module in {"Foundation", "Logging", "Metrics"}:
            faults.append(f"{path.relative_to(root)} imports {module}, but {target} is pure")
for fault in faults:
    print("check-layers: " + fault, file=sys.stderr)
sys.exit(1 if faults else 0)
PYTHON
