"""Outgoing requests: where they may lead, and what becomes of answers that are not whole."""

from __future__ import annotations

import http.server
import os
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cwl_bridge import fetch
from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError
from tests.cwl_bridge.cases import case

LOOPBACK = Allowed(("127.0.0.1",))
MAX = 1_000_000


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_permitted(address: str) -> None:
    """What everybody reaches needs no permission."""
    assert Allowed(()).permits("example.org", 80, address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
        *(case(each) for each in ("224.0.0.1", "239.1.1.1", "ff02::1")),
        *(case(each) for each in ("::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::")),
        case("fec0::1"),
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    """Loopback, private, link-local, reserved and mapped addresses are refused unless they are allowed."""
    assert not Allowed(()).permits("example.org", 80, address)
    assert not Allowed(("192.0.2.77", "files.example.net")).permits("example.org", 80, address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "expected"),
    [
        ("127.0.0.1", "localhost", 80, "127.0.0.1", True),
        ("127.0.0.1", "localhost", 8080, "127.0.0.1", True),
        ("127.0.0.1", "localhost", 80, "::ffff:127.0.0.1", True),
        ("127.0.0.1", "localhost", 80, "127.0.0.2", False),
        ("127.0.0.1:8080", "localhost", 8080, "127.0.0.1", True),
        ("127.0.0.1:8080", "localhost", 80, "127.0.0.1", False),
        ("10.0.0.0/8", "a", 80, "10.9.8.7", True),
        ("10.0.0.0/8", "a", 80, "11.0.0.1", True),
        ("10.0.0.0/8", "a", 80, "192.168.0.1", False),
        ("10.0.0.5/8", "a", 80, "10.9.8.7", True),
        ("::1", "a", 80, "::1", True),
        ("[::1]", "a", 80, "::1", True),
        ("[::1]:80", "a", 80, "::1", True),
        ("[::1]:80", "a", 81, "::1", False),
        ("fe80::/10", "a", 80, "fe80::1%eth0", True),
        ("files.example.org", "files.example.org", 80, "10.0.0.1", True),
        ("files.example.org", "FILES.example.ORG", 80, "10.0.0.1", True),
        ("Files.Example.ORG", "files.example.org", 80, "10.0.0.1", True),
        ("files.example.org", "other.example.org", 80, "10.0.0.1", False),
        ("files.example.org", "a.files.example.org", 80, "10.0.0.1", False),
        ("files.example.org:8080", "files.example.org", 8080, "10.0.0.1", True),
        ("files.example.org:8080", "files.example.org", 80, "10.0.0.1", False),
    ],
)
def test_allowed(entry: str, host: str, port: int, address: str, expected: bool) -> None:
    """An entry allows an address, a network or a host name, on one port or on all."""
    assert Allowed((entry,)).permits(host, port, address) is expected
    Allowed((entry,))


