#!/usr/bin/env python3
"""Troubles small runs at random, and compares what they compute with a calm run.

Processes are killed, stopped and ended; as root, each is a host of its own (a network namespace) whose way to another one is
cut, and the disk of the run (a tmpfs) fills up. EAD_CTL is a build of ead-ctl; the other binaries lie beside it. Every process
that ends is started again, until the run is finished. Rounds follow each other until the time is over; each has a seed of its
own, and says it when it fails.
"""
import argparse
import json
import math
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL", type=pathlib.Path)
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--seed", type=int, default=None, help="of the first round (default: by chance)")
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--port", type=int, default=17751)
options = parser.parse_args()
nodes = ["controller", "learner", "worker-1", "worker-2"]
# A learner writes a checkpoint of all weights and both moments, and keeps two beside the one it writes.
disk_bytes = 9 << 30
# The status of a process whose disk or network failed.
io_failed = 74


class Hosts:
    """A network namespace per node on one bridge, and a disk that can be full; only root can have them."""

    def __init__(self, name):
        self.name = name
        self.bridge = f"{name}-net"
        self.addresses = {node: f"10.213.77.{place + 1}" for place, node in enumerate(nodes)}

    def of(self, node):
        return f"{self.name}-{node}"

    def run(self, *command, check=True):
        subprocess.run([str(part) for part in command], check=check, capture_output=not check)

    def start(self):
        self.run("ip", "netns", "add", self.bridge)
        self.run("ip", "-n", self.bridge, "link", "add", "bridge", "type", "bridge")
        self.run("ip", "-n", self.bridge, "link", "set", "bridge", "up")
        for place, node in enumerate(nodes):
            host, outer = self.of(node), f"{self.name[-6:]}{place}"
            self.run("ip", "netns", "add", host)
            self.run("ip", "link", "add", outer, "netns", self.bridge, "type", "veth", "peer", "name", "eth0", "netns", host)
            self.run("ip", "-n", self.bridge, "link", "set", outer, "master", "bridge", "up")
            self.run("ip", "-n", host, "link", "set", "lo", "up")
            self.run("ip", "-n", host, "addr", "add", f"{self.addresses[node]}/24", "dev", "eth0")
            self.run("ip", "-n", host, "link", "set", "eth0", "up")

    def end(self):
        for name in [self.bridge, *map(self.of, nodes)]:
            self.run("ip", "netns", "del", name, check=False)

    def cut(self, one, other, is_cut):
        """Whether nothing goes from the one to the other; what comes back is without an answer then, too."""
        self.run(
            "ip", "-n", self.of(one), "route", "add" if is_cut else "del", "blackhole", f"{self.addresses[other]}/32",
            check=False)

    def mount(self, directory):
        self.run("mount", "-t", "tmpfs", "-o", f"size={disk_bytes}", "ead-soak", directory)

    def unmount(self, directory):
        self.run("umount", "-l", directory, check=False)


hosts = Hosts(f"eadsoak{os.getpid()}") if os.geteuid() == 0 and shutil.which("ip") else None


def address(node):
    return hosts.addresses[node] if hosts else "127.0.0.1"


def security(directory):
    """Keys of every node, which other hosts than this one need."""
    if not hosts:
        return ""
    lines = ["security:", "  mode: curve", "  public_keys:"]
    for node in [*nodes, "control"]:
        made = subprocess.run(
            [options.control, "keygen", node, "--directory", directory / "keys"], check=True, capture_output=True, text=True)
        lines.append("    " + next(line for line in made.stdout.splitlines() if line.strip().startswith(node + ":")).strip())
    return "\n".join(lines)


def settings(directory):
    (directory / "cluster.yaml").write_text(f"""
run: {{name: soak, seed: 5, steps: {options.steps}, directory: run}}
task: {{kind: add2, held_out: 8}}
training: {{prompts_per_step: 3, samples_per_prompt: 4, learning_rate: 1.0e-5, max_idle_steps: 0}}
algorithm: {{advantage: reinforce++}}
evaluation: {{before: false, after: true, samples: 2}}
sampling: {{max_tokens: 8}}
checkpoint: {{every: 4, keep: 2}}
protocol: {{heartbeat_interval: 200ms, dead_after: 2s, request_timeout: 1s, backoff: {{initial: 50ms, maximum: 500ms}}}}
nodes:
  controller: {{endpoint: "tcp://{address("controller")}:{options.port}"}}
  learner: {{endpoint: "tcp://{address("learner")}:{options.port + 1}"}}
  workers: [{{name: worker-1, lanes: 8}}, {{name: worker-2, lanes: 8}}]
{security(directory)}
""")


def hashes(directory):
    found = {}
    for line in (directory / "run" / "run.jsonl").read_text().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["kind"] == "step":
            found[record["step"]] = record["notes"]["root_hash"]
    return found


