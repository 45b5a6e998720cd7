"""The bytes of a file: over several connections, nothing twice, nothing wrong, and a word for everything that happens."""

import os
import signal
import subprocess
import traceback
from contextlib import closing

import pytest
from support import mishaps
from support.command import LIMIT_SECONDS
from support.fault_runner import run_trials
from support.hub_server import SIGNATURE, TOKEN
from support.one_model import CONTENT, FILE, REPOSITORY, add_entry, assert_whole, cached

from qwen3cli.base.errors import QwenError, SourceFailed
from qwen3cli.models.download import fetch
from qwen3cli.models.hub import Hub
from qwen3cli.models.library import Library
from qwen3cli.models.sources import FileProgress, Source, Stage
from qwen3cli.models.transport import Transport

# The hub's client reads its token's file without saying how it is encoded.
pytestmark = pytest.mark.filterwarnings("ignore::EncodingWarning")

MIB = 2**20
# Enough for all connections.
LARGE = os.urandom(64 * MIB)


def blob_files(home) -> dict[str, int]:
    """What lies beside the blob, by the end of its name, with its length."""
    folder = home / ".cache/huggingface/hub" / f"models--{REPOSITORY.replace('/', '--')}" / "blobs"
    return {path.name.partition(".")[2]: path.stat().st_size for path in folder.iterdir()}


@pytest.fixture
def large_model(hub, home):
    """A model whose file has pieces for all connections."""
    digest = hub.add(REPOSITORY, FILE, LARGE)
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", sha256 = "{digest}" }},')


# ---- several connections ---------------------------------------------------------------------------------------------


def test_a_large_file_comes_over_several_connections_each_byte_once(qwen3, hub, large_model, home):
    hub.faults.seconds_per_piece = 0.002
    assert qwen3("pull", "test").code == 0
    assert cached(home).read_bytes() == LARGE
    assert (hub.most_at_once, hub.sent_bytes) == (8, len(LARGE))


def test_a_small_file_comes_over_one_connection(qwen3, hub, test_model, home):
    hub.faults.seconds_per_piece = 0.002
    assert_whole(qwen3("pull", "test"), home)
    assert hub.most_at_once == 1


def test_a_server_that_knows_no_ranges_is_asked_once_for_the_whole_file(
    qwen3, hub, test_model, home
):
    hub.faults.has_ranges = False
    assert_whole(qwen3("pull", "test"), home)
    assert [each for each in hub.requests if each.startswith("GET")] == [
        f"GET /storage/{REPOSITORY}/{FILE}"
    ]


def test_what_came_is_kept_when_a_server_that_knows_no_ranges_breaks_off(
    qwen3, hub, test_model, home
):
    hub.faults.has_ranges, hub.faults.drop_after = False, [2 * MIB]
    assert_whole(qwen3("pull", "test"), home)


def test_a_server_that_forgets_ranges_now_and_then_does_not_bring_what_came_once_more(
    hub, test_model, home
):
    hub.faults.mishaps = [None] * 20 + [mishaps.sends_the_whole_file] * 3
    fetched()
    assert cached(home).read_bytes() == CONTENT
    assert hub.sent_bytes - len(CONTENT) <= MIB


def test_resets_and_a_kill_on_all_connections_cost_less_than_a_mebibyte_together(
    qwen3, hub, large_model, home
):
    hub.faults.seconds_per_piece = 0.01
    hub.faults.mishaps = [None, mishaps.resets_in_the_middle, mishaps.drops_in_the_middle] * 4
    process = subprocess.Popen([qwen3.program, "pull", "test"], stderr=subprocess.DEVNULL)
    hub.wait_for_bytes(16 * MIB)
    process.kill()
    process.wait()
    hub.faults.seconds_per_piece = 0
    assert qwen3("pull", "test").code == 0
    assert cached(home).read_bytes() == LARGE
    assert hub.sent_bytes - len(LARGE) <= MIB


def test_several_connections_are_one_bar_and_a_long_name_leaves_room_for_it(hub, home, terminal):
    name = "Qwen3-235B-A22B-Instruct-2507-UD-Q4_K_XL-and-much-more.gguf"
    digest = hub.add(REPOSITORY, name, LARGE)
    add_entry(home, f'{{ quant = "q8_0", path = "{name}", sha256 = "{digest}" }},')
    terminal.type("qwen3 pull test")
    shown = terminal.wait_for("snapshots")
    bars = [line for line in shown.splitlines() if "━" in line]
    assert len(bars) == 2
    assert all("64.0/64.0 MiB" in bar and "B/s" in bar for bar in bars)
    assert bars[0].startswith("Qwen3-235B")
    assert bars[0].split()[0].endswith("more.gguf")


