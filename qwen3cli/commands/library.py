"""The models on this disk and how they get here: what `pull` and `models` do, and what happens when a model is named
that is not here yet.

Prints progress on standard error and results on standard output. Knows no flags.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar

from qwen3cli.catalogue import Catalogue, Entry, Quantization, read_catalogue
from qwen3cli.choice import DEMO_NAME, Choice, NotOnDisk, Wanted, choose, is_path, wanted_model
from qwen3cli.environment import Environment
from qwen3cli.errors import (
    DigestMismatch,
    DownloadFailed,
    ModelNotFound,
    SourceFailed,
    UsageProblem,
)
from qwen3cli.fetching import Plan, fetch, plan
from qwen3cli.fit import Verdict, best_quantization
from qwen3cli.hub import Hub
from qwen3cli.planning import this_machine
from qwen3cli.render.progress import Bars, bars
from qwen3cli.sources import FileProgress, Network, Source, Stage
from qwen3cli.store import Record, Store
from qwen3cli.units import bytes_text, rate_text

_Found = TypeVar("_Found")


def named_or_best(spec: str | None, environment: Environment, network: Network) -> str:
    """The model to use when none may have been named: the best on this disk, or one the user agrees to fetch.

    Raises:
        ModelNotFound: none is here, and nobody can be asked.
    """
    if spec:
        return spec
    shelf, machine = Shelf(environment), this_machine(measured=False)
    here = [
        each
        for each in machine.verdicts(shelf.catalogue)
        if each.plan.fits and shelf.store.find(each.quantization) is not None
    ]
    if here:
        best = max(here, key=lambda each: each.plan.sum.weights_bytes)
        return best.name
    return _offered(shelf, environment, offline=network.offline or environment.offline)


def _offered(shelf: "Shelf", environment: Environment, *, offline: bool) -> str:
    advice = this_machine().recommended(shelf.catalogue)
    if advice is None or offline:
        raise ModelNotFound("no model is on this disk but demo", "--size demo needs no download")
    name, size = advice.entry.name, bytes_text(advice.plan.sum.weights_bytes)
    if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
        raise ModelNotFound(
            "no model is named, and none is on this disk",
            f"qwen3 pull {name} ({size}), or --size demo",
        )
    environment.stderr.write(
        f"No model is on this disk. {name} suits this machine: {size} to fetch, {_speed_words(advice)}.\n"
        f"Fetch it now? [Y/n] ".encode()
    )
    environment.stderr.flush()
    said = environment.stdin.readline()
    if not said.endswith(b"\n"):
        environment.stderr.write(b"\n")  # Ctrl-D left the cursor behind the question
    if said == b"\n" or said.strip().lower() in (b"y", b"yes"):
        return name
    raise ModelNotFound(
        "nothing was fetched", "qwen3 models lists every size; --size demo needs no download"
    )


def _speed_words(verdict: Verdict) -> str:
    speed = verdict.plan.tokens_per_second
    return "no speed is known" if speed is None else f"up to {rate_text(speed)}"


def ready(spec: str, environment: Environment, network: Network) -> Choice:
    """The model named, fetched if it is not here and a person can see it happen.

    Raises:
        ModelNotFound: it does not exist; or it is not here and must not or should not be fetched now.
        DownloadFailed: fetching it failed.
    """
    try:
        return choose(spec, environment.variables)
    except NotOnDisk as missing:
        shelf = Shelf(environment)
        found = shelf.adopted(missing.wanted)
        if found is not None:
            return found
        if network.offline or environment.offline:
            raise shelf.off_line(missing.wanted) from None
        wanted = shelf.suitable(missing.wanted)
        if not environment.stderr_is_terminal:
            raise NotOnDisk(wanted) from None
        return shelf.pull(wanted, network.sources)


class Shelf:
    """The catalogue and the store together, for one user."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.store = Store(environment.variables)
        self.catalogue: Catalogue = read_catalogue(environment.variables)

    def pull(self, wanted: Wanted, sources: Sequence[Source]) -> Choice:
        """Have a model here, whole. Says what it does on standard error."""

        def pulled(hub: Hub) -> Choice:
            needed = plan(wanted.quantization, self.store, hub)
            if needed.missing:
                self._say(f"{wanted.name}: {_announcement(wanted, needed, hub.source)}")
            with closing(bars(self._environment)) as shown:
                return wanted.at(fetch(wanted.quantization, self.store, hub, shown.update))

        return self._from_first(sources, pulled)

    def adopted(self, wanted: Wanted) -> Choice | None:
        """The model, if another tool has brought its file, or one of them where none was named, with the right digest."""
        others = () if wanted.entry is None or wanted.is_exact else wanted.entry.quantizations
        with closing(bars(self._environment)) as shown:

            def progress(done: int, total: int) -> None:
                shown.update(FileProgress(wanted.name, done, total, Stage.CHECKING))

            for quantization in dict.fromkeys((wanted.quantization, *others)):
                path = self.store.adopt(quantization, progress)
                if path is not None:
                    return replace(wanted, quantization=quantization).at(path)
        return None

    def dry_run(self, wanted: Wanted, sources: Sequence[Source]) -> dict[str, Any]:
        """What a pull would fetch."""
        needed = self._from_first(sources, lambda hub: plan(wanted.quantization, self.store, hub))
        return {
            "model": wanted.name,
            "repository": wanted.quantization.repository,
            "revision": wanted.quantization.revision,
            "files": [part.path for part in needed.parts],
            "missing": [part.path for part in needed.missing],
            "missing_bytes": needed.missing_bytes,
        }

    def _from_first(self, sources: Sequence[Source], work: Callable[[Hub], _Found]) -> _Found:
        """Do the work with the first source that can give what is needed. The last one's error is the user's."""
        *others, last = (Hub(self.store, self._environment.variables, each) for each in sources)
        for hub in others:
            try:
                return work(hub)
            except SourceFailed as problem:
                self._say(f"{hub.source}: {problem.message}; trying the next source")
        return work(last)

    def wanted(self, spec: str) -> Wanted:
        """The model that a spec names.

        Raises:
            ModelNotFound: there is none of that name in the catalogue; names the nearest ones.
            UsageProblem: it is the demo, or a file: there is nothing to fetch.
        """
        if spec == DEMO_NAME:
            raise UsageProblem(
                "demo is built in: it is always here and whole", f"qwen3 chat --size {DEMO_NAME}"
            )
        if is_path(spec):
            raise UsageProblem(f"{spec} is a file, and no model's name", f"qwen3 fit {spec}")
        return wanted_model(spec, self.catalogue, self.store)

    def suitable(self, wanted: Wanted) -> Wanted:
        """What to fetch: the quantization that was named or, where none was, the best that fits. Says why.

        Raises:
            DoesNotFit: it cannot run here; names the nearest that can.
        """
        if wanted.entry is None:
            return wanted
        machine = this_machine()
        verdicts = machine.of(wanted.entry)
        asked = next(each for each in verdicts if each.quantization == wanted.quantization)
        best = asked if wanted.is_exact else best_quantization(verdicts, wanted.entry.default)
        if best is None or not best.plan.fits:
            raise machine.refusal(wanted.spec, best or asked, self.catalogue)
        needs, free = bytes_text(best.plan.main_bytes), bytes_text(best.plan.free_bytes)
        self._say(f"{best.name} fits: {needs} of {free} free, {_speed_words(best)}")
        return replace(wanted, quantization=best.quantization)

    def off_line(self, wanted: Wanted) -> ModelNotFound:
        """A model is wanted, is not here, and must not be fetched."""
        return ModelNotFound(
            f"{wanted.name} is not on this disk, and this is off line",
            f"on line: qwen3 pull {wanted.name}; on this disk: {', '.join(self.names_on_disk())}",
        )

    def on_disk(self, entry: Entry) -> list[Quantization]:
        """The quantizations of a model that are here."""
        return [each for each in entry.quantizations if self.store.find(each) is not None]

    def names_on_disk(self) -> list[str]:
        """Every model that needs no network, as it is typed behind `--size`."""
        here = [
            f"{entry.name}:{each.name}" for entry in self.catalogue for each in self.on_disk(entry)
        ]
        return [DEMO_NAME, *here]

    def names(self) -> tuple[str, ...]:
        """Every model by its short name, those on this disk first."""
        here = [entry.name for entry in self.catalogue if self.on_disk(entry)]
        return tuple(dict.fromkeys([DEMO_NAME, *here, *(entry.name for entry in self.catalogue)]))

    def remove(self, wanted: Wanted) -> int:
        """Free a model's files. Returns the bytes freed.

        Raises:
            ModelNotFound: it is not here.
        """
        if not self.store.knows(wanted.quantization):
            raise ModelNotFound(
                f"{wanted.name} is not on this disk",
                f"on this disk: {', '.join(self.names_on_disk())}",
            )
        return self.store.remove(wanted.quantization)

    def verify(self, spec: str | None) -> list[dict[str, Any]]:
        """Hash files again, against the recorded digests; all of them, or one model's."""
        records = list(self.store.records())
        if spec is not None:
            quantization = self.wanted(spec).quantization
            paths = {part.path for part in self.store.parts(quantization)}
            records = [
                each
                for each in records
                if each.repository == quantization.repository and each.path in paths
            ]
            if not records:
                raise ModelNotFound(f"{spec} is not on this disk", f"qwen3 pull {spec}")
        with closing(bars(self._environment)) as shown:
            return [self._checked(record, shown) for record in records]

    def _checked(self, record: Record, shown: Bars) -> dict[str, Any]:
        def progress(done: int, total: int) -> None:
            shown.update(FileProgress(record.path, done, total, Stage.CHECKING))

        try:
            self.store.verify(record, progress)
            problem = None
        except (DigestMismatch, DownloadFailed) as error:
            problem = error.message
        return {"path": record.path, "sha256": record.sha256, "problem": problem}

    def _say(self, text: str) -> None:
        self._environment.stderr.write(f"{text}\n".encode())
        self._environment.stderr.flush()


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """One JSON document on one line, with its version."""
    return (
        json.dumps(
            {"version": 1, **({"items": value} if not isinstance(value, Mapping) else value)},
            ensure_ascii=False,
        ).encode()
        + b"\n"
    )


def _announcement(wanted: Wanted, needed: Plan, source: Source) -> str:
    missing = needed.missing_bytes
    size = bytes_text(missing) if missing is not None else "a size the hub will tell"
    return f"fetching {size} from {source}, {wanted.quantization.repository}"
