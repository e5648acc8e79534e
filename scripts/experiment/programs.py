"""Programs that the runner starts: they end when it ends, whichever way."""
import ctypes
import os
import random
import signal
import socket
import subprocess
import threading

libc = ctypes.CDLL(None)


class Stopped(Exception):
    """The runner was told to stop; the same command goes on from there."""


class Failed(Exception):
    """A program ended with a status that says so."""


class Programs:
    """Runs programs for several threads, and stops all of them at once."""

    def __init__(self, control):
        self.control = control
        self.lock = threading.Lock()
        self.running = set()
        self.stopping = False
        self.ports = set()

    def run(self, arguments, log, watch=lambda: None, good=(0,)):
        """Runs ead-ctl to the end, calling `watch` about once a second; `good` are the statuses that are no failure."""
        parent = os.getpid()

        def begin():
            # Linux: this program is told to stop when the thread that started it is no more.
            libc.prctl(1, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        with self.lock:
            if self.stopping:
                raise Stopped
            with open(log, "a") as output:
                process = subprocess.Popen(
                    [str(word) for word in (self.control, *arguments)],
                    stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                    start_new_session=True, preexec_fn=begin,
                )
            self.running.add(process)
        try:
            while True:
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    pass
                watch()
                if process.returncode is not None:
                    break
        finally:
            with self.lock:
                self.running.discard(process)
        if self.stopping:
            raise Stopped
        if process.returncode not in good:
            raise Failed(f"ead-ctl {' '.join(str(word) for word in arguments)} ended with {process.returncode}; see {log}")

    def stop(self):
        with self.lock:
            self.stopping = True
            for process in self.running:
                process.send_signal(signal.SIGINT)

    def port(self):
        """A port that nobody listens on, of those that the system gives to nobody by itself."""
        with self.lock:
            while True:
                port = random.randrange(20000, 30000)
                if port in self.ports:
                    continue
                with socket.socket() as probe:
                    try:
                        probe.bind(("127.0.0.1", port))
                    except OSError:
                        continue
                self.ports.add(port)
                return port
