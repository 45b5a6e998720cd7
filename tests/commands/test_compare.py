"""`qwen3 compare`: one prompt, or many questions, in several ways."""

import json
import re
import signal
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.browser import DESKTOP, PHONE
from support.parrot import write_parrot
from support.terminal import Terminal, tmux_is_there

from qwen3cli.commands.compare.exam import ExamQuestion, interval

SUM = "What is 478 + 856?"


def test_every_way_answers_under_its_name_and_the_figures_stand_below(qwen3):
    done = qwen3("compare", SUM, "--think", "--no-think", "--temp", "0")
    assert (done.code, done.stderr) == (0, "")
    text = done.stdout.decode()
    assert text.startswith("## thinking\n\n478 + 856 = 1334\n\n## no thinking\n\n478 + 856 = ")
    assert [line.split("  ")[0] for line in text.splitlines()[-2:]] == ["thinking", "no thinking"]


def test_models_and_budgets_and_temperatures_are_combined(qwen3, tmp_path):
    parrot = write_parrot(tmp_path / "parrot.gguf", b"A parrot.")
    done = qwen3(
        "compare", SUM, "-m", "demo", "-m", parrot, "--budgets", "0,-1", "--temps", "0,1", "--json"
    )
    ways = json.loads(done.stdout)["ways"]
    assert [way["way"] for way in ways[:4]] == [
        "demo, budget 0, temperature 0",
        "demo, budget 0, temperature 1",
        "demo, no limit, temperature 0",
        "demo, no limit, temperature 1",
    ]
    assert [way["answer"] for way in ways[4:]] == ["A parrot."] * 4
    assert ways[2]["answer"] == "478 + 856 = 1334"
    assert ways[2]["usage"]["thinking_tokens"] > 0 == ways[0]["usage"]["thinking_tokens"]


@pytest.mark.skipif(not tmux_is_there(), reason="tmux is not installed")
@pytest.mark.parametrize("columns, beside", [(120, True), (60, False)])
def test_answers_stand_beside_each_other_where_there_is_room(tmp_path, columns, beside):
    terminal = Terminal(tmp_path, columns=columns, rows=30)
    try:
        terminal.type(
            "clear; qwen3 compare 'How many r in strawberry?' --think --no-think; echo E''ND"
        )
        screen = terminal.wait_for("END")
    finally:
        terminal.close()
    heads = re.search(r"^thinking +no thinking *$", screen, re.MULTILINE)
    assert (heads is not None) is beside
    assert ("## thinking" in screen) is not beside


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        ([SUM, "--budgets", "0,x"], 2, "x is none"),
        ([SUM, "--budgets", "0.5"], 2, "a whole number from -1 on"),
        ([SUM, "--temps", "9"], 2, "a number from 0 to 5"),
        ([SUM, "--budgets", "0", "--think"], 2, "drop --think"),
        ([SUM, "-m", "8b"], 3, "qwen3 pull 8b"),
        ([SUM, "--judge", "demo"], 2, "--judge compares two answers"),
        ([SUM, "--think", "--no-think", "--judge", "8b"], 3, "qwen3 pull 8b"),
        ([], 2, "there is no prompt"),
        ([SUM, "--output", "kept.jsonl"], 2, "--output kept.html"),
        ([SUM, "--output", "no/where.html"], 2, "cannot write no/where.html"),
        ([SUM, "--plot", "plot.svg"], 2, "--plot does nothing"),
        (["--questions", "demo", "--plot", "plot.bmp"], 2, "--plot plot.svg"),
        ([SUM, "--questions", "demo"], 2, "PROMPT does nothing with --questions"),
        (["--questions", "demo", "--judge", "demo"], 2, "--judge does nothing with --questions"),
        (["--questions", "none.jsonl"], 2, "none.jsonl"),
        (["--questions", "empty.jsonl"], 2, "there is no question"),
        (["--questions", "demo", "--output", "no/where.jsonl"], 2, "no/where.jsonl"),
        (["--questions", "demo", "--output", "words.txt"], 2, "is no kept answer"),
    ],
)
def test_what_makes_no_sense_is_one_line_before_a_model_works(
    qwen3, tmp_path, arguments, code, told
):
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "words.txt").write_text("My own words.\nAnd more.\n", encoding="utf-8")
    done = qwen3("compare", *arguments)
    assert (done.code, done.stdout) == (code, b"")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "words.txt").read_text(encoding="utf-8") == "My own words.\nAnd more.\n"


def test_a_judge_that_always_says_the_first_is_found_out_by_the_other_order(qwen3, tmp_path):
    said = [b'{"better": "', b'first"}']
    judge = write_parrot(tmp_path / "judge.gguf", b"".join(said), chunks=said)
    done = qwen3("compare", SUM, "--budgets", "0,16,-1", "--judge", judge, "--json")
    judgements = json.loads(done.stdout)["judgements"]
    assert [(each["left"], each["right"]) for each in judgements] == [
        ("budget 0", "budget 16"),
        ("budget 0", "no limit"),
        ("budget 16", "no limit"),
    ]
    assert all(each["in_order"] == each["left"] for each in judgements)
    assert all(each["reversed"] == each["right"] for each in judgements)
    assert all(each["better"] is None for each in judgements)
    shown = qwen3("compare", SUM, "--think", "--no-think", "--judge", judge).stdout.decode()
    assert shown.endswith("\nthe orders disagreed on 1 of 1\n")


