"""Conversations on disk, as the commands make, find, carry and lose them: real processes, real databases."""

import errno
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support.kill_store import integrity, is_kept

from qwen3cli.sessions.database import open_database

ASK = ("ask", "--no-think", "--temp", "0")


@pytest.fixture
def folder(home):
    return home / ".local" / "share" / "qwen3" / "sessions"


@pytest.fixture
def database(folder):
    return folder / "sessions.db"


def keys(qwen3):
    told = json.loads(qwen3("sessions", "--json").stdout)
    return [each["id"] for each in told["items"]]


def exported(qwen3, *words):
    return json.loads(qwen3("sessions", "export", *words, "--format", "json").stdout)["sessions"]


def test_an_ask_is_kept_with_its_receipt_for_its_owner_alone(qwen3, database):
    assert qwen3(*ASK, "-s", "Be brief.", "--seed", "7", "Hello", stdin=b"piped").code == 0
    (session,) = exported(qwen3)
    (turn,) = session["turns"]
    assert (session["head"]["kind"], session["head"]["title"]) == ("ask", "Hello")
    assert session["head"]["system"] == "Be brief."
    assert turn["messages"][0]["documents"][0]["text"] == "piped"
    assert [each["role"] for each in turn["messages"]] == ["user", "assistant"]
    receipt = turn["receipt"]
    assert receipt["options"]["seed"] == 7
    assert receipt["model"]["digest"].startswith("sha256:")
    assert set(receipt) >= {"template", "engine", "load", "options", "usage", "timings"}
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700
    assert list((database.parent / "open").iterdir()) == []


def test_ask_goes_on_in_its_terminal_and_by_name_and_says_when_there_is_nothing(qwen3):
    missing = qwen3(*ASK, "-c", "Hello")
    assert (missing.code, missing.stdout) == (2, b"")
    assert "nothing was asked in this terminal yet" in missing.stderr
    assert qwen3(*ASK, "--session", "nope", "Hello").code == 2
    qwen3(*ASK, "--name", "talk", "Hello")
    assert qwen3(*ASK, "--name", "talk", "Hello").code == 2
    assert qwen3(*ASK, "-c", "What is 2 + 3?").stdout == b"2 + 3 = 5\n"
    assert qwen3(*ASK, "--session", "talk", "What is 3 + 3?").code == 0
    (session,) = exported(qwen3, "talk")
    assert [turn["number"] for turn in session["turns"]] == [0, 1, 2]
    assert session["turns"][2]["receipt"]["usage"]["prompt_tokens"] > 50


def test_a_number_behind_c_is_told_the_flag_for_the_context(qwen3):
    refused = qwen3(*ASK, "-c", "16384", "Hello")
    assert refused.code == 2
    assert "--ctx 16384" in refused.stderr


@pytest.mark.parametrize("way", [("--no-log",), ("QWEN3_LOG",), ("config",)])
def test_nothing_is_kept_where_that_is_the_wish(qwen3, home, folder, way):
    if way == ("config",):
        (home / ".config" / "qwen3").mkdir(parents=True)
        (home / ".config" / "qwen3" / "config.toml").write_text("log = false\n", encoding="utf-8")
    variables = {"QWEN3_LOG": "0"} if way == ("QWEN3_LOG",) else {}
    flags = way if way == ("--no-log",) else ()
    assert qwen3(*ASK, *flags, "Hello", **variables).code == 0
    assert not folder.exists()


