"""What can become of a request to a hub: lines that break, servers that lie, portals that answer in its place.

Each is a function of the connection, the file and the range that was asked for (all of it empty for HEAD). What a server
says of itself repeats the address and the token that it was sent, as a hostile or careless one may.
"""

import gzip
import os
import socket
import struct

from support.hub_server import SIGNATURE, TOKEN, Handler, Mishap

_SECRETS = f"{SIGNATURE} {TOKEN}"
# Longer than anything that is waited for in the tests.
_FOREVER_SECONDS = 100
_DRIP_SECONDS = 0.2


def drops_in_the_middle(at: Handler, content: bytes, start: int, end: int) -> None:
    _half(at, content, start, end)
    _close(at)


def resets_in_the_middle(at: Handler, content: bytes, start: int, end: int) -> None:
    _half(at, content, start, end)
    _reset(at)


def stalls_in_the_middle(at: Handler, content: bytes, start: int, end: int) -> None:
    _half(at, content, start, end)
    at.hub.released.wait(_FOREVER_SECONDS)


def closes_without_a_word(at: Handler, *_: object) -> None:
    _close(at)


def resets_without_a_word(at: Handler, *_: object) -> None:
    _reset(at)


def stalls_without_a_word(at: Handler, *_: object) -> None:
    at.hub.released.wait(_FOREVER_SECONDS)


def talks_garbage(at: Handler, *_: object) -> None:
    _raw(at, f"HTTP/9 what {_SECRETS}\x1b[2J\r\n\r\n".encode())


def has_a_header_without_a_name(at: Handler, *_: object) -> None:
    _raw(at, f"HTTP/1.1 206 OK\r\n: {_SECRETS}\r\n\r\n".encode())


def has_endless_headers(at: Handler, *_: object) -> None:
    _raw(at, b"HTTP/1.1 206 OK\r\n" + b"X-Word: " + b"x" * 2**20)


def drips_its_headers(at: Handler, *_: object) -> None:
    _raw(at, b"HTTP/1.1 206 OK\r\n")
    while not at.hub.released.wait(_DRIP_SECONDS):
        _raw(at, b"X: y\r\n")


def says_continue_for_ever(at: Handler, *_: object) -> None:
    while not at.hub.released.wait(_DRIP_SECONDS):
        _raw(at, b"HTTP/1.1 100 Continue\r\n\r\n")


def is_busy(at: Handler, *_: object) -> None:
    at.answer(503, {"Retry-After": "1", "X-Error-Message": _SECRETS})


def is_out_of_order(at: Handler, *_: object) -> None:
    at.answer(500)


def limits_by_its_own_header(at: Handler, *_: object) -> None:
    at.answer(429, {"RateLimit": '"resolvers";r=0;t=1'})


def asks_to_come_back_tomorrow(at: Handler, *_: object) -> None:
    at.answer(429, {"Retry-After": "86400"})


def says_the_address_is_too_old(at: Handler, *_: object) -> None:
    at.answer(403, {"X-Error-Message": _SECRETS})


def says_the_file_is_gone(at: Handler, *_: object) -> None:
    at.answer(410)


def says_there_is_no_such_file(at: Handler, *_: object) -> None:
    at.answer(404, {"X-Error-Code": "EntryNotFound"})


