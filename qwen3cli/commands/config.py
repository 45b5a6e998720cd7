"""`config`: the settings of `config.toml`, read, changed one at a time, edited.

What is written is read again before it takes the file's place, so that no change makes the file one that is refused.
"""

import json
import tomllib
from collections.abc import Mapping

from qwen3cli.base.config import config_file, read_settings, unknown_setting, with_setting
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, UsageProblem
from qwen3cli.base.streams import encoded
from qwen3cli.base.user_editor import edit_file, editor_command
from qwen3cli.base.whole_file import write_whole
from qwen3cli.render.json_output import as_json


def run_list(environment: Environment, known: Mapping[str, str], *, json: bool) -> None:
    """Every setting that is set, as the file has it."""
    settings = _settings(environment, known)
    if json:
        environment.stdout.put(as_json({"settings": settings}))
        return
    for name, value in settings.items():
        environment.stdout.put(f"{name} = {_toml(value)}\n")
    if not settings:
        environment.stderr.put("Nothing is set: qwen3 config set size 8b, for instance.\n")


def run_get(name: str, environment: Environment, known: Mapping[str, str]) -> ExitCode:
    """Print the value of one setting, if it is set.

    Raises:
        UsageProblem: there is no such setting.
    """
    if name not in known:
        raise unknown_setting(name, known)
    settings = _settings(environment, known)
    if name not in settings:
        return ExitCode.FAILED
    value = settings[name]
    environment.stdout.put(f"{value if isinstance(value, str) else _toml(value)}\n")
    return ExitCode.DONE


def run_set(name: str, value: object, environment: Environment, known: Mapping[str, str]) -> None:
    """Change one setting; None takes it away.

    Raises:
        UsageProblem: there is no such setting, the file is damaged, or it cannot be written.
    """
    if name not in known:
        raise unknown_setting(name, known)
    if value == "":
        raise UsageProblem(f"{name} would be empty", f"qwen3 config set {name} takes it away")
    _settings(environment, known)  # a damaged file is told, and not changed
    path = config_file(environment.variables)
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    changed = with_setting(text, name, value)
    if tomllib.loads(changed).get(name) != value:
        raise UsageProblem(f"{name} stands over several lines in {path}", "qwen3 config edit")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, encoded(changed))
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from None


def run_path(environment: Environment) -> None:
    """Print where the file is, or would be."""
    environment.stdout.put(f"{config_file(environment.variables)}\n")


def run_edit(environment: Environment, known: Mapping[str, str]) -> None:
    """Open the file in the user's editor.

    Raises:
        UsageProblem: it cannot be opened, or what is in it now would be refused.
    """
    path = config_file(environment.variables)
    editor = editor_command(environment, "qwen3 config set NAME VALUE")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch()
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from None
    edit_file(editor, path)
    _settings(environment, known)


def _settings(environment: Environment, known: Mapping[str, str]) -> dict[str, object]:
    return read_settings(environment.variables, {name: name for name in known})


def _toml(value: object) -> str:
    """A value as TOML has it; for what settings are, JSON's way is the same."""
    return json.dumps(value, ensure_ascii=False)
