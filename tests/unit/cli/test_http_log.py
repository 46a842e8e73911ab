import httpx
import pytest

from eseal.cli.verifying.http_log import HttpLog
from eseal.errors import InvalidFormatError, LedgerUnreachableError, NotFoundError
from eseal.log import tree
from eseal.log.rfc9162 import leaf_hash, verify_inclusion

ORIGIN = "seals.example.org/log"
SIZE = 300


class Site:
    """A log's files behind a URL."""

    def __init__(self) -> None:
        self.leaves = [leaf_hash(bytes([n % 256, n // 256])) for n in range(SIZE)]
        self.log = tree.append(Nothing(), 0, self.leaves)
        self.files = {
            "/log/checkpoint": f"{ORIGIN}\n{SIZE}\n{'A' * 43}=\n\n— {ORIGIN} AAAAAAAA\n".encode(),
            "/log/tile/0/000": self.log.tiles[0, 0],
            "/log/tile/0/001.p/44": self.log.tiles[0, 1],
            "/log/tile/1/000.p/1": self.log.tiles[1, 0],
        }
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        content = self.files.get(request.url.path)
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)


class Nothing:
    def tile(self, *_coordinate):
        raise NotFoundError("an empty log has no tiles")


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def log(site):
    log = HttpLog("http://log.test/log/", transport=httpx.MockTransport(site), wait=0)
    yield log
    log.close()


def test_serves_a_prover_at_every_size_of_the_log(log, site):
    tiles = log.tiles(ORIGIN)
    proof = tree.Prover(tiles, SIZE).inclusion(7)
    verify_inclusion(site.leaves[7], 7, SIZE, proof, site.log.root)


def test_is_not_the_log_of_another_origin(log):
    assert log.tiles("other.example.org/log") is None


def test_takes_the_full_tile_where_the_partial_one_is_gone(log, site):
    assert log.tile(0, 0, 10) == site.log.tiles[0, 0][:320]
    assert site.asked == ["/log/tile/0/000.p/10", "/log/tile/0/000"]


def test_a_tile_that_is_not_there(log):
    with pytest.raises(NotFoundError, match="0/5"):
        log.tile(0, 5, 256)


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * (256 * 32 + 1)])
def test_a_tile_of_another_length(log, site, content):
    site.files["/log/tile/0/000"] = content
    with pytest.raises(LedgerUnreachableError, match="expected"):
        log.tile(0, 0, 256)


def test_no_log_behind_the_url(log, site):
    del site.files["/log/checkpoint"]
    with pytest.raises(LedgerUnreachableError, match="has no checkpoint"):
        log.tiles(ORIGIN)
    site.files["/log/checkpoint"] = b"<html>"
    with pytest.raises(LedgerUnreachableError, match="is not a log"):
        log.tiles(ORIGIN)
    site.files["/log/checkpoint"] = b"x" * ((1 << 17) + 1)
    with pytest.raises(LedgerUnreachableError, match="at most"):
        log.tiles(ORIGIN)


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.DecodingError])
def test_nobody_answers(failure):
    def fail(_request):
        raise failure("secret detail")

    log = HttpLog("http://log.test/log", transport=httpx.MockTransport(fail), wait=0)
    with pytest.raises(LedgerUnreachableError, match=r"cannot reach the log at log\.test"):
        log.tiles(ORIGIN)


def test_a_server_in_trouble_is_not_a_missing_tile():
    log = HttpLog(
        "http://log.test/log",
        transport=httpx.MockTransport(lambda _request: httpx.Response(503)),
        wait=0,
    )
    with pytest.raises(LedgerUnreachableError):
        log.tile(0, 0, 256)


@pytest.mark.parametrize("url", ["log.example.org", "ftp://x", "", "http://[::1/log"])
def test_only_http_urls(url):
    with pytest.raises(InvalidFormatError, match="http://"):
        HttpLog(url)
