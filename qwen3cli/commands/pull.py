"""`pull`: have a model on this disk, whole, and say on standard error what is done for that."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import Interrupted, SourceFailed
from qwen3cli.base.units import bytes_text
from qwen3cli.machine.plan import DEFAULTS
from qwen3cli.machine.verdicts import best_quantization
from qwen3cli.models.bundle import check_folder, copy_out
from qwen3cli.models.choice import Choice, ModelRef
from qwen3cli.models.download import DownloadPlan, fetch, plan
from qwen3cli.models.hub import Hub
from qwen3cli.models.library import Library
from qwen3cli.models.sources import FileProgress, Network, Source, Stage
from qwen3cli.models.speed import SpeedMeter
from qwen3cli.render.json_output import as_json
from qwen3cli.render.plans import speed_words
from qwen3cli.render.progress import ProgressLines, ProgressView, progress_bars
from qwen3cli.turn.this_machine import this_machine

_Found = TypeVar("_Found")


def run_pull(
    spec: str,
    network: Network,
    environment: Environment,
    *,
    dry_run: bool,
    json: bool,
    to: Path | None = None,
) -> None:
    """Fetch a model, or say what that would fetch, and copy it into a folder where one is named. The path goes to
    standard output.

    Raises:
        ModelNotFound: no such model, or off line.
        DoesNotFit: no file was named, and none of the model's runs here.
        DownloadFailed: network, hub, disk or digest.
    """
    puller = Puller(environment)
    ref = puller.library.resolve(spec)
    offline = network.offline or environment.offline
    store = puller.library.store
    if store.find(ref.quantization) is None:
        ref = puller.adopt(ref) or ref
    here = store.find(ref.quantization)
    if here is None and offline and not (dry_run and ref.quantization.parts):
        raise puller.library.offline_error(ref)
    if here is None and not ref.is_exact and to is None:  # what is carried need not run here
        ref = puller.best_fitting(ref)
    if dry_run:
        planned = puller.dry_run(ref, network.sources)
        environment.stdout.put(as_json(planned) if json else _dry_text(planned))
        return
    if to is not None:
        check_folder(to, store.parts(ref.quantization))
    path = here or puller.pull(ref, network.sources).path
    if to is not None:
        path = puller.carry(ref, to)
    environment.stdout.put(as_json({"model": ref.name, "path": str(path)}) if json else f"{path}\n")


class Puller:
    """Brings models to this disk and shows it happen."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.library = Library(environment.variables)
        self._waits = ProgressLines(environment)

    def pull(self, ref: ModelRef, sources: Sequence[Source]) -> Choice:
        """Have a model here, whole. Says what it does on standard error."""
        store = self.library.store

        def pulled(hub: Hub) -> Choice:
            needed = plan(ref.quantization, store, hub, self._waits.update)
            if needed.missing:
                self._say(f"{ref.name}: {_announcement(ref, needed, hub.source)}")
            with closing(progress_bars(self._environment)) as shown:
                return ref.at(self._fetched(ref, hub, shown))

        return self._from_first(sources, pulled)

    def _fetched(self, ref: ModelRef, hub: Hub, shown: ProgressView) -> Path:
        meter = SpeedMeter()

        def progress(at: FileProgress) -> None:
            meter.follow(at)
            shown.update(at)

        try:
            return fetch(ref.quantization, self.library.store, hub, progress)
        finally:
            meter.keep(self._environment.variables)

    def carry(self, ref: ModelRef, folder: Path) -> Path:
        """Copy a model that is here into a folder. Returns the file to load there."""
        store, quantization = self.library.store, ref.quantization
        records = [store.record(quantization, part) for part in store.parts(quantization)]
        with closing(progress_bars(self._environment)) as shown:
            try:
                first, *_ = copy_out([each for each in records if each], folder, shown.update)
            except KeyboardInterrupt:
                raise Interrupted(
                    f"stopped; what is whole in {folder} stays",
                    "the same command goes on from there",
                ) from None
        self._say(f"carry {folder} to the other machine, and there: qwen3 models add FOLDER")
        return first

    def adopt(self, ref: ModelRef) -> ModelRef | None:
        """The model, if another tool has brought its file, or one of them where none was named, with the right digest."""
        others = () if ref.entry is None or ref.is_exact else ref.entry.quantizations
        with closing(progress_bars(self._environment)) as shown:

            def progress(done: int, total: int) -> None:
                shown.update(FileProgress(ref.name, done, total, Stage.CHECKING))

            for quantization in dict.fromkeys((ref.quantization, *others)):
                if self.library.store.adopt(quantization, progress) is not None:
                    return replace(ref, quantization=quantization)
        return None

    def best_fitting(self, ref: ModelRef) -> ModelRef:
        """What to fetch: the quantization that was named or, where none was, the best that fits. Says why.

        Raises:
            DoesNotFit: it cannot run here; names the nearest that can.
        """
        if ref.entry is None:
            return ref
        machine = this_machine(self._environment.variables)
        verdicts = machine.of(ref.entry)
        asked = next(each for each in verdicts if each.quantization == ref.quantization)
        best = asked if ref.is_exact else best_quantization(verdicts, ref.entry.default)
        if best is None or not best.plan.fits:
            raise machine.refusal(best or asked, DEFAULTS, self.library.catalogue)
        needs, free = bytes_text(best.plan.main_bytes), bytes_text(best.plan.free_bytes)
        self._say(f"{best.name} fits: {needs} of {free} free, {speed_words(best.plan)}")
        return replace(ref, quantization=best.quantization)

    def dry_run(self, ref: ModelRef, sources: Sequence[Source]) -> dict[str, Any]:
        """What a pull would fetch."""
        store = self.library.store
        needed = self._from_first(
            sources, lambda hub: plan(ref.quantization, store, hub, self._waits.update)
        )
        return {
            "model": ref.name,
            "repository": ref.quantization.repository,
            "revision": ref.quantization.revision,
            "files": [part.path for part in needed.parts],
            "missing": [part.path for part in needed.missing],
            "missing_bytes": needed.missing_bytes,
        }

    def _from_first(self, sources: Sequence[Source], work: Callable[[Hub], _Found]) -> _Found:
        """Do the work with the first source that can give what is needed. The last one's error is the user's."""
        store, variables = self.library.store, self._environment.variables
        *others, last = (Hub(store, variables, each) for each in sources)
        for hub in others:
            try:
                with closing(hub):
                    return work(hub)
            except SourceFailed as problem:
                self._say(f"{hub.source}: {problem.message}; trying the next source")
        with closing(last):
            return work(last)

    def _say(self, text: str) -> None:
        self._environment.stderr.put(f"{text}\n")


def _announcement(ref: ModelRef, needed: DownloadPlan, source: Source) -> str:
    missing = needed.missing_bytes
    size = bytes_text(missing) if missing is not None else "a size the hub will tell"
    return f"fetching {size} from {source}, {ref.quantization.repository}"


def _dry_text(planned: dict[str, Any]) -> str:
    missing, size = planned["missing"], planned["missing_bytes"]
    fetched = bytes_text(size) if size is not None else "a size the hub will tell"
    state = (
        f"would fetch {fetched} in {len(missing)} of {len(planned['files'])} files"
        if missing
        else "is here already"
    )
    return f"{planned['model']}: {state}\n" + "".join(
        f"  {planned['repository']}/{path}\n" for path in planned["files"]
    )
