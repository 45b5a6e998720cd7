"""The bindings' low-level API moves with every release: one test that names what has gone."""

import ast
from importlib.metadata import version
from pathlib import Path

import qwen3cli
from qwen3cli.engine.bindings import bindings

ENGINE = Path(qwen3cli.__file__).parent / "engine"


def names_used() -> set[str]:
    """Every attribute taken from `llama` or `self._llama` in the engine's files, and every name given to `ggml_function`."""
    names = set()
    for path in ENGINE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr.startswith(
                ("llama_", "LLAMA_", "ggml_", "GGML_")
            ):
                names.add(node.attr)
            elif isinstance(node, ast.Constant) and str(node.value).startswith("ggml_"):
                names.add(str(node.value))
    return names - {"llama_cpp"}


def test_the_installed_bindings_have_every_name_we_use():
    low_level = bindings()
    import llama_cpp._ggml as ggml  # the bindings load this library, and declare few of its functions

    missing = sorted(
        name
        for name in names_used()
        if not hasattr(low_level, name) and not hasattr(ggml.libggml, name)
    )
    assert not missing, (
        f"llama-cpp-python {version('llama-cpp-python')} has no {', '.join(missing)}"
    )


def test_the_scan_finds_the_names():
    assert {"llama_decode", "llama_sampler_sample", "llama_model_load_from_file"} <= names_used()


def test_the_expert_override_has_its_buffer_type():
    from qwen3cli.engine.overrides import expert_overrides

    entries = expert_overrides(2)
    assert entries is not None
    assert [entry.pattern for entry in entries] == [
        rb"blk\.0\.ffn_(up|down|gate|gate_up)_(ch|)exps",
        rb"blk\.1\.ffn_(up|down|gate|gate_up)_(ch|)exps",
        None,
    ]
    assert entries[0].buffer_type
