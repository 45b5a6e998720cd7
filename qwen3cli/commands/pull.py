"""`pull`, `models rm` and `models verify`: things done to files, told in a line or as JSON."""

from qwen3cli.environment import Environment
from qwen3cli.errors import ExitCode
from qwen3cli.library import Shelf, as_json
from qwen3cli.sources import Network
from qwen3cli.units import bytes_text


def run_pull(
    spec: str, network: Network, environment: Environment, *, dry_run: bool, json: bool
) -> None:
    """Fetch a model, or say what that would fetch. The path goes to standard output.

    Raises:
        ModelNotFound: no such model, or off line.
        DoesNotFit: no file was named, and none of the model's runs here.
        DownloadFailed: network, hub, disk or digest.
    """
    shelf = Shelf(environment)
    wanted = shelf.wanted(spec)
    offline = network.offline or environment.offline
    here = shelf.store.find(wanted.quantization)
    if here is None and (adopted := shelf.adopted(wanted)) is not None:
        here = adopted.path
    if here is None and offline and not (dry_run and wanted.quantization.parts):
        raise shelf.off_line(wanted)
    if here is None and not wanted.is_exact:
        wanted = shelf.suitable(wanted)
    if dry_run:
        told = shelf.dry_run(wanted, network.sources)
        environment.put(as_json(told) if json else _dry_text(told).encode())
        return
    path = here or shelf.pull(wanted, network.sources).path
    environment.put(
        as_json({"model": wanted.name, "path": str(path)}) if json else f"{path}\n".encode()
    )


def run_remove(spec: str, environment: Environment, *, json: bool) -> None:
    """Free a model's files and say how much that was."""
    shelf = Shelf(environment)
    wanted = shelf.wanted(spec)
    freed = shelf.remove(wanted)
    told = {"model": wanted.name, "freed_bytes": freed}
    environment.put(
        as_json(told) if json else f"{wanted.name}: freed {bytes_text(freed)}\n".encode()
    )


def run_verify(spec: str | None, environment: Environment, *, json: bool) -> ExitCode:
    """Hash again what is here; exit code 5 if anything is wrong."""
    results = Shelf(environment).verify(spec)
    if json:
        environment.put(as_json(results))
    else:
        lines = [f"{each['problem'] or 'whole'}: {each['path']}" for each in results]
        environment.put(("\n".join(lines or ["nothing is on this disk but demo"]) + "\n").encode())
    return ExitCode.NO_DOWNLOAD if any(each["problem"] for each in results) else ExitCode.DONE


def _dry_text(told: dict[str, object]) -> str:
    missing, files = told["missing"], told["files"]
    assert isinstance(missing, list) and isinstance(files, list)
    size = told["missing_bytes"]
    fetched = bytes_text(size) if isinstance(size, int) else "a size the hub will tell"
    state = (
        f"would fetch {fetched} in {len(missing)} of {len(files)} files"
        if missing
        else "is here already"
    )
    return f"{told['model']}: {state}\n" + "".join(
        f"  {told['repository']}/{path}\n" for path in files
    )
