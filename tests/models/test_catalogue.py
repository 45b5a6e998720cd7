"""`models.toml`: the user's own entries are checked when they are read."""

import pytest
from support.one_model import add_entry


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("layers = 2", "layers = two"), 8, "models.toml:8"),
        (("layers = 2", 'layers = "two"'), 8, "layers must be a whole number"),
        (("layers = 2", "layer = 2"), 8, "unknown field layer, perhaps layers?"),
        (("layers = 2\n", ""), 2, "layers is missing"),
        (('default = "q8_0"', 'default = "q4"'), 15, "default q4 is not among the files"),
        (('thinking = "hybrid"', 'thinking = "maybe"'), 5, "thinking must be one of"),
    ],
)
def test_a_damaged_catalogue_exits_2_with_file_line_and_reason(qwen3, home, change, line, says):
    add_entry(home, '{ quant = "q8_0", path = "x.gguf" },')
    path = home / ".config/qwen3/models.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    done = qwen3("models")
    assert done.code == 2
    assert f"models.toml:{line}" in done.stderr
    assert says in done.stderr


@pytest.mark.parametrize(
    "path", ["/etc/x.gguf", "../x.gguf", "a/../../x.gguf", "a\\\\x.gguf", "c:/x.gguf"]
)
def test_a_path_that_leaves_the_models_folder_is_refused_with_its_line(qwen3, home, path):
    add_entry(home, f'{{ quant = "q8_0", path = "{path}" }},')
    done = qwen3("models")
    assert done.code == 2
    assert "must stay in the folder of its model" in done.stderr
