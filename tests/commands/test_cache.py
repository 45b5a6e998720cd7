"""Computed prompts that are kept on the disk: read again by another process, and never believed for it."""

import json
import os
import stat
from pathlib import Path

import pytest
from support.gguf_copy import copy_gguf

from qwen3cli.base.units import bytes_text

DOCUMENT = "\n".join(f"Line {number}: {number * 7919 % 1000} stones." for number in range(40))
GREEDY = ("--temp", "0", "--no-think", "-n", "8")


@pytest.fixture
def kept(home):
    """Where computed prompts are kept."""
    return home / ".cache" / "qwen3" / "kv"


@pytest.fixture
def asked(qwen3):
    """Ask something about the document, and what came of it: the answer, how many tokens of how many were read from the
    disk, and what stood on standard error."""
    (qwen3.folder / "doc.txt").write_text(DOCUMENT, encoding="utf-8")

    def ask(question: str, *flags: str) -> tuple[str, int, int, str]:
        done = qwen3("ask", "--json", *GREEDY, *flags, "-f", "doc.txt", question)
        said = json.loads(done.stdout)
        usage = said["usage"]
        assert usage["saved_tokens"] == usage["cached_tokens"]
        return said["answer"], usage["saved_tokens"], usage["prompt_tokens"], done.stderr

    return ask


def entries(kept: Path) -> list[Path]:
    return sorted(kept.glob("*.kv"))


def test_another_question_on_the_same_document_computes_only_the_question(asked, kept):
    assert asked("What is 4 + 5?")[1] == 0
    answer, saved, prompt, _ = asked("What is 17 + 25?")
    assert 0 < prompt - saved < 40
    (entry,) = entries(kept)
    entry.unlink()
    assert asked("What is 17 + 25?")[0] == answer
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (kept, *entries(kept))]
    assert modes == [0o700, 0o600]


def test_a_short_prompt_is_not_kept(qwen3, kept):
    qwen3("ask", *GREEDY, "What is 4 + 5?")
    assert not kept.exists()


def test_nothing_is_kept_or_read_where_that_is_switched_off(asked, qwen3, home, kept):
    asked("Hi", "--no-cache")
    assert not kept.exists()
    asked("Hi")
    settings = home / ".config" / "qwen3" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("cache = false\n", encoding="utf-8")
    assert asked("Hi")[1] == 0
    assert asked("Hi", "--cache")[1] > 0