# ---- answers that are not what they should be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mishap", "says"),
    [
        (mishaps.says_the_file_is_gone, "not on the hub any more (410)"),
        (mishaps.says_there_is_no_such_file, "not on the hub any more (404)"),
        (mishaps.says_there_is_no_such_range, "ends earlier than the hub says (416)"),
        (mishaps.says_the_address_is_too_old, "does not let us have it (403)"),
        (mishaps.is_a_teapot, "answered 418"),
        (mishaps.shows_a_page, "a page (to log in, perhaps)"),
        (mishaps.sends_to_a_page, "a page (to log in, perhaps)"),
        (mishaps.sends_in_circles, "sends us in circles"),
        (mishaps.sends_to_no_address, "sends us to no address"),
        (mishaps.sends_another_range, "sends something else than bytes 0 to"),
        (mishaps.sends_more_than_was_asked, "sends something else than bytes 0 to"),
        (mishaps.sends_a_range_of_another_file, "sends something else than bytes 0 to"),
        (mishaps.sends_it_compressed, "sends something else than bytes 0 to"),
    ],
)
def test_an_answer_that_stays_wrong_is_told_as_what_it_is_and_nothing_of_it_is_written(
    hub, test_model, home, monkeypatch, mishap, says
):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.faults.mishaps = [mishap] * 9
    problem = refused()
    assert says in problem.message
    assert problem.message.endswith("; 0 B of 6 MiB are here")
    assert problem.exit_code == 5
    assert_no_secret(problem)
    assert blob_files(home)["qwen3-partial"] == 0


def refused() -> QwenError:
    """What fetching the model ends with."""
    with pytest.raises(QwenError) as caught:
        fetched()
    return caught.value


def fetched() -> list[FileProgress]:
    """Fetch the model, here; returns what was told on the way."""
    library, told = Library(os.environ), list[FileProgress]()
    with closing(Hub(library.store, os.environ, Source.HUGGINGFACE)) as hub:
        fetch(library.resolve("test").quantization, library.store, hub, told.append)
    return told


def assert_no_secret(problem: BaseException) -> None:
    """Neither the line on the screen nor the traceback that QWEN3_DEBUG adds has one."""
    shown = "".join(traceback.format_exception(problem))
    assert SIGNATURE not in shown
    assert TOKEN not in shown


@pytest.mark.parametrize(
    ("mishap", "says"),
    [
        (mishaps.shows_a_page, "a page (to log in, perhaps)"),
        (mishaps.sends_to_a_page, "a page (to log in, perhaps)"),
        (mishaps.sends_in_circles, "a page (to log in, perhaps)"),
        (mishaps.sends_to_no_address, "sends us to no address"),
        (mishaps.has_nothing_to_say, "a page (to log in, perhaps)"),
        (mishaps.says_the_address_is_too_old, "does not let us have it (403)"),
        (mishaps.is_a_teapot, "answered 418"),
        (mishaps.asks_to_come_back_tomorrow, "asks to come back in 86400 s"),
    ],
)
def test_a_first_question_that_is_not_answered_by_a_hub_is_told_as_what_it_is(
    hub, test_model, monkeypatch, mishap, says
):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.faults.head_mishaps = [mishap] * 20
    problem = refused()
    assert says in problem.message
    assert_no_secret(problem)
    assert not any(each.startswith("GET /storage") for each in hub.requests)


@pytest.mark.parametrize("mishap", [mishaps.drips_its_headers, mishaps.drips])
def test_a_small_question_has_an_end_however_slowly_the_answer_drips(
    hub, test_model, monkeypatch, mishap
):
    monkeypatch.setattr("qwen3cli.models.transport._TIMEOUTS_OF_SILENCE", 2)
    hub.faults.mishaps = [mishap]
    address = f"{hub.url}/storage/{REPOSITORY}/{FILE}"
    transport = Transport({"HF_HUB_DOWNLOAD_TIMEOUT": "1"})
    with closing(transport), pytest.raises(SourceFailed, match="did not answer in 2 s"):
        transport.ask("GET", address, {})


