"""Settings of the network: those that cannot work are told at once, and secrets are kept."""

import ast
import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support.hub_server import SIGNATURE, TOKEN, HubServer
from support.one_model import FILE, REPOSITORY, add_entry, assert_whole

import qwen3cli
from qwen3cli.base.errors import UsageProblem
from qwen3cli.models.download import fetch
from qwen3cli.models.hub import Hub
from qwen3cli.models.library import Library
from qwen3cli.models.sources import Source

# The hub's client reads its token's file without saying how it is encoded.
pytestmark = pytest.mark.filterwarnings("ignore::EncodingWarning")

PASSWORD = "geheim"
_SELF_SIGNED = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=hub",
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_ENDPOINT", "huggingface.co"),
        ("HF_ENDPOINT", f"https://me:{PASSWORD}@"),
        ("HF_ENDPOINT", "http://[::1"),
        ("HF_ENDPOINT", " https://huggingface.co"),
        ("HF_ENDPOINT", "http://127.0.0.1:80 "),
        ("HF_ENDPOINT", "http://two words/"),
        ("HF_ENDPOINT", "http://127.0.0.1:99999"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
        ("REQUESTS_CA_BUNDLE", "/dev/null"),
        ("CURL_CA_BUNDLE", "/no/such/file.pem"),
        ("HTTPS_PROXY", f"socks5://me:{PASSWORD}@127.0.0.1:1080"),
        ("ALL_PROXY", f"socks4://me:{PASSWORD}@127.0.0.1:1080"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "soon"),
        ("HF_HUB_ETAG_TIMEOUT", ""),
        ("HF_TOKEN", f"hf_{PASSWORD} and more"),
        ("HF_TOKEN", f"hf_{PASSWORD}\x07"),
        ("HF_TOKEN", f"hf_{PASSWORD}ü"),
    ],
)
def test_a_setting_that_cannot_work_is_told_by_its_name_before_anything_is_asked(
    hub, test_model, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageProblem) as caught:
        fetched()
    assert name in caught.value.message
    assert PASSWORD not in f"{caught.value.message} {caught.value.hint}"
    assert hub.requests == []


def fetched() -> None:
    """Fetch the model, here."""
    library = Library(os.environ)
    with closing(Hub(library.store, os.environ, Source.HUGGINGFACE)) as hub:
        fetch(library.resolve("test").quantization, library.store, hub, lambda _: None)


def test_such_a_setting_ends_the_program_with_2_and_costs_nothing_where_no_network_is_needed(
    qwen3, hub, test_model
):
    assert qwen3("pull", "test", HF_ENDPOINT="huggingface.co").code == 2
    assert qwen3("pull", "test", "--dry-run", HF_ENDPOINT="huggingface.co").code == 0


def test_a_proxy_that_is_not_there_is_named(hub, test_model, qwen3):
    done = qwen3("pull", "test", http_proxy=f"http://me:{PASSWORD}@127.0.0.1:9")
    assert done.code == 5
    assert "through the proxy of http_proxy (Connection refused)" in done.stderr
    assert PASSWORD not in done.stderr


def test_a_token_is_taken_without_the_blanks_around_it(qwen3, hub, test_model, home):
    hub.faults.needs_token = TOKEN
    assert_whole(qwen3("pull", "test", HF_TOKEN=f"  {TOKEN}\r\n"), home)


# ---- encryption ------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure_hub(tmp_path, monkeypatch):
    """A hub that speaks both HTTPS and HTTP on one port, so that both are the same host."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*_SELF_SIGNED, "-addext", names, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    server = HubServer(str(both))
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "2")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    yield server
    server.close()


def test_a_token_never_goes_where_anybody_can_read_it(secure_hub, home):
    content = os.urandom(300_000)
    digest = secure_hub.add(REPOSITORY, FILE, content)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    plain = secure_hub.url.replace("https:", "http:")
    secure_hub.faults.needs_token = TOKEN
    secure_hub.faults.head_headers = {
        "Location": f"{plain}/storage/{REPOSITORY}/{FILE}?{SIGNATURE}"
    }
    fetched()
    assert set(secure_hub.tokens_at_storage) == {None}
    assert secure_hub.tokens_in_clear == []


def test_a_certificate_that_nobody_vouches_for_is_told_as_that(secure_hub, home, qwen3):
    digest = secure_hub.add(REPOSITORY, FILE, b"content")
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')
    done = qwen3("pull", "test", REQUESTS_CA_BUNDLE="")
    assert done.code == 5
    assert "(its certificate: self-signed certificate)" in done.stderr
    assert "SSL_CERT_FILE=FILE" in done.stderr


# ---- the libraries ---------------------------------------------------------------------------------------------------


def test_of_the_hubs_client_and_of_http_only_what_they_publish_is_used():
    used = set()
    for path in (Path(qwen3cli.__file__).parent / "models").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
                ("huggingface_hub", "httpx2", "httpcore", "filelock")
            ):
                used |= {(str(node.module), each.name) for each in node.names}
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "httpx2":
                used.add(("httpx2", node.attr))
    assert ("huggingface_hub", "hf_hub_url") in used
    assert [name for module, name in used if "_" in (module[0], name[0])] == []
    missing = [name for module, name in used if not hasattr(__import__(module), name)]
    assert missing == []
