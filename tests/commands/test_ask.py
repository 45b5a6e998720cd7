"""`qwen3 ask` as a real process: bytes on standard output, text on standard error, the exit code."""

import json
import math
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from support.command import LIMIT_SECONDS
from support.gguf_copy import copy_gguf
from support.one_model import FILE, REPOSITORY, add_entry

from qwen3cli import __version__
from qwen3cli.dialogue.events import ThinkDelta
from qwen3cli.turn.interrupts import Interrupts

STRAWBERRY = "How many r's are in strawberry?"
SUM = "What is 478 + 856?"
GREEDY = ("--temp", "0")

# ---- streams ---------------------------------------------------------------------------------------------------------

# An error: what happened in one line, and what to type next in another.
ONE_LINE = r"qwen3: [^\n]+\n(  try: [^\n]+\n)?"


def test_the_answer_and_nothing_else_is_on_standard_output(qwen3):
    done = qwen3("ask", "--size", "demo", "--think", *GREEDY, STRAWBERRY)
    assert (done.stdout, done.stderr, done.code) == (b"3\n", "", 0)


def test_standard_input_alone_is_the_prompt(qwen3):
    done = qwen3("ask", *GREEDY, stdin=SUM.encode())
    assert (done.stdout, done.code) == (b"478 + 856 = 1334\n", 0)


def test_the_prompt_stands_behind_the_files_and_before_standard_input(qwen3):
    (qwen3.folder / "a.txt").write_text("from the file\n", encoding="utf-8")
    done = qwen3("ask", "--show-prompt", "-f", "a.txt", "the prompt", stdin=b"from the pipe\n")
    shown = done.stdout.decode()
    assert done.code == 0
    assert shown.index("from the file") < shown.index("the prompt") < shown.index("from the pipe")


def test_show_prompt_prints_the_exact_text_and_counts_its_tokens(qwen3):
    done = qwen3("ask", "--show-prompt", "-s", "Be kind.", "--no-think", "Hi")
    assert done.stdout.decode() == (
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )
    assert "tokens of 4,096" in done.stderr


def test_thoughts_go_to_a_file(qwen3):
    done = qwen3("ask", "--thoughts", "why.txt", *GREEDY, STRAWBERRY)
    assert done.stdout == b"3\n"
    thoughts = (qwen3.folder / "why.txt").read_text(encoding="utf-8")
    assert thoughts.startswith("Spell strawberry and count r\ns\nt\nr 1\n")
    assert "<think>" not in thoughts


def test_thoughts_go_to_standard_error_when_asked_for(qwen3):
    done = qwen3("ask", "--thoughts", "-", *GREEDY, STRAWBERRY)
    assert done.stdout == b"3\n"
    assert done.stderr.startswith("Spell strawberry and count r\n")
    assert "\x1b" not in done.stderr


def test_the_answer_is_utf8_whatever_the_locale(qwen3):
    done = qwen3(
        "ask", *GREEDY, "こんにちは", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="latin-1"
    )
    assert done.stdout.decode() == "こんにちは！何かお手伝いできますか？\n"


def test_no_think_answers_at_once(qwen3):
    done = qwen3("ask", "--no-think", "--json", *GREEDY, SUM)
    envelope = json.loads(done.stdout)
    assert envelope["thinking"] == ""
    assert envelope["usage"]["thinking_tokens"] == 0


def test_a_soft_switch_in_the_message_is_obeyed_and_its_empty_block_hidden(qwen3):
    done = qwen3("ask", "--json", *GREEDY, SUM + " /no_think")
    envelope = json.loads(done.stdout)
    assert envelope["thinking"] == ""
    assert envelope["answer"].startswith("478 + 856 = ")


def test_a_soft_switch_that_is_piped_in_switches_nothing(qwen3):
    done = qwen3("ask", "--json", *GREEDY, STRAWBERRY, stdin=b"see /no_think\n")
    envelope = json.loads(done.stdout)
    assert envelope["thinking"].startswith("Spell strawberry")
    assert envelope["answer"] == "3"


# ---- the JSON contract -----------------------------------------------------------------------------------------------


