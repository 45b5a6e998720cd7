"""Other tools' exports, written as those tools publish their formats, become conversations of ours."""

import json
import sqlite3
import zipfile

import pytest

from qwen3cli.base.errors import UsageProblem
from qwen3cli.dialogue.messages import Document, Role
from qwen3cli.sessions.imports import sessions_in


def write(path, told):
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def said(session):
    return [(each.role.value, each.content) for each in session.messages]


def chatgpt_node(name, parent, role, content, **more):
    message = {
        "id": name,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": 1700000000.5,
        "content": content,
        "status": "finished_successfully",
        "weight": 1.0,
        "recipient": "all",
        "metadata": {},
        **more,
    }
    return {"id": name, "message": message, "parent": parent, "children": []}


def text(*parts):
    return {"content_type": "text", "parts": list(parts)}


CHATGPT = [
    {
        "title": "Trip",
        "create_time": 1700000000.0,
        "update_time": 1700000009.0,
        "conversation_id": "c-1",
        "current_node": "5",
        "mapping": {
            "root": {"id": "root", "message": None, "parent": None, "children": ["1"]},
            "1": chatgpt_node("1", "root", "system", text("")),
            "2": chatgpt_node("2", "1", "user", text("Where to?")),
            "other": chatgpt_node("other", "2", "assistant", text("An answer that was replaced")),
            "3": chatgpt_node(
                "3",
                "2",
                "assistant",
                {
                    "content_type": "thoughts",
                    "thoughts": [{"summary": "Sea", "content": "By the sea?"}],
                },
            ),
            "4": chatgpt_node(
                "4", "3", "assistant", text("Lisbon."), metadata={"model_slug": "o3"}
            ),
            "5": chatgpt_node(
                "5",
                "4",
                "user",
                {
                    "content_type": "multimodal_text",
                    "parts": [
                        {"content_type": "image_asset_pointer", "asset_pointer": "x"},
                        "Here?",
                    ],
                },
            ),
        },
    }
]


def test_chatgpts_branch_that_was_shown_last_with_its_thoughts(tmp_path):
    (session,) = sessions_in(write(tmp_path / "conversations.json", CHATGPT))
    assert session.head.title == "Trip"
    assert said(session) == [
        ("user", "Where to?"),
        ("assistant", "Lisbon."),
        ("user", "[image_asset_pointer]\nHere?"),
    ]
    assert session.messages[1].thinking == "By the sea?"
    assert session.turns[0].receipt == {"model": {"title": "o3"}}
    assert session.turns[0].started == 1700000000.5


def test_the_archive_that_chatgpt_sends_is_taken_as_it_is(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps(CHATGPT))
        archive.writestr("chat.html", "<html>")
    (session,) = sessions_in(tmp_path / "export.zip")
    assert session.head.origin == "chatgpt c-1"


LLM_TABLES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT,
    options_json TEXT, response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER,
    datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER, token_details TEXT);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER, [order] INTEGER);
INSERT INTO conversations VALUES ('c1', 'A name', 'qwen3:8b');
INSERT INTO responses VALUES ('r2', 'qwen3:8b', 'And then?', NULL, NULL, '{}', 'Nothing.', NULL, 'c1', 5,
    '2025-03-01T10:00:05.000000+00:00', 1, 1, NULL);
INSERT INTO responses VALUES ('r1', 'qwen3:8b', 'Sum up', 'Be brief.', NULL, '{}', 'Short.', NULL, 'c1', 5,
    '2025-03-01T10:00:00.000000', 1, 1, NULL);
