"""Every flag that more than one command has, written once.

A group of flags is a frozen dataclass whose fields are `Annotated` options; `grouped` lets a command take the group as
one parameter while Typer still sees single flags. Each flag can also be set by its variable, `QWEN3_` and its name, and
in the configuration file; the flag wins over the variable, the variable over the file.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from qwen3cli.dialogue.sampling import MOST_SEED
from qwen3cli.machine.attention import KvType


class Effort(StrEnum):
    """Words for thinking budgets."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def option(
    *names: str,
    help: str,
    panel: str,
    metavar: str | None = None,
    hidden: bool = False,
    **more: Any,
) -> Any:
    """A `typer.Option` in a help panel; its variable's name is added by `grouped`."""
    return typer.Option(
        *names, help=help, rich_help_panel=panel, metavar=metavar, hidden=hidden, **more
    )


def switch(*names: str, help: str, panel: str, **more: Any) -> Any:
    """An option without a value; Typer would show `<bool>` as if it took one."""
    return option(*names, help=help, panel=panel, metavar="", **more)


MODEL, THINKING, SAMPLING, MACHINE, OUTPUT = "Model", "Thinking", "Sampling", "Machine", "Output"


def complete_model(incomplete: str) -> list[str]:
    """Names for the shell; loaded only when it asks."""
    from qwen3cli.cli.completion import complete_model as complete

    return complete(incomplete)


SpecArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="SIZE, SIZE:QUANT or hf:OWNER/REPO/FILE.",
        autocompletion=complete_model,
    ),
]
JsonFlag = Annotated[bool, switch("--json", help="Print one JSON object.", panel=OUTPUT)]
OfflineFlag = Annotated[
    bool,
    switch(
        "--offline", help="Never open a network connection.", panel=MODEL, envvar="QWEN3_OFFLINE"
    ),
]

SourceFlag = Annotated[
    str | None,
    option(
        "--from",
        metavar="SOURCE",
        help="huggingface, modelscope, or both in the order to try, as modelscope,huggingface.",
        panel=MODEL,
        envvar="QWEN3_FROM",
    ),
]


@dataclass(frozen=True, slots=True)
class ModelFlags:
    """Which model, and how it is put into memory."""

    size: Annotated[
        str | None,
        option(
            "--size",
            "--model",
            "-m",
            metavar="MODEL",
            help="A size (0.6b ... 235b-a22b, demo), SIZE:QUANT, hf:OWNER/REPO/FILE, or a path to a .gguf file.",
            panel=MODEL,
            autocompletion=complete_model,
        ),
    ] = None
    ctx: Annotated[
        int | None,
        option(
            "--ctx",
            min=256,
            metavar="TOKENS",
            help="Longest context. Default: the model's own.",
            panel=MODEL,
        ),
    ] = None
    source: SourceFlag = None
    offline: OfflineFlag = False
    yes: Annotated[
        bool,
        switch("-y", "--yes", help="Fetch a model that is not here without asking.", panel=MODEL),
    ] = False
    threads: Annotated[
        int | None,
        option(
            "-t",
            "--threads",
            min=1,
            max=512,  # GGML_MAX_N_THREADS: more and ggml writes where it must not
            metavar="N",
            help="Default: the performance cores.",
            panel=MACHINE,
        ),
    ] = None
    gpu_layers: Annotated[
        int | None,
        option(
            "--gpu-layers",
            min=-1,
            metavar="N",
            help="Layers on the GPU, -1 for all. Default: what fits.",
            panel=MACHINE,
        ),
    ] = None
    cpu_moe: Annotated[
        int | None,
        option(
            "--cpu-moe",
            min=0,
            metavar="N",
            help="Keep the experts of the first N layers on the CPU.",
            panel=MACHINE,
        ),
    ] = None
    kv: Annotated[
        KvType | None,
        option("--kv", help="How the KV cache is stored; default f16.", panel=MACHINE),
    ] = None


