"""Documents at addresses: what a server says they are, where it sends us, and what goes wrong."""

import gzip
import shutil
import socket

import pytest
from support.web_server import WebServer, write_certificate

from qwen3cli.base.errors import DownloadFailed, UsageProblem
from qwen3cli.documents import web as web_module
from qwen3cli.documents.web import _is_inside, read_address

TEXT = "Grüße — 你好"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def web():
    with WebServer({}) as server:
        yield server


def test_the_content_type_decides_what_reads_a_document(web):
    web.pages = {
        "/page": (200, HTML, f"<h1>Report</h1><p>{TEXT}</p><script>x()</script>".encode()),
        "/plain": (
            200,
            {"Content-Type": "text/plain; charset=utf-16-le"},
            TEXT.encode("utf-16-le"),
        ),
        "/old": (
            200,
            {"Content-Type": "text/html; charset=koi8-r"},
            '<html><meta charset="cp1251"><p>Привет'.encode("koi8-r"),
        ),
        "/a.py": (200, {"Content-Type": "application/octet-stream"}, b"print(1)\n"),
        "/page.txt": (200, {"Content-Type": "text/plain"}, b"<b>x</b>"),
    }
    assert read_address(f"{web.address}/page#part", {}).document.text == f"# Report\n\n{TEXT}"
    assert read_address(f"{web.address}/plain", {}).document.text == TEXT
    assert read_address(f"{web.address}/old", {}).document.text == "Привет"
    code = read_address(f"{web.address}/a.py", {}).document
    assert (code.name, code.language) == (f"{web.address}/a.py", "python")
    assert read_address(f"{web.address}/page.txt", {}).document.text == "<b>x</b>"


def test_an_address_is_a_file_for_ask_and_its_password_is_never_shown(qwen3, web):
    web.pages = {"/a.txt": (200, {"Content-Type": "text/plain"}, b"one two")}
    address = web.address.replace("//", "//me:secret@") + "/a.txt"
    done = qwen3("ask", "--show-prompt", "-f", address, "--head", "1", "What?")
    shown = done.stdout.decode()
    assert (f"{web.address}/a.txt:\n```\n" in shown, "secret" in shown + done.stderr) == (
        True,
        False,
    )


@pytest.mark.parametrize("forbidden", [{"flags": ["--offline"]}, {"HF_HUB_OFFLINE": "1"}])
def test_off_line_no_address_is_asked(qwen3, web, forbidden):
    flags = forbidden.pop("flags", [])
    done = qwen3("ask", *flags, "-f", f"{web.address}/a.txt", "What?", **forbidden)
    assert (done.code, web.asked) == (2, [])
    assert "is not asked: the network is forbidden" in done.stderr


def test_what_goes_wrong_is_code_5_and_one_line(qwen3, web):
    done = qwen3("ask", "-f", f"{web.address}/missing", "What?")
    assert done.code == 5
    assert done.stderr == (
        "qwen3: 127.0.0.1 answers 404 Not Found\n  try: check the address in a browser\n"
    )
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(DownloadFailed, match="cannot be reached: Connection refused"):
            read_address(address, {})


