"""A model brought to life before the user's eyes: the plan with `--verbose`, the progress, and what to know of it."""

from collections.abc import Mapping

from qwen3cli.base.environment import Environment
from qwen3cli.base.paths import cache_folder, state_folder
from qwen3cli.engine.kv_files import KvFiles
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.plans import plan_text, second_plan_text
from qwen3cli.render.status import StatusLine, load_progress
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.trial import check_file


def load_chosen(
    choice: Choice,
    options: LoadOptions,
    environment: Environment,
    interrupts: Interrupts,
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> LoadedModel:
    """The chosen model, ready for turns.

    Raises:
        QwenError: it cannot be loaded.
    """
    prepared = prepare(
        choice, options, this_machine(environment.variables, measured=False).resources
    )
    if verbose:
        environment.stderr.put(plan_text(choice.title, prepared.plan))
    prepared.plan.check_weights(choice.title, choice.spec)
    with StatusLine(environment, quiet=quiet) as status:
        if not choice.is_proved:
            status.show(f"trying {choice.title} first, since it is new here")
            check_file(prepared.file, environment.variables, interrupts.should_stop)
        status.show(f"loading {choice.title}")
        loaded = load_model(
            prepared,
            load_progress(status, choice.title, interrupts),
            kv_files(environment.variables, options.saved_kv_bytes),
        )
    if loaded.plan.is_second and not quiet:
        environment.stderr.put(f"qwen3: {second_plan_text(loaded.plan)}\n")
    return loaded


def kv_files(variables: Mapping[str, str], limit_bytes: int) -> KvFiles | None:
    """Where computed prompts are kept from one process to the next; None if none may be."""
    if limit_bytes == 0:
        return None
    return KvFiles(
        cache_folder(variables) / "kv", state_folder(variables) / "kv-secret", limit_bytes
    )
