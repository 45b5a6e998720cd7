"""Fetching models: the real client against a hub on loopback, with everything that can go wrong going wrong."""

import os
import re
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from support.command import LIMIT_SECONDS, wait_until
from support.hub_server import COMMIT
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry, assert_whole, cached

from qwen3cli.models.hub_errors import TransientError, error_for_status

# ---- when all goes well ----------------------------------------------------------------------------------------------


def test_a_model_is_fetched_once_into_the_hubs_own_cache(qwen3, hub, test_model, home):
    first = qwen3("pull", "test")
    assert_whole(first, home)
    assert first.stdout.decode() == f"{cached(home)}\n"
    assert "fetching 6 MiB from huggingface" in first.stderr
    asked = len(hub.requests)
    second = qwen3("pull", "test")
    assert (second.code, second.stderr) == (0, "")
    assert len(hub.requests) == asked
    assert hub.sent_bytes == len(CONTENT)


def test_the_hubs_own_client_finds_the_file_in_the_cache(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    code = f"from huggingface_hub import try_to_load_from_cache as t; print(t('{REPOSITORY}', '{FILE}', revision='{COMMIT}'))"
    import sys

    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    assert shown.stdout.strip() == str(cached(home))


def test_a_dry_run_fetches_nothing(qwen3, hub, test_model):
    done = qwen3("pull", "test", "--dry-run")
    assert (
        done.stdout.decode()
        == f"test:q8_0: would fetch 6 MiB in 1 of 1 files\n  {REPOSITORY}/{FILE}\n"
    )
    assert hub.requests == []


def test_the_token_goes_to_the_hub_and_not_to_its_storage(qwen3, hub, test_model, home):
    hub.faults.needs_token = "secret"
    assert qwen3("pull", "test").code == 5
    assert_whole(qwen3("pull", "test", HF_TOKEN="secret"), home)
    assert set(hub.tokens_at_storage) == {None}


def test_modelscope_serves_the_same_file_under_the_same_digest(qwen3, hub, test_model, home):
    assert_whole(qwen3("pull", "test", "--from", "modelscope"), home)
    assert all("/storage/" not in request for request in hub.requests)


def test_sources_are_tried_in_the_order_given(qwen3, hub, test_model, home):
    hub.faults.needs_token = "secret"
    done = qwen3("pull", "test", QWEN3_FROM="huggingface,modelscope")
    assert_whole(done, home)
    assert "huggingface: " in done.stderr
    assert "trying the next source" in done.stderr


def test_a_source_that_does_not_exist_exits_2_with_those_that_do(qwen3):
    done = qwen3("pull", "8b", "--from", "modelscop")
    assert done.code == 2
    assert "huggingface, modelscope" in done.stderr


def test_a_split_model_is_fetched_whole(qwen3, hub, home):
    parts = [(f"Q8_0/T-{n:05d}-of-00003.gguf", os.urandom(2**20)) for n in (1, 2, 3)]
    rows = [
        f'{{ path = "{path}", sha256 = "{hub.add(REPOSITORY, path, data)}" }},'
        for path, data in parts
    ]
    add_entry(home, f'{{ quant = "q8_0", path = "Q8_0/*.gguf", parts = [{" ".join(rows)}] }},')
    done = qwen3("pull", "test")
    assert done.code == 0, done.stderr
    assert done.stdout.decode().strip() == str(cached(home, parts[0][0]))
    assert [cached(home, path).read_bytes() for path, _ in parts] == [data for _, data in parts]


def test_a_split_model_that_the_catalogue_does_not_list_is_read_from_the_hub(qwen3, hub, home):
    for number in (1, 2):
        hub.add(REPOSITORY, f"Q8_0/T-{number:05d}-of-00002.gguf", os.urandom(2**20))
    hub.add(REPOSITORY, "README.md", b"no model")
    add_entry(home, '{ quant = "q8_0", path = "Q8_0/*.gguf" },')
    assert qwen3("pull", "test").code == 0
    before = len(hub.requests)
    assert qwen3("pull", "test", "--offline").code == 0
    assert len(hub.requests) == before


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_a_dropped_line_is_taken_up_where_it_broke(qwen3, hub, test_model, home):
    hub.faults.drop_after = [2**20, 2 * 2**20, 4 * 2**20]
    assert_whole(qwen3("pull", "test"), home)
    assert hub.sent_bytes - len(CONTENT) <= 2**20


def test_three_500s_are_waited_out(qwen3, hub, test_model, home):
    hub.faults.statuses = [500, 500, 500]
    assert_whole(qwen3("pull", "test"), home)
    assert hub.sent_bytes == len(CONTENT)


@pytest.mark.parametrize("as_date", [False, True])
def test_429_waits_as_it_is_told(qwen3, hub, test_model, home, as_date):
    then = datetime.now(UTC) + timedelta(seconds=3)  # dates have no fractions
    told = format_datetime(then, usegmt=True) if as_date else "2"
    hub.faults.head_statuses, hub.faults.retry_after = [429], told
    started = time.monotonic()
    assert_whole(qwen3("pull", "test"), home)
    assert time.monotonic() - started >= 2.0  # sleeping is what is tested


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("86400", "86400"), ("9" * 20, "9" * 20), ("Thu, 01 Jan 2099 00:00:00 GMT", r"\d{8,}")],
)
def test_a_hub_that_wants_us_back_tomorrow_ends_the_download_and_says_so(
    qwen3, hub, test_model, told, seconds
):
    hub.faults.head_statuses, hub.faults.retry_after = [429], told
    done = qwen3("pull", "test")
    assert done.code == 5
    assert re.search(rf"asks to come back in {seconds} s\b", done.stderr)