def test_the_json_envelope_has_exactly_these_fields(qwen3):
    done = qwen3("ask", "--json", "--seed", "5", *GREEDY, STRAWBERRY)
    envelope = json.loads(done.stdout)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == ""
    assert list(envelope) == [
        "schema_version", "exit_code", "error", "answer", "thinking", "tool_calls", "model", "finish_reason", "usage", "timings",
        "context", "seed", "version",
    ]  # fmt: skip
    assert (envelope["answer"], envelope["model"], envelope["finish_reason"]) == (
        "3",
        "demo",
        "stop",
    )
    assert (envelope["seed"], envelope["version"]) == (5, __version__)
    assert list(envelope["usage"]) == [
        "prompt_tokens",
        "cached_tokens",
        "saved_tokens",
        "thinking_tokens",
        "answer_tokens",
    ]
    assert envelope["usage"]["cached_tokens"] == 0
    assert list(envelope["timings"]) == [
        "load_seconds", "prefill_seconds", "first_token_seconds", "decode_tokens_per_second",
    ]  # fmt: skip


def test_a_seed_makes_a_run_repeat(qwen3):
    runs = [qwen3("ask", "--seed", "11", "--temp", "3", "--json", "Hello") for _ in range(2)]
    first, second = (json.loads(run.stdout) for run in runs)
    assert (first["answer"], first["thinking"]) == (second["answer"], second["thinking"])


# ---- bounded thinking ------------------------------------------------------------------------------------------------


def test_a_budget_stops_the_thoughts_and_the_answer_still_comes(qwen3):
    done = qwen3("ask", "--budget", "20", "--json", *GREEDY, "Think 300 steps")
    envelope = json.loads(done.stdout)
    assert done.code == 0
    assert envelope["finish_reason"] == "budget_then_stop"
    assert 20 <= envelope["usage"]["thinking_tokens"] <= 28
    assert envelope["answer"]
    assert "Considering the limited time" not in envelope["thinking"] + envelope["answer"]


def test_think_time_stops_the_thoughts(qwen3):
    done = qwen3("ask", "--think-time", "0.05", "--json", *GREEDY, "Think 300 steps")
    envelope = json.loads(done.stdout)
    assert envelope["finish_reason"] == "budget_then_stop"
    assert envelope["answer"]


def test_a_budget_of_zero_is_no_thinking_and_minus_one_no_limit(qwen3):
    none = json.loads(qwen3("ask", "--budget", "0", "--json", *GREEDY, STRAWBERRY).stdout)
    free = json.loads(qwen3("ask", "--budget", "-1", "--json", *GREEDY, STRAWBERRY).stdout)
    assert none["usage"]["thinking_tokens"] == 0
    assert free["answer"] == "3"
    assert free["usage"]["thinking_tokens"] > 20


def test_effort_is_a_budget_in_a_word(qwen3):
    done = qwen3("ask", "--effort", "low", *GREEDY, STRAWBERRY)
    assert done.stdout == b"3\n"


# ---- exit codes ------------------------------------------------------------------------------------------------------


def test_an_answer_cut_by_max_tokens_says_so_and_exits_9(qwen3):
    done = qwen3("ask", "--no-think", "-n", "5", *GREEDY, "Count to 50")
    assert done.stdout == b"1\n2\n3\n"
    assert done.code == 9
    assert done.stderr == (
        "qwen3: the answer is cut short: --max-tokens was used up\n"
        "  try: allow more: --max-tokens N\n"
    )


@pytest.mark.parametrize("limit", [[], ["--max-tokens", "5000"]])
def test_an_answer_cut_by_the_context_says_so_whatever_other_limit_there_is(qwen3, limit):
    done = qwen3("ask", "--no-think", "--ctx", "256", *limit, *GREEDY, "Count to 300")
    assert done.code == 9
    assert done.stderr == (
        "qwen3: the answer is cut short: the context was used up\n"
        "  try: make room with --ctx N, or ask for a shorter one\n"
    )


