"""`models check`: small trials on a model, each with its verdict, told as it comes."""

from contextlib import closing
from dataclasses import asdict
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode
from qwen3cli.base.plaintext import visible
from qwen3cli.commands.loading import load_chosen
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.render.json_output import as_json
from qwen3cli.render.status import StatusLine
from qwen3cli.turn.checks import CHECKS, Check, Outcome, Verdict, run_checks
from qwen3cli.turn.examinee import Examinee
from qwen3cli.turn.interrupts import Interrupts

_NAME_COLUMNS = max(len(each.name) for each in CHECKS)
_WORD_COLUMNS = max(len(each) for each in Verdict)
_RED, _GREEN, _DIM, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[0m"
_COLORS = {Verdict.HOLDS: _GREEN, Verdict.FAILS: _RED, Verdict.SKIPPED: _DIM}


def run_check(choice: Choice, environment: Environment, *, json: bool) -> ExitCode:
    """Try the model; exit code 1 if something does not hold."""
    rows: list[dict[str, Any]] = []
    with Interrupts() as interrupts:
        loaded = load_chosen(choice, LoadOptions(), environment, interrupts)
        with closing(loaded), StatusLine(environment) as status:
            facts = loaded.model.facts
            examinee = Examinee(loaded, choice.sampling_defaults(facts.architecture), interrupts)
            status.show(f"trying {CHECKS[0].name}")
            for check, outcome in run_checks(examinee, CHECKS):
                status.clear()
                rows.append({"name": check.name, **asdict(outcome)})
                if not json:
                    _tell(check, outcome, environment)
                if len(rows) < len(CHECKS):
                    status.show(f"trying: {CHECKS[len(rows)].name}")
    failed = sum(row["verdict"] is Verdict.FAILS for row in rows)
    if json:
        environment.stdout.put(
            as_json({"model": choice.title, "description": facts.description, "checks": rows})
        )
    if len(rows) < len(CHECKS):
        return interrupts.exit_code
    if not json:
        held = len(rows) - failed
        environment.stdout.put(f"{choice.title}: {held} of {len(rows)} hold or are not claimed\n")
    return ExitCode.FAILED if failed else ExitCode.DONE


def _tell(check: Check, outcome: Outcome, environment: Environment) -> None:
    color = _COLORS[outcome.verdict] if environment.stdout_has_color() else ""
    word = f"{color}{outcome.verdict:<{_WORD_COLUMNS}}{_PLAIN if color else ''}"
    line = f"{word}  {check.name:<{_NAME_COLUMNS}}  {visible(outcome.found)}".rstrip()
    environment.stdout.draw(f"{line}\n")