def test_a_server_sends_us_elsewhere_on_its_own_machine_but_not_into_our_network(web):
    web.pages = {
        "/there": (302, {"Location": "/a.txt"}, b""),
        "/a.txt": (200, {"Content-Type": "text/plain"}, b"one"),
        "/inside": (302, {"Location": f"http://localhost:{web.port}/a.txt"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
        "/round": (302, {"Location": "/round"}, b""),
    }
    assert read_address(f"{web.address}/there", {}).document.text == "one"
    for path, why in (
        ("inside", "localhost, which is in your own network"),
        ("file", "sends us to no address"),
        ("round", "sends us in circles"),
    ):
        web.asked.clear()
        with pytest.raises(DownloadFailed, match=why):
            read_address(f"{web.address}/{path}", {})
        assert "/a.txt" not in web.asked


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes the certificate")
def test_from_an_encrypted_line_nobody_sends_us_to_a_plain_one(web, tmp_path):
    web.pages = {"/a.txt": (200, {"Content-Type": "text/plain"}, b"plain")}
    certificate = write_certificate(tmp_path)
    trusts = {"SSL_CERT_FILE": str(certificate)}
    with WebServer({}, certificate=certificate) as safe:
        safe.pages = {
            "/down": (302, {"Location": f"{web.address}/a.txt"}, b""),
            "/on": (302, {"Location": "/b.txt"}, b""),
            "/b.txt": (200, {"Content-Type": "text/plain"}, b"safe"),
        }
        web.pages["/up"] = (302, {"Location": f"{safe.address}/b.txt"}, b"")
        with pytest.raises(DownloadFailed, match="without encryption"):
            read_address(f"{safe.address}/down", trusts)
        assert web.asked == []
        assert read_address(f"{safe.address}/on", trusts).document.text == "safe"
        assert read_address(f"{web.address}/up", trusts).document.text == "safe"
        with pytest.raises(DownloadFailed, match="cannot be reached"):
            read_address(f"{safe.address}/b.txt", {})


# Two machines on one: what stands for the open network is an address of loopback that no other name has.
OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"


class Resolver:
    """Names whose meaning changes: each address in its turn, the last one for good."""

    def __init__(self, **names: list[str]) -> None:
        self._names = names
        self._real = socket.getaddrinfo

    def __call__(self, host, port, *args, **kwargs):
        meanings = self._names.get(str(host).partition(".")[0], [str(host)])
        address = meanings.pop(0) if len(meanings) > 1 else meanings[0]
        return self._real(address, port, *args, **kwargs)


@pytest.fixture
def two_networks(monkeypatch):
    monkeypatch.setattr(web_module, "_is_inside", lambda address: address != OUTSIDE)
    with WebServer({}, host=OUTSIDE) as outside, WebServer({}, INSIDE, outside.port) as inside:
        inside.pages = {"/a.txt": (200, {"Content-Type": "text/plain"}, b"a secret")}
        yield outside, inside


@pytest.mark.parametrize(
    ("location", "meanings"),
    [
        ("http://127.0.0.1:{port}/a.txt", {}),
        ("http://moving.example:{port}/a.txt", {"moving": [INSIDE]}),
        ("http://moving.example:{port}/a.txt", {"moving": [OUTSIDE, INSIDE]}),
        ("/a.txt", {"first": [OUTSIDE, OUTSIDE, INSIDE]}),
        ("/a.txt", {"first": [OUTSIDE, INSIDE]}),
    ],
)
def test_nobody_outside_has_us_ask_a_machine_inside_however_its_name_moves(
    two_networks, monkeypatch, location, meanings
):
    outside, inside = two_networks
    outside.pages = {"/": (302, {"Location": location.format(port=outside.port)}, b"")}
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(**{"first": [OUTSIDE]} | meanings))
    with pytest.raises(DownloadFailed, match="which is in your own network"):
        read_address(f"http://first.example:{outside.port}/", {})
    assert (outside.asked, inside.asked) == (["/"], [])


def test_a_machine_inside_that_the_user_named_may_send_us_on_to_itself(two_networks, monkeypatch):
    _, inside = two_networks
    inside.pages["/"] = (302, {"Location": "/a.txt"}, b"")
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(router=[INSIDE]))
    read = read_address(f"http://router.lan:{inside.port}/", {})
    assert read.document.text == "a secret"


def test_more_than_any_context_holds_is_given_up_however_it_is_packed(web):
    packed = gzip.compress(bytes(2**20) * 80)
    web.pages = {"/a": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, packed)}
    with pytest.raises(UsageProblem, match="which no context holds"):
        read_address(f"{web.address}/a", {})


@pytest.mark.parametrize("address", ["https://", "http://[", "http://a:b/", "http://a:0/"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(UsageProblem, match="is no address that can be asked"):
        read_address(address, {})


def test_addresses_that_the_open_network_does_not_reach_are_known():
    inside = (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "0.0.0.0",
    )
    assert all(map(_is_inside, (*inside, "::ffff:10.0.0.1", "no address")))
    assert not any(map(_is_inside, ("1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1")))
