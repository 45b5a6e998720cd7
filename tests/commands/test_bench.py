"""`qwen3 bench` as a real process, on the demo model: figures, their comparison, a picture."""

import json
import re
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import psutil
import pytest
from support.command import LIMIT_SECONDS

QUICK = ("bench", "--size", "demo", "--runs", "2")
NAMES = [
    "one-shot, first token", "one-shot, memory", "load", "prefill at 128", "prefill at 512", "prefill at 2,048",
    "decode at 0", "decode at 512",
]  # fmt: skip


def before(figure: str, runs: list[float]) -> str:
    """A report of an earlier day with one figure."""
    measured = {"name": figure, "unit": "tok/s", "runs": runs, "warm_up": 1.0}
    facts = dict.fromkeys(("date", "model", "digest", "machine", "kv_type", "build"), "other")
    return json.dumps(facts | {"threads": 9, "figures": [measured]})


def test_figures_are_told_to_programs_beside_those_of_before_and_drawn(qwen3):
    (qwen3.folder / "before.json").write_text(before("decode at 0", [0.5, 0.6]), encoding="utf-8")
    done = qwen3(*QUICK, "--json", "--compare", "before.json", "--plot", "speed.svg")
    report = json.loads(done.stdout)
    assert [each["name"] for each in report["figures"]] == NAMES
    assert all(
        0 < each["lowest"] <= each["median"] <= each["highest"] for each in report["figures"]
    )
    assert all(len(each["runs"]) == 2 for each in report["figures"])
    assert (report["model"], len(report["digest"]), report["threads"]) == ("demo", 64, 1)
    changed = report["figures"][NAMES.index("decode at 0")]
    assert (changed["before"], changed["is_outside_spread"]) == (0.55, True)
    assert "before" not in report["figures"][0]
    assert done.stderr == (
        "qwen3: before.json is of another model, machine, threads, KV cache, build\n"
    )
    picture = ElementTree.parse(qwen3.folder / "speed.svg").getroot()
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert [name for name in NAMES if name not in texts] == []
    assert texts.count("before") == 1


def test_figures_are_shown_to_people_with_bars_and_the_change_in_a_word(qwen3):
    (qwen3.folder / "before.json").write_text(before("decode at 0", [1e9]), encoding="utf-8")
    done = qwen3(*QUICK, "--compare", "before.json", LC_ALL="C.UTF-8")
    rows = done.stdout.decode().splitlines()
    assert [row[: len(name)] for row, name in zip(rows[2:], NAMES, strict=True)] == NAMES
    assert all(row.endswith("█") for row in rows[2:])
    assert "-100% slower" in rows[2 + NAMES.index("decode at 0")]
    assert re.search(r"^demo \([0-9a-f]{12}\), 1 thread of .*, KV cache f16, ", done.stderr, re.M)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--compare", "none.json"), "cannot compare with none.json: No such file or directory"),
        (("--compare", "odd.json"), "cannot compare with odd.json: it is no report of qwen3 bench"),
        (("--plot", "speed.png"), "--plot speed.png: pictures are SVG\n  try: --plot speed.svg"),
        (("--plot", "none/speed.svg"), "--plot none/speed.svg: No such file or directory"),
        (("--runs", "1"), "invalid value for --runs: it takes a whole number from 2 to 100, not 1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_measured(qwen3, flags, told):
    report = before("decode at 0", [float("nan")])
    (qwen3.folder / "odd.json").write_text(report, encoding="utf-8")
    done = qwen3("bench", "--size", "nothing", *flags)
    assert (done.stderr.startswith(f"qwen3: {told}"), done.code, done.stdout) == (True, 2, b"")


def test_ctrl_c_ends_it_without_figures(qwen3):
    command = [qwen3.program, *QUICK, "--runs", "100", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not psutil.Process(process.pid).children():  # it measures
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.wait(LIMIT_SECONDS)
        assert process.stdout is not None
        assert (process.stdout.read(), process.returncode) == (b"", 130)


def test_what_was_measured_is_what_fit_reckons_with(home, qwen3):
    from qwen3cli.machine.seen_speed import keep_speed

    variables = {"HOME": str(home)}
    assert "up to" in qwen3("fit", "8b").stdout.decode()
    keep_speed(variables, 400 * 2**20, 50.0)
    keep_speed(variables, 4800 * 2**20, 2.0)  # the 8B's size: other sizes are no measure for it
    (told,) = re.findall(r"about ([0-9.]+) tok/s", qwen3("fit", "8b").stdout.decode())
    assert 1.9 < float(told) < 2.3
    keep_speed(variables, 1 * 2**20, 9000.0)  # caches were measured there, and no memory
    assert f"about {told} tok/s" in qwen3("fit", "8b").stdout.decode()