INSERT INTO fragments VALUES (1, 'h', 'the notes', '2025-03-01', 'notes.md');
INSERT INTO prompt_fragments VALUES ('r1', 1, 0);
"""


def test_llms_log_with_its_fragments(tmp_path):
    with sqlite3.connect(tmp_path / "logs.db") as log:
        log.executescript(LLM_TABLES)
    log.close()
    (session,) = sessions_in(tmp_path / "logs.db")
    assert (session.head.title, session.head.system) == ("A name", "Be brief.")
    assert said(session) == [
        ("user", "Sum up"),
        ("assistant", "Short."),
        ("user", "And then?"),
        ("assistant", "Nothing."),
    ]
    assert session.messages[0].documents == (Document("notes.md", "the notes"),)
    assert session.turns[0].started == 1740823200.0


def test_what_llm_prints_of_its_log(tmp_path):
    row = {
        "id": "01jx",
        "model": "qwen3:8b",
        "prompt": "Why?",
        "system": None,
        "response": "Because.",
        "conversation_id": "c9",
        "conversation_name": "Why?",
        "datetime_utc": "2025-03-01T10:00:00+00:00",
    }
    (session,) = sessions_in(write(tmp_path / "log.json", [row]))
    assert said(session) == [("user", "Why?"), ("assistant", "Because.")]


OPEN_WEBUI = [
    {
        "id": "w-1",
        "user_id": "u",
        "title": "Sums",
        "created_at": 1700000000,
        "updated_at": 1700000100,
        "chat": {
            "title": "Sums",
            "models": ["qwen3:8b"],
            "params": {"system": "Be brief."},
            "history": {
                "currentId": "b",
                "messages": {
                    "a": {
                        "id": "a",
                        "parentId": None,
                        "childrenIds": ["x", "b"],
                        "role": "user",
                        "content": "2 < 3?",
                        "timestamp": 1700000001,
                        "files": [
                            {
                                "type": "file",
                                "name": "n.txt",
                                "file": {"filename": "n.txt", "data": {"content": "numbers"}},
                            }
                        ],
                    },
                    "x": {"id": "x", "parentId": "a", "role": "assistant", "content": "replaced"},
                    "b": {
                        "id": "b",
                        "parentId": "a",
                        "role": "assistant",
                        "model": "qwen3:8b",
                        "content": '<details type="reasoning" done="true" duration="2">\n'
                        "<summary>Thought for 2 seconds</summary>\n&gt; 2 &lt; 3\n&gt; holds\n</details>\nYes.",
                        "timestamp": 1700000002,
                    },
                },
            },
            "messages": [],
            "timestamp": 1700000000000,
        },
    }
]


def test_open_webuis_chats_with_their_thoughts_and_files(tmp_path):
    (session,) = sessions_in(write(tmp_path / "chat-export.json", OPEN_WEBUI))
    assert session.head.system == "Be brief."
    assert said(session) == [("user", "2 < 3?"), ("assistant", "Yes.")]
    assert session.messages[1].thinking == "2 < 3\nholds"
    assert session.messages[0].documents == (Document("n.txt", "numbers"),)


def test_what_a_chat_saved(tmp_path):
    told = {
        "version": 1,
        "model": "demo (qwen3)",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "2 + 3?"},
            {"role": "assistant", "content": "5", "reasoning_content": "2 + 3"},
        ],
    }
    (session,) = sessions_in(write(tmp_path / "talk.json", told))
    assert session.head.system == "Be brief."
    assert [each.role for each in session.messages] == [Role.USER, Role.ASSISTANT]
    assert session.messages[1].thinking == "2 + 3"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"{}", "another form"),
        (b"[]", "another form"),
        (b"3", "another form"),
        (b'[{"mapping": {"a": {"message": 3}}}]', "TypeError"),
        (b'{"title": "x", "messages": [{"role": "nobody", "content": "x"}]}', "nobody"),
        (b"PK\x03\x04 nonsense", "damaged archive"),
        (b"SQLite format 3\0 nonsense", "ValueError"),
        (b'{"format": "qwen3-sessions", "version": 99, "sessions": []}', "version 99"),
        (b'{"format": "qwen3-sessions", "version": 1}', "KeyError"),
    ],
)
def test_what_is_no_export_is_refused_with_its_reason(tmp_path, content, reason):
    file = tmp_path / "export"
    file.write_bytes(content)
    with pytest.raises(UsageProblem) as raised:
        sessions_in(file)
    assert reason in raised.value.message
    assert "Open WebUI" in raised.value.hint
