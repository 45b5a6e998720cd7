"""What the documents say is true of the program."""

import re
import tomllib
from pathlib import Path

import pytest
from support.rooms import ROOMS

from qwen3cli.base.errors import ExitCode
from qwen3cli.cli.settings import flag_names
from qwen3cli.models import catalogue_file

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PAGES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
GUIDE = "\n".join([README, *PAGES.values()])
COMMANDS = (
    "ask", "chat", "map", "compare", "pull", "models", "fit", "bench", "templates", "sessions",
    "replay", "config", "cache", "mcp",
    "doctor",
)  # fmt: skip


def test_the_exit_codes_in_the_readme_are_the_programs():
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert listed == {code.value for code in ExitCode}


def test_every_flag_in_the_guide_exists(qwen3):
    helps = "".join(qwen3(name, "--help", COLUMNS="200").stdout.decode() for name in COMMANDS)
    helps += qwen3("--help", COLUMNS="200").stdout.decode()
    for word in ("add", "call"):
        helps += qwen3("mcp", word, "--help", COLUMNS="200").stdout.decode()
    for_pip = {"--extra-index-url", "--force-reinstall", "--no-deps"}
    others, ours = re.split(r"^\| there \|.*$", GUIDE, flags=re.MULTILINE)
    ours = others + re.sub(r"^\| (?:[^|\\]|\\.)* \|", "", ours, flags=re.MULTILINE)
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) - for_pip
    assert {flag for flag in flags if flag not in helps} == set()


def test_every_command_line_in_the_guide_names_a_command(qwen3):
    named = set(re.findall(r"^    (?:.*\| |.*&& )?qwen3 ([a-z]+)", GUIDE, re.MULTILINE))
    assert named == set(COMMANDS)


def test_every_variable_in_the_guide_is_read():
    ours = {f"QWEN3_{name.upper()}" for name in flag_names().values()} | {
        "QWEN3_PLAIN",
        "QWEN3_DEBUG",
        "QWEN3_FROM",
    }
    assert set(re.findall(r"\bQWEN3_[A-Z_]+", GUIDE)) <= ours


def test_every_file_a_document_links_is_there():
    texts = {ROOT / "README.md": README, ROOT / "CONTRIBUTING.md": CONTRIBUTING, **PAGES}
    for path, text in texts.items():
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
        assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_file_of_the_code_that_contributing_names_is_there():
    named = set(re.findall(r"`([\w./]+\.(?:py|jinja|svg))`", CONTRIBUTING))
    ours = [
        path.as_posix() for folder in ("qwen3cli", "tests") for path in (ROOT / folder).rglob("*.*")
    ]
    lost = [name for name in named if not any(path.endswith(f"/{name}") for path in ours)]
    assert [name for name in lost if "WORD" not in name] == []


def test_every_page_of_the_guide_can_be_reached_from_the_readme():
    assert [path.name for path in PAGES if f"(docs/{path.name})" not in README] == []


def test_the_rooms_in_contributing_are_those_the_test_walks():
    assert list(reversed(re.findall(r"^    ([a-z/]+)/ {2,}", CONTRIBUTING, re.MULTILINE))) == [
        room.replace(".", "/") for room in ROOMS
    ]


def test_the_top_level_holds_what_it_should_and_nothing_else():
    tracked = {".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"}
    tracked |= {"models.toml", "pyproject.toml", "qwen3cli", "tests", "docs"}
    made = {".git", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", "build", "dist"}
    made |= {".hypothesis"}
    assert {path.name for path in ROOT.iterdir()} - made == tracked


def test_the_catalogue_is_found_in_the_package_and_beside_a_checkout(tmp_path, monkeypatch):
    package = tmp_path / "qwen3cli"
    package.mkdir()
    monkeypatch.setattr(catalogue_file, "__file__", str(package / "models" / "catalogue_file.py"))
    assert catalogue_file.shipped_file() == tmp_path / "models.toml"
    (package / "models.toml").touch()
    assert catalogue_file.shipped_file() == package / "models.toml"


def test_the_wheel_is_told_to_ship_the_catalogue():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"models.toml": "qwen3cli/models.toml"}


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word):
    sources = [*(ROOT / "qwen3cli").rglob("*.py"), ROOT / "README.md", ROOT / "models.toml"]
    assert [path.name for path in sources if word in path.read_text(encoding="utf-8")] == []
