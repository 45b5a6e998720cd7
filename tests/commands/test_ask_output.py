"""The forms an answer of `ask` may have: JSON, events, blocks, a file."""

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest
from support.command import LIMIT_SECONDS
from support.parrot import write_parrot

from qwen3cli.render.turn_json import shape

GREEDY = ("--temp", "0")
CODE = b"Here it is:\n```python\nprint('a')\n```\nand\n```sh\nls\n```\nDone.\n"


@pytest.fixture
def coder(tmp_path: Path) -> Path:
    """A model that answers with two blocks."""
    return write_parrot(tmp_path / "coder.gguf", CODE)


@pytest.mark.parametrize("flags", [["--think"], ["--no-think"], ["-n", "3"]])
def test_the_object_meets_its_published_schema(qwen3, flags):
    done = qwen3("ask", "--json", *flags, *GREEDY, "What is 478 + 856?")
    jsonschema.validate(json.loads(done.stdout), shape("ask"))


@pytest.mark.parametrize(
    ("flags", "code", "word"),
    [
        (["--json", "-T", "nowhere"], 2, "usage"),
        (["--jsonl", "-f", "nowhere.txt"], 2, "usage"),
        (["--json", "-m", "nowhere.gguf"], 3, "no_model"),
        (["--jsonl", "--ctx", "256", "-s", "word " * 300], 8, "prompt_too_long"),
        (["--json", "-n", "3"], 9, "cut_short"),
        (["--jsonl", "-n", "3"], 9, "cut_short"),
        (["--json", "--schema", '{"type": "string", "minLength": 9}', "--stop", "1"], 10, "schema"),
    ],
)
def test_every_failure_is_told_in_json_too_with_what_came(qwen3, flags, code, word):
    done = qwen3("ask", *flags, "--no-think", *GREEDY, "What is 478 + 856?")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    for each in said:
        jsonschema.validate(each, shape("ask" if "--json" in flags else "event"))
    told = said[-1]
    assert (done.code, told["exit_code"], told["error"]["code"]) == (code, code, word)
    assert f"qwen3: {told['error']['message']}\n" in done.stderr
    came = [line for line in said if line.get("answer") or line.get("type") == "answer"]
    assert bool(came) == (code > 8)


def test_the_context_is_told_by_what_it_holds_and_adds_up(qwen3, tmp_path):
    (tmp_path / "a.txt").write_text("one two three\n" * 20, encoding="utf-8")
    flags = ("--json", "-s", "Be brief.", "-f", "a.txt", *GREEDY)
    said = json.loads(qwen3("ask", *flags, "What is 478 + 856?", stdin=b"piped").stdout)
    held, usage = said["context"], said["usage"]
    files = {each["name"]: each["tokens"] for each in held["files"]}
    assert (list(files), files["a.txt"] > 60 > files["standard input"]) == (
        ["a.txt", "standard input"],
        True,
    )
    parts = held["system"] + held["tools"] + sum(files.values()) + held["history"] + held["prompt"]
    assert parts == usage["prompt_tokens"]
    assert held["used"] == parts + held["thinking"] + held["answer"]
    assert held["used"] + held["free"] == held["limit"] == 4096
    assert held["thinking"] >= usage["thinking_tokens"] > 0


def test_every_line_meets_its_published_schema_and_they_add_up_to_the_answer(qwen3):
    done = qwen3("ask", "--jsonl", *GREEDY, "What is 478 + 856?")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, shape("event"))
    kinds = [line["type"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert list(dict.fromkeys(kinds)) == [
        "start", "prefill", "thinking", "thinking_end", "answer", "end",
    ]  # fmt: skip
    said = "".join(line["text"] for line in lines if line["type"] == "answer")
    assert said == "478 + 856 = 1334"


def test_a_tool_call_that_cannot_be_read_is_an_event_or_text_and_never_lost(qwen3, tmp_path):
    model = write_parrot(tmp_path / "m.gguf", b'<tool_call>\n{"name": broken\n</tool_call>')
    done = qwen3("ask", "-m", model, "--jsonl", "hi")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, shape("event"))
    assert "broken" in "".join(line.get("text", "") for line in lines)


@pytest.mark.parametrize(
    ("flags", "printed"),
    [
        (["-x"], "ls\n"),
        (["--all"], "print('a')\n\nls\n"),
        (["--extract-lang", "py"], "print('a')\n"),
    ],
)
def test_only_the_blocks_are_printed(qwen3, coder, flags, printed):
    done = qwen3("ask", "-m", coder, *flags, "hi")
    assert (done.stdout.decode(), done.code) == (printed, 0)


def test_an_answer_without_a_block_exits_10_and_is_not_lost(qwen3, coder):
    done = qwen3("ask", "-m", coder, "--extract-lang", "rust", "hi")
    assert (done.stdout, done.code) == (b"", 10)
    assert "print('a')" in done.stderr
    assert "the answer above has no rust block" in done.stderr


def test_a_file_gets_the_answer_and_standard_output_nothing(qwen3, coder, tmp_path):
    target = tmp_path / "out" / "login.py"
    target.parent.mkdir()
    target.write_text("before", encoding="utf-8")
    done = qwen3("ask", "-m", coder, "--extract-lang", "python", "--output", target, "hi")
    assert (done.stdout, done.code) == (b"", 0)
    assert target.read_text(encoding="utf-8") == "print('a')\n"
    assert list(target.parent.iterdir()) == [target]


def test_a_file_keeps_its_mode_and_the_links_to_it(qwen3, coder, tmp_path):
    target, link = tmp_path / "private.md", tmp_path / "link.md"
    target.touch(0o600)
    link.symlink_to(target)
    assert qwen3("ask", "-m", coder, "--output", link, "hi").code == 0
    assert (link.is_symlink(), target.read_bytes()) == (True, CODE)
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_pipe_that_is_named_as_a_file_is_written_into_and_stays_a_pipe(qwen3, coder, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        came = reader.submit(pipe.read_bytes)
        assert qwen3("ask", "-m", coder, "--output", pipe, "hi").code == 0
        assert came.result(LIMIT_SECONDS) == CODE
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("flags", "code"),
    [(["-n", "3"], 9), (["--extract-lang", "rust"], 10)],
)
def test_a_file_is_left_as_it_was_where_the_answer_is_not_whole(
    qwen3, coder, tmp_path, flags, code
):
    target = tmp_path / "kept.txt"
    target.write_text("before", encoding="utf-8")
    done = qwen3("ask", "-m", coder, *flags, "--output", target, "hi")
    assert done.code == code
    assert target.read_text(encoding="utf-8") == "before"
    assert "Here" in done.stdout.decode() + done.stderr


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--output", "nowhere/a.txt"], "no such folder: nowhere"),
        (["--output", "."], ". is a folder"),
        (["--open"], "--open opens what --output wrote"),
        (["--json", "-x"], "--json and --extract contradict each other"),
        (["--schema", "a", "--begin", "x"], "a held answer begins as its schema says"),
        (["--logprobs", "3"], "--logprobs are printed by --json"),
        (["--jsonl", "--json"], "--json and --jsonl contradict each other"),
        (["--schema", "a", "--grammar", "g"], "--schema and --grammar both hold the answer"),
        (["--schema", "missing.json"], "no such file: missing.json"),
        (["--schema", '{"a": }'], "line 1, column 7"),
        (["--grammar", "missing.gbnf"], "no such file: missing.gbnf"),
    ],
)
def test_what_cannot_be_done_is_said_before_a_model_is_loaded(qwen3, flags, says):
    done = qwen3("ask", "-m", "no-such-model", *flags, "hi")
    assert done.code == 2
    assert says in done.stderr


