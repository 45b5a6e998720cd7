"""What the system's files say of cores and memory. The files are written for the test: one machine has one kind of each."""

from pathlib import Path

import pytest

from qwen3cli.machine.hardware import (
    Memory,
    control_group_memory,
    intels_fast_cores,
    memory,
    memory_bandwidth,
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


@pytest.mark.parametrize(
    "files",
    [
        {
            "memory.max": "1000",
            "memory.current": "700",
            "memory.stat": "anon 400\ninactive_file 200\nactive_file 50",
        },
        {
            "memory/memory.limit_in_bytes": "1000",
            "memory/memory.usage_in_bytes": "700",
            "memory/memory.stat": "cache 250\ninactive_file 200\nactive_file 50",
        },
    ],
)
def test_a_containers_limit_counts_and_its_file_cache_is_free(tmp_path, files):
    assert control_group_memory(write(tmp_path, files)) == Memory(1000, 550)


def test_a_container_without_a_limit_is_the_machine(tmp_path):
    files = {"memory.max": "max", "memory.current": "700", "memory.stat": "anon 400"}
    assert control_group_memory(write(tmp_path, files)) is None
    assert control_group_memory(tmp_path / "nothing") is None


def test_this_machine_has_memory_and_a_bandwidth():
    now = memory()
    assert 0 < now.available_bytes <= now.total_bytes
    bandwidth = memory_bandwidth()
    assert bandwidth is not None
    assert bandwidth > 1e8  # slower memory has not been built for decades