def test_a_prompt_longer_than_the_context_exits_8_with_the_sizes_and_the_flag(qwen3):
    done = qwen3("ask", "--ctx", "300", "word " * 300)
    assert done.code == 8
    assert done.stdout == b""
    assert "the context holds 300" in done.stderr
    assert "--ctx 2048" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--budget", "-5", "hi"], "--budget"),
        (["--temp", "hot", "hi"], "--temp"),
        (["--temp", "9", "hi"], "invalid value for --temp: it takes a number from 0 to 5, not 9"),
        (["--temp", "nan", "hi"], "it takes a number from 0 to 5, not nan"),
        (
            ["--top-p", "1.5", "hi"],
            "invalid value for --top-p: it takes a number from 0 to 1, not 1.5",
        ),
        (["-n", "0", "hi"], "--max-tokens"),
        (["--no-think", "--budget", "5", "hi"], "contradict"),
        (["--effort", "low", "--budget", "5", "hi"], "give one of them"),
        (["--ctx", "999999", "hi"], "is more than this model reads: 4,096 tokens"),
        (["-f", "nowhere.txt", "hi"], "no such file: nowhere.txt"),
        (["-f", ".", "hi"], "nothing to read"),
        ([""], "there is no prompt"),
        ([], "there is no prompt"),
        (["--nonsense", "hi"], "--nonsense"),
        (["--seed", "1.5", "hi"], "not a whole number"),
        (["--kv", "q9", "hi"], "'q9' is not one of"),
        (["--thoughts", "no/such/folder/file", "hi"], "cannot write the thoughts"),
    ],
)
def test_a_request_that_makes_no_sense_exits_2_in_one_line(qwen3, arguments, says):
    done = qwen3("ask", *arguments)
    assert done.code == 2
    assert says in done.stderr
    assert re.fullmatch(ONE_LINE, done.stderr)
    assert done.stdout == b""


def test_bytes_that_are_no_text_exit_2_and_say_where(qwen3):
    done = qwen3("ask", "summarize", stdin=b"caf\xe9 au lait")
    assert done.code == 2
    assert "standard input is not UTF-8 text; it could be cp1252" in done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("9b", "did you mean 8b"),
        ("8b:q9_k", "q4_k_m"),
        ("nowhere.gguf", "no such file"),
        ("llama", "demo"),
    ],
)
def test_a_model_that_does_not_exist_exits_3_with_what_does(qwen3, name, says):
    done = qwen3("ask", "--size", name, "hi")
    assert done.code == 3
    assert says in done.stderr


def test_a_model_that_is_not_on_disk_exits_3_with_the_command_that_gets_it(qwen3):
    done = qwen3("ask", "--offline", "--size", "8b", "hi")
    assert done.code == 3
    assert "qwen3 pull 8b" in done.stderr


def bad_files(folder: Path, demo: Path) -> dict[str, Path]:
    whole = demo.read_bytes()
    contents = {
        "empty": b"",
        "text": b"hello, I am no model\n",
        "half": whole[: len(whole) // 2],
        "header": whole[:300],
        "counts": b"GGUF\x03\0\0\0" + b"\xff" * 7 + b"\x7f" + b"\xff" * 7 + b"\x7f",
        "noise": b"GGUF\x03\0\0\0" + bytes(range(256)) * 40,
    }
    for name, content in contents.items():
        (folder / f"{name}.gguf").write_bytes(content)
    (folder / "folder.gguf").mkdir()
    return {name: folder / f"{name}.gguf" for name in [*contents, "folder"]}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty", "is empty"),
        ("text", "is not a GGUF file: it begins with 'hell'"),
        ("half", "is cut short"),
        ("header", "is damaged"),
        ("counts", "is damaged"),
        ("noise", "is damaged"),
        ("folder", "is a folder"),
    ],
)
def test_a_damaged_model_file_exits_6_and_says_what_is_wrong(qwen3, demo, name, says):
    done = qwen3("ask", "-m", bad_files(qwen3.folder, demo)[name], "hi")
    assert done.code == 6
    assert says in done.stderr
    assert "try:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "ran longer",
        ),
        ("{{ messages.__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ cycler.__init__.__globals__.os.system('touch owned') }}", "unsafe"),
        ("{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}", "characters"),
    ],
)
def test_a_hostile_template_is_given_up_and_nothing_is_run(qwen3, demo, template, says):
    hostile = copy_gguf(demo, qwen3.folder / "hostile.gguf", {"tokenizer.chat_template": template})
    done = qwen3("ask", "-m", hostile, "hi")
    assert done.code == 6
    assert says in done.stderr
    assert not (qwen3.folder / "owned").exists()


