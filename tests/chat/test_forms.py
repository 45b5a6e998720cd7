"""What `chat` shares with `ask`: files, templates and schemas."""

from support.chatting import chat, saved, say


def test_answers_are_held_to_a_schema_until_it_is_taken_off(terminal):
    chat(terminal, "--no-think")
    assert "answers are held to a schema" in say(terminal, "/schema mood happy|sad", 1)
    assert '{"mood": "' in say(terminal, "Hello", 2)
    assert "answers are free" in say(terminal, "/schema off", 3)
    assert "Hello! How can I help you?" in say(terminal, "Hello", 4)


def test_a_schema_that_cannot_be_held_is_refused_and_nothing_changes(terminal):
    chat(terminal, "--no-think")
    assert "cannot read 'a intt'" in say(terminal, "/schema a intt", 1)
    assert "answers are free" in say(terminal, "/schema", 2)


def test_files_a_schema_and_a_template_come_with_the_first_message(terminal, tmp_path):
    (tmp_path / "notes.md").write_text("Milk and bread.", encoding="utf-8")
    chat(terminal, "--no-think -f notes.md --schema 'ok yes|no' -T summary")
    assert '{"ok": "' in terminal.everything()
    messages = saved(terminal, tmp_path)
    assert "Sum up the following" in messages[0]["content"]
    assert "Milk and bread." in messages[0]["content"]
