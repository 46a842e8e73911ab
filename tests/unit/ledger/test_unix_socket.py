import os
import socket
import stat
import threading

import pytest

from eseal.errors import ConfigurationError
from eseal.ledger.node.json_rpc import MAX_REQUEST_BYTES
from eseal.ledger.node.unix_socket import MAX_SOCKET_PATH, SocketServer, ask


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.sock"


@pytest.fixture
def server(path):
    server = SocketServer(path, lambda request: request.strip()[::-1])
    yield server
    server.close()


@pytest.mark.usefixtures("server")
def test_it_answers_and_only_its_owner_may_ask(path):
    assert ask(path, b"abc") == b"cba\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("server")
def test_one_connection_carries_many_requests_in_any_pieces(path):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(path))
        stream = peer.makefile("rwb")
        stream.write(b"first\n\nsec")
        stream.flush()
        assert stream.readline() == b"tsrif\n"
        stream.write(b"ond\n")
        stream.flush()
        assert stream.readline() == b"dnoces\n"


@pytest.mark.usefixtures("server")
def test_a_request_without_end_is_cut_off(path):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(path))
        peer.sendall(b"x" * (MAX_REQUEST_BYTES + 1))
        with peer.makefile("rb") as stream:
            assert len(stream.readline()) == MAX_REQUEST_BYTES + 2
            assert stream.readline() == b""


@pytest.mark.usefixtures("server")
def test_a_peer_that_leaves_in_the_middle_harms_nobody(path):
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(path))
            peer.sendall(b"request without end")
    assert ask(path, b"abc") == b"cba\n"


def test_what_a_dead_process_left_is_replaced(path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(OSError, match="refused"):
        ask(path, b"abc")
    server = SocketServer(path, lambda request: request)
    assert ask(path, b"abc") == b"abc\n\n"
    server.close()
    assert not path.exists()


def test_hanging_up_ends_open_connections(path, server):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(path))
        peer.sendall(b"abc\n")
        with peer.makefile("rb") as stream:
            assert stream.readline() == b"cba\n"
            server.close()
            assert stream.readline() == b""
    with pytest.raises(OSError, match="No such file"):
        ask(path, b"abc")


def test_a_server_that_leaves_before_it_answers(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def hang_up():
            listener.accept()[0].close()

        threading.Thread(target=hang_up).start()
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the kernel has it
            ask(path, b"abc")


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path):
    deep = tmp_path / ("d" * 120) / "it.sock"
    deep.parent.mkdir()
    assert len(os.fsencode(deep)) > MAX_SOCKET_PATH
    server = SocketServer(deep, lambda request: request.strip())
    assert deep.is_socket()
    assert ask(deep, b"abc") == b"abc\n"
    server.close()
    assert not deep.exists()


def test_elsewhere_a_long_path_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    deep = tmp_path / ("d" * 120) / "it.sock"
    with pytest.raises(ConfigurationError, match="use a shorter data directory"):
        SocketServer(deep, lambda request: request)


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot listen here: No such file"):
        SocketServer(tmp_path / "missing" / "it.sock", lambda request: request)
