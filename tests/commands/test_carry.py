"""Models carried to a machine without a network: `pull --to` there, `models add` here."""

import json
import os
import resource
import signal
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock
from support.command import LIMIT_SECONDS
from support.gguf_copy import split_gguf
from support.hub_server import COMMIT
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry

from qwen3cli.base.errors import ModelNotFound
from qwen3cli.models.bundle import LIST_NAME, read_list
from qwen3cli.models.digests import copy_proved
from qwen3cli.models.file_import import identify
from qwen3cli.models.library import Library

HELLO = ("--no-think", "--temp", "0", "Hello")
GREETING = b"Hello! How can I help you?\n"


@pytest.fixture
def stick(tmp_path):
    return tmp_path / "a stick"


@pytest.fixture
def other(tmp_path):
    """The variables of another machine: nothing of this one's cache or records, and no network."""
    return {
        "HF_HOME": str(tmp_path / "other/hf"),
        "XDG_DATA_HOME": str(tmp_path / "other/data"),
        "HF_HUB_OFFLINE": "1",
    }


def add_demo(hub, home, demo, *, pinned):
    content = demo.read_bytes()
    digest = hub.add(REPOSITORY, FILE, content)
    known = f', bytes = {len(content)}, sha256 = "{digest}"' if pinned else ""
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}"{known} }},')


@pytest.mark.parametrize("pinned", [True, False])
def test_a_model_is_carried_and_runs_where_there_is_no_network(
    qwen3, hub, home, demo, stick, other, pinned
):
    add_demo(hub, home, demo, pinned=pinned)
    done = qwen3("pull", "test", "--to", stick)
    assert (done.stdout.decode(), done.code) == (f"{stick / FILE}\n", 0)
    assert "qwen3 models add" in done.stderr
    assert qwen3("ask", "--size", stick / FILE, *HELLO).stdout == GREETING
    assert sorted(each.name for each in stick.iterdir()) == [FILE, "qwen3-models.json"]
    added = qwen3("models", "add", stick, **other)
    proof = "" if pinned else ", after the digest in the folder's list"
    assert (added.stdout.decode(), added.code) == (f"test:q8_0: added: {FILE}{proof}\n", 0)
    assert qwen3("ask", "--size", "test", *HELLO, **other).stdout == GREETING
    assert qwen3("models", "verify", **other).stdout.decode() == f"whole: {FILE}\n"
    again = qwen3("models", "add", stick / FILE, **other)
    assert "is here already" in again.stdout.decode()


def test_a_file_of_the_hub_and_a_split_model_are_carried(
    qwen3, hub, home, demo, stick, other, tmp_path
):
    parts = split_gguf(demo, tmp_path / "T.gguf")
    for each in parts:
        hub.add(REPOSITORY, f"Q8_0/{each.name}", each.read_bytes())
    hub.add("Other/Thing-GGUF", "t.gguf", demo.read_bytes())
    add_entry(home, '{ quant = "q8_0", path = "Q8_0/*.gguf" },')
    spec = "hf:Other/Thing-GGUF/t.gguf"
    for name in ("test", spec):
        assert qwen3("pull", name, "--to", stick).code == 0
    second = qwen3("models", "add", stick / parts[1].name, **other)
    assert "test:q8_0 has 1 of its 3 parts" in second.stderr
    assert qwen3("ask", "--size", "test", *HELLO, **other).code == 3
    assert qwen3("models", "add", stick, **other).code == 0
    for name in ("test", spec):
        assert qwen3("ask", "--size", name, *HELLO, **other).stdout == GREETING


def test_the_hubs_own_client_finds_what_was_added(qwen3, test_model, stick, other):
    qwen3("pull", "test", "--to", stick)
    qwen3("models", "add", stick, **other)
    pointer = f"hub/models--Qwen--Test-GGUF/snapshots/{COMMIT}/{FILE}"
    assert (Path(other["HF_HOME"]) / pointer).readlink() == Path("../../blobs") / test_model


def test_what_is_on_the_stick_is_kept_and_what_is_not_it_is_refused(qwen3, test_model, stick):
    qwen3("pull", "test", "--to", stick)
    before = (stick / FILE).stat().st_mtime_ns
    assert qwen3("pull", "test", "--to", stick).code == 0
    assert (stick / FILE).stat().st_mtime_ns == before
    (stick / FILE).write_bytes(b"mine")
    done = qwen3("pull", "test", "--to", stick)
    assert done.code == 2
    assert f"{stick / FILE} is there already" in done.stderr
    assert (stick / FILE).read_bytes() == b"mine"


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere", "x" * 300])
def test_a_folder_that_cannot_be_is_told_before_anything_is_fetched(
    qwen3, hub, test_model, tmp_path, place
):
    (tmp_path / "file").write_bytes(b"")
    done = qwen3("pull", "test", "--to", tmp_path / place)
    assert done.code == 5
    assert "cannot be used" in done.stderr
    assert hub.requests == []


def test_an_empty_name_is_not_the_folder_one_stands_in(qwen3, hub, test_model):
    for command in (("pull", "test", "--to", ""), ("models", "add", "")):
        assert qwen3(*command).code == 2
    assert hub.requests == []


