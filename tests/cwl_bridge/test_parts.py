"""Bodies that bring several files: zip and multipart/related."""

from __future__ import annotations

import contextlib
import io
import json
import time
import zipfile

import pytest

from cwl_bridge import deploy, kept, parts
from cwl_bridge.errors import BridgeError, InvalidDocumentError, InvalidProcessError, TooComplexError
from tests.cwl_bridge.cases import case

RELATED = 'multipart/related; boundary="b"'


def zipped(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as archive:
        for name, content in files:
            # As it is called: `writestr` would shorten some names.
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, compression
            archive.writestr(info, content)
    return body.getvalue()


def multipart(*sent: tuple[str, bytes]) -> bytes:
    """A body of parts with these headers."""
    said = b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in sent)
    return said + b"--b--\r\n"


BINARY = bytes(range(256)) + b"\r\n--\r\r\n\n"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_files_of_a_zip(compression: int) -> None:
    """Byte for byte, folders left out, names made plain."""
    body = zipped(
        ("main.cwl", b"a"), ("data/", b""), ("data/ä b.bin", BINARY), ("./c/../d", b""), compression=compression
    )

    assert parts.read(body, parts.ZIP)[:2] == ({"main.cwl": b"a", "data/ä b.bin": BINARY, "d": b""}, "main.cwl")


@pytest.mark.parametrize(
    ("names", "main"),
    [
        case(["tool.cwl", "lib/main.cwl"], "tool.cwl", name="the only one at the root"),
        case(["a.cwl", "main.cwl"], "main.cwl", name="called so"),
        case(["workflow.cwl", "b.cwl"], "workflow.cwl", name="or so"),
        case(["main.cwl", "package.json"], "package.json", name="an application package first"),
        case(["top/a.cwl", "top/lib/b.cwl", "readme.md"], "top/a.cwl", name="in the only folder"),
        case(["top/a.cwl", "__MACOSX/._a.cwl", "__MACOSX/top/._a.cwl"], "top/a.cwl", name="zipped by a Mac"),
        case(["top/main.cwl", "top/tool.cwl"], "top/main.cwl", name="called so in the only folder"),
    ],
)
def test_the_document_of_a_zip(names: list[str], main: str) -> None:
    """Which one is meant."""
    assert parts.read(zipped(*((name, b"") for name in names)), parts.ZIP)[1] == main


@pytest.mark.parametrize("names", [["a.cwl", "b.cwl"], ["a.txt"], ["x/a.cwl", "y/b.cwl"]])
def test_a_zip_that_does_not_say_what_is_meant(names: list[str]) -> None:
    """What could be meant is listed."""
    with pytest.raises(InvalidProcessError, match=r"main\.cwl.*this one has " + ("none" if "a.txt" in names else "")):
        parts.read(zipped(*((name, b"") for name in names)), parts.ZIP)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a.cwl", "a/../../b.cwl", "..", ".", "a\\b.cwl", "..\\a.cwl", "//a.cwl", ""]
)
def test_names_that_no_file_of_a_package_has(name: str) -> None:
    """Of a zip and of parts."""
    with pytest.raises(InvalidDocumentError):
        parts.read(zipped(("main.cwl", b""), (name, b"")), parts.ZIP)
    if name:
        with pytest.raises(InvalidDocumentError, match="can't be the name of a file"):
            parts.read(multipart(("Content-ID: <main>", b""), (f"Content-Location: {name}", b"")), RELATED)