@dataclass(frozen=True, slots=True)
class ThinkingFlags:
    """Whether and how long to think, and who sees it."""

    think: Annotated[
        bool | None,
        switch(
            "--think/--no-think",
            help="Think first, or answer at once.",
            panel=THINKING,
            show_default=False,
        ),
    ] = None
    budget: Annotated[
        int | None,
        option(
            "--budget",
            min=-1,
            metavar="TOKENS",
            help="Most thinking tokens; 0 is --no-think, -1 no limit.",
            panel=THINKING,
        ),
    ] = None
    effort: Annotated[
        Effort | None,
        option(
            "--effort", help="A budget in a word: 1,024, 4,096 or 16,384 tokens.", panel=THINKING
        ),
    ] = None
    think_time: Annotated[
        float | None,
        option(
            "--think-time",
            min=0.0,
            metavar="SECONDS",
            help="Longest time to think.",
            panel=THINKING,
        ),
    ] = None
    hide_thoughts: Annotated[
        bool, switch("-R", "--hide-thoughts", help="Do not show the thoughts.", panel=THINKING)
    ] = False
    thoughts: Annotated[
        Path | None,
        option(
            "--thoughts",
            metavar="FILE",
            help="Write the thoughts to a file; - is standard error.",
            panel=THINKING,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class SamplingFlags:
    """How tokens are chosen. What is not given has Qwen3's recommended value for the mode."""

    temperature: Annotated[
        float | None,
        option(
            "--temp",
            "--temperature",
            metavar="T",
            help="0 takes the likeliest token.",
            panel=SAMPLING,
        ),
    ] = None
    top_p: Annotated[
        float | None, option("--top-p", metavar="P", help="Nucleus.", panel=SAMPLING)
    ] = None
    top_k: Annotated[
        int | None, option("--top-k", metavar="K", help="Candidates kept.", panel=SAMPLING)
    ] = None
    min_p: Annotated[
        float | None,
        option("--min-p", metavar="P", help="Least share of the best.", panel=SAMPLING),
    ] = None
    presence_penalty: Annotated[
        float | None,
        option(
            "--presence-penalty", metavar="X", help="Against repetition, up to 2.", panel=SAMPLING
        ),
    ] = None
    seed: Annotated[
        int | None,
        option(
            "--seed",
            min=0,
            max=MOST_SEED,
            metavar="N",
            help="Makes a run repeat.",
            panel=SAMPLING,
        ),
    ] = None
    max_tokens: Annotated[
        int | None,
        option(
            "-n",
            "--max-tokens",
            min=1,
            metavar="N",
            help="Most tokens, thoughts included.",
            panel=SAMPLING,
        ),
    ] = None


def flag_names() -> dict[str, str]:
    """Every long flag of the groups, without its dashes, and the parameter it sets: what the configuration may say."""
    names = {}
    for group in (ModelFlags, ThinkingFlags, SamplingFlags):
        for field in fields(group):
            info = get_args(field.type)[1]
            # Typer takes the first flag inside `Annotated` for a default at first
            for flag in (info.default, *info.param_decls):
                if isinstance(flag, str) and flag.startswith("--"):
                    names[flag.partition("/")[0].removeprefix("--")] = field.name
    return names


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Spread every dataclass parameter of `command` into single flags, and collect them again when it is called."""
    parameters = inspect.signature(command).parameters.values()
    groups: dict[str, Any] = {
        each.name: each.annotation for each in parameters if is_dataclass(each.annotation)
    }

    @wraps(command)
    def collected(context: typer.Context, **given: Any) -> None:
        _strongest_wins(context, given)
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    flat = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for each in parameters:
        if each.name in groups:
            flat += [_flag(field) for field in fields(groups[each.name])]
        else:
            flat.append(each.replace(kind=inspect.Parameter.KEYWORD_ONLY))
    collected.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]  # read by Typer
    collected.__annotations__ = {each.name: each.annotation for each in flat}
    return collected


# These bound one thing, the thoughts; and where a value may come from, strongest first.
_ABOUT_THINKING = ("think", "budget", "effort", "think_time")
_ORIGINS = ("COMMANDLINE", "ENVIRONMENT", "DEFAULT_MAP")


def _strongest_wins(context: typer.Context, given: dict[str, Any]) -> None:
    """A flag wins over all variables about the same thing, and these over the file: `--no-think` over QWEN3_BUDGET."""
    origins = {name: context.get_parameter_source(name) for name in _ABOUT_THINKING}
    origin = {name: source.name if source is not None else "" for name, source in origins.items()}
    strongest = next((each for each in _ORIGINS if each in origin.values()), None)
    for name in _ABOUT_THINKING:
        if strongest is not None and origin[name] != strongest:
            given[name] = None


def _flag(field: Any) -> inspect.Parameter:
    assert field.default is not MISSING, f"{field.name} needs a default"
    info = get_args(field.type)[1]
    info.envvar = info.envvar or f"QWEN3_{field.name.upper()}"
    info.show_envvar = False
    return inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
    )
