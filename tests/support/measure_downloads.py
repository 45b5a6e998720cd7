"""How long a download takes over a line of a given speed, and what a `kill -9` in its middle costs.

    PYTHONPATH=tests python tests/support/measure_downloads.py [--round-trip 0.1] [--rate 5e6] [--mebibytes 94] [--kill]

A relay between `qwen3 pull` and the hub lets so many bytes a second through each connection, and every byte arrives half
a round trip later. It prints the seconds of both runs together and what was sent beyond the file: the headers of the
answers, and what was on the line when the process was killed.
"""

import argparse
import queue
import random
import socket
import tempfile
import threading
import time
from pathlib import Path

from support.command import wait_until
from support.fault_runner import pull_process
from support.hub_server import HubServer
from support.one_model import FILE, REPOSITORY, add_entry, cached

_READ_BYTES = 8 * 1024
_RECEIVE_BUFFER_BYTES = 128 * 1024  # what waits before the relay is not on the line yet


class Line:
    """A port that leads to another one."""

    def __init__(self, port: int, round_trip_seconds: float, bytes_per_second: float) -> None:
        self._port, self._rate = port, bytes_per_second
        self._delay_seconds = round_trip_seconds / 2
        self.sent_bytes = 0  # from the hub
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near, _ = self._listening.accept()
            far = socket.create_connection(("127.0.0.1", self._port))
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, from_hub: bool) -> None:
        waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        broken = threading.Event()
        threading.Thread(target=_deliver, args=(waiting, target, broken), daemon=True).start()
        free_at = time.monotonic()
        while not broken.is_set():
            try:
                data = source.recv(_READ_BYTES)
            except OSError:
                data = b""
            waiting.put((time.monotonic() + self._delay_seconds, data))
            if not data:
                return
            if from_hub:
                self.sent_bytes += len(data)
                free_at = max(free_at, time.monotonic()) + len(data) / self._rate
                time.sleep(max(0.0, free_at - time.monotonic()))
        source.close()


def _deliver(
    waiting: "queue.SimpleQueue[tuple[float, bytes]]",
    target: socket.socket,
    broken: threading.Event,
) -> None:
    while True:
        due, data = waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)
        except OSError:
            broken.set()
            return


def _main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--round-trip", type=float, default=0.1, help="seconds")
    arguments.add_argument(
        "--rate", type=float, default=5e6, help="bytes a second, each connection"
    )
    arguments.add_argument("--mebibytes", type=int, default=94)
    arguments.add_argument("--kill", action="store_true", help="in the middle, and run it again")
    told = arguments.parse_args()
    content = random.Random(1).randbytes(told.mebibytes * 2**20)
    hub = HubServer()
    line = Line(hub.port, told.round_trip, told.rate)
    hub.port = line.port
    with tempfile.TemporaryDirectory() as folder:
        home, started = Path(folder), time.monotonic()
        digest = hub.add(REPOSITORY, FILE, content)
        add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
        process = pull_process(home, hub)
        if told.kill:
            wait_until(lambda: line.sent_bytes > len(content) / 2)
            process.kill()
            process.communicate()
            process = pull_process(home, hub)
        process.communicate()
        assert cached(home).read_bytes() == content
        print(
            f"{time.monotonic() - started:.1f} s, {line.sent_bytes - len(content):,} bytes beyond"
        )
    hub.close()


if __name__ == "__main__":
    _main()
