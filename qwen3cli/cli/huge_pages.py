"""Huge pages for what a model computes with: memory in pieces of two megabytes, where the kernel gives them if asked.

glibc's allocator asks for them if GLIBC_TUNABLES says so as the process starts, and no later; ggml allocates through it. So a
command that runs a model starts itself again with that, before anything is loaded: 15 ms. In turn on two busy cores (0.6B
Q4_K_M, eight pairs, processor time) a token took 0.82 of the time at depth 0 and 0.89 at 3,072, and an answer at 1,024 tokens took
4 MiB more; making a context took two to four times as long where memory lay in small pieces, and less where it did not.

What is put into the environment is taken out again at once, so that no child of ours sees it. Imports nothing that the
interpreter has not loaded already.
"""

import os
import sys

_VARIABLE, _SETTING = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"
_BEFORE = "_QWEN3_GLIBC_TUNABLES"  # what the variable was before: the mark of the second start
_COMMANDS = ("ask", "chat", "compare", "map", "bench")  # those that run a model
_SMALL_MODEL = "demo"  # gains nothing by it
_OURS = ("qwen3", "__main__.py")  # how the program is called that may be started again
_WHEN_ASKED = "[madvise]"  # pages are huge where a program asks for it: neither always nor never
_STATE = "/sys/kernel/mm/transparent_hugepage/enabled"
_FIRST_GLIBC = (2, 35)


def use_huge_pages() -> None:
    """Start again with huge pages, if that is of use; in the second start, forget how it came about."""
    before = os.environ.pop(_BEFORE, None)
    if before is not None:
        if before:
            os.environ[_VARIABLE] = before
        else:
            os.environ.pop(_VARIABLE, None)
    elif _are_of_use() and _can_be_had():
        tunables = os.environ.get(_VARIABLE, "")
        joined = f"{tunables}:{_SETTING}=1" if tunables else f"{_SETTING}=1"
        environment = os.environ | {_VARIABLE: joined, _BEFORE: tunables}
        try:
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
        except OSError:
            return  # it goes without


def _are_of_use() -> bool:
    """Whether a model of some size is run, and nobody has decided already."""
    words = sys.argv[1:]
    named = _SMALL_MODEL in words or os.environ.get("QWEN3_SIZE") == _SMALL_MODEL
    is_ours = os.path.basename(sys.argv[0]) in _OURS  # noqa: PTH119 - pathlib is not loaded yet
    return is_ours and bool(words) and words[0] in _COMMANDS and not named


def _can_be_had() -> bool:
    if sys.platform != "linux" or not sys.executable or _SETTING in os.environ.get(_VARIABLE, ""):
        return False
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        with open(_STATE, encoding="ascii") as state:  # noqa: PTH123 - likewise
            offered = _WHEN_ASKED in state.read()
        return offered and name == "glibc" and _numbers(version) >= _FIRST_GLIBC
    except (OSError, ValueError):
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split("."))
