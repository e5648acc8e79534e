#!/usr/bin/env python3
"""Compares scripts/verifiers/math-verify with math-verify's own verdicts on its own test cases.

    scripts/verifiers/math-verify --install
    math_verify_cases.py [--cache DIRECTORY]

fetches the sdist of math-verify 0.9.0 (110 kB, verified by SHA-256), takes every pair of a right answer and a response from
its tests, asks the library in a process of its own and the program, and says where they differ. Ends with 1 if they do,
and with 77 and a line of why where PyPI cannot be reached.
"""
import argparse
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import types

SDIST = "math-verify==0.9.0"
SDIST_HASH = "45ac6c61344ba056b9e99a660a4bc8d044ed408f730aed68c60435aa5eec4645"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PROGRAM = os.path.join(ROOT, "scripts", "verifiers", "math-verify")


def cache_directory():
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "ead")


def sdist(cache):
    path = os.path.join(cache, "math_verify-0.9.0.tar.gz")
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "-q", "download", "--no-deps", "--no-binary", ":all:", SDIST, "-d", cache],
            capture_output=True, text=True,
        )
        if fetched.returncode != 0:
            print("skipped: PyPI cannot be had:", fetched.stderr.strip().split("\n")[-1])
            sys.exit(77)
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if digest != SDIST_HASH:
        sys.exit(f"{path} has the SHA-256 {digest} instead of {SDIST_HASH}; it is not used")
    return path


def cases(archive, directory):
    """Every (right answer, response, what the test expects with which settings) of the tests."""
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    found = []
    # What the tests need of pytest: the parameters of each test are collected and nothing is run.
    stub = types.ModuleType("pytest")

    class Mark:
        @staticmethod
        def parametrize(names, values):
            names = [name.strip() for name in names.split(",")]
            for value in values:
                row = dict(zip(names, value))
                if "gold" in row and "pred" in row:
                    found.append((row.pop("gold"), row.pop("pred"), row))
            return lambda function: function

    stub.mark = Mark
    sys.modules["pytest"] = stub
    root = os.path.join(directory, "math_verify-0.9.0")
    sys.path.insert(0, root)
    for name in sorted(os.listdir(os.path.join(root, "tests"))):
        # The last runs, and mocks the library's own timeouts.
        if re.fullmatch(r"test_\w+\.py", name) and name != "test_timeout.py":
            importlib.import_module("tests." + name[:-3])
    return found


def library(pairs):
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

    wanted = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]
    return [bool(verify(parse(gold, wanted), parse(pred, wanted))) for gold, pred in pairs]


def program(pairs):
    lines = "".join(
        json.dumps({"id": index, "prompt": "", "response": pred, "answer": gold, "metadata": {}}) + "\n"
        for index, (gold, pred) in enumerate(pairs)
    )
    run = subprocess.run([PROGRAM, "--limit", "20"], input=lines, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{PROGRAM} ended with {run.returncode}: {run.stderr}")
    replies = [json.loads(line) for line in run.stdout.splitlines()]
    assert [reply["id"] for reply in replies] == list(range(len(pairs)))
    return [reply["reward"] == 1 for reply in replies]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", default=os.path.join(cache_directory(), "reference"))
    options = parser.parse_args()
    environment = os.path.join(cache_directory(), "math-verify")
    python = os.path.join(environment, "bin", "python")
    if os.path.realpath(sys.prefix) != os.path.realpath(environment):
        if not os.path.exists(os.path.join(environment, "complete")):
            print("skipped: run scripts/verifiers/math-verify --install first")
            sys.exit(77)
        os.execv(python, [python, *sys.argv])
    archive = sdist(options.cache)
    collected = cases(archive, os.path.join(options.cache, "math-verify"))
    pairs = [(gold, pred) for gold, pred, _ in collected]
    own, ours = library(pairs), program(pairs)
    differing = 0
    for (gold, pred, row), theirs, here in zip(collected, own, ours):
        if theirs != here:
            differing += 1
            print(f"differs: answer {gold!r}, response {pred[-200:]!r}: library {theirs}, program {here}")
    expected = sum(bool(row.get("expected", row.get("result"))) == here for (_, _, row), here in zip(collected, ours))
    print(f"{len(pairs)} cases, {differing} differ from the library; {expected} are as the tests expect, some of which")
    print("ask for other settings than answers and responses are read with")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