@pytest.mark.parametrize("told", ["", "soon", "-1", "Mon, 99 Foo 2099 25:00:00 GMT", "\xb2"])
def test_a_time_to_come_back_that_is_none_is_passed_over(told):
    problem = error_for_status(503, {"retry-after": told}, FILE)
    assert isinstance(problem, TransientError)
    assert problem.wait is None


@pytest.mark.parametrize("status", [400, 402, 406, 451, 501])
def test_an_answer_that_will_stay_the_same_is_not_asked_for_again(hub, test_model, qwen3, status):
    hub.faults.head_statuses = [status] * 9
    done = qwen3("pull", "test")
    assert done.code == 5
    assert f"{status}" in done.stderr
    assert "--from takes another source" in done.stderr
    assert len(hub.requests) == 1


def test_a_500_on_the_first_question_is_waited_out(qwen3, hub, test_model, home):
    hub.faults.head_statuses = [500]
    assert_whole(qwen3("pull", "test"), home)


@pytest.mark.parametrize(("status", "says"), [(404, "not on the hub"), (401, "HF_TOKEN")])
def test_a_file_that_is_not_there_or_not_allowed_exits_5_and_says_so(
    qwen3, hub, test_model, status, says
):
    hub.faults.head_statuses = [status] * 9
    if status == 404:
        hub.files.clear()
        hub.faults.head_statuses = []
    done = qwen3("pull", "test")
    assert done.code == 5
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flipped_byte_is_refused_with_both_digests_and_the_next_attempt_is_clean(
    qwen3, hub, test_model, home
):
    hub.faults.flip_at = 3_000_000
    done = qwen3("pull", "test")
    assert done.code == 5
    assert test_model in done.stderr
    assert done.stderr.count("sha256") == 1
    assert "set aside" in done.stderr
    assert not cached(home).exists()
    hub.faults.flip_at = None
    assert_whole(qwen3("pull", "test"), home)


def test_another_file_on_the_hub_is_refused_before_the_first_byte(qwen3, hub, test_model):
    hub.add(REPOSITORY, FILE, b"something else")
    done = qwen3("pull", "test")
    assert done.code == 5
    assert "another Test-Q8_0.gguf than the pinned one" in done.stderr
    assert hub.sent_bytes == 0


def test_a_wrong_length_never_counts_as_whole(qwen3, hub, home):
    digest = hub.add(REPOSITORY, FILE, CONTENT)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    hub.faults.claimed_size = len(CONTENT) + 1000
    done = qwen3("pull", "test")
    assert done.code == 5
    assert not cached(home).exists()


def test_too_little_disk_exits_5_before_the_first_byte_with_both_figures(qwen3, hub, home):
    hub.add(REPOSITORY, FILE, CONTENT)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}" }},')
    hub.faults.claimed_size = 2**55
    done = qwen3("pull", "test:q8_0")
    assert done.code == 5
    assert "not enough disk: 33554432.1 GiB are needed" in done.stderr
    assert "are free" in done.stderr
    assert hub.sent_bytes == 0


def test_the_disk_is_asked_for_all_parts_of_a_split_model_before_the_first_byte(qwen3, hub, home):
    digests = [hub.add(REPOSITORY, f"T-{n:05d}-of-00002.gguf", CONTENT[n:]) for n in (1, 2)]
    parts = [
        f'{{ path = "T-{n:05d}-of-00002.gguf", bytes = {2**54}, sha256 = "{digest}" }}'
        for n, digest in enumerate(digests, start=1)
    ]
    add_entry(home, f'{{ quant = "q8_0", path = "T-*.gguf", parts = [{", ".join(parts)}] }},')
    done = qwen3("pull", "test:q8_0")
    assert done.code == 5
    assert "not enough disk: 33554432.1 GiB are needed" in done.stderr
    assert hub.requests == []


def test_a_cache_that_cannot_be_written_exits_5_with_the_variable_that_moves_it(
    qwen3, hub, test_model
):
    (qwen3.folder / "file").write_bytes(b"")
    done = qwen3("pull", "test", HF_HUB_CACHE=str(qwen3.folder / "file" / "below"))
    assert done.code == 5
    assert "HF_HOME" in done.stderr


