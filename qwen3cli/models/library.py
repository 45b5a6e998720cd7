"""The catalogue and the store together: what there is, what a name means, and what of it is on this disk.

Knows no network and shows nothing.
"""

from collections.abc import Mapping

from qwen3cli.base.errors import ModelNotFound, UsageProblem
from qwen3cli.models.catalogue import Catalogue, Entry, Quantization
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.models.choice import DEMO_NAME, ModelRef, NotOnDisk, is_demo, is_path, resolve
from qwen3cli.models.leftovers import Leftover, leftovers
from qwen3cli.models.store import Removed, Store


class Library:
    """The models one user can name."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.store = Store(variables)
        self.catalogue: Catalogue = read_catalogue(variables)

    def resolve(self, spec: str) -> ModelRef:
        """The model that a spec names.

        Raises:
            ModelNotFound: there is none of that name in the catalogue; names the nearest ones.
            UsageProblem: it is the demo, or a file: there is nothing to fetch.
        """
        if is_demo(spec):
            raise UsageProblem(
                "demo is built in: it is always here and whole", f"qwen3 chat --size {DEMO_NAME}"
            )
        if is_path(spec):
            raise UsageProblem(f"{spec} is a file, and no model's name", f"qwen3 fit {spec}")
        return resolve(spec, self.catalogue, self.store)

    def on_disk(self, entry: Entry) -> list[Quantization]:
        """The quantizations of a model that are here."""
        return [each for each in entry.quantizations if self.store.find(each) is not None]

    def names_on_disk(self) -> list[str]:
        """Every model that needs no network, as it is typed behind `--size`."""
        here = [
            f"{entry.name}:{each.name}" for entry in self.catalogue for each in self.on_disk(entry)
        ]
        return [DEMO_NAME, *here, *(ref.name for ref in self.hub_files())]

    def hub_files(self) -> list[ModelRef]:
        """The files on this disk that were fetched by their place on the hub, and that the catalogue does not know."""
        found: dict[Quantization, ModelRef] = {}
        for record in self.store.records:
            if self.catalogue.name_of(record.repository, record.path) is None:
                ref = self.resolve(f"hf:{record.repository}/{record.path}")
                if self.store.find(ref.quantization) is not None:
                    found.setdefault(ref.quantization, ref)
        return list(found.values())

    def size_on_disk(self, quantization: Quantization) -> int:
        """What a model takes of the disk."""
        parts = self.store.parts(quantization)
        return sum(each.bytes for part in parts if (each := self.store.record(quantization, part)))

    def names(self) -> tuple[str, ...]:
        """Every model by its short name, those on this disk first."""
        here = [entry.name for entry in self.catalogue if self.on_disk(entry)]
        return tuple(dict.fromkeys([DEMO_NAME, *here, *(entry.name for entry in self.catalogue)]))

    def offline_error(self, ref: ModelRef) -> ModelNotFound:
        """A model is wanted, is not here, and must not be fetched."""
        why = self.store.why_missing(ref.quantization)
        return ModelNotFound(
            f"{NotOnDisk(ref, why).message}; this is off line",
            f"on line: qwen3 pull {ref.name}; on this disk: {', '.join(self.names_on_disk())}",
        )

    def missing_bytes(self, ref: ModelRef) -> int | None:
        """How much of a model is not here; None where only the hub can tell."""
        quantization = ref.quantization
        parts = self.store.parts(quantization)
        missing = [part for part in parts if self.store.record(quantization, part) is None]
        came = sum(each.came_bytes for each in self.store.leftovers(quantization))
        if len(missing) == len(parts) and quantization.bytes is not None:
            return quantization.bytes - came
        sizes = [part.bytes for part in missing]
        return None if None in sizes or not parts else sum(size or 0 for size in sizes) - came

    def leftovers(self) -> list[tuple[str, Leftover]]:
        """What downloads have left in the cache, each with the name of what it was to become."""
        return [(self._name_of(each), each) for each in leftovers(self.store.cache)]

    def _name_of(self, leftover: Leftover) -> str:
        origin, repository = leftover.origin, leftover.repository
        if origin is not None:
            named = self.catalogue.name_of(repository, origin.path)
            return named or f"hf:{repository}/{origin.path}"
        for entry in self.catalogue:
            for each in entry.quantizations:
                if any(part.sha256 == leftover.blob.name for part in each.parts):
                    return f"{entry.name}:{each.name}"
        return f"a file of {repository}"

    def remove(self, ref: ModelRef) -> Removed:
        """Free a model's files and what is left of its downloads.

        Raises:
            ModelNotFound: there is nothing of it.
            DownloadFailed: another process is fetching it, or the cache cannot be written.
        """
        if not self.store.knows(ref.quantization):
            raise ModelNotFound(
                f"{ref.name} is not on this disk",
                f"on this disk: {', '.join(self.names_on_disk())}",
            )
        return self.store.remove(ref.quantization)