def test_a_file_is_there_once() -> None:
    """Names are compared after they have been made plain."""
    with pytest.raises(InvalidDocumentError, match=r"'a\.cwl' is there twice"):
        parts.read(zipped(("a.cwl", b"1"), ("./a.cwl", b"2")), parts.ZIP)
    with pytest.raises(InvalidDocumentError, match=r"'a\.cwl' is there twice"):
        parts.read(multipart(("Content-Location: a.cwl", b""), ("Content-Location: x/../a.cwl", b"")), RELATED)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb(compression: int) -> None:
    """It is unpacked as far as the limit only."""
    half = bytes(parts.MAX_BYTES // 2 + 1)
    body = zipped(("main.cwl", half), ("b", half), ("c", half), compression=compression)

    assert len(body) < 1 << 20
    with pytest.raises(TooComplexError, match=str(parts.MAX_BYTES)):
        parts.read(body, parts.ZIP)


def test_a_zip_that_lies_about_its_sizes() -> None:
    """Its directory says 1 byte."""
    body = bytearray(zipped(("main.cwl", bytes(parts.MAX_BYTES + 1))))
    place = body.rindex(b"PK\x01\x02")
    body[place + 24 : place + 28] = (1).to_bytes(4, "little")

    with pytest.raises(BridgeError):
        parts.read(bytes(body), parts.ZIP)


def test_too_many_files() -> None:
    """However small."""
    files = [(f"{number}.cwl", b"") for number in range(parts.MAX_FILES + 1)]

    with pytest.raises(TooComplexError, match=str(parts.MAX_FILES)):
        parts.read(zipped(*files), parts.ZIP)
    with pytest.raises(TooComplexError, match=str(parts.MAX_FILES)):
        parts.read(multipart(*((f"Content-Location: {name}", b"") for name, _ in files)), RELATED)


def test_an_encrypted_zip() -> None:
    """Has no files that can be read."""
    body = bytearray(zipped(("main.cwl", b"abc")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + offset] |= 1

    with pytest.raises(InvalidDocumentError, match="encrypted"):
        parts.read(bytes(body), parts.ZIP)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_broken_zip(compression: int) -> None:
    """Wherever it is cut off or one byte of it is another, it can be read or is refused."""
    whole = zipped(("main.cwl", b"some text" * 9), ("b/c", b"more"), compression=compression)

    for place in range(len(whole)):
        with pytest.raises(InvalidDocumentError):
            parts.read(whole[:place], parts.ZIP)
        for change in (0xFF, 0x01):
            changed = bytearray(whole)
            changed[place] ^= change
            with contextlib.suppress(BridgeError):
                parts.read(bytes(changed), parts.ZIP)


def test_an_empty_zip() -> None:
    """Folders are no files."""
    for body in (zipped(), zipped(("a/", b""))):
        with pytest.raises(InvalidDocumentError, match="no files"):
            parts.read(body, parts.ZIP)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Content-Location: lib/a%20b.cwl", "lib/a b.cwl"),
        ('Content-Disposition: attachment; filename="lib/a.cwl"', "lib/a.cwl"),
        ("Content-Disposition: attachment; filename*=UTF-8''%C3%A4.cwl", "ä.cwl"),
        ("Content-ID: <a.cwl>", "a.cwl"),
        ('Content-Location: a.cwl\r\nContent-ID: <other>\r\nContent-Disposition: inline; filename="b"', "a.cwl"),
        ("Content-Type: application/cwl+yaml", "part-1"),
    ],
)
def test_the_name_of_a_part(head: str, name: str) -> None:
    """By its place, its file name or its id."""
    files, main, _ = parts.read(multipart(("Content-Location: main.cwl", b"1"), (head, BINARY)), RELATED)

    assert (files, main) == ({"main.cwl": b"1", name: BINARY}, "main.cwl")


def test_the_content_of_a_part() -> None:
    """As it was encoded for its way."""
    body = multipart(
        ("Content-ID: <a>\r\nContent-Transfer-Encoding: base64", b"YWJj\r\nZGVm"),
        ("Content-ID: <b>\r\nContent-Type: text/plain; charset=utf-16", b"\xff\xfea\0"),
    )

    assert parts.read(body, RELATED)[:2] == ({"a": b"abcdef", "b": b"\xff\xfea\0"}, "a")


@pytest.mark.parametrize(
    ("start", "main"),
    [("", "one.cwl"), ('; start="<two>"', "two.cwl"), ('; start=two; type="application/cwl"', "two.cwl")],
)
def test_the_document_of_a_multipart(start: str, main: str) -> None:
    """The first, or the one that `start` names."""
    body = multipart(("Content-Location: one.cwl", b"1"), ("Content-Location: two.cwl\r\nContent-ID: <two>", b"2"))

    assert parts.read(body, RELATED + start)[:2] == ({"one.cwl": b"1", "two.cwl": b"2"}, main)


@pytest.mark.parametrize(
    ("media_type", "body", "said"),
    [
        case("multipart/related", multipart(("Content-ID: <a>", b"")), "boundary", name="no boundary"),
        case('multipart/related; boundary="other"', multipart(("Content-ID: <a>", b"")), ".", name="another boundary"),
        case(
            "multipart/related; boundary*=''b; boundary*0*=c", b"--b\r\n\r\nx\r\n--b--", "needs", name="no one boundary"
        ),
        case(RELATED, b"", ".", name="empty"),
        case(RELATED, b"--b--\r\n", ".", name="no parts"),
        case(RELATED, multipart(("Content-ID: <a>", b"1"))[:-7], "ends", name="cut off"),
        case(RELATED + "; start=no", multipart(("Content-ID: <a>", b"1")), "'no'", name="start names no part"),
        case(
            RELATED,
            multipart(("Content-Type: multipart/mixed; boundary=c", b"--c\r\n\r\nx\r\n--c--")),
            ".",
            name="nested",
        ),
        case(RELATED, multipart(("Content-Type: message/rfc822", b"A: b\r\n\r\nx")), ".", name="a message"),
        case(
            RELATED,
            b"--b\rContent-Type:\r multipart/mixed; boundary=c\r\r--c\r\rx\r--c--\r--b--\r",
            "parts itself",
            name="nested, old line ends",
        ),
        case('multipart/related; boundary="(((""', b"--b\r\n\r\nx\r\n--b--", ".", name="odd boundary"),
        case(
            "multipart/related; boundary=\u00e4", "--\u00e4\r\n\r\nx\r\n--\u00e4--".encode(), "needs", name="no ASCII"
        ),
    ],
)
def test_a_multipart_that_is_none(media_type: str, body: bytes, said: str) -> None:
    """Refused as a document that can't be read."""
    with pytest.raises(InvalidDocumentError, match=said):
        parts.read(body, media_type)


