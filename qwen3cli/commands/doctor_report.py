"""`doctor --report`: what a bug report needs, in a form to paste into one.

Only what is named here gets in: versions, the machine, the engine, and which settings are set, without their values. No
path, no name of a person, a file or a host, no prompt.
"""

import locale
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from qwen3cli import __version__
from qwen3cli.base.config import read_settings
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import QwenError
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import bytes_text
from qwen3cli.commands.doctor import KnownSettings, instructions_text
from qwen3cli.engine.devices import devices, system_info
from qwen3cli.machine.hardware import memory, performance_cores, physical_cores, usable_processors
from qwen3cli.models.catalogue_file import shipped_names
from qwen3cli.models.choice import DEMO_NAME
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json

_PACKAGES = (
    "llama-cpp-python", "llguidance", "huggingface-hub", "httpx2", "typer", "rich", "markdown-it-py",
    "prompt-toolkit", "jinja2", "psutil", "numpy", "mcp", "pdf-inspector", "firecrawl-anydoc",
)  # fmt: skip
# Variables whose values are words of a program and say nothing of a person.
_PLAIN_VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL", "NO_COLOR", "FORCE_COLOR")
# Variables of others that change what we do; told without their values.
_OTHER_VARIABLES = (
    "HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "HTTPS_PROXY", "OLLAMA_MODELS",
    "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GLIBC_TUNABLES", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
)  # fmt: skip


def run_report(environment: Environment, known: KnownSettings, *, json: bool) -> None:
    """Print the report: Markdown to paste, or JSON."""
    facts = {name: visible(text) for name, text in _facts(environment, known)}
    lines = "".join(f"{name}: {text}\n" for name, text in facts.items())
    environment.stdout.put(as_json(facts) if json else f"```text\n{lines}```\n")


def _facts(environment: Environment, known: KnownSettings) -> Iterator[tuple[str, str]]:
    yield "qwen3", __version__
    yield "python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "packages", ", ".join(_packages())
    yield "system", f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield "libc", " ".join(filter(None, platform.libc_ver())) or "unknown"
    yield "instructions", instructions_text(system_info())
    gpus = [each for each in devices() if each.is_gpu]
    yield (
        "gpu",
        "; ".join(f"{gpu.description}, {bytes_text(gpu.total_bytes)}" for gpu in gpus) or "none",
    )
    yield (
        "cores",
        f"{physical_cores()} physical, {performance_cores()} fast, {usable_processors()} logical",
    )
    now = memory()
    free = bytes_text(now.available_bytes)
    yield "memory", f"{free} free of {bytes_text(now.total_bytes)}"
    yield "models", _models(environment)
    yield "settings", _settings(environment, known)
    variables = environment.variables
    told = (*sorted(known.variables), *_OTHER_VARIABLES)
    yield "variables", ", ".join(name for name in told if name in variables) or "none"
    plain = (f"{name}={variables[name]}" for name in _PLAIN_VARIABLES if name in variables)
    yield "terminal", ", ".join([*plain, _streams(environment)])
    yield "encoding", f"{locale.getencoding()}, file names {sys.getfilesystemencoding()}"


def _packages() -> Iterator[str]:
    for name in _PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _models(environment: Environment) -> str:
    """Those of the catalogue that ships; the user's own are counted."""
    try:
        library = Library(environment.variables)
        here = library.names_on_disk()
    except QwenError as problem:
        return type(problem).__name__
    ours = shipped_names() | {DEMO_NAME}
    shipped = [name for name in here if name.partition(":")[0] in ours]
    others = len(here) - len(shipped)
    return ", ".join([*shipped, *([f"{others} of their own"] if others else [])])


def _settings(environment: Environment, known: KnownSettings) -> str:
    try:
        return ", ".join(sorted(read_settings(environment.variables, known.flags))) or "none"
    except QwenError as problem:
        return type(problem).__name__


def _streams(environment: Environment) -> str:
    kinds = {
        "input": environment.stdin_is_terminal,
        "output": environment.stdout_is_terminal,
        "errors": environment.stderr_is_terminal,
    }
    terminals = [name for name, is_terminal in kinds.items() if is_terminal]
    return f"terminals: {' '.join(terminals) or 'none'}, {environment.terminal_columns()} columns"
