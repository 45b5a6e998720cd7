"""The hub's cache, which other tools share: found where they find it, and read as they leave it."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from itertools import product

import pytest
from support.gguf_copy import split_gguf
from support.hub_server import COMMIT
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry, cached

from qwen3cli.models.cache import cache_folder

HELLO = ("--no-think", "--temp", "0", "Hello")
GREETING = b"Hello! How can I help you?\n"


@pytest.fixture
def split(demo, tmp_path, home):
    """The demo model in three parts as another tool left them in the cache: the pointers to them."""
    loose = tmp_path / "loose"
    loose.mkdir()
    return [put(home, each) for each in split_gguf(demo, loose / "T-Q8_0.gguf")]


def put(home, file, commit=COMMIT):
    """A file as the hub's client puts it: the bytes under their digest, a link under their name."""
    blob = cached(home).parents[2] / "blobs" / sha256(file.read_bytes()).hexdigest()
    blob.parent.mkdir(parents=True, exist_ok=True)
    file.rename(blob)
    pointer = cached(home).parents[1] / commit / file.name
    pointer.parent.mkdir(parents=True, exist_ok=True)
    pointer.symlink_to(os.path.relpath(blob, pointer.parent))
    return pointer


def entry_of(home, *files):
    parts = [
        f'{{ path = "{each.name}", bytes = {each.stat().st_size}, sha256 = "{each.resolve().name}" }}'
        for each in files
    ]
    add_entry(home, f'{{ quant = "q8_0", path = "T-*.gguf", parts = [{", ".join(parts)}] }},')


@pytest.mark.parametrize("part", [0, 1, 2])
def test_any_part_of_a_split_model_in_the_cache_names_the_whole(qwen3, split, part):
    done = qwen3("ask", "--size", split[part], *HELLO)
    assert (done.stdout, done.code) == (GREETING, 0), done.stderr
    told = qwen3("fit", split[part], "--json").stdout
    whole = sum(each.stat().st_size for each in split)
    assert f'"weights_bytes": {whole}'.encode() in told


def test_a_link_with_a_name_of_ones_own_leads_to_the_whole_too(qwen3, split, tmp_path):
    (tmp_path / "mine.gguf").symlink_to(split[0])
    assert qwen3("ask", "--size", "mine.gguf", *HELLO).stdout == GREETING


def test_a_split_model_that_another_tool_brought_serves_by_its_name(qwen3, split, home):
    entry_of(home, *split)
    assert qwen3("ask", "--size", "test", "--offline", *HELLO).stdout == GREETING
    add_entry(home, '{ quant = "q8_0", path = "T-*.gguf" },')
    assert qwen3("ask", "--size", "test", "--offline", *HELLO).stdout == GREETING


def test_any_part_of_a_split_file_of_the_hub_names_the_whole(qwen3, split, hub, home):
    for each in split:
        hub.add(REPOSITORY, each.name, each.read_bytes())
    shutil.rmtree(cached(home).parents[3])
    spec = f"hf:{REPOSITORY}/{split[1].name}"
    assert qwen3("pull", spec).code == 0
    assert qwen3("ask", "--size", spec, "--offline", *HELLO).stdout == GREETING


def test_a_link_that_leads_nowhere_is_told_with_the_command_that_fetches_the_file(
    qwen3, split, home
):
    entry_of(home, *split)
    split[2].resolve().unlink()
    for named in split:
        done = qwen3("ask", "--size", named, "hi")
        assert done.code == 3
        assert f"{split[2]} leads to " in done.stderr
        assert "which is gone" in done.stderr
        assert "try: qwen3 pull test:q8_0" in done.stderr
    (home / ".config/qwen3/models.toml").unlink()
    done = qwen3("fit", split[2])
    assert f"try: qwen3 pull hf:{REPOSITORY}/{split[2].name}" in done.stderr


def test_a_name_that_no_file_can_have_is_no_such_file(qwen3):
    for named in ("x" * 300 + ".gguf", "~no_such_user/x.gguf"):
        done = qwen3("ask", "--size", named, "hi")
        assert (done.code, done.stderr.splitlines()[0]) == (3, f"qwen3: no such file: {named}")


def test_a_part_that_is_missing_is_named(qwen3, demo, tmp_path):
    parts = split_gguf(demo, tmp_path / "T.gguf")
    parts[1].unlink()
    done = qwen3("ask", "--size", parts[0], "hi")
    assert done.code == 3
    assert f"no such file: {parts[1]}" in done.stderr
    assert "all its parts in one folder" in done.stderr


def test_a_cache_that_was_moved_is_whole_where_it_is_now(qwen3, hub, test_model, home, tmp_path):
    old = qwen3("pull", "test").stdout.decode().strip()
    (home / ".cache/huggingface").rename(tmp_path / "large disk")
    moved = {"HF_HOME": str(tmp_path / "large disk")}
    asked = len(hub.requests)
    done = qwen3("pull", "test", **moved)
    assert done.stdout.decode().strip().startswith(str(tmp_path / "large disk"))
    assert done.stderr == "", "nothing is hashed or fetched again"
    assert len(hub.requests) == asked
    assert qwen3("models", "verify", **moved).stdout.decode() == f"whole: {FILE}\n"
    assert str(tmp_path / "large disk") in qwen3("fit", old, **moved).stderr
    assert b"freed 6 MiB" in qwen3("models", "rm", "test", **moved).stdout


def test_a_file_of_another_revision_with_the_right_digest_is_not_fetched_again(
    qwen3, hub, test_model, home, tmp_path
):
    (tmp_path / FILE).write_bytes(CONTENT)
    pointer = put(home, tmp_path / FILE, commit="f" * 40)
    done = qwen3("pull", "test")
    assert (done.stdout.decode().strip(), done.code) == (str(pointer), 0)
    assert hub.requests == []


def test_rm_leaves_no_link_that_leads_nowhere(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    other = cached(home).parents[1] / ("f" * 40) / FILE
    other.parent.mkdir()
    other.symlink_to(os.path.relpath(cached(home).resolve(), other.parent))
    assert b"freed 6 MiB" in qwen3("models", "rm", "test").stdout
    assert not other.is_symlink()


VALUES = {
    "HF_HUB_CACHE": (None, "", "$HOME/a", "~/b"),
    "HUGGINGFACE_HUB_CACHE": (None, "$HOME/c", "/d/$NO_SUCH_VARIABLE"),
    "HF_HOME": (None, "$HOME/e", "${HOME}/f", "~/g", "~no_such_user/h", "relative"),
    "XDG_CACHE_HOME": (None, "$HOME/i"),
}


def test_the_cache_is_where_the_hubs_own_client_looks(home):
    cases = [
        {name: value for name, value in zip(VALUES, values, strict=True) if value is not None}
        for values in product(*VALUES.values())
    ]
    code = (
        "import os, importlib, huggingface_hub.constants as c\n"
        f"for case in {cases!r}:\n"
        f"    for name in {list(VALUES)!r}: os.environ.pop(name, None)\n"
        "    os.environ.update({k: v for k, v in case.items() if v})\n"
        "    print(os.path.abspath(importlib.reload(c).HF_HUB_CACHE))\n"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    ours = [str(cache_folder({"HOME": str(home)} | case)) for case in cases]
    assert ours == theirs.stdout.splitlines()