def test_what_was_shown_before_a_kill_is_there_marked_and_the_database_is_whole(qwen3, database):
    for line in (1, 120):
        with subprocess.Popen(
            [qwen3.program, *ASK, "Count to 300"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            shown = b"".join(process.stdout.readline() for _ in range(line))
            process.send_signal(signal.SIGKILL)
            shown += process.stdout.read()
        assert is_kept(shown, json.dumps(exported(qwen3), ensure_ascii=False))
    states = {turn["state"] for session in exported(qwen3) for turn in session["turns"]}
    assert "unfinished" in states
    assert "unfinished" in qwen3("sessions").stdout.decode()
    assert integrity(database) == "ok"


def test_a_search_prints_the_hit_with_what_stands_around_it(qwen3):
    qwen3(*ASK, "--name", "target", "请看这份合同。")
    found = qwen3("sessions", "search", "合同")
    assert re.fullmatch(r"\w{5}  \S+ \S+  you: 请看这份合同。\n", found.stdout.decode())
    nothing = qwen3("sessions", "search", "合约")
    assert (nothing.code, nothing.stdout, nothing.stderr) == (0, b"", "Nothing was found.\n")
    assert qwen3("sessions", "search", " ").code == 2


def test_an_export_comes_back_whole_on_another_machine_and_only_once(qwen3, tmp_path):
    qwen3("ask", "--temp", "0", "--name", "sum", "What is 2 + 3?")
    qwen3(*ASK, "--session", "sum", "Hello 🎉 \ud83d".encode("utf-8", "replace").decode())
    file = tmp_path / "all.json"
    assert qwen3("sessions", "export", "--output", file).code == 0
    assert qwen3("sessions", "import", file).stdout == b"0 imported; 1 were here already\n"
    elsewhere = {"XDG_DATA_HOME": str(tmp_path / "elsewhere")}
    assert qwen3("sessions", "import", file, **elsewhere).stdout == b"1 imported\n"
    back = qwen3("sessions", "export", "--format", "json", **elsewhere).stdout
    assert back == file.read_bytes()


def test_a_page_holds_strangers_text_as_text(qwen3, tmp_path):
    qwen3(*ASK, "--name", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>")
    page = tmp_path / "talk.html"
    assert qwen3("sessions", "export", "<script>alert(1)</script>", "--output", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text and "<img src=x" not in text
    assert "&lt;img src=x onerror" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_what_is_no_export_is_refused_with_what_was_expected(qwen3, tmp_path):
    file = tmp_path / "export"
    file.write_bytes(b"{}")
    refused = qwen3("sessions", "import", file)
    assert refused.code == 2
    assert f"{file} is no export that is known: its JSON has another form" in refused.stderr
    assert "ChatGPT's conversations.json" in refused.stderr
    assert qwen3("sessions", "import", tmp_path / "nowhere").code == 2


def test_a_locked_database_costs_a_line_and_the_turn_is_taken_up_later(qwen3, database):
    qwen3(*ASK, "Hello")
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    told = qwen3(*ASK, "What is 2 + 3?")
    assert (told.code, told.stdout) == (0, b"2 + 3 = 5\n")
    (line,) = told.stderr.splitlines()
    assert line.startswith("qwen3: this conversation is not saved: ")
    assert "another program has locked it" in line
    holder.execute("ROLLBACK")
    holder.close()
    assert len(exported(qwen3)) == 2


def test_where_nothing_can_be_written_the_answer_comes_and_one_line_says_so(qwen3, home):
    (home / ".local").write_text("no folder", encoding="utf-8")
    told = qwen3(*ASK, "What is 2 + 3?")
    assert (told.code, told.stdout) == (0, b"2 + 3 = 5\n")
    (line,) = told.stderr.splitlines()
    assert line.startswith("qwen3: this conversation is not saved: ")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are of Unix")
def test_on_a_full_disk_the_answer_comes_and_one_line_says_so(qwen3, tmp_path):
    script = f'ulimit -f 8; exec "{qwen3.program}" ask --no-think --temp 0 "Count to 300"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert done.stdout.decode().split("\n")[5] == "6"
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("qwen3: this conversation is not saved: ")


def test_a_newer_database_is_left_untouched_and_said(qwen3, database):
    qwen3(*ASK, "Hello")
    with sqlite3.connect(database) as opened:
        opened.execute("PRAGMA user_version = 99")
    opened.close()
    before = database.read_bytes()
    told = qwen3(*ASK, "What is 2 + 3?")
    assert (told.code, told.stdout) == (0, b"2 + 3 = 5\n")
    assert "version 99" in told.stderr and "untouched" in told.stderr
    listed = qwen3("sessions")
    assert listed.code == 1
    assert "version 99" in listed.stderr
    assert database.read_bytes() == before


@pytest.mark.parametrize("damage", [b"no database at all", b""])
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(qwen3, database, damage):
    qwen3(*ASK, "Hello")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = database.read_bytes()
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    database.write_bytes(damage * 4096 if damage else whole[:4096] + b"\xff" * (len(whole) - 4096))
    told = qwen3(*ASK, "What is 2 + 3?")
    assert (told.code, told.stdout) == (0, b"2 + 3 = 5\n")
    (aside,) = database.parent.glob("sessions.db.damaged-*")
    assert str(aside) in told.stderr
    assert ".recover" in told.stderr
    (session,) = exported(qwen3)
    assert session["head"]["title"] == "What is 2 + 3?"


def test_a_database_in_a_folder_that_cannot_be_written_can_be_read(qwen3, database):
    qwen3(*ASK, "Hello")
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    database.parent.chmod(0o500)
    try:
        assert "Hello" in qwen3("sessions").stdout.decode()
    finally:
        database.parent.chmod(0o700)


def test_on_a_disk_that_is_read_only_what_stands_in_the_log_is_read_too(
    qwen3, database, monkeypatch
):
    qwen3(*ASK, "Hello")  # which leaves its turn in the write-ahead log
    assert database.with_name(f"{database.name}-wal").stat().st_size

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("qwen3cli.sessions.database._make_private", refuse)
    with closing(open_database(database.parent)) as opened:
        assert opened.execute("SELECT title FROM sessions").fetchall() == [("Hello",)]


def test_rm_leaves_nothing_of_the_text_in_the_file(qwen3, database):
    qwen3(*ASK, "--name", "secret", "xylophonesecret")
    assert qwen3("sessions", "rm", "secret", "nope").code == 2
    assert qwen3("sessions", "rm", "secret").code == 0
    assert qwen3("sessions", "show", "secret").code == 2
    with sqlite3.connect(database) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    assert b"xylophonesecret" not in database.read_bytes()


def test_two_processes_at_once_lose_nothing(qwen3):
    started = [
        subprocess.Popen(
            [qwen3.program, *ASK, f"Hello {number}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for number in range(4)
    ]
    assert [each.wait() for each in started] == [0] * 4
    assert len(exported(qwen3)) == 4


def test_replay_says_the_same_and_where_it_parts_otherwise(qwen3, database):
    qwen3("ask", "--name", "sum", "What is 12 + 13?")
    qwen3("ask", "--session", "sum", "And 5 + 6?")
    same = qwen3("replay", "sum")
    assert (same.code, same.stdout[:9]) == (0, b"the same:")
    with sqlite3.connect(database) as opened:
        opened.execute("UPDATE messages SET body = replace(body, '= 25', '= 26')")
    opened.close()
    parted = qwen3("replay", "sum", "--turn", "1", "--json")
    told = json.loads(parted.stdout)
    assert (parted.code, told["same"]) == (1, False)
    assert told["difference"] == {
        "part": "answer",
        "at": 11,
        "then": "12 + 13 = 26",
        "now": "12 + 13 = 25",
    }
    assert qwen3("replay", "sum", "--turn", "9").code == 2
    assert qwen3("replay", "nope").code == 2


def test_keys_are_completed_in_the_shell(qwen3):
    qwen3(*ASK, "Hello")
    (key,) = keys(qwen3)
    words = {"COMP_WORDS": f"qwen3 sessions show {key[:2]}", "COMP_CWORD": "3"}
    told = qwen3(_QWEN3_COMPLETE="complete_bash", **words)
    assert told.stdout.decode().split() == [key]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed")
def test_sqlites_own_shell_reads_it(qwen3, database):
    qwen3(*ASK, "Hello")
    query = "SELECT title FROM sessions"
    told = subprocess.run(["sqlite3", database, query], capture_output=True, check=True)
    assert told.stdout == b"Hello\n"


def test_a_question_that_was_piped_in_and_a_call_of_a_tool_can_be_gone_on_with(qwen3):
    assert qwen3(*ASK, "--name", "piped", stdin=b"What is 2 + 3?").code == 0
    assert qwen3(*ASK, "--name", "tool", "--tools", "now", "Call now").code == 0
    for name in ("piped", "tool"):
        gone_on = qwen3(*ASK, "--session", name, "What is 2 + 2?")
        assert (gone_on.code, gone_on.stderr) == (0, "")
        assert qwen3("sessions", "show", name).code == 0
    assert len(exported(qwen3)) == 2


def test_an_answer_without_the_form_that_was_asked_for_is_kept_as_whole(qwen3):
    assert qwen3(*ASK, "-x", "hi").code == 10
    (session,) = exported(qwen3)
    assert [turn["state"] for turn in session["turns"]] == ["whole"]
