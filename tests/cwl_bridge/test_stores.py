"""Objects of stores, through the same client as all other places."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.server import ThreadedMotoServer

from cwl_bridge import secondary, stores
from cwl_bridge.addresses import Allowed
from cwl_bridge.checksums import ChecksumError, of_cwl
from cwl_bridge.download import Client
from cwl_bridge.fetch import FetchError
from cwl_bridge.staging import Stager
from tests.cwl_bridge import web

CONTENT = os.urandom(3_000_000)
LOOPBACK = Allowed(("127.0.0.1",))


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The endpoint of a server that speaks S3; it has one bucket, `bucket`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    for path, content in (("", b""), ("/d/a%20b.bin", CONTENT), ("/empty", b"")):
        httpx.put(f"{url}/bucket{path}", content=content, headers=_SIGNED).raise_for_status()
    yield url
    server.stop()


#: The fake looks at whose a request is, not whether it is theirs.
_SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test says."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def s3(bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The endpoint in the environment, and credentials for it."""
    for name, value in (("ENDPOINT_URL", bucket), ("ACCESS_KEY_ID", "key"), ("SECRET_ACCESS_KEY", "secret")):
        monkeypatch.setenv(f"AWS_{name}", value)
    return bucket


@pytest.mark.usefixtures("s3")
def test_an_object_is_fetched(tmp_path: Path) -> None:
    """Its bytes, its size; its href is what relative references begin at."""
    href = "s3://bucket/d/a%20b.bin"
    checksum = of_cwl(f"sha1${hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()}")
    found = Client(LOOPBACK).to_file(href, tmp_path / "a", 3_000_000, checksum)

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert (found.size, found.url) == (3_000_000, href)
    assert Client(LOOPBACK).to_bytes("s3://bucket/empty", 0)[0] == b""


@pytest.mark.usefixtures("s3", "garbage")
@pytest.mark.parametrize(
    ("href", "allowed", "words"),
    [
        ("s3://bucket/none", ("127.0.0.1",), "answered 404"),
        ("s3://other/none", ("127.0.0.1",), "answered 404"),
        ("s3://bucket/d/a%20b.bin", ("127.0.0.1",), "more than 2999999 bytes"),
        ("s3://bucket/d/a%20b.bin", (), "private address .* fetch_allow"),
        ("s3://bucket/", ("127.0.0.1",), "names no object"),
        ("s3://bucket/d/", ("127.0.0.1",), "names no object"),
        ("s3://bucket/a/../b", ("127.0.0.1",), "names no object"),
        ("s3://bucket/%2e%2e/%2e%2e/b", ("127.0.0.1",), "names no object"),
        ("s3://bucket//etc/a", ("127.0.0.1",), "names no object"),
    ],
)
def test_an_object_that_can_not_be_had(tmp_path: Path, href: str, allowed: tuple[str, ...], words: str) -> None:
    """The limits and the policy are those of all places; the message names the href, and no signature."""
    with pytest.raises(FetchError, match=words) as caught:
        Client(Allowed(allowed)).to_file(href, tmp_path / "a", 2_999_999)
    assert href in str(caught.value)
    assert "X-Amz" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("href", "patterns", "expected"),
    [
        ("s3://bucket/d/a", (), True),
        ("s3://bucket/d/../a", (), True),
        ("s3://bucket/d/a", ("s3://bucket/*",), True),
        ("S3://bucket/d/a", ("s3://bucket/*",), True),
        ("s3://bucket/d/%61", ("gs://bucket/*", "s3://bucket/d/a"), True),
        ("s3://bucket/d/a%2fb", ("s3://bucket/d/*",), True),
        ("s3://bucket/d/a", ("s3://bucket/d",), False),
        ("s3://bucket-2/d/a", ("s3://bucket/*",), False),
        ("gs://bucket/d/a", ("s3://bucket/*",), False),
        ("s3://bucket/d/../e/a", ("s3://bucket/d/*",), False),
        ("s3://bucket/d/%2e%2e/e/a", ("s3://bucket/d/*",), False),
        ("s3://bucket/d%2F..%2Fe/a", ("s3://bucket/d*",), False),
        ("https://bucket/d/a", ("*",), False),
    ],
)
def test_objects_that_the_operator_names(href: str, patterns: tuple[str, ...], *, expected: bool) -> None:
    """As they are called once they are decoded."""
    assert stores.is_permitted(href, patterns) is expected


@pytest.mark.usefixtures("s3")
def test_an_object_that_the_operator_does_not_name(tmp_path: Path) -> None:
    """It is not signed for, and the message names the setting."""
    Client(LOOPBACK, objects=("s3://bucket/*",)).to_file("s3://bucket/empty", tmp_path / "a", 10)
    with pytest.raises(FetchError, match="s3://bucket/empty is at no place that the setting store_allow names"):
        Client(LOOPBACK, objects=("s3://bucket/d/*",)).to_file("s3://bucket/empty", tmp_path / "b", 10)


@pytest.mark.usefixtures("s3")
def test_an_object_with_another_checksum(tmp_path: Path) -> None:
    """As for any other place."""
    with pytest.raises(ChecksumError):
        Client(LOOPBACK).to_file("s3://bucket/empty", tmp_path / "a", 10, of_cwl(f"sha1${'0' * 40}"))


