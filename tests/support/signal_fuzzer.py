"""Signals at random moments of real processes: how each ended, and whether that is how it should.

    PYTHONPATH=tests python tests/support/signal_fuzzer.py [COUNT] [SEED]

A run is judged by its exit code (its own, or the signal's), by what Python or native code may not write, and by whether
it ended. What the interpreter says before it has reached our first line is counted apart: nothing of ours runs there.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.hub_server import HubServer
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry

QWEN3 = str(Path(sys.executable).with_name("qwen3"))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ask", "--no-think", "--temp", "0", "Count to 300"),
    ("ask", "--think", "--json", "Think 300 steps"),
    ("ask", "--think", "--thoughts", "-", "Think 300 steps"),
    ("pull", "test"),
    ("models", "--json"),
    ("models", "verify"),
    ("fit",),
    ("--help",),
    ("map", "--no-think", "Count to {}", "items.txt", "--output", "counted.txt"),
    ("map", "--no-think", "--json", "Count to {}", "items.txt"),
    ("compare", "Count to 40", "-m", "demo", "--temps", "0,1"),
    ("compare", "Count to 40", "-m", "demo", "--temps", "0,1", "--output", "page.html"),
    ("bench", "--runs", "2"),
    ("models", "check", "demo"),
    ("doctor", "--offline", "--report"),
    ("sessions", "search", "count"),
    ("sessions", "export", "--output", "all.json"),
    ("ask", "--tools", "calc,now", "What is 478 + 856?"),
    ("ask", "-T", "webpage", "-f", "items.txt", "--output", "page.html"),
    ("config", "set", "size", "demo"),
    ("mcp", "list"),
)
# A guard against hanging; a process that has heard a signal ends in a fraction of it.
HANGS_AFTER_SECONDS = 60
_NEVER = (
    "Traceback",
    "Exception ignored",
    "Fatal Python error",
    "Segmentation",
    "terminate called",
    "qwen3: unexpected",
)
# The interpreter's own start: what it was importing when the signal came.
_BEFORE_OUR_FIRST_LINE = re.compile(
    r"init_import_site|init_sys_streams|Failed checking if argv|"
    r"line \d+, in <module>\n    (from qwen3cli|import re|sys\.argv)"
)


@dataclass(frozen=True)
class Ending:
    """How a process ended."""

    command: tuple[str, ...]
    signals: tuple[signal.Signals, ...]
    after_seconds: float
    own_code: int  # when nobody interrupts it
    code: int | None  # None: it hung
    stderr: str

    @property
    def is_early(self) -> bool:
        """Whether the interpreter had not reached us."""
        return _BEFORE_OUR_FIRST_LINE.search(self.stderr) is not None

    @property
    def fault(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if self.code is None:
            return "hung"
        if found := next((word for word in _NEVER if word in self.stderr), None):
            return found
        allowed = {
            self.own_code,
            *(128 + each for each in self.signals),
            *(-n for n in self.signals),
        }
        return "" if self.code in allowed else f"code {self.code}"


def strike(
    command: Sequence[str],
    signals: Sequence[signal.Signals],
    after_seconds: float,
    own_code: int = 0,
) -> Ending:
    """Run a command and send it signals, a moment apart."""
    process = subprocess.Popen(
        [QWEN3, *command],
        cwd=os.environ["HOME"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(after_seconds)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.05)
    try:
        _, errors = process.communicate(timeout=HANGS_AFTER_SECONDS)
        code: int | None = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, errors = process.communicate()
        code = None
    text = errors.decode("utf-8", "replace")
    return Ending(tuple(command), tuple(signals), after_seconds, own_code, code, text)


def undisturbed(command: Sequence[str]) -> tuple[float, int]:
    """How many seconds the command takes when nobody interrupts it, and its exit code."""
    started = time.monotonic()
    done = subprocess.run(
        [QWEN3, *command],
        cwd=os.environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return time.monotonic() - started, done.returncode


def fuzz(count: int, seed: int, earliest_seconds: float = 0.0) -> list[Ending]:
    """That many signals at random moments, from before the first line of Python to after the last of the command."""
    chance = random.Random(seed)
    alone: dict[tuple[str, ...], tuple[float, int]] = {}
    endings = []
    for _ in range(count):
        command = chance.choice(COMMANDS)
        if command not in alone:
            alone[command] = undisturbed(command)
        signals = [chance.choice(SIGNALS)] * chance.choice((1, 1, 1, 2))
        _forget_the_download()
        # Half of them in the first tenth of a second, where everything is imported.
        seconds, own_code = alone[command]
        longest = chance.choice((0.1, 1.1 * seconds))
        endings.append(
            strike(command, signals, earliest_seconds + chance.uniform(0, longest), own_code)
        )
    return endings


def _forget_the_download() -> None:
    home = Path(os.environ["HOME"])
    for folder in (".cache/huggingface/hub", ".local/share/qwen3/files"):
        for path in (home / folder).glob("**/*"):
            if path.is_symlink() or path.is_file():
                path.unlink()


def private_home(folder: Path, hub: HubServer) -> dict[str, str]:
    """The variables of a home with one model that a slow hub has."""
    digest = hub.add(REPOSITORY, FILE, CONTENT)
    hub.faults.seconds_per_piece = 0.01
    (folder / "items.txt").write_text("20\n30\n", encoding="utf-8")
    add_entry(
        folder,
        f'{{ quant = "q8_0", path = "{FILE}", bytes = {len(CONTENT)}, sha256 = "{digest}" }},',
    )
    return {"HOME": str(folder), "HF_ENDPOINT": hub.url, "QWEN3_SIZE": "demo"}


def main() -> None:
    """Fuzz and print what came of it."""
    count, seed = (int(each) for each in [*sys.argv[1:], "200", "0"][:2])
    hub = HubServer()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= private_home(Path(home), hub)
        endings = fuzz(count, seed)
    hub.close()
    early = [each for each in endings if each.is_early]
    faults = [each for each in endings if each.fault and not each.is_early]
    for each in faults:
        names = [number.name for number in each.signals]
        print(each.fault, each.command, names, f"{each.after_seconds:.3f} s", each.stderr)
    print(f"{count} signals, seed {seed}: {len(faults)} faults, {len(early)} before our first line")
    print(Counter(each.code for each in endings))


if __name__ == "__main__":
    main()