def says_there_is_no_such_range(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer(416, {"Content-Range": f"bytes */{start}"})


def is_a_teapot(at: Handler, *_: object) -> None:
    at.answer(418, {"X-Error-Message": _SECRETS})


def has_nothing_to_say(at: Handler, *_: object) -> None:
    at.send_response(204)
    at.end_headers()


def shows_a_page(at: Handler, *_: object) -> None:
    at.answer_page(f"<html>{_SECRETS}: log in first</html>".encode())


def sends_to_a_page(at: Handler, *_: object) -> None:
    at.hub.faults.page = b"<html>log in first</html>"
    at.answer(302, {"Location": f"{at.hub.url}/login?{_SECRETS}"})


def sends_in_circles(at: Handler, *_: object) -> None:
    at.hub.faults.mishaps = [sends_in_circles] * 20
    at.answer(302, {"Location": at.path})


def sends_to_no_address(at: Handler, *_: object) -> None:
    at.answer(302, {"Location": f"ftp://[::{SIGNATURE}/\x1b"})


def sends_to_a_file(at: Handler, *_: object) -> None:
    at.answer(302, {"Location": f"file:///etc/passwd?{SIGNATURE}"})


def sends_where_nobody_is(at: Handler, *_: object) -> None:
    at.answer(302, {"Location": f"http://127.0.0.1:9/?{SIGNATURE}"})


def sends_the_whole_file(at: Handler, content: bytes, start: int, end: int) -> None:
    at.send_response(200)
    at.send_header("Content-Length", str(len(content)))
    at.end_headers()
    at.send_content(content)


def sends_more_than_was_asked(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer_range(content, start, end, {"Content-Length": str(end - start + 2**20)})
    _raw(at, bytes(2**20))


def sends_without_end(at: Handler, content: bytes, start: int, end: int) -> None:
    at.send_response(206)
    at.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
    at.send_header("Transfer-Encoding", "chunked")
    at.end_headers()
    piece = content[start:end]
    at.hub.sent_bytes += len(piece)
    while not at.hub.released.is_set():
        _raw(at, f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        piece = bytes(2**16)


def sends_another_range(at: Handler, content: bytes, start: int, end: int) -> None:
    wrong = {"Content-Range": f"bytes {start + 1}-{end}/{len(content)}"}
    at.answer_range(content, start, end, wrong)


def sends_a_range_of_another_file(at: Handler, content: bytes, start: int, end: int) -> None:
    wrong = {"Content-Range": f"bytes {start}-{end - 1}/{len(content) + 1}"}
    at.answer_range(content, start, end, wrong)


def sends_a_range_without_saying_which(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer_range(content, start, end, {"Content-Range": "bytes"})


def sends_less_than_was_asked(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer_range(content, start, end - 1)


def sends_it_compressed(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer_range(content, start, end, {"Content-Encoding": "gzip"})


def has_an_impossible_length(at: Handler, content: bytes, start: int, end: int) -> None:
    at.answer_range(content, start, end, {"Content-Length": "-5"})


def drips(at: Handler, content: bytes, start: int, end: int) -> None:
    at.send_response(206)
    at.send_header("Content-Length", str(end - start))
    at.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
    at.end_headers()
    for number in range(start, end):
        _raw(at, content[number : number + 1])
        if at.hub.released.wait(_DRIP_SECONDS):
            return


def speaks_http_1_0(at: Handler, content: bytes, start: int, end: int) -> None:
    """The right bytes, and their end is that of the connection."""
    told = f"Content-Range: bytes {start}-{end - 1}/{len(content)}"
    _raw(at, f"HTTP/1.0 206 OK\r\n{told}\r\n\r\n".encode())
    at.send_content(content[start:end])


def cuts_a_chunk_short(at: Handler, content: bytes, start: int, end: int) -> None:
    _chunked(at, content, start, end, b"%x\r\n" % (end - start + 9) + content[start:end])


def has_chunks_without_a_number(at: Handler, content: bytes, start: int, end: int) -> None:
    _chunked(at, content, start, end, b"-1\r\n\x1b[2J")


def has_a_chunk_without_end(at: Handler, content: bytes, start: int, end: int) -> None:
    _chunked(at, content, start, end, b"f" * 2**16)


def sends_many_ranges(at: Handler, content: bytes, start: int, end: int) -> None:
    many = {"Content-Range": "", "Content-Type": "multipart/byteranges; boundary=x"}
    at.answer_range(content, start, end, many)


def has_two_lengths(at: Handler, content: bytes, start: int, end: int) -> None:
    told = f"Content-Range: bytes {start}-{end - 1}/{len(content)}\r\nContent-Length: {end - start}"
    _raw(at, f"HTTP/1.1 206 OK\r\n{told}\r\nContent-Length: 3\r\n\r\n".encode())


def sends_a_bomb(at: Handler, content: bytes, start: int, end: int) -> None:
    """A small body that becomes a large one, for whoever unpacks it."""
    body = gzip.compress(bytes(2**26))
    told = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}"
    _raw(at, f"HTTP/1.1 200 OK\r\n{told}\r\n\r\n".encode() + body)


def _chunked(at: Handler, content: bytes, start: int, end: int, body: bytes) -> None:
    told = f"Content-Range: bytes {start}-{end - 1}/{len(content)}\r\nTransfer-Encoding: chunked"
    _raw(at, f"HTTP/1.1 206 OK\r\n{told}\r\n\r\n".encode() + body)


def _half(at: Handler, content: bytes, start: int, end: int) -> None:
    """The first half of the right answer."""
    at.send_response(206)
    at.send_header("Content-Length", str(end - start))
    at.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
    at.end_headers()
    at.send_content(content[start : (start + end) // 2])


def _raw(at: Handler, data: bytes) -> None:
    at.close_connection = True
    at.wfile.write(data)


def _close(at: Handler) -> None:
    at.close_connection = True
    at.connection.close()


def _reset(at: Handler) -> None:
    """A reset, and no orderly end before it: lingering for no time, and nobody left to close the socket first."""
    at.close_connection = True
    at.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(at.connection.detach())


# What can become of any question, and what only of one for bytes.
OF_EVERY_QUESTION: list[Mishap] = [
    closes_without_a_word,
    resets_without_a_word,
    stalls_without_a_word,
    talks_garbage,
    has_a_header_without_a_name,
    has_endless_headers,
    drips_its_headers,
    says_continue_for_ever,
    is_busy,
    is_out_of_order,
    limits_by_its_own_header,
    asks_to_come_back_tomorrow,
    says_the_address_is_too_old,
    says_the_file_is_gone,
    says_there_is_no_such_file,
    is_a_teapot,
    has_nothing_to_say,
    shows_a_page,
    sends_to_a_page,
    sends_in_circles,
    sends_to_no_address,
    sends_to_a_file,
    sends_where_nobody_is,
]
OF_BYTES: list[Mishap] = [
    drops_in_the_middle,
    resets_in_the_middle,
    stalls_in_the_middle,
    says_there_is_no_such_range,
    sends_the_whole_file,
    sends_more_than_was_asked,
    sends_without_end,
    sends_another_range,
    sends_a_range_of_another_file,
    sends_a_range_without_saying_which,
    sends_less_than_was_asked,
    sends_it_compressed,
    has_an_impossible_length,
    drips,
    speaks_http_1_0,
    cuts_a_chunk_short,
    has_chunks_without_a_number,
    has_a_chunk_without_end,
    sends_many_ranges,
    has_two_lengths,
    sends_a_bomb,
]