def test_a_broken_transfer_of_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goes on where it broke off, with a new signature."""
    monkeypatch.setattr("cwl_bridge.download.RETRY_SECONDS", 0.001)
    signed: list[str] = []
    page = web.broken(CONTENT, [1_000_000], ['"1"'])

    def answer(asked: web.Asked) -> None:
        signed.append(asked.path)
        page(asked)

    class Every(dict[str, web.Page]):
        def get(self, *_: object) -> web.Page:
            return answer

    with web.serving(Every()) as (url, _):
        for name, value in (("ENDPOINT_URL", url), ("ACCESS_KEY_ID", "key"), ("SECRET_ACCESS_KEY", "secret")):
            monkeypatch.setenv(f"AWS_{name}", value)
        Client(LOOPBACK).to_file("s3://bucket/d/a.bin", tmp_path / "a", 3_000_000)

    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [urlsplit(each).path for each in signed] == ["/bucket/d/a.bin"] * 2
    assert all("X-Amz-Signature" in parse_qs(urlsplit(each).query) for each in signed)


@pytest.mark.parametrize(
    ("environment", "href", "begin", "signature"),
    [
        ({"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "REGION": "eu-west-1"}, "s3://b-b/k", "s3.eu-west-1", True),
        (
            {"SKIP_SIGNATURE": "true", "REGION": "us-west-2"},
            "s3://bucket/k",
            "s3.us-west-2.amazonaws.com/bucket/k",
            False,
        ),
    ],
)
def test_an_object_at_amazon(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], href: str, begin: str, signature: bool
) -> None:
    """The region of the environment; a bucket that is open to all needs no signature."""
    for name, value in environment.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    found = stores.url(href)

    assert found.startswith(f"https://{begin}")
    assert ("X-Amz-Signature" in found) is signature


def test_an_object_at_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key of the account, at the endpoint of the environment."""

    class Every(dict[str, web.Page]):
        def get(self, path: str, *_: object) -> web.Page:
            return web.body(path.partition("?")[0] if "sig=" in path else "")

    with web.serving(Every()) as (url, _):
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "aGVsbG8=")
        monkeypatch.setenv("AZURE_ENDPOINT", url)
        Client(LOOPBACK).to_file("az://container/d/a.tif", tmp_path / "a", 100)
        with pytest.raises(FetchError, match="private address"):
            Client(Allowed(())).to_file("az://container/d/a.tif", tmp_path / "b", 100)

    assert (tmp_path / "a").read_text() == "/container/d/a.tif"


def test_an_object_at_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key of a service account, which may name another endpoint."""

    class Every(dict[str, web.Page]):
        def get(self, path: str, *_: object) -> web.Page:
            return web.body(path.partition("?")[0] if "X-Goog-Signature=" in path else "")

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {"private_key": key.decode(), "private_key_id": "1", "client_email": "a@example.org"}
    with web.serving(Every()) as (url, _):
        (tmp_path / "account.json").write_text(json.dumps({**account, "gcs_base_url": url}))
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
        Client(LOOPBACK).to_file("gs://bucket/d/a.tif", tmp_path / "a", 100)

    assert (tmp_path / "a").read_text() == "/bucket/d/a.tif"


@pytest.mark.parametrize(
    ("href", "name", "value"),
    [
        ("az://container/a", "AZURE_STORAGE_ACCOUNT_KEY", "aGVsbG8="),
        ("gs://bucket/a", "GOOGLE_APPLICATION_CREDENTIALS", "/secret/place"),
        ("s3://bucket/a", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/secret"),
    ],
)
def test_without_credentials(monkeypatch: pytest.MonkeyPatch, href: str, name: str, value: str) -> None:
    """In words that say nothing of the server's set-up."""
    monkeypatch.setenv(name, value)
    with pytest.raises(FetchError, match="has no credentials for it") as caught:
        stores.url(href)
    assert "secret" not in str(caught.value)


def test_the_library_is_loaded_only_where_it_is_needed() -> None:
    """A runner that fetches from the web starts as fast as ever."""
    code = "import sys, cwl_bridge.staging; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.usefixtures("s3")
def test_an_item_in_a_bucket(tmp_path: Path, bucket: str) -> None:
    """Its relative hrefs lead to objects beside it, its absolute ones to others."""
    assets = {"one": {"href": "./a%20b.bin"}, "two": {"href": "../empty"}, "three": {"href": "s3://bucket/d/a%20b.bin"}}
    item = {"type": "Feature", "stac_version": "1.0.0", "id": "i", "links": [], "assets": assets}
    httpx.put(f"{bucket}/bucket/d/i.json", json=item, headers=_SIGNED).raise_for_status()
    order = {"x": {"class": "Directory", "basename": "d", "location": "s3://bucket/d/i.json"}}
    Stager(tmp_path, Client(LOOPBACK), 7_000_000).order(order)

    assert sorted(each.name for each in (tmp_path / "1" / "d" / "i").iterdir()) == [
        *("a b.bin", "empty", "i.json", "three-a b.bin")
    ]
    assert (tmp_path / "1" / "d" / "i" / "three-a b.bin").read_bytes() == CONTENT


@pytest.mark.usefixtures("s3")
def test_secondary_files_of_an_object(bucket: str, tmp_path: Path) -> None:
    """They are objects beside it; what is not there and need not be is left out."""
    httpx.put(f"{bucket}/bucket/d/a%20b.bin.idx", content=b"i", headers=_SIGNED).raise_for_status()
    location = "s3://bucket/d/a%20b.bin"
    looked_for = secondary.beside(location, "a b.bin", secondary.patterns([".idx", "^.none?"], "v1.2"))
    given = {"class": "File", "basename": "a b.bin", "location": location, secondary.MEMBER: looked_for}

    found = Stager(tmp_path, Client(LOOPBACK), 3_000_000).stage(given)

    assert [(each["basename"], each["size"]) for each in found["secondaryFiles"]] == [("a b.bin.idx", 1)]
