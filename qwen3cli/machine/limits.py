"""Limits on memory and processors below the machine's own: those of control groups, and those that `ulimit` sets.

A process is in a group, which is in a group, and so on: the limit of every level counts. Both versions of Linux control
groups are read, side by side as some systems have them. Knows nothing of what is to be put into the memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# For each version: files with a limit, the file with what is used, and the fields of `memory.stat` that count file pages
# which the system would give back. The second version's `high` is where it begins to slow the group down.
_LIMITS = {1: ("memory.limit_in_bytes",), 2: ("memory.max", "memory.high")}
_USAGE = {1: "memory.usage_in_bytes", 2: "memory.current"}
_FILE_PAGES = {
    1: ("total_inactive_file", "total_active_file"),
    2: ("inactive_file", "active_file"),
}
# Of a line of /proc/self/mountinfo, as proc(5) has it: which group is mounted, where, and what for.
_CGROUP_MOUNT = re.compile(
    r"\d+ \d+ \S+ (?P<group>\S+) (?P<place>\S+) .* - (?P<kind>cgroup2?) \S+ (?P<options>\S*)"
)
# Below a limit of its own a process leaves memory to nobody, but the kernel's pages and the process that renders templates.
_SPARE_BYTES = 32 * 2**20
# Addresses that a thread reserves and hardly uses: glibc's arena of 64 MiB and a stack of 8.
_THREAD_BYTES = 72 * 2**20
_ESCAPED = re.compile(r"\\([0-7]{3})")  # how mountinfo writes a blank in a path


@dataclass(frozen=True, slots=True)
class Memory:
    """One bound on memory: how much there is in all, how much can be had now without swapping, file cache included, and
    how much of that is to be left for other things. `thread_bytes`: each further thread takes so much of it."""

    total_bytes: int
    available_bytes: int
    spare_bytes: int = 0
    thread_bytes: int = 0

    @property
    def usable_bytes(self) -> int:
        """What a model may take."""
        return max(0, self.available_bytes - self.spare_bytes)


def control_groups(root: Path = Path("/")) -> Iterator[Memory]:
    """The limit of every control group this process is in, and what is left of it. `root` is where /proc and /sys are."""
    for level, version in _levels(root, "memory"):
        yield from _limited(level, version)


def processor_quotas(root: Path = Path("/")) -> Iterator[float]:
    """For every control group with such a limit, how many processors' time it may use."""
    for level, version in _levels(root, "cpu"):
        if version == 2:
            quota, _, period = _read(level / "cpu.max").partition(" ")
        else:
            quota, period = (_read(level / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        if quota.isdigit() and period.isdigit() and int(period):  # no limit is `max`, or -1
            yield int(quota) / int(period)


def resource_limits() -> Iterator[Memory]:
    """What `ulimit -v` and `ulimit -d` leave of the address space, where they set anything and the system tells."""
    import psutil

    process = psutil.Process()
    if not hasattr(process, "rlimit"):
        return
    used = process.memory_info()
    for limit, taken in ((psutil.RLIMIT_AS, used.vms), (psutil.RLIMIT_DATA, used.data)):
        soft, _ = process.rlimit(limit)
        if soft != psutil.RLIM_INFINITY:
            yield Memory(soft, max(0, soft - taken), _SPARE_BYTES, _THREAD_BYTES)


def _levels(root: Path, controller: str) -> Iterator[tuple[Path, int]]:
    """The folder of every control group this process is in, the groups above it included, and its version."""
    memberships = list(_memberships(_read(root / "proc/self/cgroup"), controller))
    for line in _read(root / "proc/self/mountinfo").splitlines():
        mount = _mount(line, controller)
        if mount is None:
            continue
        version, mount_root, mount_point = mount
        for path in (path for its, path in memberships if its == version):
            inside = path.relative_to(mount_root) if path.is_relative_to(mount_root) else ""
            folder = root / mount_point.relative_to("/")
            group = folder / inside
            levels = [group, *group.parents]
            yield from ((level, version) for level in levels[: levels.index(folder) + 1])


def _memberships(text: str, controller: str) -> Iterator[tuple[int, PurePosixPath]]:
    """The version and the group of every hierarchy with this controller, from /proc/self/cgroup."""
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield 2, PurePosixPath(path)
        elif controller in controllers.split(","):
            yield 1, PurePosixPath(path)


def _mount(line: str, controller: str) -> tuple[int, PurePosixPath, PurePosixPath] | None:
    """From a line of mountinfo: the version of control groups mounted there, which group, and where."""
    match = _CGROUP_MOUNT.fullmatch(line)
    if match is None or (
        match["kind"] == "cgroup" and controller not in match["options"].split(",")
    ):
        return None
    group, place = (
        PurePosixPath(_ESCAPED.sub(lambda each: chr(int(each[1], 8)), match[name]))
        for name in ("group", "place")
    )
    return 2 if match["kind"] == "cgroup2" else 1, group, place


def _limited(level: Path, version: int) -> Iterator[Memory]:
    limits = [_number(level / name) for name in _LIMITS[version]]
    used = _number(level / _USAGE[version])
    known = [each for each in limits if each is not None]
    if known and used is not None:
        back = _reclaimable(level / "memory.stat", _FILE_PAGES[version])
        yield Memory(min(known), max(0, min(known) - used + back), _SPARE_BYTES)


def _read(path: Path) -> str:
    """A small file of the system; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.isdigit() else None  # the word "max" is no limit


def _reclaimable(path: Path, fields: tuple[str, ...]) -> int:
    pairs = (line.split() for line in _read(path).splitlines())
    return sum(int(pair[1]) for pair in pairs if len(pair) == 2 and pair[0] in fields)
