"""What `--version`, `--help` and completion may load."""

import json
import subprocess
import sys

import pytest

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
    assert loaded & (HEAVY | {"rich"}) == set()
    assert "qwen3cli" in loaded


def test_version_needs_no_rich_and_no_room_below():
    code = "import sys; sys.argv = ['qwen3', '--version']\ntry:\n    from qwen3cli.cli import main; main()\nexcept SystemExit: pass"
    loaded = modules_after(code)
    assert (
        not {"rich.markdown", "qwen3cli.engine.llama", "qwen3cli.commands.ask", "qwen3cli.chat"}
        & loaded
    )


def test_completing_a_model_name_loads_no_heavy_library():
    code = "from qwen3cli.cli.completion import complete_model; assert complete_model('8b')"
    assert not {name.partition(".")[0] for name in modules_after(code)} & (HEAVY | {"rich"})
