"""Kills `qwen3 ask` at random moments of its life, and holds the store against what was shown before: how many of the
answers are there as far as they were seen, and whether SQLite still finds its file whole. `python tests/support/kill_store.py
[KILLS]` does it in a folder of its own."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("qwen3")
# From the start of Python to the end of the answer, here.
_LONGEST_SECONDS = 1.5


def killed_ask(variables: dict[str, str], seconds: float) -> bytes:
    """What an `ask` showed until it was killed."""
    process = subprocess.Popen(
        [PROGRAM, "ask", "-m", "demo", "--temp", "0", "--no-think", "Count to 300"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | variables,
    )
    try:
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


def kept(variables: dict[str, str]) -> str:
    """What the last conversation has, if there is one."""
    shown = subprocess.run(
        [PROGRAM, "sessions", "export", "--format", "json"],
        stdout=subprocess.PIPE,
        env=os.environ | variables,
        check=True,
    )
    return shown.stdout.decode()


def integrity(database: Path) -> str:
    """What SQLite's own shell says of the file."""
    command = ["sqlite3", str(database), "PRAGMA integrity_check; PRAGMA foreign_key_check;"]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout.strip()


def is_kept(shown: bytes, exported: str) -> bool:
    """Whether all that was shown is in the store."""
    text = shown.decode("utf-8", "ignore").rstrip("\n")
    return not text or text.replace("\n", "\\n") in exported


def main(kills: int) -> None:
    """Kill so often, and tell."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {"XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder}
        answered = lost = 0
        for _ in range(kills):
            shown = killed_ask(variables, random.uniform(0, _LONGEST_SECONDS))
            answered += bool(shown)
            lost += not is_kept(shown, kept(variables))
        database = Path(folder) / "qwen3" / "sessions" / "sessions.db"
        print(f"{kills} kills, {answered} in an answer, {lost} lost, {integrity(database)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
