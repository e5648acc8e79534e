#!/usr/bin/env python3
"""Looks at the dashboard of a real cluster with a headless Chromium.

    scripts/check-dashboard.py BINARIES [--screenshots DIRECTORY]

BINARIES is a directory with the four commands. What the page shows has to be what `ead-ctl status --json` says; a killed worker has to
appear as dead within its deadline and some seconds; texts of problems that look like markup have to stay text; the first page with all
it loads has to be at most 100 KB. Exit status: 0 as it should be, 1 not, 0 with a line where there is no Chromium.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HOSTILE = "<script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\">"
FIRST_PAINT = 100_000


def fail(message):
    sys.exit(f"check-dashboard: {message}")


class Browser:
    """Chromium over its debugging pipe: JSON messages that end with a zero byte, on descriptors 3 and 4."""

    def __init__(self, program, profile):
        (inward, self.commands), (self.answers, outward) = os.pipe(), os.pipe()

        def wire():
            # Through copies, in case a pipe is on one of the two itself.
            first, second = os.dup(inward), os.dup(outward)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
             "--no-first-run", "--no-proxy-server", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.buffer, self.number, self.events = b"", 0, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                part = os.read(self.answers, 1 << 16)
                if not part:
                    fail("Chromium ended")
                self.buffer += part
            text, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    fail(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            fail(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, what, expression, seconds):
        deadline = time.time() + seconds
        while time.time() < deadline:
            if self.value(expression):
                return
            time.sleep(0.2)
        fail(f"{seconds} s passed waiting for {what}; the page says: {self.value('document.body.innerText')}")

    def open(self, address, width=1200, height=900, dark=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url=address)
        self.wait("the page", f"document.readyState === 'complete' && location.href.startsWith('{address}')", 30)

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]))


def cluster_file(directory, ports):
    problems = [{"prompt": f"{HOSTILE} {n} + {n} =", "answer": str(2 * n)} for n in range(24)]
    (directory / "problems.jsonl").write_text("".join(json.dumps(line) + "\n" for line in problems))
    path = directory / "cluster.yaml"
    path.write_text(f"""
run: {{name: looked-at, seed: 1, steps: 1000, directory: run}}
task: {{kind: jsonl, path: problems.jsonl, held_out: 4}}
sampling: {{max_tokens: 4, schedule: {{kind: ead, tau_max: 1.2, tau_min: 0.5, d_0: 8}}}}
algorithm: {{correction: token-truncated}}
training: {{prompts_per_step: 2, samples_per_prompt: 4, learning_rate: 1.0e-6, max_idle_steps: 0}}
evaluation: {{before: true, after: false, every: 1, samples: 2}}
log: {{rollouts: {{every: 1}}, tensorboard: true}}
observe: {{endpoint: "127.0.0.1:{ports[2]}"}}
protocol: {{heartbeat_interval: 200ms, dead_after: 3s}}
nodes:
  controller: {{endpoint: "tcp://127.0.0.1:{ports[0]}"}}
  learner: {{endpoint: "tcp://127.0.0.1:{ports[1]}"}}
  workers: [{{name: worker-1, lanes: 8}}, {{name: worker-2, lanes: 8}}]
