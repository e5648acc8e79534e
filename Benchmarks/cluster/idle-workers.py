#!/usr/bin/env python3
"""Measures what idle workers cost the controller: its processor time per second while so many of them wait for a lease.

EAD_CTL is a release build of ead-ctl; the other binaries lie beside it. One real worker is asked for its hello, of which
the others' are made; they keep up their membership as real ones do, in this process.
"""
import argparse
import os
import pathlib
import selectors
import socket
import subprocess
import sys
import tempfile
import time

GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48


# --- protobuf: a message as a list of [field, value], bytes for what has a length

def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def encode(fields):
    out = b""
    for field, value in fields:
        if isinstance(value, bytes):
            out += varint(field << 3 | 2) + varint(len(value)) + value
        else:
            out += varint(field << 3) + varint(value)
    return out


def decode(data):
    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    fields, at = [], 0
    while at < len(data):
        key = number()
        if key & 7 == 2:
            length = number()
            fields.append([key >> 3, data[at:at + length]])
            at += length
        else:
            fields.append([key >> 3, number()])
    return fields


# --- ZMTP 3.0 without security

def frame(body, flags=0):
    return bytes([flags]) + bytes([len(body)]) + body if len(body) < 256 else \
        bytes([flags | 2]) + len(body).to_bytes(8, "big") + body


def ready(kind, identity):
    def item(name, value):
        return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
    body = b"\x05READY" + item(b"Socket-Type", kind) + item(b"Identity", identity)
    return frame(body, 4)


class Wire:
    """One connection; `take` gives the messages that have come whole, and answers pings."""

    def __init__(self, peer, kind, identity=b""):
        self.socket, self.data, self.isGreeted, self.isReady = peer, b"", False, False
        peer.setblocking(False)
        self.send(GREETING + ready(kind, identity))

    def send(self, data):
        self.socket.setblocking(True)
        self.socket.sendall(data)
        self.socket.setblocking(False)

    def take(self):
        try:
            while chunk := self.socket.recv(1 << 16):
                self.data += chunk
            sys.exit("a connection was closed")
        except BlockingIOError:
            pass
        if not self.isGreeted and len(self.data) >= 64:
            self.isGreeted, self.data = True, self.data[64:]
        messages = []
        while self.isGreeted and len(self.data) >= 2:
            flags, start = self.data[0], 9 if self.data[0] & 2 else 2
            if len(self.data) < start:
                break
            length = int.from_bytes(self.data[1:start], "big")
            if len(self.data) < start + length:
                break
            body, self.data = self.data[start:start + length], self.data[start + length:]
            if flags & 4:
                self.isReady = self.isReady or body.startswith(b"\x05READY")
                if body.startswith(b"\x04PING"):
                    self.send(frame(b"\x04PONG" + body[7:], 4))
            elif body:
                messages.append(body)
        return messages


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("control", metavar="EAD_CTL", type=pathlib.Path)
parser.add_argument("--workers", type=int, default=200)
parser.add_argument("--seconds", type=float, default=20)
parser.add_argument("--port", type=int, default=17731)
parser.add_argument("--viewer", action="store_true", help="measure once more with a browser's event stream open")
options = parser.parse_args()

