"""What the system's files say of cores and memory. The files are written for the test: one machine has one kind of each."""

from pathlib import Path

from qwen3cli.machine.hardware import (
    intels_fast_cores,
    memory,
    performance_cores,
    physical_cores,
)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="ascii")
    return root


def test_fast_cores_are_counted_once_each_though_they_have_two_threads(tmp_path):
    siblings = {"0": "0-1", "1": "0-1", "2": "2-3", "3": "2-3", "4": "4", "5": "5"}
    topology = {
        f"system/cpu/cpu{cpu}/topology/core_cpus_list": shared for cpu, shared in siblings.items()
    }
    hybrid = write(tmp_path, topology | {"cpu_core/cpus": "0-3", "cpu_atom/cpus": "4-5"})
    assert intels_fast_cores(hybrid) == 2


def test_a_processor_with_one_kind_of_cores_lists_none(tmp_path):
    assert intels_fast_cores(tmp_path) == 0
    assert 1 <= performance_cores() <= physical_cores()


def test_this_machine_has_memory():
    now = memory()
    assert 0 < now.usable_bytes < now.available_bytes <= now.total_bytes
