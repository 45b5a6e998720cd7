"""Files under the roots and nothing else: what is read, listed, found and written, and what leads nowhere."""

import os
import threading

import pytest

from qwen3cli.tools.built_in.reading import reading_tools
from qwen3cli.tools.built_in.roots import Roots
from qwen3cli.tools.built_in.writing import change, writing_tool
from qwen3cli.tools.tool import NobodyWatching, TextContent


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    (folder / "sub").mkdir(parents=True)
    (folder / "notes.md").write_text("one\ntwo needles\n", encoding="utf-8")
    (folder / "sub" / "code.py").write_text("needle = 1\n", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0needle")
    (tmp_path / "secret").write_text("needle: secret\n", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "way-out").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    return folder


def called(folder, name, **arguments):
    roots = Roots((folder,))
    tools = {each.definition.name: each for each in [*reading_tools(roots), writing_tool(roots)]}
    result = tools[name].call(arguments, NobodyWatching())
    (content,) = result.contents
    assert isinstance(content, TextContent)
    return ("failed: " if result.failed else "") + content.text


def test_a_file_is_read_whole_or_from_a_line_on(root):
    assert called(root, "read_file", path="notes.md") == "one\ntwo needles\n"
    assert called(root, "read_file", path=str(root / "notes.md")) == "one\ntwo needles\n"
    assert called(root, "read_file", path="notes.md", first_line=2) == "two needles\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../secret", "../secret: '..' is not followed"),
        ("sub/../../secret", "sub/../../secret: '..' is not followed"),
        ("/etc/passwd", "/etc/passwd is outside the folders that may be read: {root}"),
        ("link", "link: it is a link, and links are not followed"),
        ("way-out/secret", "way-out: it is a link, and links are not followed"),
        ("pipe", "pipe is no file"),
        ("sub", "sub is a folder"),
        ("", "{root} is a folder"),
        ("missing", "missing: No such file or directory"),
        ("notes.md/x", "notes.md: Not a directory"),
        ("picture.png", "it is no text"),
        ("a\0b", "a path has no NUL in it"),
        ("x" * 5000, "x" * 5000 + ": File name too long"),
    ],
)
def test_nothing_leads_out_of_the_roots(root, path, reason):
    assert called(root, "read_file", path=path) == "failed: " + reason.replace("{root}", str(root))


def test_a_folder_that_turns_into_a_link_while_it_is_read_leads_nowhere(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "code.py").write_text("secret\n", encoding="utf-8")
    (root / "other").symlink_to(tmp_path / "elsewhere")
    over = threading.Event()

    def swap():
        while not over.is_set():
            (root / "sub").rename(root / "kept")
            (root / "other").rename(root / "sub")
            (root / "sub").rename(root / "other")
            (root / "kept").rename(root / "sub")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        read = {called(root, "read_file", path="sub/code.py") for _ in range(2000)}
    finally:
        over.set()
        thread.join()
    assert "needle = 1\n" in read
    assert not any("secret" in each for each in read)


def test_folders_are_listed_and_searched_without_following_links(root):
    assert called(root, "list_files") == "link@\nnotes.md\npicture.png\npipe\nsub/\nway-out@"
    assert called(root, "list_files", pattern="*.py") == "sub/code.py"
    assert (
        called(root, "search_files", text="NEEDLE")
        == "notes.md:2: two needles\nsub/code.py:1: needle = 1"
    )
    assert called(root, "search_files", text="secret") == "(nothing found)"


def test_a_file_is_written_whole_and_its_change_can_be_seen_before(root, tmp_path):
    arguments = {"path": "notes.md", "text": "one\nthree\n"}
    assert change(Roots((root,)), arguments).split("\n")[2:] == [
        "@@ -1,2 +1,2 @@",
        " one",
        "-two needles",
        "+three",
    ]
    assert called(root, "write_file", **arguments) == f"replaced: 10 B in {root}/notes.md"
    assert (root / "notes.md").read_text(encoding="utf-8") == "one\nthree\n"
    assert called(root, "write_file", path="new.txt", text="x").startswith("written: 1 B in ")
    assert sorted(each.name for each in root.iterdir() if each.name.startswith(".")) == []


@pytest.mark.parametrize(
    "path", ["link", "way-out/new", "../new", "missing/new", "sub", "/tmp/new"]
)
def test_nothing_is_written_outside_the_roots(root, tmp_path, path):
    assert called(root, "write_file", path=path, text="x").startswith("failed: ")
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "needle: secret\n"
    assert not (tmp_path / "new").exists()
