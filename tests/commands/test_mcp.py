"""`qwen3 mcp`: tool servers, well-behaved and not."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.command import LIMIT_SECONDS

SUPPORT = Path(__file__).parents[1] / "support"


def configured(path, **servers):
    entries = {
        name: {"command": sys.executable, "args": [str(SUPPORT / script), *arguments], **more}
        for name, (script, arguments, more) in servers.items()
    }
    path.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
    return path


@pytest.fixture
def city(tmp_path):
    return configured(tmp_path / "city.json", city=("mcp_city.py", [], {}))


def hostile(tmp_path, way):
    return configured(
        tmp_path / "bad.json", bad=("mcp_hostile.py", [way, str(tmp_path)], {"startTimeout": 5})
    )


def left_behind(script):
    running = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    return [line for line in running if any(script in word for word in line)]


def test_servers_and_their_tools_are_listed(qwen3, city):
    (row,) = json.loads(qwen3("mcp", "list", "--mcp", city, "--json").stdout)["items"]
    assert (row["name"], row["tools"], row["problem"]) == ("city", 5, None)
    text = qwen3("mcp", "tools", "--mcp", city).stdout.decode()
    assert [line.split()[:2] for line in text.splitlines()[2:]] == [
        ["city:get_weather", "city"],
        ["city:get_price", "name"],
        ["city:set_note", "text"],
        ["city:get_news", "query"],
        ["city:draw_cat", "name"],
    ]
    assert left_behind(str(city)) == []


def test_a_tool_is_called_without_a_model(qwen3, city):
    done = qwen3("mcp", "call", "city", "get_weather", '{"city": "Rome"}', "--mcp", city)
    assert (done.code, done.stdout, done.stderr) == (0, b"sunny\n", "")


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        (("city", "get_price", '{"name": "x"}'), 7, "city:get_price failed"),
        (("city", "get_wether", "{}"), 2, "perhaps get_weather?"),
        (("city", "get_weather", '{"town": 1}'), 2, "'city' is a required property"),
        (("city", "get_weather", "Rome"), 2, "the arguments are no JSON"),
        (("city", "get_weather", "[1]"), 2, "no JSON object"),
        (("town", "get_weather", "{}"), 2, "no server is called town"),
    ],
)
def test_a_call_that_cannot_be_made_is_one_line_with_its_code(qwen3, city, arguments, code, told):
    done = qwen3("mcp", "call", *arguments, "--mcp", city)
    assert (done.code, done.stdout) == (code, b"")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folders_file_is_passed_over_until_its_content_is_approved(qwen3, tmp_path):
    configured(tmp_path / ".mcp.json", city=("mcp_city.py", [], {}))
    before = qwen3("mcp", "tools")
    assert before.stdout == b"there are no tools\n"
    assert "qwen3 mcp trust" in before.stderr
    refused = qwen3("mcp", "trust")
    assert refused.code == 2
    assert "mcp_city.py" in refused.stderr
    assert qwen3("mcp", "trust", "--yes").code == 0
    assert b"city:get_weather" in qwen3("mcp", "tools").stdout
    configured(tmp_path / ".mcp.json", city=("mcp_city.py", ["--log", "x"], {}))
    assert "is not approved" in qwen3("mcp", "tools").stderr


def test_a_server_is_added_and_removed_and_the_rest_of_the_list_stays(qwen3, home):
    own = home / ".config/qwen3/mcp.json"
    own.parent.mkdir(parents=True)
    own.write_text(
        '{"other": 1, "mcpServers": {"old": {"url": "http://127.0.0.1:9/mcp"}}}', encoding="utf-8"
    )
    added = (
        "mcp",
        "add",
        "city",
        "--env",
        "A=b",
        sys.executable,
        "--",
        str(SUPPORT / "mcp_city.py"),
    )
    assert qwen3(*added).code == 0
    document = json.loads(own.read_text(encoding="utf-8"))
    assert document["other"] == 1
    assert document["mcpServers"]["city"]["env"] == {"A": "b"}
    assert own.stat().st_mode & 0o077 == 0
    assert qwen3("mcp", "call", "city", "get_weather", '{"city": "x"}').stdout == b"sunny\n"
    assert qwen3("mcp", "remove", "city").code == 0
    assert list(json.loads(own.read_text(encoding="utf-8"))["mcpServers"]) == ["old"]
    assert "perhaps old?" in qwen3("mcp", "remove", "odl").stderr


def test_a_header_is_kept_with_its_variable_and_not_with_the_secret(qwen3, home):
    header = "Authorization: Bearer ${TOKEN}"
    added = qwen3("mcp", "add", "wiki", "https://wiki.example/mcp", "--header", header)
    assert (added.code, added.stdout) == (0, b"")
    own = json.loads((home / ".config/qwen3/mcp.json").read_text(encoding="utf-8"))
    assert own["mcpServers"]["wiki"] == {
        "url": "https://wiki.example/mcp",
        "headers": {"Authorization": "Bearer ${TOKEN}"},
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("https://wiki.example/mcp", "--header", "hunter2"), "has no name or sets nothing"),
        (("https://wiki.example/mcp", "--header", "A:"), "has no name or sets nothing"),
        (("https://wiki.example/mcp", "--header", "A B: hunter2"), "has no name"),
        (("https://wiki.example/mcp", "--header", "A: hunter2\r\nB: c"), "characters no header"),
        (("https://wiki.example/mcp", "--header", "A: hunter2-é"), "characters no header"),
        (("uvx", "--header", "A: hunter2"), "a command takes no --header"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused_without_its_value(qwen3, home, words, told):
    done = qwen3("mcp", "add", "wiki", *words)
    assert done.code == 2
    assert told in done.stderr
    assert "hunter2" not in done.stderr
    assert not (home / ".config/qwen3/mcp.json").exists()


@pytest.mark.parametrize("way", [{"type": "sse"}, {}])
def test_a_server_that_has_only_sse_is_reached(qwen3, tmp_path, way):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = (
        "import sys; from mcp.server.mcpserver import MCPServer; server = MCPServer('s')\n"
        "server.tool(name='hello')(lambda: 'hi')\n"
        "server.run('sse', port=int(sys.argv[1]))"
    )
    command = [sys.executable, "-c", script, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            assert eventually(lambda: listening(port))
            file = tmp_path / "sse.json"
            entry = {"url": f"http://127.0.0.1:{port}/sse", **way}
            file.write_text(json.dumps({"mcpServers": {"s": entry}}), encoding="utf-8")
            done = qwen3("mcp", "call", "s", "hello", "--mcp", file)
        finally:
            server.kill()
    assert (done.code, done.stdout) == (0, b"hi\n")


def listening(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_an_address_beyond_this_machine_is_refused_off_line(qwen3, tmp_path):
    path = tmp_path / "far.json"
    path.write_text('{"mcpServers": {"far": {"url": "https://example.com/mcp"}}}', encoding="utf-8")
    done = qwen3("mcp", "call", "far", "x", "--mcp", path, "--offline")
    assert done.code == 2
    assert "--offline forbids the network" in done.stderr
    (row,) = json.loads(qwen3("mcp", "list", "--mcp", path, "--offline", "--json").stdout)["items"]
    assert row["needs_network"] is True


@pytest.mark.parametrize("way", ["exit", "hang"])
def test_a_server_that_does_not_start_is_told_and_does_not_stop_the_others(qwen3, tmp_path, way):
    both = configured(
        tmp_path / "both.json",
        city=("mcp_city.py", [], {}),
        bad=("mcp_hostile.py", [way, str(tmp_path)], {"startTimeout": 5}),
    )
    done = qwen3("mcp", "tools", "--mcp", both)
    assert done.code == 5
    assert b"city:get_weather" in done.stdout
    assert done.stderr.startswith("qwen3: bad")
    assert "bad: bad" not in done.stderr
    assert left_behind(str(tmp_path)) == []


@pytest.mark.parametrize("way", ["flood", "garbage", "sneaky", "loop", "fine"])
def test_a_server_that_misbehaves_costs_nothing_but_its_manners(qwen3, tmp_path, way):
    path = hostile(tmp_path, way)
    listed = qwen3("mcp", "tools", "--mcp", path)
    assert listed.code == 0
    assert b"bad:tool_0" in listed.stdout
    done = qwen3("mcp", "call", "bad", "tool_0", "--mcp", path)
    assert "Traceback" not in listed.stderr + done.stderr
    assert done.code == 0
    assert left_behind(str(tmp_path)) == []


@pytest.mark.parametrize("way", ["dies", "half"])
def test_a_server_that_ends_in_a_call_fails_the_call(qwen3, tmp_path, way):
    done = qwen3("mcp", "call", "bad", "tool_0", "--mcp", hostile(tmp_path, way))
    assert done.code == 7
    assert "bad:tool_0 failed" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_protocol_does_not_have_is_told_in_a_line(qwen3, tmp_path):
    done = qwen3("mcp", "tools", "--mcp", hostile(tmp_path, "untyped"))
    assert done.code == 5
    assert done.stderr.startswith("qwen3: bad sent what the protocol does not have: tools.0.input")
    assert "pydantic" not in done.stderr


def test_five_hundred_tools_are_listed(qwen3, tmp_path):
    done = qwen3("mcp", "tools", "--mcp", hostile(tmp_path, "many"), "--json")
    assert len(json.loads(done.stdout)["items"]) == 500


def test_the_real_time_server_tells_the_time_of_tokyo(qwen3, tmp_path):
    path = tmp_path / "time.json"
    time = {"command": sys.executable, "args": ["-m", "mcp_server_time", "--local-timezone", "UTC"]}
    path.write_text(json.dumps({"mcpServers": {"time": time}}), encoding="utf-8")
    asked = '{"timezone": "Asia/Tokyo"}'
    done = qwen3("mcp", "call", "time", "get_current_time", asked, "--mcp", path)
    assert done.code == 0
    assert json.loads(done.stdout)["timezone"] == "Asia/Tokyo"


def test_a_script_answers_a_form_in_advance_and_nobody_decides_otherwise(qwen3, tmp_path):
    file = hostile(tmp_path, "asks")
    told = qwen3("mcp", "call", "bad", "tool_0", "--mcp", file, "--answers", '{"name": "Ann"}')
    assert json.loads(told.stdout) == {"action": "accept", "content": {"age": 7, "name": "Ann"}}
    silent = qwen3("mcp", "call", "bad", "tool_0", "--mcp", file)
    assert json.loads(silent.stdout) == {"action": "cancel"}
    assert "bad asks: Who is it?" in silent.stderr


def test_a_form_is_filled_in_on_the_terminal(terminal, tmp_path):
    hostile(tmp_path, "asks")
    terminal.type("qwen3 mcp call bad tool_0 --mcp bad.json")
    terminal.wait_for("name [string]:")
    terminal.type("Ann")
    terminal.wait_for("age [integer; default 7; may be left out]:")
    terminal.type("old")
    terminal.wait_for("'old' is not of type 'integer'")
    terminal.type("44")
    terminal.wait_for('{"action": "accept", "content": {"age": 44, "name": "Ann"}}')


def test_a_server_that_outlives_our_killing_is_ended_at_the_next_start(qwen3, tmp_path, city):
    mark = str(tmp_path)
    file = configured(tmp_path / "l.json", lingering=("mcp_lingering.py", [mark], {}))
    call = [qwen3.program, "mcp", "call", "lingering", "wait", "--mcp", str(file)]
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert eventually(lambda: (tmp_path / "home/.local/state/qwen3/mcp/running").exists())
        assert eventually(lambda: serving(mark))
        process.kill()
    assert serving(mark)
    qwen3("mcp", "tools", "--mcp", city)
    assert eventually(lambda: not serving(mark))


def test_qwen3_is_a_server_of_its_own_answers(qwen3, tmp_path):
    entry = {"command": qwen3.program, "args": ["mcp", "serve", "--size", "demo"]}
    file = tmp_path / "self.json"
    file.write_text(json.dumps({"mcpServers": {"self": entry}}), encoding="utf-8")
    done = qwen3(
        *("mcp", "call", "self", "ask", "--mcp", file),
        '{"prompt": "What is 478 + 856?", "think": true}',
    )
    assert (done.code, "1334" in done.stdout.decode().replace(",", "")) == (0, True)


def serving(mark):
    lines = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    return [line for line in lines if mark in line and "mcp_lingering.py" in " ".join(line)]


def eventually(holds):
    ends = time.monotonic() + LIMIT_SECONDS
    while not (found := holds()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def test_a_tool_whose_pattern_takes_for_ever_costs_no_time(qwen3, tmp_path):
    servers = hostile(tmp_path, "pattern")
    done = qwen3(
        "mcp", "call", "bad", "tool_0", json.dumps({"a": "a" * 60 + "b"}), "--mcp", servers
    )
    assert (done.code, done.stdout) == (0, b"\x1b]0;owned\x07\x1b[2Jdone\n")
    refused = qwen3("mcp", "call", "bad", "tool_0", '{"a": 1}', "--mcp", servers)
    assert refused.code == 2
