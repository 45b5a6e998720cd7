"""`qwen3 templates`: prompts by name, some built in and the user's own over them, each a TOML file.

Knows where they lie; what one may say is `dialogue/prompt_template`. Does not run any.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import config_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.toml_file import TomlFile
from qwen3cli.dialogue.prompt_template import PromptTemplate, read_template

_SUFFIX = ".toml"
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*")


def own_folder(variables: Mapping[str, str]) -> Path:
    """Where the user's own templates are."""
    return config_folder(variables) / "templates"


def built_in_folder() -> Path:
    """Where those of the package are."""
    return Path(__file__).parent / "built_in"


def template_files(variables: Mapping[str, str]) -> dict[str, Path]:
    """Every template's file by its name, the user's own in the place of a built-in one."""
    folders = (built_in_folder(), own_folder(variables))
    found = {path.stem: path for folder in folders for path in folder.glob(f"*{_SUFFIX}")}
    return dict(sorted(found.items()))


def check_name(name: str) -> str:
    """The name, if a file can be called so.

    Raises:
        UsageProblem: it cannot.
    """
    if not _WORD.fullmatch(name):
        raise UsageProblem(
            f"{name!r} is no name for a template", "letters, digits, dots and dashes"
        )
    return name


def find_template(name: str, variables: Mapping[str, str]) -> PromptTemplate:
    """The template of that name.

    Raises:
        UsageProblem: there is none, or its file is wrong; says where.
    """
    files = template_files(variables)
    if name not in files:
        raise UsageProblem(
            f"no template is called {name}{did_you_mean(name, files)}",
            f"there are {', '.join(files)}; qwen3 templates edit {name if _WORD.fullmatch(name) else 'NAME'}",
        )
    return load_template(files[name])


def load_template(path: Path) -> PromptTemplate:
    """One file's template.

    Raises:
        UsageProblem: it is wrong; says where.
    """
    file = TomlFile(path)

    def problem(reason: str, key: str) -> UsageProblem:
        place = re.search(rf"^[ \t\"\[]*{re.escape(key)}\b", file.text, re.MULTILINE)
        return file.problem(reason, place.start() if place else 0)

    return read_template(path.stem, file.document, problem)
