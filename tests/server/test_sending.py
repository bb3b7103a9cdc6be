"""One POST to a place that a client has named: where it goes, how long it takes, whom it trusts."""

from __future__ import annotations

import asyncio
import datetime
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cwl_bridge.addresses import Allowed
from server import sending
from server.sending import NotTakenError, Sender
from tests.receiver import Answer, dripping, held, receiving, status

NAME = "hooks.example.org"


def post(url: str, *allowed: str) -> str:
    """What the receiver's not taking it is explained by; empty where it has."""

    async def run() -> str:
        sender = Sender(Allowed(allowed))
        try:
            await sender.post(url, b"{}", {"X": "y"})
        except NotTakenError as error:
            return str(error)
        finally:
            sender.close()
        return ""

    return asyncio.run(run())


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Has the name lead to one address after the other; gives what has been looked up."""
    real = socket.getaddrinfo

    def install(*answers: str) -> list[str]:
        left, asked = list(answers), list[str]()

        def answer(host: Any, port: Any, *more: Any, **named: Any) -> Any:
            if host != NAME:
                return real(host, port, *more, **named)
            asked.append(host)
            return [each for address in left.pop(0).split() for each in real(address, port, *more, **named)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return asked

    return install


def test_a_name_that_leads_elsewhere_the_next_time(resolved: Callable[..., list[str]]) -> None:
    """The address that was checked is the one that is called; nothing is looked up twice."""
    with receiving(address="127.0.0.2") as wanted:
        port = wanted.url.rpartition(":")[2]
        with receiving(int(port)) as other:
            asked = resolved("127.0.0.2", "127.0.0.1")

            assert post(f"http://{NAME}:{port}/hook", "127.0.0.2") == ""

            assert asked == [NAME]
            assert [each.headers["host"] for each in wanted.received] == [f"{NAME}:{port}"]
            said = post(f"http://{NAME}:{port}/hook", "127.0.0.2")
            assert "is at a private address (127.0.0.1), which the setting fetch_allow does not name" in said
            assert other.received == []


def test_of_several_addresses_the_permitted_are_tried(resolved: Callable[..., list[str]]) -> None:
    """One after the other."""
    with receiving(address="127.0.0.3") as last:
        port = last.url.rpartition(":")[2]
        with receiving(int(port)) as private:
            resolved("127.0.0.1 127.0.0.2 127.0.0.3")

            assert post(f"http://{NAME}:{port}/", "127.0.0.2", "127.0.0.3") == ""

            assert len(last.received) == 1
            assert private.received == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (status(200), ""),
        (status(204), ""),
        (status(302, location="http://169.254.169.254/"), "The receiver answered 302; redirects are not followed."),
        (status(404), "The receiver answered 404."),
        (status(500), "The receiver answered 500."),
        (lambda asked: asked.connection.close(), "The receiver can't be reached: "),
        (lambda asked: asked.wfile.write(b"SMTP\r\n\r\n"), "The receiver can't be reached: "),
        (
            lambda asked: asked.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
            "The receiver can't be reached: ",
        ),
        (lambda asked: asked.wfile.write(b"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), ""),
    ],
)
def test_answers(answer: Answer, said: str) -> None:
    """A status of success counts as taken, and nothing else."""
    with receiving() as receiver:
        receiver.answers["/"] = [answer]

        found = post(f"{receiver.url}/", "127.0.0.1")

    assert found.startswith(said) if said else found == ""
    assert [(each.body, each.headers["x"]) for each in receiver.received] == [(b"{}", "y")]


@pytest.mark.parametrize("drips", [True, False])
def test_a_receiver_that_takes_its_time(monkeypatch: pytest.MonkeyPatch, *, drips: bool) -> None:
    """Is left, whether it says something meanwhile or not."""
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    release = threading.Event()
    with receiving() as receiver:
        receiver.answers["/"] = [dripping if drips else held(release)]

        assert post(f"{receiver.url}/", "127.0.0.1") == "The receiver did not answer within 0.5 s."
        release.set()


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://[::1]/", "https://169.254.169.254/", "http://127.0.0.1/"])
def test_private_addresses(url: str) -> None:
    """Are not called, whatever was permitted before."""
    assert "private address" in post(url)


def test_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolved: Callable[..., list[str]]) -> None:
    """Has to be the name's, from somebody who is trusted."""
    with _secure(tmp_path) as (port, trusted):
        resolved("127.0.0.1", "127.0.0.1")
        url = f"https://{NAME}:{port}/"
        assert "certificate verify failed" in post(url, "127.0.0.1")

        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert post(url, "127.0.0.1") == ""
        assert "certificate verify failed" in post(f"https://127.0.0.1:{port}/", "127.0.0.1")


class _Taking(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        status(200)(self)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _secure(folder: Path) -> Iterator[tuple[int, Path]]:
    """A receiver by TLS; its port, and the file with its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    moment = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Taking) as httpd:
        httpd.handle_error = lambda *_: None  # type: ignore[method-assign]
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
        thread.start()
        try:
            yield httpd.server_port, pem
        finally:
            httpd.shutdown()
            thread.join()
