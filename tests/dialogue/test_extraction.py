"""The fenced blocks of an answer."""

import pytest

from qwen3cli.dialogue.extraction import Block, extracted, fenced_blocks


@pytest.mark.parametrize(
    ("answer", "blocks"),
    [
        ("Here:\n```python\nprint(1)\n```\nDone.", [Block("python", "print(1)\n")]),
        ("```\na\n```\n~~~ sh\nb\n~~~", [Block("", "a\n"), Block("sh", "b\n")]),
        ("````\n```\ninner\n```\n````", [Block("", "```\ninner\n```\n")]),
        (
            "```markdown\n# T\n```python\nx\n```\nend\n```\nafter",
            [Block("markdown", "# T\n```python\nx\n```\nend\n")],
        ),
        ('```py\nP = "\n```json\n{}\n```\n"\n```', [Block("py", 'P = "\n```json\n{}\n```\n"\n')]),
        ("```py\nnot closed", [Block("py", "not closed\n")]),
        ("1. so\n   ```sh\n   ls\n     -l\n   ```", [Block("sh", "ls\n  -l\n")]),
        ("```html index.html\n<p>\n```", [Block("html", "<p>\n")]),
        ("```{.python .numberLines}\nx\n```", [Block("python", "x\n")]),
        ("```c++:src/a.cpp\nx\n```", [Block("c++", "x\n")]),
        ('```language-sh title="a b"\nx\n```', [Block("sh", "x\n")]),
        ("So:\n> ```py\n> a\n>   b\n> ```\n> end\n", [Block("py", "a\n  b\n")]),
        (">" * 5000 + " ```py\n" + ">" * 5000 + " a", [Block("py", "a\n")]),
        ("a `b` c ``` d", []),
        ("```\n```", [Block("", "")]),
        ("", []),
    ],
)
def test_blocks_are_found_as_models_write_them(answer, blocks):
    assert fenced_blocks(answer) == blocks


def test_an_inner_fence_that_is_never_closed_does_not_swallow_the_rest():
    answer = "```text\nsee ```sh\n```\nbetween\n```py\nx\n```\n"
    assert fenced_blocks(answer) == [Block("text", "see ```sh\n"), Block("py", "x\n")]


def test_one_language_is_picked_by_any_of_its_names():
    answer = "```py\na\n```\n```js\nb\n```\n```python\nc\n```"
    assert [each.text for each in extracted(answer, "Python")] == ["a\n", "c\n"]
    assert extracted(answer, "rust") == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"a": 1}', ['{"a": 1}\n']),
        ('The answer is {"a": [1, {"b": 2}]} and [3].', ['{"a": [1, {"b": 2}]}\n', "[3]\n"]),
        ('A set {x} is {"a": 1}', ['{"a": 1}\n']),
        ('```json\n{"f": 1}\n```\n{"g": 2}', ['{"f": 1}\n']),
        ("nothing {here", []),
    ],
)
def test_json_is_found_without_a_fence_too(answer, found):
    assert [each.text for each in extracted(answer, "json")] == found