class Round:
    def __init__(self, directory, dice):
        self.directory, self.dice, self.faults = directory, dice, []
        self.processes, self.due, self.stopped = {}, {node: 0.0 for node in nodes}, {}
        # Until when: links that are cut, the disk that is full.
        self.cuts, self.full, self.emptied = {}, None, -math.inf
        settings(directory)

    def start(self, node):
        log = open(self.directory / f"{node}.log", "a")
        role = node.split("-")[0]
        host = ["ip", "netns", "exec", hosts.of(node)] if hosts else []
        self.processes[node] = subprocess.Popen(
            [*host, options.control.parent / f"ead-{role}", "--cluster", self.directory / "cluster.yaml", "--node", node],
            stdout=log, stderr=log)

    def is_finished(self):
        log = self.directory / "controller.log"
        return log.exists() and "the run is finished" in log.read_text()

    def fault(self, now):
        alive = [node for node in nodes if node in self.processes and node not in self.stopped]
        if not alive:
            return
        kinds = ["kill", "kill", "two", "stop", "stop", "end"] + (["cut", "cut", "full"] if hosts else [])
        kind = self.dice.choice(kinds)
        if kind == "cut":
            self.faults.append(kind)
            one, other = self.dice.sample(nodes, 2)
            hosts.cut(one, other, True)
            self.cuts[one, other] = now + self.dice.uniform(0.5, 12)
            return
        if kind == "full":
            if self.full is None:
                self.faults.append(kind)
                self.full = now + self.dice.uniform(0.5, 6)
                self.fill()
            return
        for node in self.dice.sample(alive, min(len(alive), 2 if kind == "two" else 1)):
            self.faults.append(kind)
            if kind == "stop":
                self.processes[node].send_signal(signal.SIGSTOP)
                self.stopped[node] = now + self.dice.uniform(0.2, 5)
            else:
                self.processes[node].send_signal(signal.SIGTERM if kind == "end" else signal.SIGKILL)

    def fill(self):
        """Takes all that is free on the disk of the run."""
        with open(self.directory / "run" / "ballast", "ab") as file:
            size, part = 0, shutil.disk_usage(self.directory / "run").free
            while part >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), size, part)
                    size += part
                except OSError:
                    # Somebody else took some of it.
                    part //= 2

    def mend(self, now):
        for node, due in list(self.stopped.items()):
            if due <= now:
                self.processes[node].send_signal(signal.SIGCONT)
                del self.stopped[node]
        for link, due in list(self.cuts.items()):
            if due <= now:
                hosts.cut(*link, False)
                del self.cuts[link]
        if self.full is not None and self.full <= now:
            (self.directory / "run" / "ballast").unlink(missing_ok=True)
            self.full = None
            self.emptied = now

    def run(self, until, patience=900):
        """Faults come until that time; whoever has ended is started again until the run is finished and all have left."""
        begin, following = time.monotonic(), time.monotonic() + 3
        while True:
            now = time.monotonic()
            if now > begin + patience:
                raise RuntimeError(f"not finished after {patience} s and {len(self.faults)} faults")
            self.mend(now)
            for node, process in list(self.processes.items()):
                status = process.poll()
                if status is None:
                    continue
                del self.processes[node]
                # Fenced by a successor, told to end (perhaps before it could hear that), killed, without disk: anything
                # else is a fault of its own.
                if status not in (0, 75, -signal.SIGKILL, -signal.SIGTERM) and not self.lacks_disk(status, now):
                    raise RuntimeError(f"{node} ended with {status}")
                self.due[node] = now + self.dice.uniform(0, 1)
            if self.is_finished() and "controller" not in self.processes:
                checkpoint = self.directory / "run" / "checkpoints" / f"step-{options.steps:06}"
                if checkpoint.exists():
                    return
            for node in nodes:
                if node not in self.processes and self.due[node] <= now:
                    self.start(node)
            if self.dice and now < until and now >= following and not self.is_finished():
                self.fault(now)
                following = now + self.dice.uniform(0.2, 2.5)
            time.sleep(0.05)

    def lacks_disk(self, status, now):
        return status == io_failed and (self.full is not None or now < self.emptied + 30)

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        for link in self.cuts:
            hosts.cut(*link, False)


def play(directory, dice, until):
    directory.mkdir()
    if hosts:
        (directory / "run").mkdir()
        hosts.mount(directory / "run")
    played = Round(directory, dice)
    try:
        played.run(until)
        return hashes(directory), played.faults
    except RuntimeError as failure:
        kept = pathlib.Path(tempfile.gettempdir()) / f"ead-soak-{directory.name}"
        ignored = shutil.ignore_patterns("checkpoints", "ballast")
        shutil.copytree(directory, kept, dirs_exist_ok=True, ignore=ignored)
        sys.exit(f"seed {directory.name}: {failure}; everything but checkpoints is in {kept}")
    finally:
        played.end()
        if hosts:
            hosts.unmount(directory / "run")


def soak(base):
    calm, _ = play(base / "calm", random.Random(0), until=0)
    print(f"calm: {options.steps} steps, {calm[options.steps - 1]}", flush=True)
    if not hosts:
        print("not root: no links are cut, and no disk is full", flush=True)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        found, faults = play(base / str(seed), random.Random(seed), until=end)
        if found != calm:
            sys.exit(f"seed {seed}: computed {found}")
        counts = ", ".join(f"{faults.count(kind)} {kind}" for kind in sorted(set(faults)))
        print(f"seed {seed}: the same weights after {len(faults)} faults ({counts})", flush=True)
        shutil.rmtree(base / str(seed), ignore_errors=True)
        seed += 1


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
    try:
        if hosts:
            hosts.start()
        soak(pathlib.Path(scratch))
    finally:
        if hosts:
            hosts.end()
