"""What is damaged, incomplete, foreign or hostile never counts as a model, and the way out is the command that is named."""

import os

from support.hub_server import COMMIT
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry, assert_whole, cached


def blobs(home):
    return home / ".cache/huggingface/hub/models--Qwen--Test-GGUF/blobs"


def damage(path) -> None:
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)


def test_a_file_that_was_damaged_on_the_disk_is_fetched_again(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    damage(cached(home).resolve())
    assert qwen3("models", "verify").code == 5
    assert_whole(qwen3("pull", "test"), home)
    assert qwen3("models", "verify").code == 0


def test_a_damaged_file_can_be_removed_and_leaves_nothing(qwen3, hub, test_model, home):
    qwen3("pull", "test")
    damage(cached(home).resolve())
    qwen3("pull", "test")
    damage(cached(home).resolve())
    assert qwen3("models", "rm", "test").code == 0
    assert list(blobs(home).iterdir()) == []


def test_a_blob_that_is_not_what_its_name_says_is_not_believed(qwen3, hub, test_model, home):
    blobs(home).mkdir(parents=True)
    (blobs(home) / test_model).write_bytes(b"garbage")
    assert_whole(qwen3("pull", "test"), home)


def test_a_damaged_file_in_the_place_of_a_link_is_replaced(qwen3, hub, test_model, home):
    cached(home).parent.mkdir(parents=True)
    cached(home).write_bytes(b"garbage")
    assert_whole(qwen3("pull", "test"), home)


def test_a_split_model_without_one_of_its_parts_is_not_whole_and_is_completed(qwen3, hub, home):
    names = [f"Q8_0/T-{number:05d}-of-00002.gguf" for number in (1, 2)]
    for name in names:
        hub.add(REPOSITORY, name, os.urandom(2**20))
    add_entry(home, '{ quant = "q8_0", path = "Q8_0/*.gguf" },')
    second = hub.files[REPOSITORY, names[1]]
    hub.faults.statuses = [404]
    first = qwen3("pull", "test")
    assert first.code == 5
    assert qwen3("ask", "--size", "test", "--offline", "hi").code == 3
    assert qwen3("pull", "test").code == 0
    assert cached(home, names[1]).read_bytes() == second


def test_a_source_with_a_file_of_another_size_is_refused(qwen3, hub, home):
    hub.add(REPOSITORY, FILE, CONTENT)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", bytes = 5 }},')
    done = qwen3("pull", "test")
    assert done.code == 5
    assert "6,291,456 bytes, expected 5" in done.stderr
    assert hub.sent_bytes == 0


def test_a_portals_page_is_no_model_and_no_list_of_files(qwen3, hub, home):
    hub.faults.page = b"<html>log in first</html>"
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}" }},')
    assert qwen3("pull", "test").code == 5
    assert qwen3("pull", "test", "--from", "modelscope").code == 5
    add_entry(home, '{ quant = "q8_0", path = "Q8_0/*.gguf" },')
    done = qwen3("pull", "test", "--from", "modelscope,huggingface")
    assert done.code == 5
    assert "Traceback" not in done.stderr
    assert "trying the next source" in done.stderr


def test_a_commit_from_the_hub_cannot_leave_the_cache(qwen3, hub, test_model, home):
    hub.faults.commit = "../../../../../../evil"
    done = qwen3("pull", "test")
    assert_whole(done, home)
    assert not list(home.parent.rglob("evil*"))


def test_a_hub_file_that_leaves_its_repository_is_refused(qwen3, hub):
    assert qwen3("pull", "hf:Qwen/Test-GGUF/../../x.gguf").code == 2
    assert qwen3("pull", "hf:../Test-GGUF/x.gguf").code == 2
    assert hub.requests == []


def test_another_file_at_the_first_source_is_told_and_the_next_one_is_asked(
    qwen3, hub, test_model, home
):
    hub.files[REPOSITORY, FILE] = CONTENT[::-1]
    done = qwen3("pull", "test", "--from", "modelscope,huggingface")
    assert done.code == 5
    assert "modelscope: the source has another" in done.stderr
    assert done.stderr.count(test_model) == 2


def test_a_pull_asks_the_hub_for_the_file_and_for_nothing_else(qwen3, hub, test_model, home):
    assert_whole(qwen3("pull", "test"), home)
    assert set(hub.requests) == {
        f"HEAD /{REPOSITORY}/resolve/{COMMIT}/{FILE}",
        f"GET /storage/{REPOSITORY}/{FILE}",
    }
    assert sum(each.startswith("HEAD") for each in hub.requests) == 1


def test_a_dry_run_off_line_opens_no_connection(qwen3, hub, test_model, home):
    assert qwen3("pull", "test", "--dry-run", "--offline").code == 0
    add_entry(home, '{ quant = "q8_0", path = "Q8_0/*.gguf" },')
    assert qwen3("pull", "test", "--dry-run", "--offline").code == 3
    assert hub.requests == []


def test_another_quantization_that_another_tool_brought_serves_where_none_was_named(
    qwen3, hub, demo, home
):
    content = demo.read_bytes()
    digest = hub.add(REPOSITORY, "other.gguf", content)
    other = f'{{ quant = "q4_0", path = "other.gguf", sha256 = "{digest}" }}'
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}" }}, {other},')
    blob = home / ".ollama/models/blobs" / f"sha256-{digest}"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(content)
    done = qwen3("ask", "--size", "test", "--offline", "--no-think", "--temp", "0", "Hello")
    assert (done.stdout, done.code) == (b"Hello! How can I help you?\n", 0)
    assert qwen3("ask", "--size", "test:q8_0", "--offline", "hi").code == 3
    assert hub.requests == []


def test_a_file_that_another_tool_brought_is_not_fetched(qwen3, hub, test_model, home):
    blob = home / ".ollama/models/blobs" / f"sha256-{test_model}"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(CONTENT)
    done = qwen3("pull", "test")
    assert (done.stdout.decode().strip(), done.code) == (str(blob), 0)
    assert hub.requests == []