@pytest.mark.parametrize("said", ["filename*=utf-8''a; filename*0*=b", "filename*=a\0'b'c", "filename*=no''%ff"])
def test_a_part_whose_name_nobody_can_read(said: str) -> None:
    """Has none."""
    body = multipart((f"Content-Disposition: attachment; {said}", b"1"))

    assert next(iter(parts.read(body, RELATED).files.values())) == b"1"


def test_many_small_parts_are_refused_soon() -> None:
    """Before anything is made of them."""
    with pytest.raises(TooComplexError):
        parts.read(b"--b\r\n\r\n\r\n" * 500_000 + b"--b--\r\n", RELATED)


@pytest.mark.parametrize("field", ["Content-Type: a/b", "Content-Disposition: inline", "Content-ID: ", "X: "])
@pytest.mark.parametrize("filling", [";", "(", '"', ", ;", ";a*0*=b", "\\", "=?utf-8?q?x?="])
def test_heads_that_would_be_read_for_ever(field: str, filling: str) -> None:
    """Long ones are refused, and others are read, as many as there may be, before anybody grows old."""
    with pytest.raises(TooComplexError, match="headers of a part"):
        parts.read(multipart((f"{field}{filling * parts.MAX_HEAD_BYTES}", b"")), RELATED)

    head = f"{field}{filling}".ljust(2000, filling[0])
    begun = time.process_time()
    with contextlib.suppress(InvalidDocumentError):
        parts.read(multipart(*((head, b"") for _ in range(100))), RELATED)
    assert time.process_time() - begun < 3


def test_a_file_may_look_like_an_end() -> None:
    """Only a line of its own is one; what is in a file may be as long as it likes."""
    body = b"--bar\r\nx --b\r\n--b x\r\n" + b"y" * 100_000

    assert parts.read(multipart(("Content-ID: <a>", body)), RELATED).files == {"a": body}


PACKAGE = b'{"processDescription": {"id": "p"}, "executionUnit": {"href": "%s"}}'


@pytest.mark.parametrize(
    ("href", "main", "entry"),
    [
        (b"lib/a%20b.cwl#second", "lib/a b.cwl", "second"),
        (b"./lib/a.cwl", "lib/a.cwl", None),
        (b"https://example.org/a%20b.cwl#x", "https://example.org/a%20b.cwl", "x"),
    ],
)
def test_an_application_package_beside_what_it_names(href: bytes, main: str, entry: str | None) -> None:
    """A file of the package or a URL, and what in it is meant."""
    body = multipart(("Content-ID: <package.json>", PACKAGE % href), ("Content-ID: <lib/a.cwl>", b"{}"))

    package = deploy.read(body, RELATED)

    assert (package.main, package.entry, package.given) == (main, entry, {"id": "p"})
    assert (package.media_type, package.body) == (RELATED, body)


URL = "https://example.org/pkg/"


@pytest.mark.parametrize(
    ("head", "base", "name"),
    [
        case(f"Content-Location: {URL}a%20b.cwl", "", f"{URL}a%20b.cwl", name="absolute"),
        case(f"Content-Location: {URL}a.cwl", "http://example.com/", f"{URL}a.cwl", name="absolute, whatever the base"),
        case("Content-Location: lib/a.cwl", f"{URL}main.cwl", f"{URL}lib/a.cwl", name="relative to the base"),
        case("Content-Location: ../a b.cwl", URL, "https://example.org/a%20b.cwl", name="above the base"),
        case("Content-Location: /a.cwl", URL, "https://example.org/a.cwl", name="at the root of the base"),
        case("Content-ID: <a%b@c>", URL, f"{URL}a%b%40c", name="by its id"),
        case('Content-Disposition: inline; filename="a:b"', "", "a:b", name="a file name is no URL"),
    ],
)
def test_the_place_of_a_part(head: str, base: str, name: str) -> None:
    """Content-Location as RFC 2557 reads it."""
    assert parts.read(multipart((head, b"1")), RELATED, base).files == {name: b"1"}


