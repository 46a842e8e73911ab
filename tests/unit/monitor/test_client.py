import httpx
import pytest

from eseal.errors import InvalidFormatError, NotFoundError
from eseal.monitor.client import LogClient, LogUnreachableError


def client_of(handler, wait=0):
    return LogClient("http://log.test/log", transport=httpx.MockTransport(handler), wait=wait)


def test_leaves_come_in_order_whatever_the_range(site):
    site.grow(300)
    client = client_of(site)
    for start, end in ((0, 600), (0, 0), (255, 257), (256, 512), (599, 600), (10, 20)):
        assert list(client.leaves(start, end)) == site.leaves[start:end]


def test_the_full_bundle_serves_where_the_partial_one_is_gone(site):
    def serve(request):
        return httpx.Response(404) if ".p/" in request.url.path else site(request)

    site.grow(212)
    client = client_of(serve)
    assert list(client.leaves(250, 300)) == site.leaves[250:300]
    assert client.tile(0, 1, 10) == site.tile(0, 1, 10)
    with pytest.raises(NotFoundError):
        client.tile(0, 5, 1)


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\x00\x01a", b"\x00\x01a" * 256, b"x" * 100_000]
)
def test_a_bundle_of_another_form(content):
    client = client_of(lambda _: httpx.Response(200, content=content))
    with pytest.raises(LogUnreachableError):
        list(client.leaves(0, 3))


def test_a_tile_of_another_length():
    client = client_of(lambda _: httpx.Response(200, content=b"x" * 31))
    with pytest.raises(LogUnreachableError, match="expected 32 bytes"):
        client.tile(0, 0, 1)


@pytest.mark.parametrize(("status", "asked"), [(500, 3), (503, 3), (429, 3), (400, 1), (204, 1)])
def test_passing_trouble_is_asked_again(status, asked):
    requests = []

    def serve(request):
        requests.append(request)
        return httpx.Response(status)

    with pytest.raises(LogUnreachableError, match=f"status {status}"):
        client_of(serve).checkpoint()
    assert len(requests) == asked


def test_a_second_try_is_enough(site):
    answers = iter([httpx.Response(503)])
    client = client_of(lambda request: next(answers, None) or site(request))
    assert client.checkpoint().checkpoint.size == 300


def test_nothing_there():
    with pytest.raises(LogUnreachableError, match="no checkpoint"):
        client_of(lambda _: httpx.Response(404)).checkpoint()


@pytest.mark.parametrize("url", ["", "log.example", "ftp://x/log", "http://", "http://[::1"])
def test_only_http_urls(url):
    with pytest.raises(InvalidFormatError, match="https://seals"):
        LogClient(url)


def test_messages_name_no_secret():
    def fail(_request):
        raise httpx.ReadTimeout("http://user:secret@log.test")

    client = LogClient(
        "http://user:secret@log.test/log", transport=httpx.MockTransport(fail), wait=0
    )
    with pytest.raises(LogUnreachableError) as raised:
        client.checkpoint()
    assert "log.test" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("there", ["http://169.254.169.254/", "//other.test/log", "http://[", "x:"])
def test_a_log_sends_nobody_elsewhere(there):
    asked = []

    def serve(request):
        asked.append(request.url.host)
        return httpx.Response(302, headers={"location": there})

    with pytest.raises(LogUnreachableError):
        client_of(serve).checkpoint()
    assert set(asked) == {"log.test"}


def test_a_log_may_move_on_its_host(site):
    def serve(request):
        if request.url.scheme == "http":
            return httpx.Response(301, headers={"location": f"https://log.test{request.url.path}"})
        return site(request)

    site.grow(3)
    assert client_of(serve).checkpoint().checkpoint.size == 303
