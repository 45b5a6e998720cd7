"""What `doctor` looks at, and what its exit code says."""

import json
import re
from pathlib import Path

import pytest
from support.one_model import cached

import qwen3cli
from qwen3cli.engine.wheels import suitable_index


def findings(done) -> dict[str, list[dict[str, str]]]:
    told: dict[str, list[dict[str, str]]] = {}
    for each in json.loads(done.stdout)["items"]:
        told.setdefault(each["name"], []).append(each)
    return told


def test_a_new_machine_is_well_and_every_part_is_named(qwen3):
    done = qwen3("doctor", "--offline", "--json")
    told = findings(done)
    assert done.code == 0
    assert {"engine", "instructions", "machine", "catalogue", "demo", "cache", "terminal"} <= set(
        told
    )
    assert "network" not in told
    assert told["file"][0]["text"] == "no model is on this disk but demo"


def test_off_line_the_last_word_is_whether_one_can_work(qwen3, hub, test_model):
    alone = findings(qwen3("doctor", "--offline", "--json"))["off line"][-1]
    assert (alone["state"], alone["text"]) == ("note", "no: only demo is on this disk")
    assert alone["hint"].startswith("while on line: qwen3 pull ")
    qwen3("pull", "test")
    last = qwen3("doctor", "--offline").stdout.decode().splitlines()[-1]
    assert last == "ok    off line: yes, you can work, with test:q8_0, demo"
    assert "off line" not in findings(qwen3("doctor", "--json"))


def test_a_model_that_is_damaged_is_none_to_work_with(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    blob = cached(home).resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    done = qwen3("doctor", "--offline", "--json")
    assert done.code == 1
    assert findings(done)["off line"][-1]["state"] == "note"


def test_a_variable_that_nothing_reads_is_told_with_the_nearest_and_a_wrong_value_with_its_name(
    qwen3,
):
    done = qwen3(
        "doctor", "--json", "--offline", QWEN3_SIZES="8b", QWEN3_BUDGET="lots", QWEN3_KV="q9"
    )
    unread, *refused = findings(done)["variable"]
    assert unread["text"] == "nothing reads QWEN3_SIZES, perhaps QWEN3_SIZE?"
    assert sorted(each["text"].split(":")[0] for each in refused) == [
        "invalid value for QWEN3_BUDGET",
        "invalid value for QWEN3_KV",
    ]
    assert done.code == 1


def test_every_variable_of_ours_that_the_source_names_is_known_to_the_doctor(qwen3):
    package = Path(qwen3cli.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    named = dict.fromkeys(re.findall(r"(?<!_)\bQWEN3_[A-Z][A-Z_]*", sources), "")
    told = findings(qwen3("doctor", "--json", "--offline", **named))
    assert "variable" not in told


def test_a_report_has_the_versions_and_nothing_private(qwen3, home):
    (home / ".config/qwen3").mkdir(parents=True)
    (home / ".config/qwen3/config.toml").write_text(
        'size = "/secret/anna.gguf"\n', encoding="utf-8"
    )
    (home / ".config/qwen3/models.toml").write_text("", encoding="utf-8")
    private = {"HF_TOKEN": "hf_secret", "QWEN3_SIZE": "/secret/anna.gguf", "USER": "anna"}
    for flags in ([], ["--json"]):
        done = qwen3("doctor", "--report", *flags, **private, HF_HOME="/secret/hub")
        told = done.stdout.decode()
        assert done.code == 0
        assert all(word in told for word in ("llama-cpp-python", "HF_TOKEN", "QWEN3_SIZE", "size"))
        assert not any(word in told for word in ("secret", "anna", str(home)))


def test_an_unreachable_hub_is_a_note_and_no_failure(qwen3):
    done = qwen3("doctor", "--json")
    assert done.code == 0
    assert findings(done)["network"][0]["state"] == "note"


def test_a_cache_that_cannot_be_written_is_bad_and_exits_1(qwen3, tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder", encoding="utf-8")
    done = qwen3("doctor", "--offline", HF_HOME=str(file))
    assert done.code == 1
    assert b"set HF_HOME to a folder of your own" in done.stdout


def test_damaged_settings_are_bad_and_do_not_stop_the_rest(qwen3, home):
    folder = home / ".config" / "qwen3"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("sized = 3\n", encoding="utf-8")
    done = qwen3("doctor", "--offline", "--json")
    assert done.code == 1
    assert "no setting is called sized, perhaps size?" in findings(done)["settings"][0]["text"]


def test_a_damaged_catalogue_is_bad_and_does_not_stop_the_rest(qwen3, home):
    folder = home / ".config" / "qwen3"
    folder.mkdir(parents=True)
    (folder / "models.toml").write_text("[[model]]\nname = 3\n", encoding="utf-8")
    done = qwen3("doctor", "--offline", "--json")
    told = findings(done)
    assert done.code == 1
    assert "models.toml:" in told["catalogue"][0]["text"]
    assert told["demo"][0]["state"] == "ok"


@pytest.mark.parametrize(
    ("system", "programs", "cuda", "index"),
    [
        ("linux", [], None, None),
        ("linux", ["nvidia-smi"], 124, "cu124"),
        ("linux", ["nvidia-smi"], 128, "cu125"),
        ("linux", ["nvidia-smi"], 131, "cu130"),
        ("linux", ["nvidia-smi"], 110, "vulkan"),
        ("linux", ["rocminfo"], None, "rocm72"),
        ("win32", ["hipinfo"], None, "hip-radeon"),
        ("linux", ["vulkaninfo"], None, "vulkan"),
        ("darwin", [], None, "metal"),
    ],
)
def test_the_wheel_index_that_suits_a_machine_is_named(system, programs, cuda, index):
    found = suitable_index(system, lambda name: name if name in programs else None, lambda: cuda)
    assert found == index
