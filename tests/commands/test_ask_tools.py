"""`qwen3 ask --tools`: the model calls tools, their results go back to it, and the exit code tells what became of them."""

import json
import sys
from pathlib import Path

import psutil
import pytest
from support.parrot import TOOL_TEMPLATE, write_parrot

SERVER = Path(__file__).parents[1] / "support" / "mcp_city.py"
WEATHER = "Use the tool get_weather with city Paris."


@pytest.fixture
def city(tmp_path):
    """A configuration with one server, and what that writes down."""
    log = tmp_path / "log.txt"
    told = {"command": sys.executable, "args": [str(SERVER), "--log", str(log)]}
    path = tmp_path / "city.json"
    path.write_text(json.dumps({"mcpServers": {"city": told}}), encoding="utf-8")
    return path, log


def asked(qwen3, city, tools, question, *flags):
    return qwen3(
        "ask", "--mcp", city[0], "--tools", tools, "--no-think", "--temp", "0", question, *flags
    )


def test_a_servers_tool_is_called_and_its_result_is_in_the_answer(qwen3, city):
    done = asked(qwen3, city, "city:*", WEATHER)
    assert (done.code, done.stdout) == (0, b"The tool get_weather says: sunny\n")
    assert 'tool 1: get_weather {"city": "Paris"} (city)' in done.stderr
    assert city[1].read_text(encoding="utf-8") == "get_weather Paris\n"


def test_the_server_ends_with_the_command(qwen3, city):
    asked(qwen3, city, "city:*", WEATHER)
    left = [each.cmdline() for each in psutil.process_iter() if each.status() != "zombie"]
    assert [line for line in left if str(city[1]) in line] == []


def test_the_call_and_its_result_are_in_the_object(qwen3, city):
    told = json.loads(asked(qwen3, city, "city:*", WEATHER, "--json").stdout)
    (call,) = told["tool_calls"]
    del call["seconds"]
    assert call == {
        "name": "get_weather",
        "arguments": {"city": "Paris"},
        "number": 1,
        "server": "city",
        "outcome": "done",
        "result": "sunny",
        "files": [],
    }
    assert told["answer"] == "The tool get_weather says: sunny"
    assert told["context"]["tools"] > 0


def test_thoughts_of_two_rounds_stand_apart(qwen3, city):
    done = qwen3("ask", "--mcp", city[0], "--tools", "city:*", "--temp", "0", "--json", WEATHER)
    assert "\n\nThe tool answered" in json.loads(done.stdout)["thinking"]


def test_every_step_of_a_call_is_a_line(qwen3, city):
    lines = asked(qwen3, city, "city:*", WEATHER, "--jsonl").stdout.splitlines()
    kinds = [json.loads(line)["type"] for line in lines]
    assert kinds.index("call_start") < kinds.index("call_end") < kinds.index("answer")
    assert kinds[-1] == "end"


def test_a_tool_that_fails_ends_in_7_with_the_answer_printed(qwen3, city):
    done = asked(qwen3, city, "city:*", "Call get_price with name pen")
    assert done.code == 7
    assert done.stdout.startswith(b"The tool get_price failed")
    assert "a call failed: city:get_price" in done.stderr


def test_only_what_is_named_is_offered(qwen3, city):
    told = json.loads(
        asked(
            qwen3, city, "city:get_weather", "Use the tool set_note with text hello", "--json"
        ).stdout
    )
    assert {each["name"] for each in told["tool_calls"]} <= {"get_weather"}
    assert "set_note" not in (city[1].read_text(encoding="utf-8") if city[1].exists() else "")


def test_a_result_is_cut_to_its_share_and_cannot_reach_the_terminal_raw(qwen3, city):
    done = asked(qwen3, city, "city:get_news", "Use the tool get_news with query moon", "--json")
    told = json.loads(done.stdout)
    assert told["tool_calls"][0]["result"].endswith("the user sees all of it by /tool 1]")
    assert len(told["tool_calls"][0]["result"]) < 20_000
    assert (
        "\x1b"
        not in asked(qwen3, city, "city:get_news", "Use the tool get_news with query moon").stderr
    )


def test_calc_is_exact_where_a_model_is_not(qwen3, tmp_path):
    call = '<tool_call>\n{"name": "calc", "arguments": {"expression": "478² / 13"}}\n</tool_call>'
    model = write_parrot(
        tmp_path / "p.gguf",
        call.encode(),
        TOOL_TEMPLATE,
        chunks=[b"<tool_call>", call.encode()[len("<tool_call>") :]],
        then=b"It is about 17,575.69.",
    )
    done = qwen3("ask", "-m", model, "--tools", "calc", "--temp", "0", "What is 478² / 13?")
    assert (done.code, done.stdout) == (0, b"It is about 17,575.69.\n")
    assert "228484/13, about 17575.692307692307692" in done.stderr


@pytest.fixture
def insistent(tmp_path):
    """A model that calls `now`, whatever it is told."""
    said = [b"<tool_call>", b'\n{"name": "now", "arguments": {}}\n</tool_call>']
    return write_parrot(
        tmp_path / "p.gguf", b"".join(said), chunks=said, followers={"{": "}", ">": ""}
    )


def test_a_call_that_is_made_again_and_again_ends_the_calls_and_it_is_said(qwen3, insistent):
    done = qwen3("ask", "-m", insistent, "--tools", "now", "--temp", "0", "-n", "400", "What?")
    told = "now was called 3 times with the same arguments: the model must answer now"
    assert told in done.stderr
    assert "tool 3: now" in done.stderr
    assert "tool 4" not in done.stderr


def test_rounds_of_calls_are_bounded(qwen3, insistent):
    done = qwen3(
        "ask",
        "-m",
        insistent,
        "--tools",
        "now",
        "--max-rounds",
        "1",
        "--temp",
        "0",
        "-n",
        "200",
        "?",
    )
    assert "after 1 round of tool calls the model must answer" in done.stderr
    assert "tool 2" not in done.stderr


@pytest.mark.parametrize(
    "flags, told",
    [
        (["--tools", "calk"], "perhaps calc?"),
        (["--tools", ","], "--tools has no tool in ''"),
        (["--tools", "city:nothing"], "there is no such tool"),
        (["--mcp", "none.json"], "none.json"),
        (["--tools", "calc", "--max-rounds", "0"], "a whole number from 1 on"),
    ],
)
def test_what_cannot_be_offered_is_one_line_before_a_model_works(qwen3, flags, told):
    done = qwen3("ask", *flags, "?")
    assert (done.code, done.stdout) == (2, b"")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_picture_lies_beside_the_answers_file(qwen3, city, tmp_path):
    target = tmp_path / "answer.md"
    question = "Use the tool draw_cat with name Tom."
    asked(qwen3, city, "city:*", question, "--output", target)
    assert (tmp_path / "answer-1.png").read_bytes().startswith(b"\x89PNG")
