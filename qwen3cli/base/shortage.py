"""What the system has run out of, told from what it raises or says: memory, files, threads.

Any line of any library may be the one that finds it out, so whoever ends the program asks here.
"""

import errno

from qwen3cli.base.errors import DoesNotFit, QwenError

# How llama.cpp, the C++ library and the dynamic loader say that memory could not be had.
_NO_MEMORY = (
    "allocate",
    "out of memory",
    "insufficient memory",
    "bad_alloc",
    "failed to map segment",
    "mem_buffer != null",
)
_HINT = "qwen3 fit shows what there is; ulimit -v and -d, and control groups, can set it lower"


def is_of_memory(said: str) -> bool:
    """Whether something that was said means that memory could not be had."""
    return any(words in said.lower() for words in _NO_MEMORY)


def shortage(problem: BaseException) -> QwenError | None:
    """The error of our family for an exception that means a shortage; None for any other."""
    number = problem.errno if isinstance(problem, OSError) else None
    if isinstance(problem, MemoryError) or number == errno.ENOMEM:
        return DoesNotFit("there is not enough memory", _HINT)
    if number in (errno.EMFILE, errno.ENFILE):
        return QwenError("no further file can be opened", "raise the limit: ulimit -n 256")
    if number == errno.EAGAIN or "can't start new thread" in str(problem):
        return QwenError(
            "no further thread or process can be started", "raise the limit: ulimit -u"
        )
    loading = ImportError | OSError | RuntimeError
    if isinstance(problem, loading) and is_of_memory(str(problem)):
        return DoesNotFit("there is not enough memory", _HINT)
    return None