def test_a_file_system_without_large_files_is_told(qwen3, test_model, stick):
    assert qwen3("pull", "test").code == 0
    done = subprocess.run(
        [qwen3.program, "pull", "test", "--to", str(stick)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20)),
    )
    assert done.returncode == 5
    assert "takes no file as large as that" in done.stderr
    assert list(stick.iterdir()) == []


def test_ctrl_c_while_another_process_has_the_file_says_how_to_go_on(
    qwen3, test_model, stick, other
):
    qwen3("pull", "test", "--to", stick)
    blobs = Path(other["HF_HOME"]) / "hub/models--Qwen--Test-GGUF/blobs"
    blobs.mkdir(parents=True)
    with FileLock(blobs / f"{test_model}.qwen3-lock"):
        process = subprocess.Popen(
            [qwen3.program, "models", "add", str(stick)],
            stderr=subprocess.PIPE,
            env=os.environ | other,
        )
        said = b""
        while b"waiting" not in said and process.stderr is not None:
            said += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert b"the same command goes on" in process.communicate(timeout=LIMIT_SECONDS)[1]
    assert process.returncode == 130


def test_a_copy_that_is_broken_off_leaves_nothing(demo, tmp_path):
    def interrupted(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_proved(demo, tmp_path / "copy", "", interrupted)
    assert not list(tmp_path.glob("copy*"))


def test_a_file_that_nobody_knows_is_refused_with_the_way_to_use_it(qwen3, demo, home, other):
    done = qwen3("models", "add", demo, **other)
    assert done.code == 3
    assert "none of the files that are known by their digest" in done.stderr
    assert f"qwen3 chat --size {demo}" in done.stderr


def test_a_damaged_file_is_refused_with_both_digests_and_a_short_one_with_both_sizes(
    qwen3, test_model, tmp_path, other
):
    damaged = tmp_path / FILE
    content = bytearray(CONTENT)
    content[5] ^= 1
    damaged.write_bytes(content)
    done = qwen3("models", "add", damaged, **other)
    assert done.code == 5
    assert f"sha256 {sha256(content).hexdigest()}, expected {test_model}" in done.stderr
    damaged.write_bytes(CONTENT[:100])
    done = qwen3("models", "add", damaged, **other)
    assert done.code == 5
    assert "100 bytes, expected 6,291,456" in done.stderr


def test_a_list_cannot_say_what_the_catalogue_denies(qwen3, hub, home, demo, stick, other):
    add_demo(hub, home, demo, pinned=True)
    qwen3("pull", "test", "--to", stick)
    listed = stick / "qwen3-models.json"
    evil = b"GGUF, but another"
    (stick / FILE).write_bytes(evil)
    told = json.loads(listed.read_text(encoding="utf-8"))
    told["files"][0] |= {"sha256": sha256(evil).hexdigest(), "bytes": len(evil)}
    listed.write_text(json.dumps(told), encoding="utf-8")
    assert qwen3("models", "add", stick, **other).code == 5
    (stick / FILE).rename(stick / "evil.gguf")
    library = Library(os.environ)
    for path in ("../../../evil.gguf", "/evil.gguf", "a/../../b.gguf"):
        told["files"][0] |= {"file": "evil.gguf", "path": path, "repository": "Other/Thing"}
        listed.write_text(json.dumps(told), encoding="utf-8")
        with pytest.raises(ModelNotFound):
            identify(stick / "evil.gguf", library, print)


@pytest.mark.parametrize("said", ["", "[]", '{"files": 3}', '{"files": [{"file": 1}]}', "[" * 9999])
def test_a_list_that_is_none_is_no_list(tmp_path, said):
    (tmp_path / LIST_NAME).write_text(said, encoding="utf-8")
    assert read_list(tmp_path) == {}


def test_of_a_folder_what_is_known_is_taken_and_the_rest_is_told(
    qwen3, test_model, stick, demo, other
):
    qwen3("pull", "test", "--to", stick)
    (stick / "deeper").mkdir()
    (stick / "deeper/other.gguf").write_bytes(demo.read_bytes())
    (stick / f"._{FILE}").write_bytes(b"of the system")
    done = qwen3("models", "add", stick, "--json", **other)
    rows = {each["file"]: each for each in json.loads(done.stdout)["items"]}
    assert done.code == 0
    assert rows[str(stick / FILE)]["added"] is True
    assert "known by their digest" in rows[str(stick / "deeper/other.gguf")]["problem"]
    assert len(rows) == 2


def test_a_folder_without_models_and_a_path_to_nothing_are_told(qwen3, tmp_path):
    assert "no .gguf is in" in qwen3("models", "add", tmp_path).stderr
    assert qwen3("models", "add", tmp_path / "nothing").code == 3


def test_what_is_carried_need_not_run_here(qwen3, hub, home, stick):
    digest = hub.add(REPOSITORY, FILE, CONTENT)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    entry = home / ".config/qwen3/models.toml"
    huge = entry.read_text(encoding="utf-8").replace("parameters = 6", "parameters = 999_999_999")
    entry.write_text(huge, encoding="utf-8")
    assert qwen3("pull", "test").code == 4
    assert qwen3("pull", "test", "--to", stick).code == 0
