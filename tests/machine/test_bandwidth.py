"""The memory's bandwidth: measured, and the best of all measurements kept for this machine."""

import json
from pathlib import Path

import pytest

from qwen3cli.machine.bandwidth import best_bandwidth, known_bandwidth, measured_bandwidth


def kept(home: Path) -> Path:
    return home / ".local/state/qwen3/bandwidth.json"


def test_this_machine_has_a_bandwidth():
    measured = measured_bandwidth()
    assert measured is not None
    assert measured > 1e8  # slower memory has not been built for decades


def test_the_best_that_was_seen_is_kept_for_this_user_and_a_worse_one_changes_nothing(home):
    variables = {"HOME": str(home)}
    first = best_bandwidth(variables)
    assert known_bandwidth(variables) == first
    assert kept(home).stat().st_mode & 0o077 == 0
    assert kept(home).parent.stat().st_mode & 0o077 == 0
    (machine,) = json.loads(kept(home).read_text(encoding="utf-8"))
    kept(home).write_text(json.dumps({"elsewhere": 5e9, machine: 9e11}), encoding="utf-8")
    assert best_bandwidth(variables) == 9e11
    kept(home).write_text(json.dumps({"elsewhere": 5e9, machine: 1.0}), encoding="utf-8")
    assert best_bandwidth(variables) != 1.0
    assert json.loads(kept(home).read_text(encoding="utf-8"))["elsewhere"] == 5e9


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"[1]", b'{"a": NaN}', b"7"])
def test_a_broken_file_costs_nothing(home, content):
    kept(home).parent.mkdir(parents=True)
    kept(home).write_bytes(content)
    variables = {"HOME": str(home)}
    best = best_bandwidth(variables)
    assert best is not None
    assert known_bandwidth(variables) == best


def test_a_folder_that_cannot_be_written_costs_nothing(home):
    (home / ".local").write_text("a file", encoding="utf-8")
    assert best_bandwidth({"HOME": str(home)}) is not None
