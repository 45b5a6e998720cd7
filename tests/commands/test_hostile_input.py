"""What strangers send, made at random from a seed: nothing raw on a terminal, no forged turn, no traceback.

By hand the fuzzers run longer: `tests/support/fuzz_text.py`, `tests/support/fuzz_files.py`.
"""

import json

import pytest
from support import fuzz_files, fuzz_text

SEED = 20261125


@pytest.mark.parametrize(
    ("what", "count"), [("terminal", 60), ("prompts", 100), ("answers", 2), ("growth", 4)]
)
def test_text_made_of_what_hurts_does_not(what, count):
    assert list(fuzz_text.faults(what, count, SEED)) == []


def test_damaged_and_hostile_files_end_in_an_answer_or_one_line():
    assert list(fuzz_files.faults("given", 400, SEED)) == []


@pytest.mark.parametrize("kind", fuzz_files.KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_file_is_read_where_nothing_is_wrong_with_it(kind, tmp_path):
    path = tmp_path / "qwen3" / kind.name
    path.parent.mkdir()
    valid = kind.valid if isinstance(kind.valid, str) else json.dumps(kind.valid)
    path.write_text(valid, encoding="utf-8")
    kind.read(path)


def test_a_conversation_from_elsewhere_brings_no_terminal_and_no_settings_that_are_none(
    qwen3, tmp_path
):
    kind = next(each for each in fuzz_files.KINDS if each.name == "own.json")
    told = json.loads(json.dumps(kind.valid))
    told["sessions"][0]["head"] |= {"place": "here", "settings": {"think": "x", "values": 3}}
    told["sessions"][0]["turns"][0]["receipt"] = {"model": 1, "options": {"seed": []}}
    (tmp_path / "own.json").write_text(json.dumps(told), encoding="utf-8")
    assert qwen3("sessions", "import", "own.json").code == 0
    assert qwen3("sessions", "show", "abcde").code == 0
    refused = qwen3("replay", "abcde")
    assert refused.code == 2
    assert "no receipt to run it again by" in refused.stderr
    done = qwen3("ask", "--session", "abcde", "--no-think", "--temp", "0", "Hello")
    assert (done.stdout, done.code) == (b"Hello! How can I help you?\n", 0)


@pytest.mark.parametrize(
    "command",
    [
        ("mcp", "list", "--mcp"),
        ("compare", "-m", "demo", "--questions"),
        ("bench", "--compare"),
        ("ask", "hi", "-f"),
    ],
)
def test_a_file_without_end_is_refused(qwen3, command):
    done = qwen3(*command, "/dev/zero")
    assert done.code == 2
    assert "/dev/zero" in done.stderr and "unexpected" not in done.stderr
