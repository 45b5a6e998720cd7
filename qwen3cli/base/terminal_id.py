"""Which terminal this process belongs to, as a text that no other terminal has before or after it."""

import os
from collections.abc import Mapping
from pathlib import Path

_START_FIELD = 19  # of those behind the name in /proc/PID/stat; proc(5) counts it as the 22nd


def this_terminal(variables: Mapping[str, str]) -> str:
    """The session of processes, which is one for each terminal, each of its panes and each job without one, wherever our
    streams lead."""
    if not hasattr(os, "getsid"):
        return variables.get("WT_SESSION") or f"parent {os.getppid()}"
    leader = os.getsid(0)
    return f"{leader} {_started(leader)}".strip()


def _started(process: int) -> str:
    """When a process was started, where the system tells: its number may have been another's before."""
    try:
        behind_name = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2]
        return behind_name.split()[_START_FIELD].decode()
    except (OSError, IndexError):
        return ""
