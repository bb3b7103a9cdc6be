"""Outputs as a run left them → published, or a reason why not."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge.collect import CollectionError, Collector
from tests.cwl_bridge.cases import case


class _Run:
    """A job folder whose tool has left something in `work`."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "job"
        self.work = self.folder / "work"
        self.work.mkdir(parents=True)
        self.outside = tmp_path / "outside"
        self.outside.mkdir()
        (self.outside / "secret").write_text("secret")

    def write(self, name: str, content: str = "x") -> dict[str, Any]:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return self.file(name)

    def file(self, name: str, **more: Any) -> dict[str, Any]:
        path = self.work / name
        return {"class": "File", "location": path.as_uri(), "basename": path.name, **more}

    def directory(self, name: str, **more: Any) -> dict[str, Any]:
        return {**self.file(name, **more), "class": "Directory"}

    def collect(self, literals: Any = None, **outputs: Any) -> Any:
        return Collector((self.work,), self.folder / "partial", "outputs").collect(outputs, literals or {})

    def published(self) -> dict[str, str]:
        folder = self.folder / "partial"
        return {str(each.relative_to(folder)): each.read_text() for each in folder.rglob("*") if each.is_file()}

    def refuses(self, reason: str, words: str, literals: Any = None, **outputs: Any) -> None:
        with pytest.raises(CollectionError, match=words) as caught:
            self.collect(literals, **outputs)
        assert caught.value.reason == reason
        assert "secret" not in "".join(self.published().values())


@pytest.fixture
def run(tmp_path: Path) -> _Run:
    return _Run(tmp_path)


def test_literals_stay(run: _Run) -> None:
    """Values that are no files come back as they are."""
    given = {"a": None, "b": [1, {"c": "file:///etc/passwd"}], "d": 2**63 - 1, "e": {"location": "x"}}
    assert run.collect(**given) == given


def test_file(run: _Run) -> None:
    """A file is published under its output's name, with its size, readable and without set-uid."""
    given = run.write("a #1 %20.txt", "Zürich")
    (run.work / "a #1 %20.txt").chmod(0o4000)
    found = run.collect(o={**given, "format": "https://example.org/text", "checksum": "x", "nameroot": "a"})
    assert found == {
        "o": {
            "class": "File",
            "basename": "a #1 %20.txt",
            "location": "outputs/o/a #1 %20.txt",
            "size": 7,
            "format": "https://example.org/text",
        }
    }
    assert run.published() == {"o/a #1 %20.txt": "Zürich"}
    assert stat.S_IMODE((run.folder / "partial/o/a #1 %20.txt").stat().st_mode) == 0o644


def test_basename_may_differ_from_the_place(run: _Run) -> None:
    """A file is called what the output object says."""
    found = run.collect(o={**run.write("a.tmp"), "basename": "b.txt"})
    assert found["o"]["location"] == "outputs/o/b.txt"
    assert run.published() == {"o/b.txt": "x"}


def test_path_instead_of_uri(run: _Run) -> None:
    """A place may be a plain path below the job folder."""
    given = {**run.write("a%20b"), "location": str(run.work / "a%20b")}
    assert run.collect(o=given)["o"]["basename"] == "a%20b"
    assert run.published() == {"o/a%20b": "x"}


def test_equal_names_in_an_array(run: _Run) -> None:
    """Files of one name keep their own content and place, however deep the arrays are."""
    given = [[run.write("1/a", "1"), run.write("2/a", "2")], [run.write("3/a", "3")]]
    found = run.collect(o=given)
    places = [each["location"] for inner in found["o"] for each in inner]
    assert places == ["outputs/o/0/0/a", "outputs/o/0/1/a", "outputs/o/1/0/a"]
    assert run.published() == {"o/0/0/a": "1", "o/0/1/a": "2", "o/1/0/a": "3"}


def test_record(run: _Run) -> None:
    """Files in a record are published below the names of their fields."""
    found = run.collect(o={"n": 1, "f": run.write("a"), "../x": run.write("b")})
    assert found["o"]["n"] == 1
    assert set(run.published()) == {"o/f/a", "o/_/b"}


def test_secondary_files(run: _Run) -> None:
    """Secondary files lie beside their file."""
    given = {**run.write("a.bam"), "secondaryFiles": [run.write("a.bai", "i"), run.directory("d")]}
    run.write("d/e", "e")
    found = run.collect(o=given)
    assert [each["location"] for each in found["o"]["secondaryFiles"]] == ["outputs/o/a.bai", "outputs/o/d"]
    assert run.published() == {"o/a.bam": "x", "o/a.bai": "i", "o/d/e": "e"}


