"""`qwen3 models`: what there is, what is here, is it whole."""

import json

from support.one_model import CONTENT, FILE, add_entry, cached


def test_verify_finds_a_byte_that_changed_on_disk(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    assert qwen3("models", "verify").stdout.decode() == f"whole: {FILE}\n"
    blob = cached(home).resolve()
    damaged = bytearray(CONTENT)
    damaged[5] ^= 1
    blob.write_bytes(damaged)
    done = qwen3("models", "verify", "--json")
    assert done.code == 5
    (item,) = json.loads(done.stdout)["items"]
    assert "is damaged" in item["problem"]


def test_rm_frees_the_file_and_says_how_much(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    assert qwen3("models", "rm", "test").stdout.decode() == "test:q8_0: freed 6 MiB\n"
    assert not cached(home).exists()
    assert (
        list((home / ".cache/huggingface/hub/models--Qwen--Test-GGUF/blobs").glob("?" * 64)) == []
    )
    assert qwen3("models", "rm", "test").code == 3


def test_the_model_list_is_json_with_a_version(qwen3, hub, test_model):
    done = qwen3("models", "list", "--json")
    document = json.loads(done.stdout)
    assert document["version"] == 1
    names = [item["name"] for item in document["items"]]
    assert names[:8] == ["0.6b", "1.7b", "4b", "8b", "14b", "32b", "30b-a3b", "235b-a22b"]
    assert names[-1] == "test"


def test_a_file_whose_digest_only_the_hub_will_tell_has_a_word_for_that(qwen3, home):
    pinned = '{ quant = "q4_0", path = "a.gguf", sha256 = "' + "0" * 64 + '" }'
    parts = '{ quant = "q5_0", path = "b-*.gguf", parts = [' + "".join(
        f'{{ path = "b-{n}.gguf", sha256 = "{n}{"0" * 63}" }},' for n in (1, 2)
    )
    add_entry(home, f'{pinned}, {parts}] }}, {{ quant = "q8_0", path = "c.gguf" }},')
    told = qwen3("models", "show", "test")
    last = {line.split()[0]: line.split()[-1] for line in told.stdout.decode().splitlines()[-3:]}
    assert last == {"q4_0": "000000000000", "q5_0": "parts", "q8_0": "unpinned"}
    assert "unpinned: " in told.stderr
    rows = json.loads(qwen3("models", "show", "test", "--json").stdout)["files"]
    assert [each["pinned"] for each in rows] == [True, True, False]
    assert "q8_0 (unpinned)" in qwen3("models").stdout.decode()


def test_the_publisher_of_every_file_is_shown(qwen3):
    shown = qwen3("models", "show", "235b-a22b").stdout.decode()
    assert "  from      Qwen/Qwen3-235B-A22B-GGUF\n" in shown
    assert "unsloth/Qwen3-235B-A22B-GGUF: q5_k_m-unsloth, q6_k-unsloth\n" in shown
