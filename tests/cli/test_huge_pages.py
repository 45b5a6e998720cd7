"""Huge pages: the process asks the allocator for them, and no child of it hears of that."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from support.chatting import prompts, set_editor
from support.command import Command

from qwen3cli.cli import huge_pages

SETTING = "glibc.malloc.hugetlb=1"
pytestmark = pytest.mark.skipif(
    not huge_pages._can_be_had(), reason="this system gives no huge pages to those who ask"
)


@pytest.fixture
def model(tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that is not known to be small."""
    monkeypatch.delenv("QWEN3_SIZE")
    path = tmp_path / "model.gguf"
    path.write_bytes(demo.read_bytes())
    return path


@contextmanager
def waiting(qwen3: Command, *arguments: object) -> Iterator[psutil.Process]:
    """The command, as it waits for its standard input."""
    command = [qwen3.program, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"waiting for the end of standard input" in process.stderr.readline()
        yield psutil.Process(process.pid)
        process.kill()


def test_a_command_that_runs_a_model_asks_for_them(qwen3, model):
    with waiting(qwen3, "ask", "-m", model, "-") as process:
        assert process.environ()["GLIBC_TUNABLES"] == SETTING


@pytest.mark.parametrize(
    ("own", "has_them"), [("glibc.malloc.arena_max=4", True), ("glibc.malloc.hugetlb=0", False)]
)
def test_what_the_user_has_set_is_kept(qwen3, model, monkeypatch, own, has_them):
    monkeypatch.setenv("GLIBC_TUNABLES", own)
    with waiting(qwen3, "ask", "-m", model, "-") as process:
        given = Path(f"/proc/{process.pid}/environ").read_bytes()  # glibc may part it at colons
    assert (own.encode() in given, SETTING.encode() in given) == (True, has_them)


def test_the_demo_does_without(qwen3):
    with waiting(qwen3, "ask", "--size", "demo", "-") as process:
        assert "GLIBC_TUNABLES" not in process.environ()


@pytest.mark.parametrize("own", ["", "glibc.malloc.check=1"])
def test_no_child_hears_of_it(terminal, model, tmp_path, own):
    set_editor(terminal, f"env > {tmp_path}/seen; echo edited > $1")
    terminal.type(
        f"unset QWEN3_SIZE; export GLIBC_TUNABLES={own}; [ '{own}' ] || unset GLIBC_TUNABLES"
    )
    terminal.type(f"qwen3 chat -m {model}")
    terminal.wait_for(prompts(1))
    terminal.press("C-x")
    terminal.press("C-e")
    terminal.wait_for("edited")
    seen = dict(
        line.partition("=")[::2]
        for line in (tmp_path / "seen").read_text(encoding="utf-8").splitlines()
    )
    assert seen.get("GLIBC_TUNABLES", "") == own
    assert [name for name in seen if name.startswith("_QWEN3") or "SPIN" in name] == []
