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
    """Runs ead-ctl for several threads, and stops what runs at once."""

    def __init__(self, control):
        self.control = control
        self.lock = threading.Lock()
        # How often somebody asked to stop; each program is told as often.
        self.asked = 0
        self.ports = set()

    @property
    def stopping(self):
        return self.asked > 0

    def run(self, arguments, log, watch=lambda: None, good=(0,)):
        """Runs ead-ctl to the end, calling `watch` about once a second; `good` are the statuses that are no failure."""
        parent = os.getpid()

        def begin():
            # Linux: this program is told to stop when the thread that started it is no more.
            libc.prctl(1, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        if self.stopping:
            raise Stopped
        with open(log, "a") as output:
            process = subprocess.Popen(
                [str(word) for word in (self.control, *arguments)],
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True, preexec_fn=begin,
            )
        told = 0
        while process.returncode is None:
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                pass
            watch()
            if process.returncode is None and told < self.asked:
                process.send_signal(signal.SIGINT)
                told += 1
        if self.stopping:
            raise Stopped
        if process.returncode not in good:
            raise Failed(f"ead-ctl {' '.join(str(word) for word in arguments)} ended with {process.returncode}; see {log}")

    def stop(self):
        """Asks; called by a signal, so it waits for nothing."""
        self.asked += 1

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
