"""The low-level half of llama-cpp-python, and what llama.cpp has to say while it works.

Importing the package the usual way also loads its high-level half (NumPy, a disk cache, a server's types): 0.25 s
against 0.05 s for the bindings alone, which are all we use. So the package is entered here by its side door: an empty
parent module with the right path, and the submodule below it.

llama.cpp writes its log through a callback. Ours keeps the last lines for error messages and passes them on with
`--verbose`; nothing reaches our streams otherwise, and no file descriptor is touched. Where ggml finds what cannot be, a
number in a damaged file for instance, it ends the process; then we have the last word, so that it ends as ours does.
"""

import ctypes
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from qwen3cli.base.errors import EngineFailed, ExitCode
from qwen3cli.base.shortage import is_of_memory, shortage
from qwen3cli.base.streams import error_output_of

# Enough to hold what llama.cpp says about one failed load.
_LOG_LINES_KEPT = 400
_SPINS, _FEW_SPINS = "GOMP_SPINCOUNT", "1000"
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)
_DEBUG_LEVEL, _ERROR_LEVEL = 1, 4  # enum ggml_log_level; 2 info, 3 warning, 5 continuation


class NativeLog:
    """The last lines of llama.cpp's log, and whoever wants to see them as they come."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_LOG_LINES_KEPT)
        self.errors: deque[str] = deque(maxlen=20)
        self.listener: Callable[[str], None] | None = None

    def take(self, level: int, text: bytes) -> None:
        """One line from llama.cpp, from whichever thread it has. Debug lines, two thousand for a context, are dropped."""
        if level == _DEBUG_LEVEL:
            return
        line = text.decode("utf-8", "replace").rstrip("\n")
        if not line.strip(" ."):
            return
        self.lines.append(line)
        if level == _ERROR_LEVEL:
            self.errors.append(line)
        if self.listener is not None:
            self.listener(line)

    def clear(self) -> None:
        """Forget what was said before."""
        self.lines.clear()
        self.errors.clear()


class _Loaded:
    """The bindings once loaded. A process has one llama.cpp, so it has one of these."""

    module: Any = None
    log = NativeLog()
    log_callback: Any = None  # llama.cpp keeps the pointers, so we keep the objects
    abort_callback: Any = None


def native_log() -> NativeLog:
    """The process's llama.cpp log."""
    return _Loaded.log


def bindings() -> Any:
    """`llama_cpp.llama_cpp`, loaded once, with its log routed to `native_log()`.

    Raises:
        EngineFailed: the package or its shared library cannot be loaded.
    """
    if _Loaded.module is None:
        os.environ["GGML_NO_BACKTRACE"] = "1"  # where C++ gives up, ggml would start a debugger
        with _waiting_briefly():
            _Loaded.module = _load()
        log = _Loaded.log
        _Loaded.log_callback = _Loaded.module.llama_log_callback(
            lambda level, text, _data: log.take(level, text or b"")
        )
        _Loaded.module.llama_log_set(_Loaded.log_callback, ctypes.c_void_p(0))
        _Loaded.abort_callback = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(_last_word)
        ggml_function("ggml_set_abort_callback", [ctypes.c_void_p])(_Loaded.abort_callback)
        _Loaded.module.llama_backend_init()
    return _Loaded.module


def bindings_version() -> str:
    """The release of the bindings, from their own source; asking the installed metadata takes 11 ms, this 0.1."""
    parent = find_spec("llama_cpp")
    if parent is None or parent.origin is None:
        return ""
    with Path(parent.origin).open(encoding="utf-8") as source:
        found = _VERSION.search(source.read())
    return found[1] if found else ""


def ggml_function(name: str, arguments: Sequence[Any] = (), result: Any = None) -> Any:
    """A function of ggml, which the bindings load and do not declare. It may be in either of ggml's two libraries.

    Raises:
        EngineFailed: this release of ggml has no such function.
    """
    bindings()
    import llama_cpp._ggml as ggml
    from llama_cpp._ctypes_extensions import load_shared_library

    for library in (ggml.libggml, load_shared_library("ggml-base", ggml.libggml_base_path)):
        function = getattr(library, name, None)
        if function is not None:
            function.argtypes, function.restype = list(arguments), result
            return function
    raise EngineFailed(f"ggml has no {name}", "install the tested release: see pyproject.toml")


def _last_word(message: bytes) -> None:
    """ggml is about to abort, in any of its threads: one line and the exit code instead of a core dump."""
    reason = re.sub(r"^.*[/\\]", "", message.decode("utf-8", "replace").partition("\n")[0])
    hint, code = (
        "the model file may be damaged: qwen3 models verify, or fetch it again",
        ExitCode.ENGINE,
    )
    if is_of_memory(" ".join([reason, *native_log().errors])):
        hint, code = "for want of memory: qwen3 fit shows what fits", ExitCode.NO_MEMORY
    error_output_of(sys.stderr).put(f"qwen3: llama.cpp gave up ({reason})\n  try: {hint}\n")
    os._exit(code)


def _load() -> Any:
    try:
        if "llama_cpp" not in sys.modules:
            _enter_by_the_side_door()
        import llama_cpp.llama_cpp as low_level
    except (ImportError, OSError, RuntimeError) as problem:
        raise shortage(problem) or EngineFailed(
            f"llama.cpp cannot be loaded: {problem}",
            "reinstall its bindings: pip install --force-reinstall llama-cpp-python",
        ) from problem
    return low_level


@contextmanager
def _waiting_briefly() -> Iterator[None]:
    """Load the library so that threads which wait for each other soon sleep, and leave their core to other work.

    GNU's OpenMP would let them turn for milliseconds. Beside other work the one that is waited for does not even run then:
    with a load of three to seven on two cores (0.6B Q4_K_M, four pairs) a token took 485 to 887 ms, and with this 59 to 148;
    on quiet cores 21 with both, and 35 where they sleep at once (one pair). The variable is read as the library loads; who sets one
    like it keeps it, and no child of ours sees it.
    """
    if _SPINS in os.environ or "OMP_WAIT_POLICY" in os.environ:
        yield
        return
    os.environ[_SPINS] = _FEW_SPINS
    try:
        yield
    finally:
        del os.environ[_SPINS]


def _enter_by_the_side_door() -> None:
    spec = find_spec("llama_cpp")
    if spec is None:
        raise ImportError("the package llama-cpp-python is not installed")
    parent = ModuleType("llama_cpp")
    parent.__path__ = list(spec.submodule_search_locations or [])
    parent.__spec__ = spec
    sys.modules["llama_cpp"] = parent
