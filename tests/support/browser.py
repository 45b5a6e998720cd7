"""A page in a real browser without a window: what it looks like, what its console says, and what it asks of the network.

Chromium, spoken to over a pair of pipes (its `--remote-debugging-pipe`): JSON messages with a zero byte behind each. The
network is a proxy that is not there, so that nothing gets out, and what was asked for is told.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--hide-scrollbars",
    "--disable-component-update", "--disable-background-networking", "--disable-dev-shm-usage",
    "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe",
)  # fmt: skip
PHONE, DESKTOP = (390, 844), (1440, 900)
_LIMIT_SECONDS = 1800  # a browser that its test run has left behind ends by itself


def browser_program() -> str | None:
    """Where Chromium is; None if it is not installed."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


class Browser:
    """One browser with one page. `errors` and `requests` gather what the page said and asked for since `open`."""

    def __init__(self, folder: Path) -> None:
        """`folder` takes its profile."""
        program = browser_program()
        assert program is not None
        theirs, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = f'exec "{program}" {" ".join(_FLAGS)} --user-data-dir="{folder}" 3<&{theirs} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["timeout", str(_LIMIT_SECONDS), "bash", "-c", command],
            pass_fds=(theirs, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(theirs_out)
        self._messages = self._read()
        self._number = 0
        self._session: str | None = None
        self.errors: list[str] = []
        self._asked: dict[str, str] = {}
        self._loaded = False
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, file: Path, size: tuple[int, int] = DESKTOP, **features: str) -> None:
        """Show a file in a window of that size; `features` are of the system, as `prefers_color_scheme="dark"`."""
        self.errors, self._asked, self._loaded = [], {}, False
        width, height = size
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=size == PHONE,
        )  # fmt: skip
        wanted = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self._call("Emulation.setEmulatedMedia", features=wanted)
        self._call("Page.navigate", url=file.resolve().as_uri())
        while not self._loaded:
            self._take(next(self._messages))

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for, but for what a page's own policy forbade."""
        self._call(
            "Runtime.evaluate", expression="0"
        )  # what happened so far is told before its answer
        return list(self._asked.values())

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        done = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def spoken(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader tells of, in its order."""
        nodes = self._call("Accessibility.getFullAXTree")["nodes"]
        told = [node for node in nodes if not node["ignored"] and "role" in node]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in told]

    def picture(self, *, whole: bool = True) -> bytes:
        """A PNG of the page, from its beginning to its end or as much as the window shows."""
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def printed(self) -> bytes:
        """The page as a PDF."""
        return base64.b64decode(self._call("Page.printToPDF")["data"])

    def close(self) -> None:
        """End the browser."""
        os.close(self._out)
        self._process.terminate()
        self._process.wait()
        os.close(self._in)

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        for answer in self._messages:
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self._take(answer)
        raise AssertionError("the browser ended")

    def _read(self) -> Iterator[dict[str, Any]]:
        held = b""
        while piece := os.read(self._in, 2**16):
            *whole, held = (held + piece).split(b"\0")
            yield from map(json.loads, whole)

    def _take(self, event: dict[str, Any]) -> None:
        told = event.get("params", {})
        match event.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Runtime.exceptionThrown":
                self.errors.append(str(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.errors.append(str(told["args"]))
            case "Log.entryAdded":
                self.errors.append(told["entry"]["text"])
            case "Network.requestWillBeSent" if not told["request"]["url"].startswith("data:"):
                self._asked[told["requestId"]] = told["request"]["url"]
            case "Network.loadingFailed" if told.get("blockedReason") == "csp":
                self._asked.pop(told["requestId"], None)