def test_an_answer_is_held_to_a_schema_from_a_file(qwen3, tmp_path):
    (tmp_path / "s.json").write_text('{"enum": ["yes", "no"]}', encoding="utf-8")
    done = qwen3("ask", "--schema", "s.json", "--think", "Hello")
    assert (json.loads(done.stdout) in ("yes", "no"), done.code) == (True, 0)


def test_a_held_answer_that_is_cut_short_exits_9(qwen3):
    done = qwen3("ask", "--schema", "name", "--no-think", "-n", "4", "Hello")
    assert done.code == 9


def test_an_answer_ends_before_a_stop_text_however_it_is_cut(qwen3, tmp_path):
    said = b"one two three STOP HERE four"
    model = write_parrot(tmp_path / "m.gguf", said)
    for stop, left in (("STOP HERE", "one two three "), ("thr", "one two "), ("o", ""), ("x", "")):
        done = qwen3("ask", "-m", model, "--stop", stop, "hi")
        expected = left or ("" if stop == "o" else said.decode())
        assert (done.stdout.decode(), done.code) == (f"{expected}\n" if expected else "", 0)


def test_what_could_have_been_a_stop_text_is_not_lost(qwen3, tmp_path):
    model = write_parrot(tmp_path / "m.gguf", b"one two thr")
    done = qwen3("ask", "-m", model, "--stop", "three", "hi")
    assert done.stdout == b"one two thr\n"


def test_an_answer_begins_as_it_is_told_after_the_thoughts(qwen3):
    done = qwen3("ask", "--json", "--begin", "478 + 856", *GREEDY, "What is 478 + 856?")
    envelope = json.loads(done.stdout)
    assert envelope["answer"] == "478 + 856 = 1334"
    assert envelope["thinking"].endswith("turned: 1334")


def test_every_tokens_probability_is_told_with_the_likeliest_ones(qwen3):
    done = qwen3("ask", "--json", "--logprobs", "3", "--no-think", *GREEDY, "Hello")
    envelope = json.loads(done.stdout)
    jsonschema.validate(envelope, shape("ask"))
    rows = envelope["logprobs"]
    assert b"".join(bytes(row["bytes"]) for row in rows).decode() == envelope["answer"]
    for row in rows:
        assert len(row["top"]) == 3
        assert row["top"][0]["bytes"] == row["bytes"]  # greedily the likeliest is the one
        assert sum(math.exp(other["logprob"]) for other in row["top"]) <= 1.001


@pytest.mark.parametrize(
    ("schema", "followers"),
    [
        ('{"type": "string"}', {'"': "x", "x": "y", "y": "x"}),
        ("text, tags [string]", {'"': " ", " ": " "}),
        ('{"type": "array", "items": {"type": "integer"}}', {"[": "0", "0": ",", " ": "0"}),
    ],
)
def test_a_held_answer_that_repeats_itself_without_end_is_stopped_with_9(
    qwen3, tmp_path, schema, followers
):
    model = write_parrot(tmp_path / "p.gguf", b"hm", context_tokens=40960, followers=followers)
    done = qwen3("ask", "-m", model, "--no-think", "--schema", schema, "--json", "hi")
    said = json.loads(done.stdout)
    assert (done.code, said["finish_reason"]) == (9, "length")
    assert 1024 <= said["usage"]["answer_tokens"] < 1200
    assert "the answer is cut short: it said the same over and over" in done.stderr
    assert "maxLength or maxItems" in done.stderr
