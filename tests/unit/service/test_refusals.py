"""A database the service cannot start with: one line, what to do, and never the password."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading

import pytest

from eseal.config import Settings
from eseal.errors import ConfigurationError
from eseal.service.service import Service

ESEAL = (sys.executable, "-c", "from eseal.cli import main; main()")
SECRET = "s3cret-of-the-database"
SSL_REQUEST_BYTES = 8
REFUSAL = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "eseal"\0\0'


@pytest.fixture
def unfriendly():
    """A PostgreSQL server that lets nobody in (PostgreSQL protocol 3.0, ErrorResponse)."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    hello = connection.recv(4096)
                    if len(hello) == SSL_REQUEST_BYTES:
                        connection.sendall(b"N")
                        connection.recv(4096)
                    size = (len(REFUSAL) + 4).to_bytes(4, "big")
                    connection.sendall(b"E" + size + REFUSAL)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def refusal(data_dir, url):
    with pytest.raises(ConfigurationError) as caught:
        Service.open(Settings.load(data_dir=data_dir, database_url=url))
    line = str(caught.value)
    assert "\n" not in line
    assert SECRET not in line
    return line


def test_nobody_there(data_dir):
    line = refusal(data_dir, f"postgresql://eseal:{SECRET}@127.0.0.1:1/eseal")
    assert line.startswith("the database cannot be used: ")
    assert line.endswith("(see that PostgreSQL runs there, and check ESEAL_DATABASE_URL)")


def test_wrong_password(data_dir, unfriendly):
    line = refusal(data_dir, f"postgresql://eseal:{SECRET}@127.0.0.1:{unfriendly}/eseal")
    assert "password authentication failed" in line
    assert "check ESEAL_DATABASE_URL" in line


@pytest.mark.parametrize("url", ["postgresql://u:{}@host:port/x", "{}", "mysql://u:{}@host/x"])
def test_not_a_url(data_dir, url):
    assert refusal(data_dir, url.format(SECRET)).startswith("ESEAL_DATABASE_URL: expected ")


def test_a_schema_of_a_later_version(data_dir):
    with sqlite3.connect(data_dir / "eseal.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_future'")
    database.close()
    with pytest.raises(ConfigurationError, match="written by a newer eseal: use that one"):
        Service.open(Settings.load(data_dir=data_dir))


def test_serve_ends_with_one_line(data_dir):
    done = subprocess.run(
        [*ESEAL, "--data-dir", str(data_dir), "serve", "--port", "0"],
        env=os.environ | {"ESEAL_DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: the database cannot be used: ")
    assert SECRET not in done.stderr + done.stdout
