"""A model file's chat template, rendered in a process of its own with limits on time, memory and output.

The process starts when the template is opened, beside the loading of the weights, so that its 60 ms cost nothing, and
lives as long as the conversation. What the rendered text means is `prompt`'s business.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Self

from qwen3cli.base.errors import BadModelFile

# A real template renders in a millisecond; a hostile one gets this long before its process is ended.
RENDER_LIMIT_SECONDS = 5.0


class TemplateRenderer:
    """The child process. Start it early, close it when the conversation is over."""

    def __init__(self) -> None:
        self._process = self._started()
        self._timed_out = False

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "qwen3cli.dialogue.template_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def render(self, template: str, renders: Sequence[Mapping[str, Any]]) -> list[str]:
        """The template's text for each set of variables.

        Raises:
            BadModelFile: the template fails, or takes more than it is given.
        """
        if self._process.poll() is not None:  # one prompt was too much for it; others need not be
            self.close()
            self._process, self._timed_out = self._started(), False
        request = json.dumps({"template": template, "renders": [dict(each) for each in renders]})
        timer = threading.Timer(RENDER_LIMIT_SECONDS, self._end_it)
        timer.start()
        try:
            reply = self._ask(request)
        finally:
            timer.cancel()
        if not reply:
            self._process.wait()
            limit = f"{RENDER_LIMIT_SECONDS:.0f} seconds"
            reason = f"it ran longer than {limit}" if self._timed_out else "it took too much memory"
            raise _bad_template(reason)
        answer = json.loads(reply)
        if "error" in answer:
            raise _bad_template(answer["error"])
        return list(answer["texts"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except (BrokenPipeError, OSError):
            return ""

    def _end_it(self) -> None:
        self._timed_out = True
        self._process.kill()


def _bad_template(reason: str) -> BadModelFile:
    return BadModelFile(
        f"this file's chat template cannot be used: {' '.join(reason.split())[:200]}",
        "take another GGUF of this model; its own publisher's is the safest",
    )
