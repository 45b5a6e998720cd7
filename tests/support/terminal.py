"""A real terminal under test: tmux holds it, tests type into it and read what is on it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from support.command import LIMIT_SECONDS


def tmux_is_there() -> bool:
    """Whether terminal tests can run."""
    return shutil.which("tmux") is not None


class Terminal:
    """One tmux server with one window. Close it after use."""

    def __init__(self, folder: Path, columns: int = 80, rows: int = 24) -> None:
        self.folder = folder
        self._socket = f"qwen3-test-{uuid4().hex[:12]}"
        self._environment = os.environ | {
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PS1": "$ ",
            "LC_ALL": "C.UTF-8",
        }
        binaries = Path(sys.executable).parent
        self._environment["PATH"] = f"{binaries}{os.pathsep}{os.environ['PATH']}"
        size = ("-x", str(columns), "-y", str(rows))
        self._tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            *size,
            "-c",
            str(folder),
            "env PS1='$ ' bash --norc --noprofile",
        )
        self._tmux("set-option", "-g", "history-limit", "20000")
        self._tmux("set-option", "-s", "set-clipboard", "on")
        self._tmux("respawn-pane", "-k", "-c", str(folder), "env PS1='$ ' bash --norc --noprofile")
        self.wait_for("$")

    def type(self, text: str) -> None:
        """Type a line and press Enter."""
        self._tmux("send-keys", "-l", text)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names."""
        self._tmux("send-keys", *keys)

    def paste(self, text: str, *, bracketed: bool = True, then: str = "") -> None:
        """Paste a text, and press a key in the same moment."""
        self._tmux("load-buffer", "-", stdin=text)
        key = [";", "send-keys", then] if then else []
        self._tmux("paste-buffer", *(["-p"] if bracketed else []), *key)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *, colors: bool = False) -> str:
        """What is on the screen now; with the escape codes of its colours, if asked for."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def everything(self, *, joined: bool = True) -> str:
        """The scrollback and the screen; wrapped lines are joined again."""
        return self._tmux("capture-pane", "-p", "-S", "-", *(["-J"] if joined else []))

    def title(self) -> str:
        """The title that programs have given the terminal."""
        return self._tmux("display-message", "-p", "#{pane_title}")

    def clipboard(self) -> str:
        """What programs have put on the terminal's clipboard."""
        return self._tmux("show-buffer")

    def wait_for(self, text: str | Callable[[str], bool]) -> str:
        """Wait until the text has appeared; returns everything."""
        found = text if callable(text) else lambda shown: text in shown
        ends = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < ends:
            shown = self.everything()
            if found(shown):
                return shown
            time.sleep(0.03)
        raise AssertionError(f"{text!r} did not appear in:\n{self.everything()}")

    def close(self) -> None:
        """End the server and everything in it."""
        subprocess.run(
            ["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False
        )

    def _tmux(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *arguments],
            input=stdin.encode(),
            capture_output=True,
            env=self._environment,
            check=True,
        )
        return done.stdout.decode("utf-8", "replace")
