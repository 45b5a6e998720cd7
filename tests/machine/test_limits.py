"""Limits on memory, from the system's files. They are written for the test; one test reads the real ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from qwen3cli.machine.limits import Memory, control_groups, processor_quotas

V2 = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "36 30 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n"


def system(root: Path, membership: str, mounts: str, files: dict[str, str]) -> Path:
    """A system's /proc and /sys below `root`."""
    told = {
        "proc/self/cgroup": membership,
        "proc/self/mountinfo": f"1 0 8:1 / / rw - ext4 a rw\n{mounts}",
    }
    for name, text in (told | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def bound(total: int, available: int) -> Memory:
    return Memory(total, available, 32 * 2**20)


def group(folder: str, limit: str, used: str, statistics: str, version: int = 2) -> dict[str, str]:
    names = {
        1: ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        2: ("memory.max", "memory.current"),
    }[version]
    values = (limit, used, statistics)
    return {
        f"sys/fs/cgroup/{folder}/{name}": f"{value}\n"
        for name, value in zip((*names, "memory.stat"), values, strict=True)
    }


def test_every_level_of_nested_groups_counts_and_its_file_cache_is_free(tmp_path):
    files = (
        group("user", "5000", "1000", "anon 900\ninactive_file 60\nactive_file 40")
        | group("user/shell", "max", "1000", "")
        | group("user/shell/job", "3000", "700", "anon 400\ninactive_file 200\nactive_file 50")
    )
    root = system(tmp_path, "0::/user/shell/job\n", V2, files)
    assert sorted(control_groups(root), key=str) == [bound(3000, 2550), bound(5000, 4100)]


def test_where_a_group_is_slowed_down_is_a_limit_too(tmp_path):
    files = group("job", "max", "700", "") | {"sys/fs/cgroup/job/memory.high": "900\n"}
    assert list(control_groups(system(tmp_path, "0::/job\n", V2, files))) == [bound(900, 200)]


def test_the_first_version_counts_the_pages_of_groups_below(tmp_path):
    statistics = "cache 9\ninactive_file 1\ntotal_inactive_file 200\ntotal_active_file 50"
    files = group("memory/a", "4000", "900", "", 1) | group(
        "memory/a/b", "1000", "700", statistics, 1
    )
    root = system(tmp_path, "11:cpu,cpuacct:/other\n4:memory:/a/b\n0::/\n", V1, files)
    assert list(control_groups(root)) == [bound(1000, 550), bound(4000, 3100)]


@pytest.mark.parametrize("membership", ["0::/\n", "0::/../elsewhere\n", "0::/machine/box/inner\n"])
def test_a_container_finds_its_limit_whichever_way_its_group_is_told(tmp_path, membership):
    mounts = V2.replace(" / ", " /machine/box ")
    files = group("", "1000", "700", "") | group("inner", "max", "10", "")
    assert list(control_groups(system(tmp_path, membership, mounts, files))) == [bound(1000, 300)]


def test_both_versions_side_by_side_are_read(tmp_path):
    mounts = V1 + V2.replace("/sys/fs/cgroup", "/sys/fs/cgroup/my\\040unified")
    files = group("memory/a", "2000", "1", "", 1) | group("my unified/b", "1000", "1", "")
    root = system(tmp_path, "4:memory:/a\n0::/b\n", mounts, files)
    assert list(control_groups(root)) == [bound(2000, 1999), bound(1000, 999)]


def test_no_group_no_limit_and_damaged_files_are_the_machine(tmp_path):
    assert list(control_groups(tmp_path)) == []
    files = group("job", "max", "700", "anon 400")
    assert list(control_groups(system(tmp_path, "0::/job\n", V2, files))) == []
    damaged = group("job", "-7", "many", "inactive_file\n\n\n")
    assert list(control_groups(system(tmp_path, "nonsense\n0::/job\n", "x\n" + V2, damaged))) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_an_address_space_limit_is_the_memory_there_is():
    shown = subprocess.run(
        ["sh", "-c", f"ulimit -v 2000000; exec {sys.executable} -c '{_SHOW}'"],
        capture_output=True,
        check=True,
    )
    total, available = map(int, shown.stdout.split())
    assert total == 2_000_000 * 1024
    assert 0.5 * total < available < total


_SHOW = (
    "from qwen3cli.machine.hardware import memory; m = memory();"
    " print(m.total_bytes, m.available_bytes)"
)


@pytest.mark.parametrize(
    ("membership", "mounts", "files", "quotas"),
    [
        (
            "0::/user/job\n",
            V2,
            {"user/cpu.max": "400000 100000", "user/job/cpu.max": "150000 100000"},
            [1.5, 4.0],
        ),
        ("0::/job\n", V2, {"job/cpu.max": "max 100000"}, []),
        ("0::/job\n", V2, {"job/cpu.max": "nonsense"}, []),
        (
            "4:cpu,cpuacct:/job\n",
            "36 30 0:32 / /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n",
            {
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
                "cpu/job/cpu.cfs_quota_us": "50000",
                "cpu/job/cpu.cfs_period_us": "100000",
            },
            [0.5],
        ),
    ],
)
def test_every_level_of_processor_quotas_counts(tmp_path, membership, mounts, files, quotas):
    told = {f"sys/fs/cgroup/{name}": f"{text}\n" for name, text in files.items()}
    root = system(tmp_path, membership, mounts, told)
    assert sorted(processor_quotas(root)) == quotas
