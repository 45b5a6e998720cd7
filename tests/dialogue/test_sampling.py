"""A sampling setting is one record: every place that knows settings is held against the records."""

import json
import os

import pytest
from support.one_model import add_entry

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.sampling import ALL_SETTINGS, SETTINGS, sampling
from qwen3cli.engine.bindings import bindings
from qwen3cli.models.catalogue import Entry
from qwen3cli.models.catalogue_file import read_catalogue

# The strictest value of what cuts off, which leaves the likeliest token whatever the temperature.
STRICTEST = {"top_k": 1, "top_p": 0.0, "min_p": 1.0, "top_n_sigma": 0.001}


def test_every_setting_is_a_flag_with_its_help(qwen3):
    shown = " ".join(qwen3("ask", "--help", COLUMNS="200").stdout.decode().split())
    for setting in ALL_SETTINGS:
        assert all(flag in shown for flag in setting.flags)
        assert setting.help in shown


def test_every_setting_has_a_variable_and_a_line_in_the_configuration(qwen3, home):
    values = {each.name: each.range.lowest for each in ALL_SETTINGS}
    named = {f"QWEN3_{name.upper()}": f"{value:g}" for name, value in values.items()}
    assert qwen3("ask", "Hello", **named).code == 9  # --max-tokens is 1
    (home / ".config/qwen3").mkdir(parents=True)
    lines = [f"{each.flags[-1].removeprefix('--')} = {values[each.name]}" for each in ALL_SETTINGS]
    (home / ".config/qwen3/config.toml").write_text("\n".join(lines), encoding="utf-8")
    assert qwen3("ask", "Hello").code == 9


@pytest.fixture
def entry(home):
    """Write a model's entry with this sampling, and read it."""
    add_entry(home, '{ quant = "q8_0", path = "x.gguf" },')
    path = home / ".config/qwen3/models.toml"
    text = path.read_text(encoding="utf-8")

    def read(table: str) -> Entry:
        path.write_text(f"{text}\nsampling_direct = {{ {table} }}\n", encoding="utf-8")
        return read_catalogue(os.environ)["test"]

    return read


def test_every_setting_may_stand_in_a_models_entry_and_none_must(entry):
    whole = ", ".join(f"{each.name} = {each.unset}" for each in SETTINGS)
    assert entry(whole).sampling.direct == {each.name: each.unset for each in SETTINGS}
    assert entry("temperature = 1").sampling.direct == {"temperature": 1.0}
    assert entry("").sampling.thinking == {}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("warmth = 1", "no setting is called warmth"),
        ("top_q = 1", "no setting is called top_q, perhaps top_p?"),
        ("top_p = 7", "top_p takes a number from 0 to 1, not 7"),
        ("top_k = 1.5", "top_k takes a whole number from 0 to 1000000, not 1.5"),
        ('top_p = "x"', "top_p takes a number from 0 to 1"),
    ],
)
def test_a_wrong_setting_in_a_models_entry_is_told_with_its_line(entry, wrong, says):
    with pytest.raises(UsageProblem, match=rf"models\.toml:\d+: sampling_direct: {says}"):
        entry(wrong)


def test_every_setting_of_the_chain_has_its_function_in_the_bindings():
    low_level = bindings()
    missing = [
        each.native[0]
        for each in SETTINGS
        if not hasattr(low_level, f"llama_sampler_init_{each.native[0]}")
    ]
    assert missing == []


def test_what_is_not_set_is_the_default_and_what_no_default_names_has_no_effect():
    assert sampling({"top_k": 20, "top_p": 0.5}, {"top_p": 0.9}) == {
        each.name: each.unset for each in SETTINGS
    } | {"top_k": 20, "top_p": 0.9}


@pytest.mark.parametrize(("name", "value"), STRICTEST.items())
def test_a_flag_reaches_the_engine(qwen3, name, value):
    def answer(*flags: str) -> str:
        done = qwen3("ask", "--json", "--no-think", "-n", "8", "Sort 5, 3, 9", *flags)
        return str(json.loads(done.stdout)["answer"])

    flag = f"--{name.replace('_', '-')}"
    likeliest = answer("--temp", "0")
    assert answer("--temp", "5", "--top-k", "0", "--top-p", "1", flag, str(value)) == likeliest
