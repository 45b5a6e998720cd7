"""What a process that looks at a stranger's file gives up before it does: memory, time, files to write, the network.

Each limit is set where the system has it and passed over where it has not:

    address space, processor time    setrlimit; Linux and macOS, though macOS does not hold the first
    writing files, TCP connections   Landlock; Linux from 5.13, connections from 6.7
    outliving the parent             PR_SET_PDEATHSIG; Linux

Knows nothing of models. A process cannot take any of this back, and its children inherit it.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from math import ceil
from typing import Any

# Numbers of the Linux interface, the same on every processor: prctl.h, landlock.h, and the table of system calls.
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
# LANDLOCK_ACCESS_FS_*: all that change files: write, remove (2), make (7), refer, truncate; without reading and running.
_WRITES = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12))
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_TCP = 0b11  # bind and connect
_LOOK_SECONDS = 0.5
_REFER_VERSION, _TRUNCATE_VERSION, _TCP_VERSION = 2, 3, 4


def confine(memory_bytes: int, processor_seconds: int) -> None:
    """Give up all of it, for good. `memory_bytes` is of address space."""
    limit_memory(memory_bytes)
    limit_processor(processor_seconds)
    end_with_parent()
    if sys.platform == "linux":
        _forbid_writes()


def limit_memory(address_space_bytes: int) -> None:
    """Take no more address space than this, and leave no core dump."""
    _limit("RLIMIT_AS", address_space_bytes)
    _limit("RLIMIT_CORE", 0)


def limit_processor(seconds: int) -> None:
    """Use no more processor time than this from now on."""
    _limit("RLIMIT_CPU", ceil(time.process_time()) + seconds)


def end_with_parent() -> None:
    """End when the parent does: by the system on Linux, elsewhere within a second by a look at who the parent is."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)
    elif os.name == "posix":
        threading.Thread(target=_end_without, args=(parent,), daemon=True).start()


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _limit(name: str, value: int) -> None:
    """Lower a limit for good, but for processor time, which is given anew; one that others have set below it stays."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on Windows

        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (soft, hard if name == "RLIMIT_CPU" else soft))


class _Ruleset(ctypes.Structure):
    """struct landlock_ruleset_attr; older systems take its beginning."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


def landlock_version() -> int:
    """Which version of Landlock the system has; below 1 it has none."""
    if sys.platform != "linux":
        return 0
    return int(_system_call()(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))


def _system_call() -> Any:
    call = ctypes.CDLL(None).syscall
    call.restype = ctypes.c_long
    return call


def _forbid_writes() -> None:
    call, version = _system_call(), landlock_version()
    if version < 1:
        return
    rules = _Ruleset(_WRITES)
    rules.files |= _REFER if version >= _REFER_VERSION else 0
    rules.files |= _TRUNCATE if version >= _TRUNCATE_VERSION else 0
    rules.network = _TCP if version >= _TCP_VERSION else 0
    size = ctypes.sizeof(_Ruleset) if version >= _TCP_VERSION else ctypes.sizeof(ctypes.c_uint64)
    handle = call(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if handle >= 0:
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        call(_RESTRICT_SELF, handle, 0)
        os.close(handle)
