"""Secondary files of inputs by reference: which are looked for, and what becomes of those that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cwl_bridge.addresses import Allowed
from cwl_bridge.download import Client
from cwl_bridge.secondary import MEMBER, Pattern, beside, patterns
from cwl_bridge.staging import Stager, StagingError
from tests.cwl_bridge import web


@pytest.mark.parametrize(
    ("declared", "version", "expected"),
    [
        (None, "v1.2", ()),
        (".idx", "v1.2", (Pattern(".idx", True),)),
        ([".idx?", "^.bai"], "v1.1", (Pattern(".idx", False), Pattern("^.bai", True))),
        (".idx?", "v1.0", (Pattern(".idx?", True),)),
        ({"pattern": ".idx", "required": None}, "v1.2", (Pattern(".idx", True),)),
        ([{"pattern": ".idx", "required": False}], "v1.2", (Pattern(".idx", False),)),
        ([{"pattern": ".idx?", "required": True}], "v1.2", (Pattern(".idx", False),)),
        (["$(self.nameroot).idx", "${return null;}", {"pattern": "a$(1)"}], "v1.2", ()),
    ],
)
def test_patterns(declared: Any, version: str, expected: tuple[Pattern, ...]) -> None:
    """Every form that CWL knows; expressions are cwltool's."""
    assert patterns(declared, version) == expected


@pytest.mark.parametrize(
    ("suffix", "name", "expected"),
    [
        (".idx", "a.bam", "a.bam.idx"),
        ("^.bai", "a.bam", "a.bai"),
        ("^^.md", "a.tar.gz", "a.md"),
        ("^^^.md", "a.gz", "a.md"),
        ("^.md", "a", "a.md"),
    ],
)
def test_suffixes(suffix: str, name: str, expected: str) -> None:
    """As CWL says of secondaryFiles."""
    assert Pattern(suffix, True).applied(name) == expected


@pytest.mark.parametrize("location", ["https://example.org/a/", "https://example.org", "https://example.org/..", "a"])
def test_places_without_a_name(location: str) -> None:
    """Nothing can lie beside them; cwltool says what is missing."""
    assert beside(location, "a", (Pattern("/.idx" if ".." in location else ".idx", True),)) == []


def _staged(tmp_path: Path, location: str, *looked_for: tuple[str, bool], **allowed: Any) -> tuple[Any, list[str]]:
    """What a file gets beside it, and what is told."""
    told: list[str] = []
    client = Client(Allowed(("127.0.0.1",)), tell=told.append, **allowed)
    members = beside(location, "a.bam", tuple(Pattern(*each) for each in looked_for))
    given = {"class": "File", "basename": "a.bam", "location": location, MEMBER: members}
    return Stager(tmp_path / "inputs", client, 100).order({"x": given})["x"], told


def test_what_is_there_is_staged_beside(tmp_path: Path) -> None:
    """Under the names that the tool looks for; what is optional and not there is left out, and the log says so."""
    pages = {"/a.bam": web.body("a"), "/a.bam.idx": web.body("i"), "/a.md": web.body("m"), "/a.x": web.status(410)}
    with web.serving({**pages, "/a.y": web.status(403)}) as (url, asked):
        found, told = _staged(
            tmp_path, f"{url}/a.bam", (".idx", True), ("^.md", False), (".no", False), ("^.x", False), ("^.y", False)
        )

    assert [each["basename"] for each in found["secondaryFiles"]] == ["a.bam.idx", "a.md"]
    folder = Path(found["location"].removeprefix("file://")).parent
    assert {each.name: each.read_text() for each in folder.iterdir()} == {"a.bam": "a", "a.bam.idx": "i", "a.md": "m"}
    assert [path for path, _ in asked] == ["/a.bam", "/a.bam.idx", "/a.md", "/a.bam.no", "/a.x", "/a.y"]
    assert sum("left out" in each for each in told) == 3
    assert "format" not in found["secondaryFiles"][0]


@pytest.mark.usefixtures("garbage")
@pytest.mark.parametrize(
    ("answer", "required", "words"),
    [
        (web.status(404), True, "answered 404"),
        (web.status(401), False, "answered 401"),
        (web.body(b"x" * 101), False, "more than 100 bytes"),
        (web.redirect("http://10.0.0.1/a"), False, "private address"),
    ],
)
def test_what_can_not_be_had_fails(tmp_path: Path, answer: web.Page, required: bool, words: str) -> None:
    """Which file, of which href, and why: what is there but can't be fetched is never left out."""
    with (
        web.serving({"/a.bam": web.body("a"), "/a.bam.idx": answer}) as (url, _),
        pytest.raises(StagingError, match=words) as caught,
    ):
        _staged(tmp_path, f"{url}/a.bam", (".idx", required))

    assert caught.value.reason == "fetch-failed"
    assert f"{url}/a.bam comes with a secondary file 'a.bam.idx', but {url}/a.bam.idx" in str(caught.value)


def test_files_of_the_server(tmp_path: Path) -> None:
    """Below the folders that may be read; a link that leads out of them fails."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("a.bam", "a.bam.idx"):
        (folder / name).write_text(name)
    (tmp_path / "secret").write_text("secret")
    (folder / "a.link").symlink_to(tmp_path / "secret")
    location, folders = (folder / "a.bam").as_uri(), (str(folder),)

    found, _ = _staged(tmp_path, location, (".idx", True), (".none", False), folders=folders)
    with pytest.raises(StagingError, match="file_allow"):
        _staged(tmp_path / "again", location, ("^.link", False), folders=folders)

    assert [each["basename"] for each in found["secondaryFiles"]] == ["a.bam.idx"]
