"""Signals that ask a real process to end: at any moment, once or twice, heard or ignored."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from support.command import LIMIT_SECONDS, wait_until
from support.pipes import waiting_bytes
from support.signal_fuzzer import SIGNALS, fuzz, private_home

from qwen3cli.commands.compare.exam import ExamQuestion
from qwen3cli.dialogue.json_schema import broken_promise
from qwen3cli.turn.interrupts import Interrupts

COUNT_TO_300 = ("ask", "--no-think", "--temp", "0", "Count to 300")


def test_signals_at_random_moments_end_a_process_without_a_word(hub, home, monkeypatch):
    for name, value in private_home(home, hub).items():
        monkeypatch.setenv(name, value)
    endings = fuzz(count=10, seed=20250428, earliest_seconds=0.3)
    assert [each for each in endings if each.fault and not each.is_early] == []


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(qwen3, number):
    process = subprocess.Popen(
        ["bash", "-c", f'trap "" {number.name}; exec "$@"', "bash", qwen3.program, *COUNT_TO_300],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=qwen3.folder,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"1\n"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert (process.returncode, rest.endswith(b"\n300\n")) == (0, True)


@pytest.mark.parametrize(
    "step",
    [
        lambda text: broken_promise({"pattern": "^(a+)+$"}, f'"{text}"'),
        lambda text: ExamQuestion("?", pattern=re.compile("^(a+)+$")).is_right(text),
    ],
)
def test_one_ctrl_c_ends_a_pattern_that_would_take_years(step):
    pressing = f"while sleep 0.1; do kill -INT {os.getpid()}; done"
    with Interrupts():  # which alone would only take note of it
        keys = subprocess.Popen(["sh", "-c", pressing])
        try:
            with pytest.raises(KeyboardInterrupt):
                step("a" * 100 + "!")
        finally:
            keys.kill()
            keys.wait()


def has_pending_signals(process: int) -> bool:
    """Whether a process has not been shown a signal yet, as Linux tells it."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.partition("ShdPnd:")[2].split()[0], 16) != 0


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_a_process_that_cannot_end_by_itself(qwen3, number):
    """It hangs in a write that nobody reads, from which a turn does not take a signal."""
    process = subprocess.Popen(
        [qwen3.program, "ask", "--show-prompt", "x" * 100_000],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=qwen3.folder,
    )
    assert process.stdout is not None
    pipe = process.stdout
    try:
        wait_until(lambda: waiting_bytes(pipe) or process.poll() is not None)
        process.send_signal(number)
        wait_until(lambda: not has_pending_signals(process.pid))  # two of one kind at once are one
        process.send_signal(number)
        assert process.wait(LIMIT_SECONDS) == 128 + number
    finally:
        process.kill()
    assert process.communicate()[1] == b""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_python_turned_into_another_error_is_still_that_signal(qwen3, number):
    """What is raised while a class is made comes out as a `RuntimeError`."""
    guard = qwen3.folder / "guard"
    guard.mkdir()
    (guard / "typer.py").write_text(
        "import os\n"
        "class Field:\n"
        f"    def __set_name__(self, *_): os.kill(os.getpid(), {int(number)}); [0 for _ in range(99)]\n"
        "class Syntax: field = Field()\n",
        encoding="utf-8",
    )
    done = qwen3("fit", PYTHONPATH=str(guard))
    assert (done.code, done.stderr) == (128 + number, "")
