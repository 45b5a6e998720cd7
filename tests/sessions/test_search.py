"""Any part of a text is found, in any script, and the best hit stands first."""

import secrets

import pytest

from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.sessions.search import search
from qwen3cli.sessions.store import Store
from qwen3cli.sessions.values import Kind, Session, SessionHead, State, StoredTurn

SAID = '请看这份合同。契約書の写し 계약서 สัญญาเช่า İSTANBUL Straße \u00e9t\u00e9 🎉 "a% x_y\\'


def conversation(key: str, title: str, *texts: str, thoughts: str = "") -> Session:
    """One in which these texts were said in turn."""
    turns = tuple(
        StoredTurn(
            secrets.token_hex(8),
            number,
            1000.0 + number,
            State.WHOLE,
            (Message(Role.USER, text), Message(Role.ASSISTANT, "Yes.", thinking=thoughts)),
        )
        for number, text in enumerate(texts)
    )
    return Session(SessionHead(key, Kind.CHAT, title, 1000.0, 2000.0), turns)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path)
    opened.add(conversation("aaaaa", "target", SAID, thoughts="Overthinking."))
    opened.add(conversation("bbbbb", "other", "Hello"))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "word",
    [
        "合",
        "合同",
        "契約書",
        "の",
        "계",
        "สัญญา",
        "ญ",
        "i\u0307stanbul",
        "STRASSE",
        "e\u0301t",
        "🎉",
        '"a',
        "%",
        "_",
        "\\",
        "overthink",
    ],
)
def test_any_part_is_found_however_it_is_written(store, word):
    (hit,) = search(store, [word], 10)
    assert hit.head.key == "aaaaa"
    assert hit.part == ("thoughts" if word == "overthink" else "")
    assert search(store, [f"{word}zz"], 10) == []


def test_several_words_must_all_be_there(store):
    assert len(search(store, ["合同", "계약서"], 10)) == 1
    assert search(store, ["合同", "Hello"], 10) == []


def test_titles_stand_first_then_whole_words_then_the_text_they_make_up_most_of(store):
    store.add(conversation("ccccc", "cat", "concatenate", "a cat", "a cat sat on a long, long mat"))
    hits = search(store, ["cat"], 10)
    assert [(each.part, each.before + each.hit + each.after) for each in hits] == [
        ("title", "cat"),
        ("", "a cat"),
        ("", "a cat sat on a long, long mat"),
        ("", "concatenate"),
    ]


def test_documents_are_searched_under_their_name(store):
    message = Message(Role.USER, "Sum up", documents=(Document("notes.md", "the needle is here"),))
    turn = StoredTurn("1", 0, 1.0, State.WHOLE, (message,))
    store.add(Session(SessionHead("ddddd", Kind.ASK, "Sum up", 1.0, 1.0), (turn,)))
    (hit,) = search(store, ["needle"], 10)
    assert (hit.part, hit.before, hit.hit, hit.after) == ("notes.md", "the ", "needle", " is here")