with tempfile.TemporaryDirectory() as scratch:
    directory = pathlib.Path(scratch)
    names = [f"worker-{index}" for index in range(options.workers)]
    (directory / "cluster.yaml").write_text(f"""
run: {{name: idle, steps: 9}}
task: {{kind: add2, held_out: 0}}
training: {{prompts_per_step: 8, samples_per_prompt: 8, learning_rate: 1.0e-6}}
evaluation: {{before: false, after: false}}
sampling: {{max_tokens: 8}}
observe: {{endpoint: "127.0.0.1:{options.port + 2}"}}
nodes:
  controller: {{endpoint: "tcp://127.0.0.1:{options.port}"}}
  learner: {{endpoint: "tcp://127.0.0.1:{options.port + 1}"}}
  workers: [{", ".join(f"{{name: {name}}}" for name in names)}]
""")

    def start(role, *more):
        log = open(directory / f"{role}.log", "w")
        return subprocess.Popen(
            [options.control.parent / f"ead-{role}", "--cluster", directory / "cluster.yaml", *more],
            stdout=log, stderr=log)

    # The hello of a real worker.
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        worker = start("worker", "--node", names[0])
        listener.settimeout(60)
        wire = Wire(listener.accept()[0], b"ROUTER")
        hello = None
        while not hello:
            time.sleep(0.01)
            hello = next(iter(wire.take()), None)
            if worker.poll() is not None:
                sys.exit((directory / "worker.log").read_text())
        worker.kill()
        worker.wait()
        wire.socket.close()
    controller = start("controller")

    def envelope(name, number, epoch, run, body):
        fields = [[1, dict(decode(hello))[1]]] + ([[2, run]] if run else []) + [[3, name.encode()]]
        return encode(fields + ([[4, epoch]] if epoch else []) + [[5, number], body])

    class Member:
        def __init__(self, name):
            self.name, self.epoch, self.run, self.number = name, 0, b"", 0
            while True:
                try:
                    peer = socket.create_connection(("127.0.0.1", options.port))
                    break
                except ConnectionRefusedError:
                    time.sleep(0.1)
            self.wire = Wire(peer, b"DEALER", name.encode())
            # Whoever speaks before both are ready is cut off.
            while not self.wire.isReady:
                time.sleep(0.001)
                self.wire.take()
            said = [[field, os.urandom(16) if field == 2 else value]
                    for field, value in decode(dict(decode(hello))[16])]
            self.say([16, encode(said)])
            self.due = None

        def say(self, body):
            self.number += 1
            self.wire.send(frame(envelope(self.name, self.number, self.epoch, self.run, body)))

        def hear(self, now):
            for message in self.wire.take():
                fields = dict(decode(message))
                if 17 in fields:
                    welcome = dict(decode(fields[17]))
                    self.run, self.epoch, self.due = welcome[1], welcome[2], now
                elif 18 in fields:
                    sys.exit(f"refused: {dict(decode(fields[18]))[2].decode()}")

        def beat(self, now):
            if self.due is not None and self.due <= now:
                self.due = now + 1
                counters = [[14, encode([[1, name], [2, 7]])] for name in (b"groups_sent", b"chunks_fetched")]
                self.say([19, encode([
                    [2, b"a lease"], [3, 1000], [4, 9], [5, 9], [8, 4], [10, 1 << 30], [12, 2], [13, 1]] + counters)])

    members = []
    selector = selectors.DefaultSelector()

    def run(until):
        while not until():
            now = time.monotonic()
            for key, _ in selector.select(0.02):
                key.data.hear(now)
            for member in members:
                member.beat(now)

    for name in names:
        member = Member(name)
        members.append(member)
        selector.register(member.wire.socket, selectors.EVENT_READ, member)
        run(lambda: member.epoch)

    def processor():
        fields = pathlib.Path(f"/proc/{controller.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure():
        begin = time.monotonic()
        run(lambda: time.monotonic() > begin + 3)
        before, begin = processor(), time.monotonic()
        run(lambda: time.monotonic() > begin + options.seconds)
        return (processor() - before) / (time.monotonic() - begin)

    class Viewer:
        """Reads what a page is sent, and lets it go."""

        def __init__(self):
            self.socket = socket.create_connection(("127.0.0.1", options.port + 2))
            self.socket.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            self.socket.setblocking(False)
            self.bytes = 0

        def hear(self, now):
            self.bytes += len(self.socket.recv(1 << 20))

    share = measure()
    if options.viewer:
        viewer = Viewer()
        selector.register(viewer.socket, selectors.EVENT_READ, viewer)
        watched = measure()
        print(f"one viewer: {100 * (watched - share):.1f} % of a core more, {viewer.bytes / (options.seconds + 3) / 1000:.0f} KB/s")
    status = subprocess.run([options.control, "status", "--cluster", directory / "cluster.yaml"],
                            capture_output=True, text=True).stdout
    print(f"{options.workers} idle workers cost the controller {100 * share:.1f} % of a core")
    if status.count(" alive ") != options.workers:
        sys.exit("some of them are not alive:\n" + status)
    controller.terminate()
    controller.wait()
