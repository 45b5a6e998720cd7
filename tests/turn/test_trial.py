"""A model file that was never loaded here is tried in a child process first."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from support.fuzz_models import ask, mutants
from support.parrot import write_parrot

from qwen3cli.base.confinement import landlock_version

_KEY = b"tokenizer.ggml.model"


def with_tokenizer(path: Path, name: bytes) -> Path:
    """A parrot whose file names another tokenizer than it has."""
    source = write_parrot(path, b"Hello there").read_bytes()
    at = source.index(_KEY) + len(_KEY) + 4  # behind the key comes its type, then the length
    wrong = source[:at] + struct.pack("<Q", len(name)) + name + source[at + 8 + len(b"gpt2") :]
    path.write_bytes(wrong + bytes(64))
    return path


def tried(home: Path) -> list[Path]:
    return sorted((home / ".local/state/qwen3/tried").glob("*.json"))


def test_a_file_that_crashes_llama_cpp_ends_in_one_line_and_is_remembered(qwen3, tmp_path, home):
    model = with_tokenizer(tmp_path / "wrong.gguf", b"llama")
    for _ in range(2):
        done = qwen3("ask", "-m", model, "hi")
        assert (done.stdout, done.code) == (b"", 6)
        assert done.stderr.splitlines()[0] == (
            "qwen3: wrong.gguf cannot be used: llama.cpp crashes on it (SIGABRT)"
        )
        assert len(tried(home)) == 1


def test_a_file_is_tried_once_and_again_when_it_has_changed(qwen3, tmp_path, home):
    model = write_parrot(tmp_path / "parrot.gguf", b"One two.")
    for _ in range(2):
        assert qwen3("ask", "-m", model, "hi").stdout == b"One two.\n"
    first = tried(home)
    write_parrot(model, b"Three four.")
    assert qwen3("ask", "-m", model, "hi").stdout == b"Three four.\n"
    assert (len(first), len(tried(home))) == (1, 2)


def test_what_a_digest_has_proved_is_not_tried(qwen3, home):
    assert qwen3("ask", "--no-think", "Hello").code == 0
    assert tried(home) == []


def test_where_no_verdict_can_be_kept_the_model_answers_all_the_same(qwen3, tmp_path, home):
    (home / ".local").write_text("in the way", encoding="utf-8")
    model = write_parrot(tmp_path / "parrot.gguf", b"One two.")
    assert qwen3("ask", "-m", model, "hi").stdout == b"One two.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and address space are Linux's")
def test_the_child_cannot_write_and_cannot_take_all_memory(tmp_path):
    code = (
        "from qwen3cli.base.confinement import confine; import pathlib, sys\n"
        "confine(2**31, 5)\n"
        f"path = pathlib.Path({str(tmp_path / 'x')!r})\n"
        "for what in (path.touch, lambda: bytearray(2**32), lambda: open('/proc/self/comm', 'w')):\n"
        "    try: what(); print('allowed')\n"
        "    except (OSError, MemoryError) as problem: print(type(problem).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    writing, taking, opening = done.stdout.split()
    assert taking == "MemoryError"
    if landlock_version() > 0:
        assert (writing, opening) == ("PermissionError", "PermissionError")


@pytest.mark.slow
def test_damaged_files_end_in_an_answer_or_in_one_line(demo, tmp_path):
    outcomes = []
    for number, mutant in enumerate(mutants(demo.read_bytes(), 20, seed=20250428)):
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(mutant)
        outcomes.append(ask(path, tmp_path))
    assert [each for each in outcomes if each.startswith("FELL")] == []