def test_directory(run: _Run) -> None:
    """A folder is published whole, empty folders included."""
    run.write("d/a", "1")
    run.write("d/b/c/a", "2")
    (run.work / "d" / "empty").mkdir()
    found = run.collect(o=run.directory("d"))
    assert found == {"o": {"class": "Directory", "basename": "d", "location": "outputs/o/d"}}
    assert run.published() == {"o/d/a": "1", "o/d/b/c/a": "2"}
    assert (run.folder / "partial/o/d/empty").is_dir()


@pytest.mark.parametrize("place", [{}, {"location": "_:1b4a"}])
def test_directory_literal(run: _Run, place: dict[str, str]) -> None:
    """A folder that is only a listing is made of its members."""
    listing = [run.write("a"), {"class": "Directory", "basename": "e", "listing": [run.write("b", "2")]}]
    found = run.collect(o={"class": "Directory", "basename": "d", "listing": listing, **place})
    assert found["o"]["location"] == "outputs/o/d"
    assert run.published() == {"o/d/a": "x", "o/d/e/b": "2"}


@pytest.mark.parametrize(
    "place",
    [{}, case({"location": "_:1b4a"}, name="no place")],
)
def test_file_literal(run: _Run, place: dict[str, str]) -> None:
    """A file that is only its contents is written."""
    found = run.collect(o={"class": "File", "basename": "a", "contents": "Zürich", **place})
    assert found["o"] == {"class": "File", "basename": "a", "location": "outputs/o/a", "size": 7}
    assert run.published() == {"o/a": "Zürich"}


def test_link_inside_is_followed(run: _Run) -> None:
    """A link to another file of the run gives that file, under the name of the link."""
    run.write("real", "1")
    (run.work / "a").symlink_to("real")
    (run.work / "d").mkdir()
    (run.work / "d" / "b").symlink_to(run.work / "a")
    run.collect(o=run.file("a"), p=run.directory("d"))
    assert run.published() == {"o/a": "1", "p/d/b": "1"}
    assert not any(each.is_symlink() for each in (run.folder / "partial").rglob("*"))


@pytest.mark.parametrize("target", ["../../outside/secret", "/etc/passwd", "/proc/self/environ", "/dev/zero"])
def test_link_outside(run: _Run, target: str) -> None:
    """A link that leaves the job folder fails the job and names the output, wherever it lies."""
    (run.work / "d").mkdir()
    (run.work / "a").symlink_to(target)
    (run.work / "d" / "b").symlink_to(target if target.startswith("/") else f"../{target}")
    run.refuses("output-outside", "'(a|secret|passwd|environ|zero)' links to a place outside", o=run.file("a"))


@pytest.mark.parametrize("target", ["../../../outside/secret", "../../../outside", "/etc/passwd", "/"])
def test_link_outside_in_a_folder(run: _Run, target: str) -> None:
    """A link that leaves the job folder is found deep inside an output folder as well."""
    run.write("d/e/a")
    (run.work / "d" / "e" / "b").symlink_to(f"../{target}" if target.startswith(".") else target)
    run.refuses("output-outside", "'b' links to a place outside", o=run.directory("d"))


def test_chain_of_links(run: _Run) -> None:
    """Only where a chain of links ends counts, and every link of it may be inside."""
    (run.work / "a").symlink_to("b")
    (run.work / "b").symlink_to(run.outside)
    run.refuses("output-outside", "outside", o={**run.file("a"), "location": (run.work / "a" / "secret").as_uri()})


@pytest.mark.parametrize(
    "location",
    [
        *("file:///etc/passwd", "/etc/passwd", "http://example.org/a", "https://example.org/a", "data:,a", "ftp://a/b"),
        *("file:///etc/../etc/passwd", "../../outside/secret", "FILE:///etc/passwd", "file://host/etc/passwd"),
    ],
)
def test_place_outside(run: _Run, location: str) -> None:
    """A place that is not in the job folder is none of an output."""
    run.refuses("output-outside", "The output", o={"class": "File", "basename": "a", "location": location})


def test_place_that_climbs(run: _Run) -> None:
    """A place below the folder that climbs out of it is outside."""
    location = (run.work / "../../outside/secret").as_uri()
    run.refuses("output-outside", "'secret'", o={"class": "File", "basename": "a", "location": location})


def test_job_folder_of_a_similar_name(run: _Run) -> None:
    """A neighbour whose name begins like the job's is outside."""
    neighbour = run.folder.with_name("job2")
    neighbour.mkdir()
    (neighbour / "secret").write_text("secret")
    location = (neighbour / "secret").as_uri()
    run.refuses("output-outside", "outside", o={"class": "File", "basename": "a", "location": location})


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def _nothing(path: Path) -> None:
    assert not path.exists()


def _dangling(path: Path) -> None:
    path.symlink_to("nothing")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [_fifo, _socket, _nothing, _dangling, _loop])