@pytest.mark.parametrize(
    "entry",
    [
        *("", "http://example.org", "a/b", "127.0.0.1:port", "127.0.0.1:99999"),
        case("10.0.0.0/99"),
        case("10.0.0.0/8:8000"),
        case("user@host"),
        case("*.example.org"),
    ],
)
def test_entry_that_can_not_be_read(entry: str) -> None:
    """What is no address, network or host name is an error at start, and never less than what was meant."""
    with pytest.raises(ValueError, match=r"."):
        Allowed((entry,))


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers that no well-behaved server gives."""

    protocol_version = "HTTP/1.1"
    other = ""

    def do_GET(self) -> None:
        self.close_connection = True
        match urlsplit(self.path).path:
            case "/short":
                self._answer(200, b"0123456789", {"Content-Length": "100"})
            case "/short-chunks":
                self._answer(200, b"a\r\n0123456789\r\nff\r\nabc", {"Transfer-Encoding": "chunked"})
            case "/no-length":
                self._answer(200, b"0123456789", {"Connection": "close"})
            case "/problem":
                self.send_response(404, "secret words")
                self.send_header("Content-Type", "application/problem+json")
                self.end_headers()
                self.wfile.write(b'{"detail": "a secret"}')
            case "/dripping":
                self.send_response(200)
                self.flush_headers()
                for _ in range(50):
                    self.wfile.write(b"X: y\r\n")
                    time.sleep(0.1)
                self.end_headers()
            case "/early":
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n")
                self._answer(200, b"0123456789", {"Content-Length": "10"})
            case "/agent":
                self._answer(200, self.headers["User-Agent"].encode(), {"Connection": "close"})
            case "/garbage":
                self.wfile.write(b"what is HTTP?\r\n\r\n")
            case "/loop":
                self._answer(302, b"", {"Location": "/loop", "Content-Length": "0"})
            case "/there":
                self._answer(301, b"", {"Location": "/no-length", "Content-Length": "0"})
            case redirect:
                self._answer(302, b"", {"Location": PLACES[redirect].format(self.other), "Content-Length": "0"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


#: path: where it redirects to; {} is a server on another port.
PLACES = {
    "/other-port": "{}/no-length",
    "/metadata": "http://169.254.169.254/latest/meta-data/",
    "/loopback-6": "http://[::1]:9/",
    "/mapped": "http://[::ffff:127.0.0.1]:9/",
    "/name": "http://localhost:9/",
    "/file": "file:///etc/passwd",
    "/ftp": "ftp://127.0.0.1/a",
    "/data": "data:,a",
    "/decimal": "http://2130706433:9/",
    "/nowhere": "http://[bad/",
}


@contextmanager
def _serving(**members: str) -> Iterator[str]:
    handler = type("Answers", (_Answers,), members)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def answers() -> Iterator[str]:
    """The URL of a server that misbehaves; its redirects know another one."""
    with _serving() as other, _serving(other=other) as url:
        yield url


def _only(url: str) -> Allowed:
    """The server at this URL, and no other port of its machine."""
    return Allowed((urlsplit(url).netloc,))


def test_file_is_fetched_whole(files: tuple[Path, str], tmp_path: Path) -> None:
    """The bytes arrive as they are, however many, and are counted."""
    folder, url = files
    content = os.urandom(3 * fetch.CHUNK_BYTES + 7)
    (folder / "a b.bin").write_bytes(content)
    found = Client(LOOPBACK).to_file(f"{url}/a%20b.bin", tmp_path / "copy", len(content))
    assert found.size == len(content)
    assert (tmp_path / "copy").read_bytes() == content


def test_empty_file_is_a_file(files: tuple[Path, str], tmp_path: Path) -> None:
    """Nothing is a whole answer as well."""
    (files[0] / "empty").touch()
    assert Client(LOOPBACK).to_file(f"{files[1]}/empty", tmp_path / "copy", MAX).size == 0
    assert fetch.to_bytes(f"{files[1]}/empty", LOOPBACK, MAX) == b""


def test_too_large(files: tuple[Path, str], tmp_path: Path) -> None:
    """One byte more than allowed is refused, and nothing is left."""
    (files[0] / "large").write_bytes(b"x" * 1001)
    with pytest.raises(FetchError, match="more than 1000 bytes"):
        Client(LOOPBACK).to_file(f"{files[1]}/large", tmp_path / "copy", 1000)
    assert not (tmp_path / "copy").exists()


@pytest.mark.usefixtures("garbage")
def test_missing(files: tuple[Path, str]) -> None:
    """An error answer is an error, and says which."""
    with pytest.raises(FetchError, match=r"/none answered 404 "):
        fetch.to_bytes(f"{files[1]}/none", LOOPBACK, MAX)


def test_headers_that_do_not_end(answers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that drips is left like one that says nothing."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(FetchError, match="/dripping can't be fetched: it takes too long"):
        fetch.to_bytes(f"{answers}/dripping", LOOPBACK, MAX)
    assert time.monotonic() - begun < 4


def test_an_answer_before_the_answer(answers: str) -> None:
    """Is passed over."""
    assert fetch.to_bytes(f"{answers}/early", LOOPBACK, MAX) == b"0123456789"


def test_words_of_an_answer(answers: str) -> None:
    """They are no part of the message: whom it is shown to need not be allowed to ask there."""
    with pytest.raises(FetchError) as caught:
        fetch.to_bytes(f"{answers}/problem", LOOPBACK, MAX)
    assert str(caught.value) == f"{answers}/problem answered 404 Not Found."
    assert caught.value.said == (f"{answers}/problem", "a secret")


@pytest.mark.usefixtures("garbage")
def test_error_answer_is_closed(files: tuple[Path, str]) -> None:
    """The connection of an error answer is closed at once, not by the garbage collector."""
    with pytest.raises(FetchError) as caught:
        fetch.to_bytes(f"{files[1]}/none", LOOPBACK, MAX)
    answer = caught.value.__cause__
    assert isinstance(answer, urllib.error.HTTPError)
    assert answer.closed


@pytest.mark.parametrize(
    ("path", "words"),
    [("/short", "cut short: 10 of 100 bytes"), ("/short-chunks", "can't be fetched"), ("/garbage", "can't be fetched")],
)
def test_broken_answers(answers: str, path: str, words: str) -> None:
    """A body that ends before its length, or is no HTTP, never passes for a whole one."""
    with pytest.raises(FetchError, match=words):
        fetch.to_bytes(answers + path, LOOPBACK, MAX)


def test_length_may_be_unknown(answers: str) -> None:
    """A body that ends with its connection is taken up to the limit."""
    assert fetch.to_bytes(f"{answers}/no-length", LOOPBACK, MAX) == b"0123456789"
    with pytest.raises(FetchError, match="more than 9 bytes"):
        fetch.to_bytes(f"{answers}/no-length", LOOPBACK, 9)


def test_redirect_is_followed(answers: str) -> None:
    """A redirect to an allowed place leads there."""
    assert fetch.to_bytes(f"{answers}/there", _only(answers), MAX) == b"0123456789"


def test_agent_is_named(answers: str) -> None:
    """The servers that are asked learn who asks."""
    assert fetch.to_bytes(f"{answers}/agent", LOOPBACK, MAX) == b"cwl-processes"


@pytest.mark.usefixtures("garbage")
@pytest.mark.parametrize("path", [*PLACES, "/loop"])
def test_redirect_to_a_place_that_is_not_allowed(answers: str, path: str) -> None:
    """A redirect opens no door: its address, port and scheme are checked like those of the href."""
    with pytest.raises(FetchError):
        fetch.to_bytes(answers + path, _only(answers), MAX)


@pytest.mark.parametrize(
    "href",
    [
        *("http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://0.0.0.0:9/", "http://127.1:9/"),
        *("https://127.0.0.1:9/", "http://169.254.169.254/", "http://10.0.0.1/", "http://2130706433:9/"),
    ],
)
def test_private_place_is_named(href: str) -> None:
    """Without permission nothing on this machine or network is asked, and the message says which setting decides."""
    with pytest.raises(FetchError, match=r"is at a private address .* fetch_allow"):
        fetch.to_bytes(href, Allowed(()), MAX)


@pytest.mark.parametrize(
    "href",
    [
        *("file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a", "gopher://127.0.0.1/", "/etc/passwd", "", "http://"),
        *(
            "http://127.0.0.1:port/",
            "http://127.0.0.1:99999/",
            "http://[bad/",
            "http://a b/",
            "http://127.0.0.1/\r\nA:b",
        ),
        *("http://user:password@127.0.0.1:9/", "http://127.0.0.1:9/ü"),
    ],
)
def test_href_that_can_not_be_fetched(href: str) -> None:
    """No other scheme, and nothing that is no URL, gets further than an error in words."""
    with pytest.raises(FetchError, match=r"can't be fetched|is no absolute http or https URL"):
        fetch.to_bytes(href, LOOPBACK, MAX)
