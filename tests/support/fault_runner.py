"""Real downloads, with something going wrong in each: how many hung, how many ended wrongly, and what came twice.

    PYTHONPATH=tests python tests/support/fault_runner.py --seed 1 --times 3

Each trial is a process, `qwen3 pull`, that meets one kind of trouble at a random moment of a download of a random size,
over one connection or several, and is then run again, without the trouble, until the model is there. It may end so:

    whole   the file is there and right, at the first run
    told    exit 5 or 130, with what happened; no traceback, no secret, no escape sequence; the next run completes it
    hung    it had to be killed
    wrong   anything else

`twice` is what the hub sent of the file beyond its size, over all runs of a trial.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support.hub_server import SIGNATURE, TOKEN, Faults, Handler, HubServer, Mishap
from support.mishaps import OF_BYTES, OF_EVERY_QUESTION
from support.one_model import FILE, REPOSITORY, add_entry, cached

HUNG_SECONDS = 120
_SIZES = (300_000, 2 * 2**20, 6 * 2**20, 40 * 2**20)
_PIECE_BYTES = 128 * 1024
_PROGRAM = str(Path(sys.executable).with_name("qwen3"))

# Prepares a hub for a trial, and may return what is to be done to the process while it runs.
Trouble = Callable[
    [HubServer, random.Random, int], "Callable[[subprocess.Popen[bytes]], None] | None"
]


@dataclass(frozen=True)
class Outcome:
    """How a trial ended."""

    trouble: str
    seed: int
    kind: str
    twice_bytes: int
    said: str


def troubles() -> dict[str, Trouble]:
    """Everything that can be tried, by name."""
    found: dict[str, Trouble] = {}
    for mishap in OF_EVERY_QUESTION:
        found[f"HEAD {_words(mishap)}"] = _of_questions(mishap)
    for mishap in (*OF_EVERY_QUESTION, *OF_BYTES):
        found[f"GET {_words(mishap)}"] = _of_bytes(mishap)
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        found[f"process {number.name}"] = _signalled(number)
    for name in ("X-Linked-Size", "X-Linked-Etag", "X-Repo-Commit", "Location"):
        for value in (None, "-1", "\x1b[2J", "9" * 5000, "../../../../evil"):
            found[f"HEAD {name} {str(value)[:16]!r}"] = _with_header(name, value)
    return found | {
        "line drops now and then": _drops_often,
        "portal comes up": _portal,
        "byte flipped": _flipped,
        "another file in its place": _changed,
        "no ranges, and drops": _no_ranges,
        "no trouble": lambda *_: None,
    }


def run_trial(name: str, seed: int) -> Outcome:
    """One download with one kind of trouble."""
    rng = random.Random(f"{name} {seed}")
    size = rng.choice(_SIZES)
    hub = HubServer()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        content = rng.randbytes(size)
        digest = hub.add(REPOSITORY, FILE, content)
        add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
        hub.faults.seconds_per_piece = rng.choice((0, 0, 0.005))
        act = troubles()[name](hub, rng, size)
        try:
            code, said = _run(home, hub, act)
            kind = "whole" if code == 0 else "told"
            if _is_bad(code, said):
                kind = "wrong"
            if code != 0:
                hub.faults, hub.files[REPOSITORY, FILE] = Faults(), content
                code, more = _run(home, hub, None)
                said += more
            if code != 0 or cached(home).read_bytes() != content or _is_bad(code, said):
                kind = "wrong"
        except subprocess.TimeoutExpired as problem:
            kind, said = "hung", str(problem.stderr or b"")
        finally:
            hub.close()
    return Outcome(name, seed, kind, hub.sent_bytes - size, said)


def pull_process(home: Path, hub: HubServer) -> "subprocess.Popen[bytes]":
    """`qwen3 pull` of the one model, into a home of its own."""
    variables = {
        "HOME": str(home),
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DOWNLOAD_TIMEOUT": "1",
        "HF_TOKEN": TOKEN,
        "PATH": os.environ["PATH"],
    }
    return subprocess.Popen(
        [_PROGRAM, "pull", "test"],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _run(
    home: Path, hub: HubServer, act: "Callable[[subprocess.Popen[bytes]], None] | None"
) -> tuple[int, str]:
    process = pull_process(home, hub)
    try:
        if act is not None:
            act(process)
        _, said = process.communicate(timeout=HUNG_SECONDS)
    finally:
        process.kill()
    return process.returncode, said.decode("utf-8", "replace")


def _is_bad(code: int, said: str) -> bool:
    leaks = [each for each in (SIGNATURE, TOKEN, "Traceback", "\x1b") if each in said]
    return code not in (0, 5, 130, -signal.SIGKILL, -signal.SIGTERM, 143) or bool(leaks)


def _words(mishap: Mishap) -> str:
    return getattr(mishap, "__name__", "").replace("_", " ")


def _of_questions(mishap: Mishap) -> Trouble:
    def prepare(hub: HubServer, rng: random.Random, _size: int) -> None:
        hub.faults.head_mishaps = [mishap] * rng.choice((1, 3))

    return prepare


def _of_bytes(mishap: Mishap) -> Trouble:
    def prepare(hub: HubServer, rng: random.Random, size: int) -> None:
        before = rng.randrange(1 + size // _PIECE_BYTES)
        hub.faults.mishaps = [None] * before + [mishap] * rng.choice((1, 1, 3))

    return prepare


def _signalled(number: signal.Signals) -> Trouble:
    def prepare(
        hub: HubServer, rng: random.Random, size: int
    ) -> Callable[[subprocess.Popen[bytes]], None]:
        hub.faults.seconds_per_piece = 0.005
        moment = rng.randrange(size)

        def act(process: subprocess.Popen[bytes]) -> None:
            while hub.sent_bytes < moment and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(number)

        return act

    return prepare


def _with_header(name: str, value: str | None) -> Trouble:
    def prepare(hub: HubServer, _rng: random.Random, _size: int) -> None:
        hub.faults.head_headers = {name: value}

    return prepare


def _drops_often(hub: HubServer, rng: random.Random, size: int) -> None:
    hub.faults.drop_after = sorted(rng.randrange(size) for _ in range(5))


def _portal(hub: HubServer, rng: random.Random, size: int) -> None:
    hub.faults.page_after = rng.randrange(size)


def _flipped(hub: HubServer, rng: random.Random, size: int) -> None:
    hub.faults.flip_at = rng.randrange(size)


def _changed(hub: HubServer, rng: random.Random, size: int) -> None:
    """Somebody uploads a new version under the same name while the old one is fetched."""

    def changes(at: Handler, *_: object) -> None:
        hub.files[REPOSITORY, FILE] = rng.randbytes(size)
        at.answer(403)

    hub.faults.mishaps = [None] * rng.randrange(1 + size // _PIECE_BYTES) + [changes]


def _no_ranges(hub: HubServer, rng: random.Random, size: int) -> None:
    hub.faults.has_ranges = False
    hub.faults.drop_after = [rng.randrange(size)]


def run_trials(trials: Sequence[tuple[str, int]], jobs: int) -> Iterator[Outcome]:
    """The outcomes, as they come."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda trial: run_trial(*trial), trials)


def _main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--times", type=int, default=1, help="trials of each kind of trouble")
    arguments.add_argument("--jobs", type=int, default=4)
    arguments.add_argument("--only", default="", help="kinds that contain this")
    told = arguments.parse_args()
    names = [name for name in troubles() if told.only in name]
    trials = [(name, told.seed + each) for name in names for each in range(told.times)]
    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in run_trials(trials, told.jobs):
        by_name[outcome.trouble].append(outcome)
        if outcome.kind in ("hung", "wrong"):
            print(f"{outcome.kind}: {outcome.trouble}, seed {outcome.seed}\n{outcome.said}")
    print(f"{'trouble':<48} tried whole told hung wrong  twice, at most")
    for name, outcomes in by_name.items():
        counts = [
            sum(each.kind == kind for each in outcomes)
            for kind in ("whole", "told", "hung", "wrong")
        ]
        most = max(each.twice_bytes for each in outcomes)
        print(
            f"{name:<48} {len(outcomes):>5} "
            + " ".join(f"{count:>5}" for count in counts)
            + f" {most:>11,}"
        )
    print(f"{len(trials)} trials")


if __name__ == "__main__":
    _main()
