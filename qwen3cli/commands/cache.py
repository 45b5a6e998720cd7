"""`cache`: the computed prompts that are kept on the disk: which there are, and away with them."""

from datetime import datetime

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import QwenError
from qwen3cli.base.units import bytes_text, count_text
from qwen3cli.commands.loading import kv_files
from qwen3cli.engine.kv_files import KvFiles
from qwen3cli.machine.plan import DEFAULT_SAVED_KV_BYTES
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table


def run_list(environment: Environment, *, json: bool) -> None:
    """Show them, the one used last first."""
    files = _files(environment)
    kept = list(files)
    if json:
        rows = [
            {
                "model": each.title,
                "tokens": each.count,
                "bytes": each.file_bytes,
                "used": datetime.fromtimestamp(each.used_at).astimezone().isoformat("T", "seconds"),
            }
            for each in kept
        ]
        environment.stdout.put(as_json({"folder": str(files.folder), "prompts": rows}))
        return
    if kept:
        rows_shown = [
            (
                each.title,
                count_text(each.count),
                bytes_text(each.file_bytes),
                f"{datetime.fromtimestamp(each.used_at):%Y-%m-%d %H:%M}",
            )
            for each in kept
        ]
        put_table(environment, ("model", "tokens", "size", "last used"), rows_shown, right=(1, 2))
    total = bytes_text(sum(each.file_bytes for each in kept))
    environment.stderr.put(f"{_counted(len(kept))}, {total}, in {files.folder}\n")


def run_clear(environment: Environment, *, json: bool) -> None:
    """Remove them all.

    Raises:
        QwenError: the folder cannot be changed.
    """
    files = _files(environment)
    try:
        freed = files.clear()
    except OSError as problem:
        raise QwenError(f"{files.folder} cannot be cleared: {problem.strerror}") from problem
    text = as_json({"freed_bytes": freed}) if json else f"freed {bytes_text(freed)}\n"
    environment.stdout.put(text)


def _files(environment: Environment) -> KvFiles:
    files = kv_files(environment.variables, DEFAULT_SAVED_KV_BYTES)
    assert files is not None, "there is room for some"
    return files


def _counted(count: int) -> str:
    return "1 prompt" if count == 1 else f"{count_text(count)} prompts"
