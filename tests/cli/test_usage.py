"""What is refused says where it came from, also where it was not typed: a variable, a line of the configuration."""

import pytest


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"QWEN3_SIZE": "9b"}, "no model is called 9b (QWEN3_SIZE)"),
        ({"QWEN3_CTX": "99999999"}, "4,096 tokens by its file (QWEN3_CTX)"),
        ({"QWEN3_CTX": "few"}, "invalid value for QWEN3_CTX: not a whole number"),
        ({"QWEN3_FROM": "moon"}, "there is no source 'moon' (QWEN3_FROM)"),
        ({"QWEN3_EFFORT": "low", "QWEN3_BUDGET": "5"}, "(QWEN3_BUDGET, QWEN3_EFFORT)"),
        ({"QWEN3_THINK": "0", "QWEN3_BUDGET": "5"}, "(QWEN3_THINK)"),
        ({"QWEN3_THOUGHTS": "/nowhere/x"}, "(QWEN3_THOUGHTS)"),
    ],
)
def test_a_refused_variable_is_named(qwen3, variables, said):
    done = qwen3("ask", "hi", **variables)
    assert done.code in (2, 3)
    assert said in done.stderr.splitlines()[0]


def test_a_refused_line_of_the_configuration_is_named_and_what_was_typed_is_not(
    qwen3, home, monkeypatch
):
    monkeypatch.delenv("QWEN3_SIZE")
    folder = home / ".config" / "qwen3"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('size = "9b"\n', encoding="utf-8")
    assert "no model is called 9b (size in config.toml)\n" in qwen3("ask", "hi").stderr
    assert "no model is called 7b\n" in qwen3("ask", "--size", "7b", "hi").stderr