@pytest.mark.parametrize("size, scheme", [(PHONE, "dark"), (DESKTOP, "light")])
def test_the_page_of_answers_shows_each_with_its_figures_and_where_it_differs(
    qwen3, browser, tmp_path, size, scheme
):
    answer = b"**478** + 856 = 9<img src=x onerror=alert(1)>\xe2\x80\xae"
    parrot = write_parrot(tmp_path / "parrot.gguf", answer)
    ways = ("-m", "demo", "-m", parrot, "--temp", "0", "--judge", parrot)
    done = qwen3("compare", SUM, *ways, "--output", "page.html")
    assert (done.code, done.stderr.splitlines()[-1]) == (0, "qwen3: wrote page.html")
    browser.open(tmp_path / "page.html", size, prefers_color_scheme=scheme)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.run("document.querySelector('h1').innerText") == SUM
    said = "[...document.querySelectorAll('.answer')].map(each => each.innerText)"
    assert browser.run(said) == ["478 + 856 = 1334", "478 + 856 = 9<img src=x onerror=alert(1)>"]
    assert browser.run("document.querySelectorAll('tbody tr').length") == 3
    browser.run("document.getElementById('differences').click()")
    marked = browser.run("[...document.querySelectorAll('mark')].map(each => each.innerText)")
    assert "9" in "".join(marked)
    assert "478" not in marked
    assert (browser.errors, browser.requests) == ([], [(tmp_path / "page.html").as_uri()])


def test_the_plot_of_an_exam_has_every_way_at_its_accuracy(qwen3, tmp_path):
    (tmp_path / "exam.jsonl").write_text(
        '{"question": "What is 478 + 856?", "answer": 1334}', encoding="utf-8"
    )
    ways = ("--questions", "exam.jsonl", "--budgets", "0,-1", "--temp", "0")
    assert qwen3("compare", *ways, "--plot", "plot.svg").code == 0
    drawn = ElementTree.parse(tmp_path / "plot.svg")
    names = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    heights = [
        float(each.attrib["cy"]) for each in drawn.iter("{http://www.w3.org/2000/svg}circle")
    ]
    assert names[-2:] == ["budget 0", "no limit"]
    assert heights[0] > heights[1]  # the first is wrong, and further down


def test_thinking_is_worth_it_in_the_demo_models_own_exam(qwen3):
    done = qwen3("compare", "--questions", "demo", "--budgets", "0,32,-1", "--temp", "0", "--json")
    none, some, all_of_it = json.loads(done.stdout)["ways"]
    assert none["asked"] == all_of_it["asked"] == 40
    assert none["right"] < some["right"] < all_of_it["right"]
    assert all_of_it["low"] > none["high"]


def test_a_broken_line_is_told_with_its_number_and_the_rest_is_asked(qwen3, tmp_path):
    (tmp_path / "exam.jsonl").write_text(
        '{"question": "What is 2 + 3?", "answer": 5}\n{"question": \n{"question": "x", "anwser": 1}\n',
        encoding="utf-8",
    )
    done = qwen3("compare", "--questions", "exam.jsonl", "--json")
    assert done.code == 2
    assert "line 2 of exam.jsonl: no JSON" in done.stderr
    assert "line 3 of exam.jsonl: there is no field anwser" in done.stderr
    assert json.loads(done.stdout)["ways"][0]["asked"] == 1


def test_a_run_that_was_killed_goes_on_where_it_ended(qwen3, tmp_path):
    kept = tmp_path / "kept.jsonl"
    command = ("compare", "--questions", "demo", "--think", "--temp", "0", "--output", "kept.jsonl")
    running = subprocess.Popen([qwen3.program, *command], cwd=tmp_path, stdout=subprocess.DEVNULL)
    while not kept.exists() or kept.read_bytes().count(b"\n") < 3:
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"key": "cut in the wri')
    before = kept.read_bytes().splitlines()[:3]
    done = qwen3(*command, "--json")
    assert json.loads(done.stdout)["ways"][0]["asked"] == 40
    lines = kept.read_bytes().splitlines()
    assert lines[:3] == before
    assert len({json.loads(line)["key"] for line in lines}) == len(lines) == 40


def test_a_question_with_a_schema_holds_the_answer_to_it(qwen3, tmp_path):
    number = {"type": "integer", "minimum": 0, "maximum": 99}
    (tmp_path / "exam.jsonl").write_text(
        json.dumps({"question": "A number, please.", "schema": number}), encoding="utf-8"
    )
    done = qwen3("compare", "--questions", "exam.jsonl", "--no-think", "--json")
    assert json.loads(done.stdout)["ways"][0]["right"] == 1


@pytest.mark.parametrize(
    "question, right, wrong",
    [
        (ExamQuestion("?", answer="1334"), "478 + 856 = 1,334.", "1334 + 1 = 1335"),
        (ExamQuestion("?", answer="-2.5"), "It is -2.50", "2.5"),
        (ExamQuestion("?", answer="Paris"), "**paris**, of course", "Parisian"),
        (ExamQuestion("?", answer="B", choices=("x", "y")), "Not A but B", "B, no: A"),
        (ExamQuestion("?", answer="y", choices=("x", "y")), "B", "y"),
        (ExamQuestion("?", schema={"type": "integer"}), "7", "seven"),
    ],
)
def test_an_answer_is_graded_by_what_it_names(question, right, wrong):
    assert question.is_right(right)
    assert not question.is_right(wrong)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_narrows_with_more_questions(asked, data):
    right = data.draw(st.integers(0, asked))
    low, high = interval(right, asked)
    assert 0 <= low <= right / asked <= high <= 1
    more_low, more_high = interval(4 * right, 4 * asked)
    assert more_high - more_low < high - low
