"""`qwen3 config`: settings changed one at a time, and nothing else of the file."""

import json

import pytest
from support.chatting import set_editor


@pytest.fixture
def file(home):
    return home / ".config" / "qwen3" / "config.toml"


def test_a_setting_is_written_read_and_taken_away_and_the_rest_stays(qwen3, file):
    assert qwen3("config", "path").stdout.decode().strip() == str(file)
    assert qwen3("config", "set", "size", "8b").code == 0
    file.write_text(f"# mine\n{file.read_text(encoding='utf-8')}think = true # always", "utf-8")
    assert qwen3("config", "set", "temperature", "0.3").code == 0
    assert qwen3("config", "set", "size", "4b").code == 0
    assert file.read_text(encoding="utf-8") == (
        '# mine\nsize = "4b"\nthink = true # always\ntemperature = 0.3\n'
    )
    assert qwen3("config", "get", "size").stdout == b"4b\n"
    assert qwen3("config", "set", "size").code == 0
    assert qwen3("config", "get", "size").code == 1
    told = json.loads(qwen3("config", "--json").stdout)
    assert told["settings"] == {"think": True, "temperature": 0.3}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("temperature", "9", "from 0 to 5, not 9"),
        ("budget", "x", "not a whole number"),
        ("sise", "8b", "perhaps size?"),
        ("json", "true", "no setting is called json"),
    ],
)
def test_what_no_flag_would_take_is_refused_and_nothing_is_written(
    qwen3, file, name, value, reason
):
    refused = qwen3("config", "set", name, value)
    assert (refused.code, refused.stdout) == (2, b"")
    assert reason in refused.stderr
    assert not file.exists()


def test_a_damaged_file_is_told_with_its_line_and_not_changed(qwen3, file):
    file.parent.mkdir(parents=True)
    file.write_text("size = \n", encoding="utf-8")
    refused = qwen3("config", "set", "size", "8b")
    assert refused.code == 2
    assert f"{file}:1" in refused.stderr
    assert file.read_text(encoding="utf-8") == "size = \n"


def test_the_editor_is_opened_and_what_it_leaves_is_checked(terminal):
    set_editor(terminal, 'echo "sise = 3" > "$1"')
    terminal.type("qwen3 config edit; echo code $?")
    assert "no setting is called sise" in terminal.wait_for("code 2")


def test_the_version_as_json(qwen3):
    told = json.loads(qwen3("--version", "--json").stdout)
    assert list(told) == ["version", "qwen3", "llama-cpp-python", "python", "system"]
    assert f"qwen3 {told['qwen3']}\n".encode() == qwen3("--version").stdout
