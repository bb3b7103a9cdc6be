"""schemas.opengis.net for a JVM without the Internet: a proxy that answers for this one host, from a folder."""

from __future__ import annotations

import datetime
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "schemas.opengis.net"
#: Where the host has what the folder has.
PREFIX = "/ogcapi/processes/part1/1.0/"
PASSWORD = "changeit"  # noqa: S105 - of a file that holds a certificate and no secret


@contextmanager
def serving(folder: Path, work: Path) -> Iterator[list[str]]:
    """Options for a JVM. `folder`: a copy of PREFIX; `work`: for the certificate."""
    certificate, key = _certificate(work)
    trusted = work / "trusted.p12"
    subprocess.run(
        [
            *("keytool", "-importcert", "-noprompt", "-alias", "schemas", "-file", str(certificate)),
            *("-keystore", str(trusted), "-storetype", "PKCS12", "-storepass", PASSWORD),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = type("Handler", (_Handler,), {"folder": folder, "context": context})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=proxy.serve_forever).start()
        where = [("Host", "127.0.0.1"), ("Port", str(proxy.server_port))]
        yield [
            *(f"-D{scheme}.proxy{name}={value}" for scheme in ("http", "https") for name, value in where),
            f"-Djavax.net.ssl.trustStore={trusted}",
            f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
        ]
        proxy.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """Both kinds of request to a proxy: of a whole URL, and of a tunnel that it ends itself."""

    folder: Path
    context: ssl.SSLContext

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        if self.path.partition(":")[0] != HOST:
            self.close_connection = True
            return
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        found = (self.folder / urlsplit(self.path).path.removeprefix(PREFIX)).resolve()
        there = found.is_file() and found.is_relative_to(self.folder.resolve())
        body = found.read_bytes() if there else b""
        self.send_response(200 if there else 404)
        self.send_header("Content-Type", "text/yaml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        super().finish()
        # The tunnel is another socket than the one that the server closes.
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass


def _certificate(work: Path) -> tuple[Path, Path]:
    """One for the host, signed by itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = work / "certificate.pem", work / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
