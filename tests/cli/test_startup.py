"""What `--version` and `--help` may load, and which floor may import which."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import qwen3cli

PACKAGE = Path(qwen3cli.__file__).parent
HEAVY = {
    "llama_cpp",
    "huggingface_hub",
    "prompt_toolkit",
    "jinja2",
    "numpy",
    "mcp",
    "psutil",
    "httpx",
}

# The floors of the code, lowest first. A module imports from its own floor or from lower ones.
FLOORS = (
    ("errors", "sources", "units", "messages", "events", "control", "plaintext"),
    ("environment", "paths", "config", "gguf", "catalogue", "hardware", "demo"),
    ("attention", "fit", "placement", "parse", "prompt", "sampling", "thinking"),
    (
        "engine",
        "template_worker",
        "templates",
        "documents",
        "hub_problems",
        "blobs",
        "hub",
        "store",
    ),
    ("turn", "wishes", "choice", "loading", "interrupts", "planning", "offload", "fetching"),
    ("render",),
    ("library", "oneshot", "chat", "pulling", "reports", "fitting", "checkup"),
    ("cli", "__main__"),
)


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_version_and_help_load_no_heavy_library(flag):
    code = f"import sys; sys.argv = ['qwen3', '{flag}']\ntry:\n    from qwen3cli.cli import main; main()\nexcept SystemExit: pass"
    loaded = {name.partition(".")[0] for name in modules_after(code)}
    assert loaded & HEAVY == set()
    assert "qwen3cli" in loaded


def test_version_needs_no_rich_and_no_floor_below():
    code = "import sys; sys.argv = ['qwen3', '--version']\ntry:\n    from qwen3cli.cli import main; main()\nexcept SystemExit: pass"
    loaded = modules_after(code)
    assert (
        not {"rich.markdown", "qwen3cli.engine.llama", "qwen3cli.oneshot", "qwen3cli.chat"} & loaded
    )


def test_completing_a_model_name_loads_no_heavy_library():
    code = "from qwen3cli.cli.completion import complete_model; assert complete_model('8b')"
    assert not {name.partition(".")[0] for name in modules_after(code)} & (HEAVY | {"rich"})


def floor_of(module: str) -> int:
    name = module.removeprefix("qwen3cli.").partition(".")[0]
    for number, names in enumerate(FLOORS):
        if name in names:
            return number
    raise AssertionError(f"{module} stands on no floor: add it to FLOORS")


def imported_by(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("qwen3cli."):
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("qwen3cli.")}
    return names


def test_imports_only_run_downwards():
    upwards = []
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts == ("__init__",) or (parts[0] == "demo" and parts != ("demo", "__init__")):
            continue  # the demo's training scripts stand on top of everything
        own = floor_of(".".join(parts))
        upwards += [
            f"{'.'.join(parts)} imports {name}"
            for name in imported_by(path)
            if floor_of(name) > own
        ]
    assert upwards == []


def test_no_file_outgrows_its_reader():
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