def test_a_connection_that_drips_headers_is_left_behind_and_the_others_go_on(
    hub, large_model, home, monkeypatch
):
    monkeypatch.setattr("qwen3cli.models.transport._TIMEOUTS_OF_SILENCE", 1)
    hub.faults.mishaps = [None, mishaps.drips_its_headers, None, mishaps.says_continue_for_ever]
    told = fetched()
    assert cached(home).read_bytes() == LARGE
    assert [each.reason for each in told if each.stage is Stage.WAITING][:1] == [
        "the hub did not answer in 1 s"
    ]
    assert hub.sent_bytes == len(LARGE)


def test_a_hub_that_only_drips_is_given_up_and_what_came_is_kept(hub, test_model, monkeypatch):
    monkeypatch.setattr("qwen3cli.models.transport._TIMEOUTS_OF_SILENCE", 1)
    hub.faults.mishaps = [None, None] + [mishaps.drips_its_headers] * 9
    problem = refused()
    assert problem.message == "the hub did not answer in 1 s; 256 KiB of 6 MiB are here"
    hub.faults.mishaps = []
    fetched()
    assert hub.sent_bytes == len(CONTENT)


def test_answers_that_were_wrong_once_are_outlived(hub, test_model, home):
    once = [mishaps.sends_another_range, mishaps.sends_without_end, mishaps.talks_garbage]
    hub.faults.mishaps = [each for mishap in once for each in (mishap, None, None)]
    told = fetched()
    assert cached(home).read_bytes() == CONTENT
    assert {each.stage for each in told} == {Stage.FETCHING, Stage.WAITING, Stage.CHECKING}
    assert hub.sent_bytes - len(CONTENT) <= MIB


def test_a_login_page_in_mid_download_ends_it_and_what_came_is_kept(hub, test_model, home):
    hub.faults.page_after = 3 * MIB
    problem = refused()
    assert "a page (to log in, perhaps)" in problem.message
    hub.faults.page = hub.faults.page_after = None
    fetched()
    assert cached(home).read_bytes() == CONTENT
    assert hub.sent_bytes - len(CONTENT) <= MIB


def test_a_link_whose_time_is_over_is_asked_for_anew(hub, test_model, home):
    hub.faults.mishaps = [None, None, mishaps.says_the_address_is_too_old]
    fetched()
    assert cached(home).read_bytes() == CONTENT
    assert sum(each.startswith("HEAD") for each in hub.requests) == 2


def test_a_busy_hub_is_waited_for_as_it_asks_and_that_is_told(hub, test_model):
    hub.faults.mishaps = [None, mishaps.is_busy]
    waits = [each for each in fetched() if each.stage is Stage.WAITING]
    assert {(each.reason, each.wait_seconds) for each in waits} == {
        ("the hub is busy and asks to wait 1 s", 1.0)
    }


def test_a_map_that_says_more_than_the_disk_has_is_not_believed(hub, test_model, home):
    hub.faults.page_after = 3 * MIB
    refused()
    hub.faults.page = hub.faults.page_after = None
    folder = cached(home).parents[2] / "blobs"
    os.truncate(folder / f"{test_model}.qwen3-partial", MIB)
    fetched()
    assert cached(home).read_bytes() == CONTENT


def test_ctrl_c_is_heard_at_once_while_a_hub_is_silent(qwen3, hub, test_model):
    hub.faults.head_mishaps = [mishaps.stalls_without_a_word]
    process = subprocess.Popen(
        [qwen3.program, "pull", "test"],
        stderr=subprocess.PIPE,
        env=os.environ | {"HF_HUB_DOWNLOAD_TIMEOUT": "600"},
    )
    hub.wait_for_request("HEAD")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 130
    assert b"what came is kept\n  try: the same command goes on" in said


def test_whatever_goes_wrong_ends_soon_and_the_next_run_completes_it():
    trials = [
        ("process SIGKILL", 1),
        ("line drops now and then", 2),
        ("HEAD Location '\\x1b[2J'", 1),
        ("no ranges, and drops", 1),
    ]
    outcomes = list(run_trials(trials, jobs=2))
    assert [each for each in outcomes if each.kind not in ("whole", "told")] == []
    assert all(each.twice_bytes <= MIB for each in outcomes)