@pytest.mark.parametrize(
    ("heads", "base", "said"),
    [
        case(["Content-ID: <a@x>", "Content-ID: <a@x>\r\nContent-Location: b"], "", "Content-ID 'a@x'", name="ids"),
        case([f"Content-Location: {URL}a", f"Content-Location: {URL}a"], "", f"'{URL}a' is there twice", name="URLs"),
        case([f"Content-Location: {URL}a", "Content-Location: a"], URL, "twice", name="by its base the same"),
        case(["Content-Location: file:///etc/passwd"], "", "neither relative nor", name="another scheme"),
        case(["Content-Location: https:///a"], "", "neither relative nor", name="no host"),
        case(["Content-Location: http://[a"], "", "no URL", name="no URL"),
    ],
)
def test_places_that_no_part_has(heads: list[str], base: str, said: str) -> None:
    """What is wrong is named."""
    with pytest.raises(InvalidDocumentError, match=said):
        parts.read(multipart(*((head, b"") for head in heads)), RELATED, base)


def document(name: str) -> bytes:
    """A tool that can be told from others."""
    return b'{"cwlVersion": "v1.2", "class": "CommandLineTool", "baseCommand": "%s", "inputs": [], "outputs": []}' % (
        name.encode()
    )


def workflow(run: str, **more: str) -> bytes:
    """A workflow that runs it."""
    steps = {"one": {"run": run, "in": {}, "out": []}}
    found = {"cwlVersion": "v1.2", "class": "Workflow", "inputs": {}, "outputs": {}, "steps": steps, **more}
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("main", "run", "tool"),
    [
        case("Content-ID: <main@x>", "cid:tool@x", "Content-ID: <tool@x>", name="by id"),
        case("Content-Location: a/main.cwl", "CID:to%25ol@x", "Content-ID: <to%ol@x>\r\nContent-Location: lib/t"),
        case(f"Content-Location: {URL}main.cwl", "cid:tool@x", "Content-ID: <tool@x>", name="from a URL"),
        case(
            "Content-ID: <main@x>", "cid:tool@x", f"Content-ID: <tool@x>\r\nContent-Location: {URL}t", name="to a URL"
        ),
        case(f"Content-Location: {URL}main.cwl", "lib/t.cwl", f"Content-Location: {URL}lib/t.cwl", name="beside a URL"),
        case("Content-Location: main.cwl", f"{URL}t.cwl", f"Content-Location: {URL}t.cwl", name="a URL"),
    ],
)
def test_a_part_that_runs_another(main: str, run: str, tool: str) -> None:
    """Nothing is fetched: every reference is to a part."""
    body = multipart((main, workflow(run)), (tool, document("of-the-part")))

    found = deploy.read(body, RELATED).resolved().unit

    assert found["steps"]["one"]["run"]["baseCommand"] == "of-the-part"


def test_a_package_names_a_part() -> None:
    """Its execution unit by id, types, texts and files in that likewise."""
    package = {"executionUnit": {"href": "cid:tool@x", "type": "application/cwl"}}
    tool = {
        **json.loads(document("cat")),
        "requirements": [{"class": "SchemaDefRequirement", "types": [{"$import": "cid:types@x"}]}],
        "doc": {"$include": "cid:words@x"},
        "inputs": {
            "a": "cid:types@x#Color",
            "b": {"type": ["null", "cid:types@x#Color"]},
            "c": {"type": "File", "default": {"class": "File", "location": "cid:words@x"}},
            "d": {"type": "string", "default": "cid:words@x"},
        },
    }
    sent = {
        "Content-ID: <package@x>": package,
        "Content-ID: <tool@x>\r\nContent-Location: lib/tool.cwl": tool,
        "Content-ID: <types@x>\r\nContent-Location: lib/more/types.yml": [
            {"type": "enum", "name": "Color", "symbols": ["red"]}
        ],
    }
    body = multipart(
        *((head, json.dumps(each).encode()) for head, each in sent.items()),
        ("Content-ID: <words@x>\r\nContent-Location: words.txt", b"Some words."),
    )

    found = deploy.read(body, RELATED).resolved().unit

    assert found["doc"] == "Some words."
    assert found["inputs"]["a"] == found["inputs"]["b"]["type"][1] == "#lib/more/types.yml/Color"
    assert found["requirements"][0]["types"][0]["name"] == "#lib/more/types.yml/Color"
    default = found["inputs"]["c"]["default"]
    assert default["location"] == kept.location(b"Some words.", "words.txt")
    assert default["basename"] == "words.txt"
    assert found["inputs"]["d"]["default"] == "cid:words@x"


def test_a_part_that_is_not_there() -> None:
    """Its id and the place that names it are said."""
    body = multipart(("Content-ID: <main@x>", workflow("cid:tool@y")), ("Content-ID: <tool@x>", document("a")))

    with pytest.raises(InvalidProcessError, match="Content-ID 'tool@y'") as caught:
        deploy.read(body, RELATED).resolved()

    assert [each.pointer for each in caught.value.errors] == ["/steps/one/run"]
