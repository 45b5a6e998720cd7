"""The configuration file: what it may say, and who wins over it."""

import json

import pytest


@pytest.fixture
def configured(home):
    """Write the user's config.toml."""

    def write(text: str) -> None:
        folder = home / ".config" / "qwen3"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(text, encoding="utf-8")

    return write


def test_a_flag_wins_over_its_variable_and_the_variable_over_the_file(qwen3, configured):
    configured("seed = 1\nthink = false\n")

    def seed(*flags: str, **variables: str) -> int:
        return int(json.loads(qwen3("ask", "--json", "Hello", *flags, **variables).stdout)["seed"])

    assert seed() == 1
    assert seed(QWEN3_SEED="2") == 2
    assert seed("--seed", "3", QWEN3_SEED="2") == 3


def test_the_file_may_name_the_model_and_switch_thinking_off(qwen3, configured, monkeypatch):
    monkeypatch.delenv("QWEN3_SIZE")
    configured('\ufeffsize = "demo"\nthink = false\n')  # with the mark that some editors write
    told = json.loads(qwen3("ask", "--json", "Hello").stdout)
    assert (told["model"], told["thinking"]) == ("demo", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("temp = 0.5\nsizze = 3\n", "config.toml:2: no setting is called sizze, perhaps size?"),
        ("temp = \n", "config.toml:1: Invalid value (at line 1, column 8)"),
        ('temp = "hot"\n', "not a number"),
    ],
)
def test_a_wrong_line_exits_2_and_says_where(qwen3, configured, text, says):
    configured(text)
    done = qwen3("ask", "Hello")
    assert (done.code, done.stdout) == (2, b"")
    assert says in " ".join(done.stderr.split())