def cut(entry: bytes) -> bytes:
    return entry[: len(entry) // 2]


def flipped(entry: bytes) -> bytes:
    middle = len(entry) // 2
    return entry[:middle] + bytes([entry[middle] ^ 1]) + entry[middle + 1 :]


def emptied(entry: bytes) -> bytes:
    return b""


def of_no_sense(entry: bytes) -> bytes:
    return os.urandom(len(entry))


@pytest.mark.parametrize("harm", [cut, flipped, emptied, of_no_sense])
def test_a_damaged_entry_is_removed_and_the_answer_is_right(asked, kept, harm):
    answer = asked("What is 17 + 25?")[0]
    (entry,) = entries(kept)
    entry.write_bytes(harm(entry.read_bytes()))
    assert asked("What is 17 + 25?")[:2] == (answer, 0)
    assert entry not in entries(kept)


def test_an_entry_with_forged_tokens_is_removed(asked, qwen3, kept):
    def entry_of(document: str) -> tuple[Path, bytes, bytes]:
        (qwen3.folder / "doc.txt").write_text(document, encoding="utf-8")
        count = asked("What is 17 + 25?")[2]
        (path,) = entries(kept)
        whole = path.read_bytes()
        path.unlink()
        return path, whole, whole[12 : 12 + 4 * count]  # behind llama.cpp's mark, version, count

    path, forged, theirs = entry_of(DOCUMENT.replace("stones", "horses"))
    _, _, ours = entry_of(DOCUMENT)
    assert len(theirs) == len(ours)
    assert forged.count(theirs) == 2  # llama.cpp's list, and ours
    path.write_bytes(forged.replace(theirs, ours))
    assert asked("What is 17 + 25?")[1] == 0
    assert path not in entries(kept)


def test_an_entry_that_another_installation_wrote_is_removed(asked, home, kept):
    asked("Hi")
    (entry,) = entries(kept)
    (home / ".local" / "state" / "qwen3" / "kv-secret").write_bytes(os.urandom(32))
    assert asked("Hi")[1] == 0
    assert entry not in entries(kept)


def test_an_entry_of_another_model_is_never_used(asked, demo, tmp_path, kept):
    model = tmp_path / "model.gguf"
    model.write_bytes(demo.read_bytes())
    asked("Hi", "-m", str(model))
    (entry,) = entries(kept)
    content = entry.read_bytes()
    assert asked("Hi", "-m", str(model))[1] > 0
    times = model.stat()
    copy_gguf(demo, model, {"general.name": "another"})
    os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert asked("Hi", "-m", str(model))[1] == 0
    (other,) = entries(kept)  # the first has gone, since nothing can use it any more
    assert other != entry
    other.write_bytes(content)
    assert asked("Hi", "-m", str(model))[1] == 0


def test_another_kind_of_cache_is_another_entry(asked, kept):
    asked("Hi")
    assert asked("Hi", "--kv", "q8_0")[1] == 0
    assert asked("Hi", "--kv", "q8_0")[1] > 0
    assert len(entries(kept)) == 2


def test_the_oldest_go_when_the_limit_is_reached(asked, kept):
    one_entry = "0.001"  # GiB: the document takes 841 KiB
    asked("Hi", "--cache-limit", one_entry)
    (first,) = entries(kept)
    asked("Hi", "--cache-limit", one_entry, "-s", "Be brief.")
    (second,) = entries(kept)
    assert first != second
    told = asked("Hi", "--cache-limit", "0.0001", "-s", "Be kind.")[3]
    assert "is not kept for the next time: it takes 8" in told
    assert told.endswith("; --cache-limit says how much may be kept\n")
    assert entries(kept) == [second]


def test_a_longer_document_takes_the_place_of_the_shorter_it_goes_on_from(asked, qwen3, kept):
    asked("Hi")
    (shorter,) = entries(kept)
    (qwen3.folder / "doc.txt").write_text(f"{DOCUMENT}\n{DOCUMENT}", encoding="utf-8")
    assert asked("Hi")[1] > 0
    (longer,) = entries(kept)
    assert longer != shorter


def test_little_is_not_read_from_much(asked, qwen3, kept):
    (qwen3.folder / "doc.txt").write_text(DOCUMENT * 4, encoding="utf-8")
    asked("Hi")
    (qwen3.folder / "doc.txt").write_text(DOCUMENT[:650] + "Other.", encoding="utf-8")
    _, saved, prompt, _ = asked("Hi")
    assert (saved, prompt > 512) == (0, True)


def test_a_folder_that_cannot_be_used_costs_one_line(asked, kept):
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"")
    answer, saved, _, told = asked("What is 17 + 25?")
    assert (answer, saved) == (asked("What is 17 + 25?", "--no-cache")[0], 0)
    assert told.startswith("qwen3: the computed prompt is not kept for the next time: ")
    assert told.count("\n") == 1


def test_they_are_listed_and_cleared(asked, qwen3, kept):
    asked("Hi")
    (entry,) = entries(kept)
    (told,) = json.loads(qwen3("cache", "--json").stdout)["prompts"]
    assert (told["model"], told["bytes"]) == ("demo", entry.stat().st_size)
    assert qwen3("cache", "list").stdout.decode().split("\n")[2].startswith("demo ")
    assert qwen3("cache", "clear").stdout == f"freed {bytes_text(told['bytes'])}\n".encode()
    assert entries(kept) == []
    assert qwen3("cache", "clear").stdout == b"freed 0 B\n"
