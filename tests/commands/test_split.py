"""`ask --split`: long documents asked about part by part, and then by their answers."""

import json

import jsonschema
import pytest
from support.parrot import TOOL_TEMPLATE, write_parrot

from qwen3cli.render.turn_json import shape

SAID = b"It says that there are seven of them, all in all."
TEXT = "".join(f"Line {number} of the report.\n" for number in range(200))  # a token for each byte


@pytest.fixture
def parrot(tmp_path):
    """A model that says the same to every question."""
    (tmp_path / "long.txt").write_text(TEXT, encoding="utf-8")
    return write_parrot(tmp_path / "parrot.gguf", SAID, context_tokens=2048)


def test_a_document_longer_than_the_context_is_asked_about_in_parts_and_it_is_said(qwen3, parrot):
    refused = qwen3("ask", "-m", parrot, "-f", "long.txt", "What?")
    assert (refused.stdout, refused.code) == (b"", 8)
    done = qwen3("ask", "-m", parrot, "-f", "long.txt", "--split", "What?")
    assert (done.stdout, done.code) == (SAID + b"\n", 0)
    count = done.stderr.count("\nqwen3: part ")
    assert f"qwen3: {count} parts of at most " in done.stderr
    assert f"qwen3: part {count} of {count}\n" in done.stderr


def test_answers_that_do_not_fit_go_round_again(qwen3, parrot):
    flags = ("-m", parrot, "-f", "long.txt", "--split", "--ctx", "1200")
    done = qwen3("ask", *flags, "--json", "What?")
    assert done.stderr.count("are asked about, then their answers") > 1
    said = json.loads(done.stdout)
    assert (said["answer"], [each["name"] for each in said["context"]["files"]]) == (
        SAID.decode(),
        ["answers"],
    )


def test_what_fits_is_asked_about_at_once(qwen3, parrot, tmp_path):
    (tmp_path / "short.txt").write_text("Few words.", encoding="utf-8")
    done = qwen3("ask", "-m", parrot, "-f", "short.txt", "--split", "What?")
    assert (done.stdout, done.code) == (SAID + b"\n", 0)
    assert done.stderr == "qwen3: the documents fit, and are asked about at once\n"
    assert qwen3("ask", "-m", parrot, "-q", "-f", "long.txt", "--split", "What?").stderr == ""


def test_the_last_answer_has_the_form_that_was_asked_for(qwen3, parrot):
    flags = ("--split", "--schema", '{"enum": [7]}')
    done = qwen3("ask", "-m", parrot, "-f", "long.txt", *flags, "How many?")
    assert (done.stdout, done.code) == (b"7\n", 0)


def test_a_question_that_leaves_no_room_for_a_part_is_refused(qwen3, parrot):
    done = qwen3("ask", "-m", parrot, "-f", "long.txt", "--split", "word " * 300)
    assert done.code == 8
    assert "leaves too little for a part of a document\n  try: make room with --ctx" in done.stderr


@pytest.mark.parametrize(("flag", "kind"), [("--json", "ask"), ("--jsonl", "event")])
def test_the_usage_is_the_sum_of_all_parts_which_are_named(qwen3, parrot, flag, kind):
    flags = ("-m", parrot, "-f", "long.txt", "--split", "--ctx", "1200")
    done = qwen3("ask", *flags, flag, "What?")
    said = json.loads(done.stdout.splitlines()[-1])
    jsonschema.validate(said, shape(kind))
    names = [each["name"] for each in said["parts"]]
    count = names.index("round 2, part 1 of 2")
    assert names == [
        *(f"part {at} of {count}" for at in range(1, count + 1)),
        "round 2, part 1 of 2",
        "round 2, part 2 of 2",
        "answers",
    ]
    for field, tokens in said["usage"].items():
        assert tokens == sum(each["usage"][field] for each in said["parts"])
    assert all(f"qwen3: {name}\n" in done.stderr for name in names[:-1])


def test_a_part_that_had_no_room_for_its_answer_exits_9_and_names_it(qwen3, tmp_path):
    (tmp_path / "long.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "old.txt").write_text("old", encoding="utf-8")
    wordy = " ".join(map(str, range(1000, 1180))).encode()
    chosen = TOOL_TEMPLATE.replace(
        "messages[-1].role == 'tool'", "'Line 1 of' in messages[-1].content"
    )
    model = write_parrot(tmp_path / "wordy.gguf", b"Seven.", chosen, then=wordy)
    flags = ("-m", model, "--ctx", "1000", "-f", "long.txt", "--split", "--output", "old.txt")
    done = qwen3("ask", *flags, "What?")
    assert (done.code, done.stdout) == (9, b"Seven.\n")
    assert "1 of 18 parts had no room to be answered in full: part 1 of 13\n" in done.stderr
    assert "--max-tokens" not in done.stderr
    assert (tmp_path / "old.txt").read_text(encoding="utf-8") == "old"
