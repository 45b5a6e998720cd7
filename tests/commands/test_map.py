"""`qwen3 map`: many items, their order, their errors, and what a kill leaves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.parrot import write_parrot

SUMS = [f"{n} + {m}" for n, m in zip(range(10, 22), range(31, 19, -1), strict=True)]
QUICK = ("--no-think", "--seed", "1")


@pytest.fixture
def sums(tmp_path: Path) -> Path:
    file = tmp_path / "sums.txt"
    file.write_text("\n".join(SUMS) + "\n", encoding="utf-8")
    return file


def objects(output):
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("parallel", ["1", "3", "32"])
def test_answers_come_in_the_order_of_the_lines_however_many_run_at_a_time(qwen3, sums, parallel):
    done = qwen3("map", "What is {}?", sums, "--parallel", parallel, *QUICK)
    assert [line.split(" = ")[0] for line in done.stdout.decode().splitlines()] == SUMS
    assert (done.stderr, done.code) == ("", 0)


def test_an_answer_is_that_of_the_same_question_asked_alone(qwen3, sums):
    options = ("--think", "--seed", "5", "--jsonl")
    together = objects(qwen3("map", "What is {}?", sums, *options).stdout)
    for item, line in list(zip(together, SUMS, strict=True))[:3]:
        alone = json.loads(
            qwen3("ask", f"What is {line}?", "--think", "--seed", "5", "--json").stdout
        )
        same = ("answer", "thinking", "finish_reason", "seed")
        assert [item[each] for each in same] == [alone[each] for each in same]


def test_the_beginning_that_prompts_share_is_computed_once(qwen3, sums):
    items = objects(
        qwen3("map", "-s", "Add the numbers.", "What is {}?", sums, "--jsonl", *QUICK).stdout
    )
    assert items[0]["usage"]["cached_tokens"] == 0
    assert min(each["usage"]["cached_tokens"] for each in items[1:]) > 20


def test_a_form_is_told_by_the_suffix_or_the_flag(qwen3, tmp_path):
    (tmp_path / "t.csv").write_text('a,b\n"1","2"\n\n3,4\n', encoding="utf-8")
    (tmp_path / "t.tsv").write_text("a\tb\n5\t6\n", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"a": 7, "b": "8"}\n\n', encoding="utf-8")
    (tmp_path / "x.txt").write_text("9 + 1\n", encoding="utf-8")
    prompt = "What is {a} + {b}?"
    done = qwen3("map", prompt, "t.csv", "t.tsv", "t.jsonl", *QUICK)
    assert [line.split(" = ")[0] for line in done.stdout.decode().splitlines()] == [
        "1 + 2", "3 + 4", "5 + 6", "7 + 8",
    ]  # fmt: skip
    piped = qwen3("map", prompt, "--input", "jsonl", *QUICK, stdin=b'{"a": 2, "b": 3}\n')
    assert piped.stdout.startswith(b"2 + 3 = ")
    file = qwen3("map", "What is {}?", "x.txt", "--input", "files", *QUICK)
    assert file.stdout.startswith(b"9 + 1 = ")


def test_zero_bytes_part_items_and_answers(qwen3):
    done = qwen3("map", "What is {}?", "-0", *QUICK, stdin=b"1 + 1\x002 + 2\x00")
    assert [each.split(b" = ")[0] for each in done.stdout.split(b"\0")] == [b"1 + 1", b"2 + 2", b""]


def test_what_is_wrong_with_an_item_stands_in_its_place_and_stops_no_other(qwen3, tmp_path):
    (tmp_path / "t.jsonl").write_bytes(b'{"a": 1}\n{"b": 2}\nnot json\n\xff\xfe{}\n{"a": 3}\n')
    done = qwen3("map", "What is {a} + 1?", "t.jsonl", *QUICK)
    lines = done.stdout.decode().split("\n")
    assert [line.split(" = ")[0] for line in lines] == ["1 + 1", "", "", "", "3 + 1", ""]
    assert "t.jsonl:2: there is no field a" in done.stderr
    assert "qwen3: t.jsonl:3 is no JSON" in done.stderr
    assert "3 of 5 items failed" in done.stderr
    assert done.code == 2
    items = objects(qwen3("map", "What is {a} + 1?", "t.jsonl", "--jsonl", *QUICK).stdout)
    assert [each["exit_code"] for each in items] == [0, 2, 2, 2, 0]
    assert [each["item"] for each in items] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no place", "sums.txt"), "the prompt has no {}"),
        (("{title}", "sums.txt"), "the prompt has no {}"),
        (("What is {summe}?", "t.csv"), "no item has a field summe, perhaps summ?"),
        (("{}", "missing.txt"), "no such file: missing.txt"),
        (("{}", "."), "is a folder"),
        (("", "sums.txt"), "there is no prompt"),
        (("{}", "sums.txt", "--parallel", "0"), "--parallel"),
        (("{}", "sums.txt", "--thoughts", "t"), "--thoughts is for one answer"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_model_is_loaded(qwen3, sums, arguments, said):
    (sums.parent / "t.csv").write_text("summ\n1 + 1\n", encoding="utf-8")
    broken = sums.parent / "broken.gguf"
    broken.write_bytes(b"GGUF")
    done = qwen3("map", *arguments, "-m", broken)
    assert (done.stdout, done.code) == (b"", 2)
    assert said in done.stderr


def test_the_flags_of_ask_hold_for_each_item(qwen3, tmp_path, sums):
    held = qwen3("map", "What is {}?", sums, "--schema", "sum int", *QUICK)
    assert {tuple(json.loads(line)) for line in held.stdout.splitlines()} == {("sum",)}
    cut = qwen3("map", "What is {}?", sums, "-n", "2", *QUICK)
    assert (cut.code, cut.stderr.count("the answer is cut short: --max-tokens was used up")) == (
        9,
        12,
    )
    parrot = write_parrot(tmp_path / "p.gguf", b"Here:\n```python\nprint(1)\n```\nDone.")
    block = qwen3("map", "{}", sums, "-x", "-m", parrot, "--no-think")
    assert block.stdout == b"print(1)\n" * len(SUMS)
    template = qwen3(
        "map", "-T", "translate", "--param", "to=French", sums, "--jsonl", "--no-think"
    )
    assert len(objects(template.stdout)) == len(SUMS)


def test_json_is_one_object_with_all_items(qwen3, sums):
    said = json.loads(qwen3("map", "What is {}?", sums, "--json", *QUICK).stdout)
    assert [each["source"] for each in said["items"]] == [f"{sums}:{n}" for n in range(1, 13)]
    assert (said["exit_code"], said["error"]) == (0, None)


def test_a_run_that_was_killed_goes_on_where_it_was(qwen3, sums, tmp_path):
    sums.write_text("\n".join(SUMS * 40) + "\n", encoding="utf-8")
    whole = qwen3("map", "What is {}?", sums, *QUICK).stdout
    out = tmp_path / "out.txt"
    command = [qwen3.program, "map", "What is {}?", str(sums), *QUICK, "--output", str(out)]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not out.exists() or out.stat().st_size < 200:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = out.read_bytes()
    with out.open("ab") as file:
        file.write(b"half a li")  # as a kill between two writes would leave it
    done = qwen3("map", "What is {}?", sums, *QUICK, "--output", out)
    assert (done.stdout, done.stderr, done.code) == (b"", "", 0)
    assert out.read_bytes() == whole
    assert whole.startswith(kept)
    again = qwen3("map", "What is {}?", sums, *QUICK, "--output", out)
    assert (out.read_bytes(), again.code) == (whole, 0)


def test_a_file_of_other_settings_or_of_somebody_else_is_left_alone(qwen3, sums, tmp_path):
    out = tmp_path / "out.txt"
    qwen3("map", "What is {}?", sums, *QUICK, "--output", out)
    before = out.read_bytes()
    prompt = qwen3("map", "And {}?", sums, *QUICK, "--output", out)
    seed = qwen3("map", "What is {}?", sums, "--no-think", "--seed", "2", "--output", out)
    (tmp_path / "other.txt").write_text("mine\n", encoding="utf-8")
    other = qwen3("map", "What is {}?", sums, *QUICK, "--output", "other.txt")
    sums.write_text("1 + 1\n", encoding="utf-8")
    items = qwen3("map", "What is {}?", sums, *QUICK, "--output", out)
    assert [each.code for each in (prompt, seed, other, items)] == [2, 2, 2, 2]
    assert "with other settings: prompt" in prompt.stderr
    assert "with other settings: values" in seed.stderr
    assert "not of this run" in other.stderr
    assert "with other settings: input" in items.stderr
    assert (out.read_bytes(), (tmp_path / "other.txt").read_text(encoding="utf-8")) == (
        before,
        "mine\n",
    )


def test_a_second_run_on_the_same_file_is_refused(qwen3, sums, tmp_path):
    out = tmp_path / "out.txt"
    sums.write_text("\n".join(SUMS * 100) + "\n", encoding="utf-8")
    command = [qwen3.program, "map", "What is {}?", str(sums), *QUICK, "--output", str(out)]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not out.exists():
        assert first.poll() is None
    second = qwen3("map", "What is {}?", sums, *QUICK, "--output", out)
    first.kill()
    first.wait()
    assert second.code == 2
    assert "another run writes" in second.stderr


def test_what_was_finished_stays_after_ctrl_c(qwen3, sums, tmp_path):
    sums.write_text("\n".join(SUMS * 100) + "\n", encoding="utf-8")
    read, write = os.pipe()
    command = [qwen3.program, "map", "What is {}?", str(sums), *QUICK]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    with os.fdopen(read, "rb") as answers:
        first = answers.readline()
        process.send_signal(signal.SIGINT)
        rest = answers.read()
    _, said = process.communicate()
    assert process.returncode == 130
    assert first.startswith(b"10 + 31 = ")
    assert rest == b"" or rest.endswith(b"\n")
    assert b"Traceback" not in said


def test_a_reader_that_has_read_enough_ends_the_run_without_a_word(qwen3, sums, tmp_path):
    sums.write_text("\n".join(SUMS * 100) + "\n", encoding="utf-8")
    command = [qwen3.program, "map", "What is {}?", str(sums), *QUICK]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"10 + 31 = ")
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == (b"", 0)
    process.stderr.close()


if sys.platform == "win32":
    pytest.skip("signals", allow_module_level=True)