""")
    return path


def compare(browser, status):
    """Values of a paused run on the page and in the status."""
    last = max(status["steps"], key=lambda step: step["step"])["metrics"] if status["steps"] else {}
    shown = browser.value("""({
        name: document.getElementById('name').textContent,
        state: document.getElementById('state').textContent,
        steps: document.getElementById('steps').textContent,
        reward: document.getElementById('reward').textContent,
        entropy: document.getElementById('entropy').textContent,
        nodes: [...document.querySelectorAll('#nodes tr')].map(row => [...row.cells].slice(0, 6).map(cell => cell.textContent)),
        figures: Object.fromEntries([...document.querySelectorAll('#figures tr')].map(row => [row.cells[0].textContent, row.cells[1].textContent])),
        network: [...document.querySelectorAll('#nodes tr')].map(row => row.cells[8].textContent)})""")
    wanted = {
        "name": status["name"],
        "steps": f"{status['step']}/{status['totalSteps']}",
        "reward": f"{last['reward']:.3f}",
        "entropy": f"{last['entropy']:.3f}",
        "nodes": [[m["node"], m["role"], m["health"], m["activity"], str(m["policyVersion"]), str(len(m["leases"]))]
                  for m in status["members"]],
    }
    for key, value in wanted.items():
        if shown[key] != value:
            fail(f"{key}: the page says {shown[key]}, the status {value}")
    if not shown["state"].startswith("healthy, paused"):
        fail(f"the page says {shown['state']}")
    if shown["figures"].keys() != last.keys():
        fail(f"figures: {sorted(shown['figures'].keys() ^ last.keys())}")
    for key, value in last.items():
        if abs(float(shown["figures"][key]) - float(value)) > 1e-9 * max(1, abs(float(value))):
            fail(f"{key}: the page says {shown['figures'][key]}, the status {value}")
    if not all(" in, " in text for text in shown["network"]):
        fail(f"network: {shown['network']}")
    return len(last)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path)
    arguments = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        print("dashboard: SKIPPED, chromium is not installed")
        return
    binaries = arguments.binaries.resolve()
    with tempfile.TemporaryDirectory(prefix="ead-dashboard") as name:
        directory = pathlib.Path(name)
        base = random.randrange(20000, 30000)
        ports = [base, base + 1, base + 2]
        file = cluster_file(directory, ports)
        (directory / "run").mkdir()

        def control(*words, check=True):
            return subprocess.run([binaries / "ead-ctl", *words, "--cluster", file], capture_output=True, text=True, check=check)

        def status():
            return json.loads(control("status", "--json", check=False).stdout)

        roles, browser = {}, None
        try:
            for node in ("controller", "learner", "worker-1", "worker-2"):
                command = [binaries / f"ead-{node.split('-')[0]}", "--cluster", file, "--node", node]
                with open(directory / "run" / f"{node}.log", "w") as log:
                    roles[node] = subprocess.Popen(command, stdout=log, stderr=log)
            browser = Browser(program, directory / "profile")
            address = f"http://127.0.0.1:{ports[2]}/"
            for _ in range(300):
                if subprocess.run(["curl", "-s", "-o", directory / "nothing", address]).returncode == 0:
                    break
                time.sleep(0.1)
            browser.open(address)
            browser.wait("a step", "steps.size > 0", 300)

            # Everything the first page loads, a second of events included.
            browser.events.clear()
            browser.open("about:blank")
            browser.ask("Network.setCacheDisabled", cacheDisabled=True)
            browser.events.clear()
            browser.open(address)
            browser.wait("the first event", "document.getElementById('steps').textContent !== '-'", 10)
            received = sum(event["params"]["encodedDataLength"] for event in browser.events
                           if event.get("method") in ("Network.dataReceived", "Network.loadingFinished")
                           and event["method"] == "Network.dataReceived")
            elsewhere = [event["params"]["request"]["url"] for event in browser.events
                         if event.get("method") == "Network.requestWillBeSent"
                         and not event["params"]["request"]["url"].startswith(address)]
            received += len(browser.value("document.documentElement.outerHTML"))
            if received > FIRST_PAINT:
                fail(f"the first page takes {received} bytes")
            if [url for url in elsewhere if not url.startswith("about:")]:
                fail(f"the page asks {elsewhere}")

            control("pause")
            browser.wait("the pause", "document.getElementById('state').textContent.startsWith('healthy, paused')", 120)
            deadline = time.time() + 60
            while any(member["leases"] for member in status()["members"]) and time.time() < deadline:
                time.sleep(0.2)
            time.sleep(2.5)
            figures = compare(browser, status())
            if arguments.screenshots:
                for width, dark in ((1200, False), (400, False), (1200, True)):
                    browser.open(address, width, 900 if width > 1000 else 1500, dark)
                    browser.wait("an event", "document.getElementById('steps').textContent !== '-'", 10)
                    browser.screenshot(arguments.screenshots / f"dashboard-{width}{'-dark' if dark else ''}.png")
                browser.open(address)
            control("resume")

            roles["worker-2"].send_signal(signal.SIGKILL)
            killed = time.time()
            browser.wait("the dead worker", "[...document.querySelectorAll('#nodes tr')].some(row => "
                         "row.cells[0].textContent === 'worker-2' && row.cells[2].textContent === 'dead')", 3 + 10)
            appeared = time.time() - killed

            for page in ("run", "runs", f"report?run=run"):
                browser.open(address + page)
                if browser.value("window.hacked") is not None or browser.value("document.querySelectorAll('script, img').length"):
                    fail(f"/{page} ran what a problem says")
            browser.open(address + "run")
            if HOSTILE not in browser.value("document.body.innerText"):
                fail("the report does not show the problem's text")
            if not browser.value("document.querySelectorAll('span.t0, span.t4').length > 0"):
                fail("the report shows no temperatures of tokens")
            browser.open(address)
            browser.wait("the dead worker, again", "document.body.innerText.includes('worker-2')", 10)
            version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
            print(f"dashboard: {version}; {figures} figures as in the status, first page {received} bytes, "
                  f"a killed worker is dead after {appeared:.1f} s (dead_after 3 s), hostile texts stay texts")
        finally:
            if browser:
                browser.process.kill()
                browser.process.wait()
            for process in roles.values():
                process.kill()
                process.wait()


main()
