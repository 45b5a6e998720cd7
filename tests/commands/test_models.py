"""`qwen3 models`: what there is, what is here, is it whole."""

import json

from support.one_model import CONTENT, FILE, cached


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
