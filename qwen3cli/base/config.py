"""The user's defaults: `config.toml` in the configuration folder, one line for each flag.

    size = "4b"
    think = false
    gpu-layers = 20

A flag on the command line wins over its QWEN3_ variable, the variable over this file. Knows no flags: whoever asks says
which there are.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import config_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.toml_file import TomlFile

FILE_NAME = "config.toml"


def read_settings(variables: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    """The settings by parameter; empty where there is no file. `known` maps the names a line may have to parameters.

    Raises:
        UsageProblem: the file is damaged or sets what is not known; says where.
    """
    path = config_file(variables)
    if not path.is_file():
        return {}
    file = TomlFile(path)
    settings = {}
    for key, value in file.document.items():
        if key not in known or isinstance(value, dict):
            reason = f"no setting is called {key}{did_you_mean(key, known)}"
            raise file.problem(reason, _place(file.text, key))
        settings[known[key]] = value
    return settings


def config_file(variables: Mapping[str, str]) -> Path:
    """Where the settings are, whether there are any or not."""
    return config_folder(variables) / FILE_NAME


def unknown_setting(name: str, known: Mapping[str, str]) -> UsageProblem:
    """The error for a name that no setting has."""
    return UsageProblem(f"no setting is called {name}{did_you_mean(name, known)}", "qwen3 config")


def with_setting(text: str, name: str, value: object) -> str:
    """The text of the file with one line changed, added, or, for None, taken away; all others stay as they are."""
    lines = [] if value is None else [f"{name} = {json.dumps(value, ensure_ascii=False)}\n"]
    line = re.compile(rf'^[ \t]*"?{re.escape(name)}"?[ \t]*=.*(?:\n|\Z)', re.MULTILINE)
    found = line.search(text)
    if found is None:
        end = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{end}{''.join(lines)}"
    return text[: found.start()] + "".join(lines) + text[found.end() :]


def _place(text: str, key: str) -> int | None:
    match = re.search(rf'^[ \t"\[]*{re.escape(key)}\b', text, re.MULTILINE)
    return match.start() if match else None