def test_neither_file_nor_folder(run: _Run, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    """Pipes, sockets and what is not there are no outputs, and nothing waits for them."""
    # The path of a socket is short.
    monkeypatch.chdir(run.work)
    make(Path("a"))
    run.refuses("output-invalid", "neither a file nor a folder", o=run.file("a"))


def test_pipe_in_a_folder(run: _Run) -> None:
    """A pipe inside an output folder fails the job too."""
    run.write("d/a")
    os.mkfifo(run.work / "d" / "b")
    run.refuses("output-invalid", "'b' is neither", o=run.directory("d"))


def test_link_to_a_folder_in_a_folder(run: _Run) -> None:
    """A link to a folder could be its own parent: it is refused by name."""
    run.write("d/a")
    (run.work / "d" / "again").symlink_to(".")
    run.refuses("output-invalid", "'again' is a link to a folder", o=run.directory("d"))


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/a", "a\nb", "a" * 256])
def test_names(run: _Run, name: str) -> None:
    """The name that a tool gives an output is one path segment."""
    run.refuses("output-invalid", "can't be the name", o={**run.write("x"), "basename": name})
    assert not (run.folder / "a").exists()


def test_names_in_a_folder(run: _Run) -> None:
    """A file in an output folder whose name no client could ask for is refused."""
    run.write("d/a\nb")
    run.refuses("output-invalid", "can't be the name", o=run.directory("d"))


def test_name_that_is_no_text(run: _Run) -> None:
    """A name of other bytes than UTF-8 is refused in words that can be written down."""
    (run.work / "d").mkdir()
    (run.work / os.fsdecode(b"d/\xff")).touch()
    with pytest.raises(CollectionError) as caught:
        run.collect(o=run.directory("d"))
    assert str(caught.value).encode()


def test_two_files_of_one_name_side_by_side(run: _Run) -> None:
    """A secondary file can't take the place of its file."""
    given = {**run.write("1/a", "1"), "secondaryFiles": [run.write("2/a", "2")]}
    run.refuses("output-invalid", "'a'", o=given)


LITERALS: list[Any] = [
    ("5", {"type": "integer"}, 5),
    ("5\n", {"type": "integer"}, 5),
    ("[1, 2]", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
    ('{"a": null}', {"type": "object"}, {"a": None}),
    ("true", {"type": "boolean"}, True),
    ("Zürich\n", {"type": "string"}, "Zürich"),
    ('"Zürich"', {"type": "string"}, "Zürich"),
    ("", {"type": "string"}, ""),
    ("5", {"type": "string"}, "5"),
    ("9223372036854775807", {"type": "integer"}, 2**63 - 1),
]


@pytest.mark.parametrize(("content", "schema", "expected"), LITERALS)
def test_literal_from_a_file(run: _Run, content: str, schema: Any, expected: Any) -> None:
    """The file of a literal output is its JSON, or its text; it is not published as a file."""
    found = run.collect({"o": schema}, o=run.write("o.json", content))["o"]
    assert found == expected
    assert type(found) is type(expected)
    assert run.published() == {}


@pytest.mark.parametrize(
    ("content", "schema", "words"),
    [
        ("five", {"type": "integer"}, "'five' is not of type 'integer'"),
        ("", {"type": "integer"}, "not of type 'integer'"),
        ("5", {"type": "integer", "maximum": 4}, "at most 4"),
        ('{"b": 1}', {"type": "object", "required": ["a"]}, "'a' is a required property"),
        ("[NaN]", {"type": "array"}, "not of type 'array'"),
        ('{"a": 1,', {"type": "object"}, "not of type 'object'"),
    ],
)
def test_literal_of_the_wrong_type(run: _Run, content: str, schema: Any, words: str) -> None:
    """A file that holds no value of its output fails the job and says why."""
    run.refuses("output-invalid", f"is no value of 'o': .*{words}", {"o": schema}, o=run.write("o.json", content))


def test_literal_as_a_value(run: _Run) -> None:
    """A literal that the tool gives itself needs no file."""
    assert run.collect({"o": {"type": "integer"}}, o=5) == {"o": 5}


def test_literal_as_a_value_of_the_wrong_type(run: _Run) -> None:
    """A literal that the tool gives itself has to fit its schema too."""
    run.refuses("output-invalid", ".", {"o": {"type": "integer"}}, o="five")


def test_literal_from_outside(run: _Run) -> None:
    """The file of a literal lies in the job folder like any other."""
    (run.work / "o").symlink_to(run.outside / "secret")
    run.refuses("output-outside", "outside", {"o": {"type": "string"}}, o=run.file("o"))


def test_literal_from_a_file_literal(run: _Run) -> None:
    """A File that is only its contents holds a literal as well as one on disk."""
    assert run.collect({"o": {"type": "integer"}}, o={"class": "File", "basename": "o", "contents": "5"}) == {"o": 5}


def test_literal_from_a_folder(run: _Run) -> None:
    """A folder in the place of a literal's file is an invalid output."""
    run.write("o/a")
    run.refuses("output-invalid", ".", {"o": {"type": "string"}}, o=run.file("o"))
