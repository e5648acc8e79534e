#!/usr/bin/env python3
"""Lists declarations of Sources that nothing in Sources or Benchmarks names again: dead, or alive in tests only.

It counts words, so a dead function that shares its name with a living one goes unnoticed; what it does find is real.
A declaration that something outside the sources calls (a protocol of a library, a property read by reflection) has its
reason in scripts/check-dead.allow, one `name: reason` a line.
"""
import collections
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
comment = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
word = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
declared = re.compile(
    r"^\s*(?:@(?!main\b)\w+(?:\([^)]*\))?\s+)*"
    r"(?:(?:package|internal|private|fileprivate|static|final|mutating|nonisolated|indirect|override|borrowing|consuming|"
    r"private\(set\)|package\(set\)|nonisolated\(unsafe\))\s+)*"
    r"(?:func|var|let|case|struct|enum|class|actor|protocol|typealias)\s+([A-Za-z_]\w*)",
    re.M,
)

allowed = {}
for line in (root / "scripts" / "check-dead.allow").read_text().splitlines():
    if line and not line.startswith("#"):
        name, _, reason = line.partition(":")
        allowed[name] = reason.strip()

uses: collections.Counter[str] = collections.Counter()
places: dict[str, list[str]] = {}
for path in sorted([*root.glob("Sources/**/*.swift"), *root.glob("Benchmarks/**/*.swift")]):
    # The kit exists for the tests.
    if "EADTestKit" in path.parts:
        continue
    text = comment.sub("", path.read_text())
    uses.update(word.findall(text))
    for match in declared.finditer(text):
        line = text[match.start(1) : text.find("\n", match.start(1))]
        # A pattern of a switch is no declaration, nor is the type that a command begins with.
        if re.search(r"\bcase\s", match.group(0)) and ":" in re.sub(r"\([^)]*\)", "", line):
            continue
        if "@main" in text[max(0, match.start() - 8) : match.end()]:
            continue
        # Locals are the compiler's business.
        indent = len(match.group(0)) - len(match.group(0).lstrip("\n ")) - match.group(0).count("\n")
        if indent <= 8 or " package " in match.group(0):
            places.setdefault(match.group(1), []).append(str(path.relative_to(root)))

faults = [f"{files[0]}: {name}" for name, files in places.items() if uses[name] <= len(files) and name not in allowed]
stale = [name for name in allowed if uses[name] > len(places.get(name, []))]
for fault in sorted(faults):
    print(f"check-dead: {fault} is named nowhere else in the sources", file=sys.stderr)
for name in stale:
    print(f"check-dead: {name} needs no line in scripts/check-dead.allow", file=sys.stderr)
sys.exit(1 if faults or stale else 0)
