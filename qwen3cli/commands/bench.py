"""`bench`: how fast a model is on this machine, for people and for programs, beside what was measured before.

A one-shot is measured from outside, as the process it is, before the model is in this process's memory too.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from qwen3cli import __version__
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import EngineFailed, ExitCode, Interrupted
from qwen3cli.commands.loading import load_chosen
from qwen3cli.dialogue.sampling import sampling
from qwen3cli.machine.hardware import performance_cores, processor_name
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.machine.seen_speed import keep_speed
from qwen3cli.models.choice import Choice
from qwen3cli.models.digests import file_sha256
from qwen3cli.models.split import parts_of
from qwen3cli.render.bench import put_report
from qwen3cli.render.bench_json import read_report, report_json
from qwen3cli.render.bench_plot import check_plot_path, write_plot
from qwen3cli.render.status import StatusLine
from qwen3cli.turn.bench import Figure, Report, SpeedTrial, Unit, repeated
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.loaded_model import LoadedModel

# getrusage(2): kilobytes, but bytes on macOS.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """How often to measure, and in which form to tell it; `before` is the report in the file `compared`."""

    runs: int
    json: bool
    before: Report | None
    compared: Path | None
    plot: Path | None


def checked_request(
    runs: int, compared: Path | None, plot: Path | None, *, json: bool
) -> BenchRequest:
    """The request, looked through before a model is looked for.

    Raises:
        UsageProblem: there is nothing to compare with, or no picture can be written.
    """
    if plot is not None:
        check_plot_path(plot)
    before = read_report(compared) if compared is not None else None
    return BenchRequest(runs, json, before, compared, plot)


def run_bench(
    request: BenchRequest, choice: Choice, options: LoadOptions, environment: Environment
) -> None:
    """Measure, and print what came of it.

    Raises:
        Interrupted: before all was measured.
        QwenError: the model cannot be run, or the picture not be written.
    """
    before = request.before
    with Interrupts() as interrupts:
        report = _Bench(request, choice, options, environment, interrupts).report()
    if before is not None and (other := report.differences(before)):
        environment.stderr.put(f"qwen3: {request.compared} is of another {', '.join(other)}\n")
    if request.json:
        environment.stdout.put(report_json(report, before))
    else:
        put_report(environment, report, before)
    if request.plot is not None:
        write_plot(request.plot, report, before)


class _Bench:
    """One run of all measurements."""

    def __init__(
        self,
        request: BenchRequest,
        choice: Choice,
        options: LoadOptions,
        environment: Environment,
        interrupts: Interrupts,
    ) -> None:
        self._runs = request.runs
        self._choice = choice
        self._options = options
        self._environment = environment
        self._interrupts = interrupts
        self._status = StatusLine(environment)

    def report(self) -> Report:
        """All figures, and what they were measured on."""
        started = datetime.now().astimezone()
        self._load().close()  # has a new file tried
        with self._status:
            figures = [*self._one_shot(), self._loading()]
        with closing(self._load()) as loaded, self._status:
            figures += self._engine(loaded)
            self._calibrate(loaded, figures)
            self._status.show("hashing the model")
            return Report(
                date=started.isoformat(timespec="seconds"),
                model=self._choice.title,
                digest=self._digest(),
                machine=f"{processor_name()}, {performance_cores()} cores",
                threads=loaded.plan.threads,
                kv_type=loaded.plan.kv_type.value,
                build=f"qwen3 {__version__}, llama-cpp-python {version('llama-cpp-python')}",
                figures=tuple(figures),
            )

    def _one_shot(self) -> Iterator[Figure]:
        """A whole process for one token: its time, and its peak of memory where the system tells that."""
        peaks: list[int] = []

        def measure() -> float:
            seconds, peak = self._process()
            peaks.append(peak)
            return seconds

        yield self._figure("one-shot, first token", Unit.SECONDS, measure)
        if all(peaks):
            yield Figure("one-shot, memory", Unit.BYTES, tuple(map(float, peaks[1:])), peaks[0])

    def _process(self) -> tuple[float, int]:
        """Seconds and peak bytes of one `ask`."""
        command = [sys.executable, "-P", "-m", "qwen3cli", "ask", "-q", "-n", "1", "--no-cache"]
        where = [*_flags(self._options), "--offline", "-m", self._choice.spec, "hi"]
        started = time.perf_counter()
        with subprocess.Popen(
            [*command, *where],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            peak = 0
            if hasattr(os, "wait4"):
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                peak = usage.ru_maxrss * _MAXRSS_BYTES
            code = process.wait()
        self._look()
        if code not in (ExitCode.DONE, ExitCode.CUT_SHORT):
            raise EngineFailed(
                f"qwen3 ask ended with {code}", f'qwen3 ask -m {self._choice.spec} "hi" says why'
            )
        return time.perf_counter() - started, peak

    def _loading(self) -> Figure:
        def measure() -> float:
            started = time.perf_counter()
            loaded = self._load()
            seconds = time.perf_counter() - started
            loaded.close()
            return seconds

        return self._figure("load", Unit.SECONDS, measure)

    def _engine(self, loaded: LoadedModel) -> Iterator[Figure]:
        facts = loaded.model.facts
        usual = sampling(self._choice.sampling_defaults(facts.architecture).direct)
        trial = SpeedTrial(loaded, usual, self._runs, self._interrupts.should_stop)
        for name, measure in trial.steps():
            self._status.show(f"measuring {name}")
            yield measure()

    def _figure(self, name: str, unit: Unit, measure: Callable[[], float]) -> Figure:
        def measured() -> float:
            self._look()
            return measure()

        self._status.show(f"measuring {name}")
        return repeated(name, unit, self._runs, measured)

    def _look(self) -> None:
        if self._interrupts.should_stop():
            raise Interrupted("interrupted")

    def _load(self) -> LoadedModel:
        return load_chosen(
            self._choice, self._options, self._environment, self._interrupts, quiet=True
        )

    def _calibrate(self, loaded: LoadedModel, figures: list[Figure]) -> None:
        """Let `fit` know, if nobody said how many threads there should be."""
        decoding = next((each for each in figures if each.name.startswith("decode")), None)
        is_usual = self._options.threads is None and loaded.plan.placement.gpu_layers == 0
        if decoding is not None and is_usual:
            keep_speed(self._environment.variables, loaded.plan.bytes_read, decoding.median)

    def _digest(self) -> str:
        digests = [
            file_sha256(each, lambda _done, _total: None) for each in parts_of(self._choice.path)
        ]
        return (
            digests[0]
            if len(digests) == 1
            else hashlib.sha256("".join(digests).encode()).hexdigest()
        )


def _flags(options: LoadOptions) -> list[str]:
    """What to type for these options."""
    given = {
        "-t": options.threads,
        "--ctx": options.context_tokens,
        "--kv": options.kv_type.value,
        "--gpu-layers": options.gpu_layers,
        "--cpu-moe": options.expert_layers_on_cpu,
    }
    return [
        word for flag, value in given.items() if value is not None for word in (flag, str(value))
    ]
