"""The user's defaults: `config.toml` in the configuration folder, one line for each flag.

    size = "4b"
    think = false
    gpu-layers = 20

A flag on the command line wins over its QWEN3_ variable, the variable over this file. Knows no flags: whoever asks says
which there are.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import config_folder

FILE_NAME = "config.toml"


def read_settings(variables: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    """The settings by parameter; empty where there is no file. `known` maps the names a line may have to parameters.

    Raises:
        UsageProblem: the file is damaged or sets what is not known; says where.
    """
    path = config_folder(variables) / FILE_NAME
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise _bad(str(path), str(problem)) from None
    settings = {}
    for key, value in found.items():
        if key not in known or isinstance(value, dict):
            near = difflib.get_close_matches(key, known, n=1)
            perhaps = f", perhaps {near[0]}?" if near else ""
            raise _bad(_place(path, text, key), f"no setting is called {key}{perhaps}")
        settings[known[key]] = value
    return settings


def _place(path: Path, text: str, key: str) -> str:
    match = re.search(rf'^[ \t"\[]*{re.escape(key)}\b', text, re.MULTILINE)
    return f"{path}:{text.count(chr(10), 0, match.start()) + 1}" if match else str(path)


def _bad(where: str, reason: str) -> UsageProblem:
    return UsageProblem(f"{where}: {reason}", "correct that line, or move the file away")
