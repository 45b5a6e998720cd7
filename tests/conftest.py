"""What every test may ask for: a private home, the demo model, the real command, a real terminal."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Browser, browser_program
from support.command import Command
from support.hub_server import HubServer
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry
from support.terminal import Terminal, tmux_is_there

from qwen3cli.demo import model_path

# As from a terminal: under `nohup` children would ignore it, which the program respects.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the real home folder, and none reaches a hub."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in (
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "HF_HOME",
        "HF_HUB_CACHE",
        "HF_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QWEN3_SIZE", "demo")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return folder


@pytest.fixture
def demo() -> Path:
    """The demo model's file."""
    return model_path()


@pytest.fixture
def qwen3(tmp_path: Path) -> Command:
    """The installed command, run as a process of its own."""
    return Command(tmp_path)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A real terminal of 80 columns and 24 rows."""
    if not tmux_is_there():
        pytest.skip("tmux is not installed")
    screen = Terminal(tmp_path)
    yield screen
    screen.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser, without a window."""
    if browser_program() is None:
        pytest.skip("Chromium is not installed")
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub on loopback, and both sources pointed at it."""
    server = HubServer()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
    yield server
    server.close()


@pytest.fixture
def test_model(hub: HubServer, home: Path) -> str:
    """A catalogue with one model, and its file on the hub; returns the digest."""
    digest = hub.add(REPOSITORY, FILE, CONTENT)
    add_entry(
        home, f'{{ quant = "q8_0", path = "{FILE}", bytes = {len(CONTENT)}, sha256 = "{digest}" }},'
    )
    return digest