def test_a_file_without_a_chat_template_exits_6(qwen3, demo):
    base = copy_gguf(demo, qwen3.folder / "base.gguf", {"tokenizer.chat_template": None})
    done = qwen3("ask", "-m", base, "hi")
    assert done.code == 6
    assert "has no chat template" in done.stderr


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("qwen3.block_count", 0),
        ("qwen3.block_count", 2**31 - 1),
        ("qwen3.attention.head_count", 7),
        ("qwen3.attention.layer_norm_rms_epsilon", math.nan),
        ("qwen3.context_length", 0),
    ],
)
def test_a_number_that_cannot_be_exits_6_without_a_crash_in_native_code(qwen3, demo, key, value):
    path = copy_gguf(demo, qwen3.folder / "odd.gguf", {key: value})
    done = qwen3("ask", "-m", path, "hi")
    assert (done.code, done.stdout) == (6, b"")
    assert re.fullmatch(ONE_LINE, done.stderr)


def test_an_unknown_architecture_exits_6(qwen3, demo):
    odd = copy_gguf(demo, qwen3.folder / "odd.gguf", {"general.architecture": "qwen99"})
    done = qwen3("ask", "-m", odd, "hi")
    assert done.code == 6
    assert "unknown model architecture: 'qwen99'" in done.stderr


def test_weights_larger_than_memory_exit_4_before_loading(qwen3, demo):
    huge = qwen3.folder / "huge.gguf"
    huge.write_bytes(demo.read_bytes())
    os.truncate(huge, 2**43)  # sparse: takes no disk
    done = qwen3("ask", "-m", huge, "hi")
    assert done.code == 4
    assert re.search(r"needs 8192\.\d GiB for its weights and the program alone", done.stderr)
    assert "qwen3 fit" in done.stderr


@pytest.mark.parametrize(("template", "flag", "says"), [
    ("{{ messages[0].content }}{{ '<think>\n' }}", "--no-think", "always thinks"),
    ("{{ messages[0].content }}", "--think", "never thinks"),
])  # fmt: skip
def test_a_switch_that_a_file_does_not_have_is_refused_with_a_model_that_has_it(
    qwen3, demo, template, flag, says
):
    fixed = copy_gguf(demo, qwen3.folder / "fixed.gguf", {"tokenizer.chat_template": template})
    done = qwen3("ask", "-m", fixed, flag, "hi")
    assert done.code == 2
    assert says in done.stderr
    assert "--size 4b" in done.stderr


# ---- interruption ----------------------------------------------------------------------------------------------------