def test_a_disk_that_fills_up_keeps_what_came_and_goes_on(qwen3, hub, test_model, small_disk):
    hub.faults.seconds_per_piece = 0.02
    command, variables = [qwen3.program, "pull", "test"], os.environ | {"HF_HOME": str(small_disk)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=variables)
    wait_until(lambda: hub.sent_bytes > 2**20)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**16))
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 5
    assert b"the disk is full; what came" in errors
    filler.unlink()
    hub.faults.seconds_per_piece = 0
    before = hub.sent_bytes
    done = qwen3("pull", "test", HF_HOME=str(small_disk))
    assert done.code == 0, done.stderr
    assert Path(done.stdout.decode().strip()).read_bytes() == CONTENT
    assert hub.sent_bytes - before < len(CONTENT)


@pytest.fixture
def small_disk(tmp_path):
    """A file system that holds the file and the spare room, and little else, where the machine lets us make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_killed_download_goes_on_where_it_was(qwen3, hub, test_model, home):
    hub.faults.seconds_per_piece = 0.02
    process = subprocess.Popen([qwen3.program, "pull", "test"], stderr=subprocess.DEVNULL)
    wait_until(lambda: hub.sent_bytes > 3 * 2**20)
    process.kill()
    process.wait()
    sent = hub.sent_bytes
    hub.faults.seconds_per_piece = 0
    assert_whole(qwen3("pull", "test"), home)
    fetched_twice = hub.sent_bytes - len(CONTENT)
    assert fetched_twice <= 2**20, f"{fetched_twice} bytes twice, {sent} before the kill"


def test_ctrl_c_keeps_what_came_and_says_how_to_go_on(qwen3, hub, test_model, home):
    hub.faults.seconds_per_piece = 0.02
    process = subprocess.Popen([qwen3.program, "pull", "test"], stderr=subprocess.PIPE)
    wait_until(lambda: hub.sent_bytes > 3 * 2**20)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 130
    assert b"what came is kept" in errors
    hub.faults.seconds_per_piece = 0
    before = hub.sent_bytes
    assert_whole(qwen3("pull", "test"), home)
    assert hub.sent_bytes - before < len(CONTENT) - 2**20


def test_two_processes_at_once_fetch_it_once(qwen3, hub, test_model, home):
    hub.faults.seconds_per_piece = 0.005
    both = [
        subprocess.Popen([qwen3.program, "pull", "test"], stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [process.wait(LIMIT_SECONDS) for process in both] == [0, 0]
    assert cached(home).read_bytes() == CONTENT
    assert hub.sent_bytes == len(CONTENT)


def test_a_stalled_line_is_given_up_and_taken_up_again(qwen3, hub, test_model, home):
    hub.faults.stall_after = 4 * 2**20
    done = qwen3("pull", "test")
    assert_whole(done, home)


# ---- what is on disk -------------------------------------------------------------------------------------------------


def test_a_file_that_another_tool_brought_is_used_in_place(qwen3, hub, test_model, home):
    blob = home / ".ollama/models/blobs" / f"sha256-{test_model}"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(CONTENT)
    done = qwen3("ask", "--size", "test", "--offline", "hi")
    assert (
        str(blob.name) in done.stderr or "not a GGUF" in done.stderr
    )  # found, opened, and no model
    assert done.code == 6
    assert hub.requests == []


def test_off_line_and_not_on_disk_exits_3_and_says_what_is(qwen3, hub, test_model):
    for flags, variables in ((["--offline"], {}), ([], {"HF_HUB_OFFLINE": "1"})):
        done = qwen3("ask", "--size", "test", *flags, "hi", **variables)
        assert done.code == 3
        assert "on this disk: demo" in done.stderr
    assert hub.requests == []


def test_a_model_on_disk_opens_no_socket(qwen3, demo, hub, home):
    digest = hub.add(REPOSITORY, FILE, demo.read_bytes())
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    assert qwen3("pull", "test").code == 0
    guard = qwen3.folder / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(
        "import socket\ndef blocked(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.__init__ = socket.getaddrinfo = socket.create_connection = blocked\n",
        encoding="utf-8",
    )
    done = qwen3(
        "ask", "--size", "test", "--no-think", "--temp", "0", "Hello", PYTHONPATH=str(guard)
    )
    assert (done.stdout.decode(), done.code) == ("Hello! How can I help you?\n", 0)
    for command in (["models"], ["models", "verify"], ["fit", "test"], ["doctor", "--offline"]):
        assert qwen3(*command, PYTHONPATH=str(guard)).code == 0
    blocked = qwen3("pull", "hf:Qwen/Other-GGUF/x.gguf", PYTHONPATH=str(guard))
    assert "a socket was opened" in blocked.stderr, "the guard itself must work"
