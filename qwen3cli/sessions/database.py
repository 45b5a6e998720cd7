"""The database of conversations: made, brought to the present version, set aside where it is damaged.

SQLite with a write-ahead log, in a folder and a file for this user's eyes only. What SQLite says is wrong becomes an error
of ours here, with what to do. Knows tables; what is in them is `store`'s.
"""

import contextlib
import ctypes
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qwen3cli.sessions.locks import try_lock
from qwen3cli.sessions.problems import DamagedStore, NewerStore, StoreProblem

FILE_NAME = "sessions.db"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_BESIDE = ("", "-wal", "-shm")  # what belongs to a database file
# How long another process may write before it is told; an import takes a fraction of it for a conversation.
_BUSY_SECONDS = 2.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# The first one makes an empty database one of version 1, and so on. What has been released is never changed.
MIGRATIONS = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        named INTEGER NOT NULL,
        place TEXT NOT NULL,
        origin TEXT UNIQUE,
        system TEXT NOT NULL,
        settings TEXT NOT NULL,
        created REAL NOT NULL,
        changed REAL NOT NULL
    );
    CREATE INDEX sessions_by_change ON sessions (changed);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        number INTEGER NOT NULL,
        started REAL NOT NULL,
        state TEXT NOT NULL,
        receipt TEXT NOT NULL,
        replaced INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX turns_by_session ON turns (session, number);
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
        role TEXT NOT NULL,
        body TEXT NOT NULL,
        folded TEXT NOT NULL
    );
    CREATE INDEX messages_by_turn ON messages (turn);
    CREATE VIRTUAL TABLE texts USING fts5(
        folded, content='messages', content_rowid='id', tokenize='trigram'
    );
    CREATE TRIGGER message_added AFTER INSERT ON messages BEGIN
        INSERT INTO texts (rowid, folded) VALUES (new.id, new.folded);
    END;
    CREATE TRIGGER message_removed AFTER DELETE ON messages BEGIN
        INSERT INTO texts (texts, rowid, folded) VALUES ('delete', old.id, old.folded);
    END;
    """,
)
VERSION = len(MIGRATIONS)


def open_database(folder: Path) -> sqlite3.Connection:
    """The database of this folder, made if there is none.

    Raises:
        StoreProblem: it cannot be had; says why.
    """
    path = folder / FILE_NAME
    with problems_told(path):
        try:
            _make_private(folder, path)
        except OSError as problem:
            connection = _read_only(path)
            if connection is None:
                raise StoreProblem(f"{folder} cannot be written: {problem.strerror}") from None
        else:
            connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def problems_told(path: Path) -> Iterator[None]:
    """Let what SQLite raises be raised as ours."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _as_ours(problem, path) from problem


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing. The right to write is taken first, so that nothing is read that changes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # some errors have ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def set_aside(folder: Path) -> str:
    """Give a damaged database another name, so that a new one can be begun. Returns what to say of it.

    Raises:
        OSError: it cannot be moved.
    """
    path = folder / FILE_NAME
    aside = path.with_name(f"{FILE_NAME}.damaged-{datetime.now():%Y%m%d-%H%M%S}")
    with (folder / "damaged.lock").open("w", encoding="utf-8") as lock:
        if not try_lock(lock.fileno()) or not _is_damaged(path):
            return "the damaged database of conversations was set aside by another process"
        for ending in _BESIDE:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return (
        f"the database of conversations was damaged: it is set aside as {aside}, and a new one is begun\n"
        f'  try: sqlite3 "{aside}" .recover'
    )


def _make_private(folder: Path, path: Path) -> None:
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    os.close(
        os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE)
    )  # before SQLite makes one for all to read
    for each, mode in ((folder, _FOLDER_MODE), (path, _FILE_MODE)):
        if each.stat().st_mode & 0o077 and os.name != "nt":
            each.chmod(mode)


def _read_only(path: Path) -> sqlite3.Connection | None:
    """The database where nothing can be written, not even beside it: with what its log has, or without where SQLite would
    have to make files to read that."""
    if not path.is_file():
        return None
    for how in ("mode=ro", "immutable=1"):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{how}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA user_version").fetchone()
            return connection
        except sqlite3.OperationalError:
            connection.close()
    return None


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise NewerStore(
            f"{path} is of version {version}, and this program knows {VERSION}: it is left untouched",
            "use the newer qwen3, or set XDG_DATA_HOME to another folder",
        )
    if version < VERSION:
        connection.execute("PRAGMA journal_mode=WAL")
        with transaction(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for script in MIGRATIONS[version:]:
                _run(connection, script)
            connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement: `executescript` would end the transaction first."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def left_open(connection: sqlite3.Connection) -> None:
    """Let the process end with the database open, which the write-ahead log is made for. Closing it copies the log into the
    file and waits for the disk several times: 20 ms behind each answer. Whoever makes the log long does that anyway."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _is_damaged(path: Path) -> bool:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as problem:
        return _code(problem) in _DAMAGED
    finally:
        connection.close()


def _code(problem: sqlite3.Error) -> int:
    """SQLite's primary result code."""
    return getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _as_ours(problem: sqlite3.Error, path: Path) -> StoreProblem:
    code = _code(problem)
    if code in _DAMAGED:
        return DamagedStore(f"{path} is damaged ({problem})", f'sqlite3 "{path}" .recover')
    reasons = {
        sqlite3.SQLITE_BUSY: "another program has locked it",
        sqlite3.SQLITE_LOCKED: "another program has locked it",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_READONLY: "it cannot be written",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
        sqlite3.SQLITE_IOERR: "the disk does not take it",
    }
    return StoreProblem(f"{path}: {reasons.get(code, str(problem))}")
