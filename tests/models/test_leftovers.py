"""What downloads leave behind is shown, and can be removed; what is whole, in use or another tool's stays."""

import json
import os
import signal
import subprocess

import pytest
from filelock import FileLock
from support.command import LIMIT_SECONDS, wait_until
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry, assert_whole, cached

HF = f"hf:{REPOSITORY}/other.gguf"
PRUNE = ("models", "prune")


@pytest.fixture
def blobs(home):
    return cached(home).parents[2] / "blobs"


@pytest.fixture
def begin(qwen3, hub, blobs):
    """Begins downloads and stops each when some of it has come."""

    def begun(name):
        hub.faults.seconds_per_piece = 0.02
        before = hub.sent_bytes
        process = subprocess.Popen([qwen3.program, "pull", name], stderr=subprocess.DEVNULL)
        wait_until(lambda: hub.sent_bytes >= before + 2 * 2**20)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_SECONDS) == 130
        hub.faults.seconds_per_piece = 0

    return begun


def test_unfinished_downloads_are_shown_and_removed_by_their_names(
    qwen3, hub, test_model, blobs, begin
):
    hub.add(REPOSITORY, "other.gguf", CONTENT[::-1])
    for name in ("test", HF):
        begin(name)
    rows = json.loads(qwen3("models", "--json").stdout)["unfinished"]
    assert {each["model"]: each["total_bytes"] for each in rows} == dict.fromkeys(
        ("test:q8_0", HF), len(CONTENT)
    )
    assert all(0 < each["here_bytes"] < len(CONTENT) for each in rows)
    shown = qwen3("models")
    assert HF in shown.stdout.decode()
    assert "qwen3 models prune" in shown.stderr
    for name in ("test", HF):
        done = qwen3("models", "rm", name)
        assert done.code == 0
        assert b"freed 0 B" not in done.stdout
    assert list(blobs.iterdir()) == []


def test_a_file_of_the_hub_is_shown_with_what_it_takes(qwen3, hub):
    hub.add(REPOSITORY, "other.gguf", CONTENT)
    assert qwen3("pull", HF).code == 0
    assert f"{HF}    6 MiB" in qwen3("models").stdout.decode()
    assert HF in qwen3("ask", "--size", "8b", "--offline", "hi").stderr


def test_prune_removes_the_pieces_of_a_file_whose_digest_has_changed(
    qwen3, hub, test_model, home, blobs, begin
):
    begin("test")
    digest = hub.add(REPOSITORY, FILE, CONTENT[::-1])
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    assert_shown = json.loads(qwen3("models", "--json").stdout)["unfinished"]
    assert [each["model"] for each in assert_shown] == ["test:q8_0"]
    done = qwen3(*PRUNE)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(b"test:q8_0: an unfinished download, ")
    assert list(blobs.iterdir()) == []
    assert qwen3(*PRUNE).stdout == b"freed 0 B\n"


def test_prune_leaves_what_is_whole_in_use_or_of_another_tool(qwen3, hub, test_model, home, blobs):
    assert_whole(qwen3("pull", "test"), home)
    theirs = [blobs / f"{'1' * 64}.incomplete", blobs / f"{'2' * 64}.1a2b.incomplete"]
    used = blobs / f"{'3' * 64}.damaged"
    for each in (*theirs, used, blobs / f"{'4' * 64}.damaged"):
        each.write_bytes(b"12345")
    with FileLock(blobs / f"{'3' * 64}.qwen3-lock"):
        done = qwen3(*PRUNE)
    assert done.stdout.decode() == f"a file of {REPOSITORY}: a damaged file, 5 B\nfreed 5 B\n"
    assert "another process is fetching it; it stays" in done.stderr
    assert all(each.exists() for each in (*theirs, used))
    assert not (blobs / f"{'4' * 64}.damaged").exists()
    assert qwen3("models", "verify").stdout.decode() == f"whole: {FILE}\n"
    assert qwen3("models", "rm", "test").code == 0
    assert all(each.exists() for each in theirs)


def test_rm_leaves_a_model_that_another_process_is_fetching(qwen3, test_model, blobs, begin):
    begin("test")
    with FileLock(blobs / f"{test_model}.qwen3-lock"):
        done = qwen3("models", "rm", "test")
    assert done.code == 5
    assert "another process is fetching" in done.stderr
    assert (blobs / f"{test_model}.qwen3-partial").exists()


def test_rm_leaves_a_file_that_another_tool_brought_and_says_where_it_is(
    qwen3, hub, test_model, home, blobs
):
    brought = home / ".lmstudio/models/a/b" / FILE
    brought.parent.mkdir(parents=True)
    brought.write_bytes(CONTENT)
    blobs.mkdir(parents=True)
    cached(home).parent.mkdir(parents=True)
    for place in (brought, blobs / test_model):
        if place != brought:
            brought.rename(place)
            cached(home).symlink_to(os.path.relpath(place, cached(home).parent))
        assert qwen3("pull", "test").code == 0
        done = qwen3("models", "rm", "test")
        assert done.stdout == b"test:q8_0: freed 0 B\n"
        assert f"{place if place == brought else cached(home)} stays: another tool" in done.stderr
        assert place.read_bytes() == CONTENT
    assert hub.requests == []


def test_what_has_come_is_not_counted_as_still_to_come(qwen3, test_model, begin):
    begin("test")
    done = qwen3("ask", "--size", "test", "hi")
    assert "qwen3 pull test:q8_0 (" in done.stderr
    assert "(6 MiB)" not in done.stderr


def test_rm_removes_the_link_to_a_file_outside_of_the_cache_and_not_the_file(
    qwen3, test_model, home, blobs, tmp_path
):
    qwen3("pull", "test")
    (blobs / test_model).rename(tmp_path / "on another disk")
    cached(home).unlink()
    cached(home).symlink_to(tmp_path / "on another disk")
    assert qwen3("models", "rm", "test").stdout == b"test:q8_0: freed 0 B\n"
    assert not cached(home).is_symlink()
    assert (tmp_path / "on another disk").read_bytes() == CONTENT