def started(qwen3, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [qwen3.program, "ask", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=qwen3.folder,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_answer_keeps_what_came_and_gives_its_exit_code(qwen3, number):
    process = started(qwen3, "--no-think", *GREEDY, "Count to 300")
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(number)
    rest, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert (process.returncode, first, errors) == (128 + number, b"1\n", b"")
    assert rest.endswith(b"\n")


def test_ctrl_c_while_it_thinks_brings_the_answer(qwen3):
    process = started(qwen3, "--think", "--thoughts", "-", *GREEDY, "Think 300 steps")
    assert process.stderr is not None
    assert process.stderr.readline() == b"step 1\n"
    process.send_signal(signal.SIGINT)
    answer, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0
    assert answer.startswith(b"I counted")


def test_presses_end_the_thoughts_then_the_answer_and_then_two_within_a_second_leave():
    now = iter([0.0, 0.9])
    interrupts = Interrupts(clock=lambda: next(now))
    interrupts.follow(ThinkDelta("hm"))
    seen = []
    for _ in range(4):
        interrupts.press()
        seen.append(
            (interrupts.should_skip_thinking(), interrupts.should_stop(), interrupts.leaving)
        )
    assert seen == [
        (True, False, False),
        (True, True, False),
        (True, True, False),
        (True, True, True),
    ]


def test_a_closed_pipe_ends_quietly(qwen3):
    done = subprocess.run(
        f"{qwen3.program} ask --no-think --temp 0 'Count to 300' | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=LIMIT_SECONDS,
        check=True,
    )
    assert done.stdout == b"1\n0\n"
    assert done.stderr == b""


# ---- variables -------------------------------------------------------------------------------------------------------


def test_a_variable_sets_a_flag_and_the_flag_wins_over_it(qwen3):
    variable = qwen3("ask", "--no-think", *GREEDY, "Count to 50", QWEN3_MAX_TOKENS="5")
    flag = qwen3("ask", "--no-think", "-n", "3", *GREEDY, "Count to 50", QWEN3_MAX_TOKENS="5")
    assert variable.stdout == b"1\n2\n3\n"
    assert flag.stdout == b"1\n2\n"


def test_debug_adds_the_traceback(qwen3):
    done = qwen3("ask", "--size", "9b", "hi", QWEN3_DEBUG="1")
    assert done.code == 3
    assert "Traceback" in done.stderr


def test_verbose_shows_what_llama_cpp_says(qwen3):
    done = qwen3("ask", "--verbose", *GREEDY, STRAWBERRY)
    assert done.stdout == b"3\n"
    assert "llama.cpp: " in done.stderr


# ---- the edges of the process ----------------------------------------------------------------------------------------


def test_escape_codes_from_a_models_file_never_reach_the_terminal_raw(qwen3, demo):
    title = "\x1b]0;owned\x07"
    odd = copy_gguf(demo, qwen3.folder / "odd.gguf", {"general.architecture": title})
    done = qwen3("ask", "-m", odd, "hi")
    assert done.code == 6
    assert "\x1b" not in done.stderr
    template = "{{ raise_exception('\\x1b]52;c;b3duZWQ=\\x07') }}"
    odd = copy_gguf(demo, qwen3.folder / "odd2.gguf", {"tokenizer.chat_template": template})
    done = qwen3("ask", "-m", odd, "hi")
    assert done.code == 6
    assert "]52;c;" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_device_that_never_ends_is_refused(qwen3):
    done = qwen3("ask", "-f", "/dev/zero", "hi")
    assert done.code == 2
    assert "longer than 64 MiB" in done.stderr


@pytest.mark.parametrize(
    ("variables", "flags"),
    [({"QWEN3_BUDGET": "5"}, ["--no-think"]), ({"QWEN3_EFFORT": "low"}, ["--budget", "5"])],
)
def test_a_flag_about_thinking_wins_over_every_variable_about_it(qwen3, variables, flags):
    assert qwen3("ask", *flags, "Hello", **variables).code == 0


def test_a_folder_does_not_stand_in_for_the_size_of_its_name(qwen3):
    (qwen3.folder / "8b").mkdir()
    done = qwen3("ask", "--size", "8b", "hi")
    assert done.code == 3
    assert "qwen3 pull 8b" in done.stderr


def test_a_context_longer_than_the_files_is_had_by_yarn_where_the_model_can_be_stretched(
    qwen3, demo, hub, home
):
    digest = hub.add(REPOSITORY, FILE, demo.read_bytes())
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    catalogue = home / ".config/qwen3/models.toml"
    entry = catalogue.read_text(encoding="utf-8")
    stretched = entry.replace("native_context", "extended_context = 8192\nnative_context")
    catalogue.write_text(stretched, encoding="utf-8")
    assert qwen3("pull", "test").code == 0
    asked = ("ask", "--size", "test", "--no-think", "-n", "1", "--ctx")
    long = b"7 " * 2100
    assert qwen3(*asked, "8192", stdin=long).code in (0, 9)
    refused = qwen3(*asked, "4096", stdin=long)
    assert refused.code == 8
    assert "make room with --ctx 4864" in refused.stderr
    done = qwen3(*asked, "9000", "hi")
    assert done.code == 2
    assert "more than this model reads: 8,192 tokens with YaRN" in done.stderr


def test_standard_input_can_be_left_alone_or_named_as_a_file(qwen3):
    shown = qwen3("ask", "--no-stdin", "--show-prompt", "Hi", stdin=b"piped")
    assert "piped" not in shown.stdout.decode()
    for arguments in (["-f", "-", "Hi"], ["-", "--no-stdin"], ["Hi"]):
        assert "piped" in qwen3("ask", "--show-prompt", *arguments, stdin=b"piped").stdout.decode()


def test_what_joins_a_typed_prompt_is_told_on_a_terminal(terminal):
    terminal.type("echo abc | qwen3 ask --size demo --no-think Hello | cat")
    terminal.wait_for("4 B of standard input join the prompt; --no-stdin keeps it out")


def test_a_standard_input_that_nobody_closes_is_told(qwen3):
    process = subprocess.Popen(
        [qwen3.program, "ask", "Hi"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=qwen3.folder,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"qwen3: waiting for the end of standard input")
    process.communicate(timeout=LIMIT_SECONDS)
