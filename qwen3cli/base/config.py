"""The user's defaults: `config.toml` in the configuration folder, one line for each flag.

    size = "4b"
    think = false
    gpu-layers = 20

A flag on the command line wins over its QWEN3_ variable, the variable over this file. Knows no flags: whoever asks says
which there are.
"""

import re
from collections.abc import Mapping
from typing import Any

from qwen3cli.base.paths import config_folder
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.toml_file import TomlFile

FILE_NAME = "config.toml"


def read_settings(variables: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    """The settings by parameter; empty where there is no file. `known` maps the names a line may have to parameters.

    Raises:
        UsageProblem: the file is damaged or sets what is not known; says where.
    """
    path = config_folder(variables) / FILE_NAME
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


def _place(text: str, key: str) -> int | None:
    match = re.search(rf'^[ \t"\[]*{re.escape(key)}\b', text, re.MULTILINE)
    return match.start() if match else None
