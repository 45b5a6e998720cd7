"""`qwen3 fit`: what this machine can run. What its sum is worth is held against llama.cpp in machine/test_memory.py."""

import json
import subprocess
import sys

import pytest


def test_a_model_that_does_not_fit_has_its_sum_shown_and_the_command_named_that_runs_the_nearest(
    qwen3,
):
    done = qwen3("fit", "235b-a22b", "--ctx", "4096")
    assert done.code == 4
    assert b"weights   132.4 GiB" in done.stdout
    assert b"too large" in done.stdout
    assert "of memory is free" in done.stderr
    assert "the nearest that fits: qwen3 chat --size" in done.stderr
    row = json.loads(qwen3("fit", "235b-a22b", "--json").stdout)
    assert row["fits"] is False


def test_the_command_that_is_named_fits(qwen3):
    refused = qwen3("fit", "235b-a22b", "--ctx", "131072")
    _, _, command = refused.stderr.partition("qwen3 chat --size ")
    assert qwen3("fit", *command.split()).code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_file_that_does_not_fit_has_a_command_named_that_does(qwen3, demo):
    def limited(kibibytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = f'ulimit -v {kibibytes}; exec "$0" "$@"'
        return subprocess.run(
            ["sh", "-c", command, qwen3.program, *arguments],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    refused = limited(200_000, "fit", str(demo))
    assert refused.returncode == 4
    assert "too large" in refused.stdout
    _, _, command = refused.stderr.partition("this fits: qwen3 chat --size ")
    assert limited(200_000, "fit", *command.split()).returncode == 0


def test_a_context_that_no_plan_reaches_is_told_with_the_longest(qwen3):
    done = qwen3("fit", "0.6b", "--ctx", "50000")
    assert (done.code, done.stdout) == (2, b"")
    assert "40,960" in done.stderr


def test_the_plan_that_a_run_follows_is_the_one_that_fit_shows(qwen3):
    asked = ("--ctx", "1024", "--kv", "q8_0")
    shown = qwen3("fit", "demo", *asked).stdout.decode().splitlines()
    run = qwen3("ask", "--size", "demo", *asked, "--verbose", "-n", "1", "hi").stderr.splitlines()
    same = [line for line in shown if not line.startswith(("  memory", "  speed"))]
    assert [line for line in run if line in same] == same
