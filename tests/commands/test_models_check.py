"""`qwen3 models check`: does a model do what its file says."""

import json

import pytest
from support.parrot import write_parrot


def checked(qwen3, model):
    done = qwen3("models", "check", model, "--json")
    document = json.loads(done.stdout)
    return done, {each["name"]: each["verdict"] for each in document["checks"]}


def test_a_model_that_does_what_it_says_holds_and_what_it_cannot_is_named(qwen3):
    done, verdicts = checked(qwen3, "demo")
    assert done.code == 1
    assert [name for name, verdict in verdicts.items() if verdict == "fails"] == [
        "finds a needle in 2,000 tokens"  # the demo model was trained on 640
    ]
    assert verdicts["is as fast as was promised"] == "skipped"
    assert len(verdicts) == 14


def test_a_model_that_says_one_thing_whatever_it_is_asked_fails(qwen3, tmp_path):
    parrot = write_parrot(tmp_path / "parrot.gguf", b"I will not")
    _, verdicts = checked(qwen3, parrot)
    assert {name for name, verdict in verdicts.items() if verdict == "fails"} >= {
        "thinks when it is to",
        "/think switches them on again",
        "calls a tool that is offered",
        "adds, with thoughts",
        "adds, without",
        "finds a needle in 2,000 tokens",
    }
    assert verdicts["ends its turn"] == "holds"


def test_every_trial_is_a_line_and_the_last_one_sums_up(qwen3):
    lines = qwen3("models", "check", "demo").stdout.decode().splitlines()
    assert {line.split()[0] for line in lines[:-1]} == {"holds", "fails", "skipped"}
    assert lines[-1] == "demo: 13 of 14 hold or are not claimed"


@pytest.mark.parametrize("model, code", [("8b", 3), ("nothing.gguf", 3), ("8q", 3)])
def test_a_model_that_is_not_here_is_told_as_everywhere(qwen3, model, code):
    done = qwen3("models", "check", model)
    assert (done.code, done.stdout) == (code, b"")
    assert "qwen3 " in done.stderr
    assert "Traceback" not in done.stderr
