"""Packages in their forms → one process that refers to nothing else: the packages are in tests/data/forms.

A folder is a package: main.cwl, or what case.json says, and expected.cwl or error.json. order.json: what it runs with.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cwl_bridge import deploy, document, errors, kept, loading, resolve
from cwl_bridge.package import Package
from cwl_bridge.packagefiles import Files, MissingError
from cwl_bridge.policy import Policy
from tests.cwl_bridge.cases import DATA
from tests.plain import cwltool

FORMS = sorted((DATA / "forms").iterdir())
RESOLVED = [each for each in FORMS if not (each / "error.json").exists()]
REFUSED = [each for each in FORMS if (each / "error.json").exists()]
RUN = [each for each in RESOLVED if (each / "order.json").exists()]

_BESIDE = ("expected.cwl", "error.json", "case.json", "order.json")


def _name(folder: Path) -> str:
    return folder.name


def _files(folder: Path) -> Files:
    bodies = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in _BESIDE
    }
    return Files(bodies)


def _main(folder: Path) -> tuple[str, str | None]:
    said = json.loads((folder / "case.json").read_text()) if (folder / "case.json").exists() else {}
    return said.get("main", "main.cwl"), said.get("entry")


def _resolved(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The process, and the files that it has, by their locations."""
    files = _files(folder)
    try:
        found = resolve.process(files, *_main(folder))
    except MissingError as missing:
        raise missing.error from missing
    return found, {path: files.kept[path.split("/")[1]] for path in kept.paths(found)}


@pytest.mark.parametrize("folder", RESOLVED, ids=_name)
def test_a_package_becomes_one_process(folder: Path) -> None:
    """The one that lies beside it, which cwltool takes, and which refers to nothing else."""
    found, has = _resolved(folder)

    assert document.write_yaml(found) == (folder / "expected.cwl").read_text(encoding="utf-8")
    # It refers to nothing that it does not have.
    assert resolve.process(Files({"process.cwl": document.write_yaml(found).encode(), **has}), "process.cwl") == found


@pytest.mark.parametrize("folder", RESOLVED, ids=_name)
def test_cwltool_takes_the_process(folder: Path) -> None:
    """As it stands alone."""
    loading.load((folder / "expected.cwl").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", REFUSED, ids=_name)
def test_a_package_that_is_none(folder: Path) -> None:
    """The error names the place in the document that is meant, and says what is wrong."""
    expected = json.loads((folder / "error.json").read_text())

    with pytest.raises(getattr(errors, expected["kind"])) as caught:
        _resolved(folder)

    if "detail" in expected:
        assert str(caught.value) == expected["detail"]
    if "pointer" in expected:
        assert [each.pointer for each in caught.value.errors] == [expected["pointer"]]
    if "file" in expected:
        assert [each.file for each in caught.value.errors] == [expected["file"]]


@pytest.mark.parametrize("folder", RUN, ids=_name)
def test_the_process_does_what_the_package_does(folder: Path, tmp_path: Path) -> None:
    """Both run by plain cwltool."""
    main, entry = _main(folder)
    package = str(folder / main) + (f"#{entry}" if entry else "")
    process = tmp_path / "process.cwl"
    process.write_bytes((folder / "expected.cwl").read_bytes())
    for path, content in _resolved(folder)[1].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    assert _run(package, folder, tmp_path / "a") == _run(str(process), folder, tmp_path / "b")


def _run(process: str, folder: Path, outdir: Path) -> Any:
    order = str(folder / "order.json")
    return _without_places(cwltool("--relax-path-checks", "--outdir", str(outdir), process, order))


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_places(each) for name, each in value.items() if name not in ("location", "path")}
    return [_without_places(each) for each in value] if isinstance(value, list) else value


def _tool(**more: Any) -> bytes:
    bare = {"cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": {}, "outputs": {}}
    return json.dumps({**bare, **more}).encode()


def test_a_package_that_is_large_only_when_it_is_whole() -> None:
    """Whether its texts or its values are many."""
    script = {"main.cwl": _tool(arguments=[{"$include": "a.txt"}] * 100), "a.txt": b"a" * (1 << 20)}
    values = {"main.cwl": _tool(hints=[{"$import": "a.yml"}] * 100), "a.yml": json.dumps([1] * 40_000).encode()}
    doubled = {f"{number}.cwl": _doubling(f"{number + 1}.cwl") for number in range(15)}

    for files, main in ((script, "main.cwl"), (values, "main.cwl"), ({**doubled, "15.cwl": _tool()}, "0.cwl")):
        with pytest.raises(errors.TooComplexError):
            resolve.process(Files(files), main)


def _doubling(run: str) -> bytes:
    steps = {name: {"run": run, "in": {}, "out": []} for name in "ab"}
    return _tool(**{"class": "Workflow", "steps": steps})


def test_what_is_called_run_and_runs_nothing() -> None:
    """In a file that is imported, it is a text like any other."""
    files = Files({"main.cwl": _tool(hints={"$import": "a.yml"}), "a.yml": b"my:Hint: {run: say.cwl}"})

    assert "run: say.cwl" in document.write_yaml(resolve.process(files, "main.cwl"))


def test_hints_that_are_none_stay_for_cwltool_to_refuse() -> None:
    """Also where another version is raised, which has hints of its own."""
    steps = {"a": {"run": "old.cwl", "in": {}, "out": []}}
    old = _tool(cwlVersion="v1.0", hints=5)
    files = Files({"main.cwl": _tool(**{"class": "Workflow"}, steps=steps), "old.cwl": old})

    assert resolve.process(files, "main.cwl")["steps"]["a"]["run"]["hints"] == 5


def test_a_document_that_refers_to_nothing_stays_as_it_is() -> None:
    """The same object, whatever is said of an entry that is its own."""
    files = Files({"main.cwl": _tool(id="own")})

    assert resolve.process(files, "main.cwl") is files.object("main.cwl")
    assert resolve.process(files, "main.cwl", "own") is files.object("main.cwl")
    with pytest.raises(errors.InvalidProcessError, match="no process 'other'"):
        resolve.process(files, "main.cwl", "other")


def test_a_registered_process_gives_way_to_a_file() -> None:
    """A file of the name is meant first; what is neither is missing, with the names that would do."""
    workflow = _tool(**{"class": "Workflow", "steps": {"a": {"run": "Echo.cwl", "in": {}, "out": []}}})
    registered = {"Echo": json.loads(_tool(doc="registered"))}

    with_file = resolve.process(Files({"main.cwl": workflow, "Echo.cwl": _tool(doc="file")}, registered), "main.cwl")
    without = resolve.process(Files({"main.cwl": workflow}, registered), "main.cwl")
    with pytest.raises(MissingError) as caught:
        resolve.process(Files({"main.cwl": workflow}), "main.cwl")

    assert with_file["steps"]["a"]["run"]["doc"] == "file"
    assert without["steps"]["a"]["run"]["doc"] == "registered"
    assert caught.value.names == ("Echo.cwl", "Echo")


ODD: list[Any] = [
    *(None, 5, True, "", "x", "/", "..", "http://[", "http://", "_:a", "data:,x", "a\n", "a#b?c", "%"),
    *(f"files/{'0' * 64}/a", f"files/{'0' * 64}/%2e%2e", f"files/{'0' * 64}/a%2Fb"),
    *([], [5], [{}], {}, {"a": 5}, {"class": "File"}, {"class": "File", "location": 5}),
]
PLACES = [
    *(("$schemas",), ("inputs",), ("requirements",), ("hints",), ("steps",), ("cwlVersion",), ("inputs", "f")),
    *(("inputs", "f", name) for name in ("type", "secondaryFiles", "default")),
    *(("inputs", "f", "default", name) for name in ("location", "path", "basename", "secondaryFiles")),
    *(("steps", "s", name) for name in ("in", "out", "run")),
    *(("steps", "s", "run", name) for name in ("cwlVersion", "$schemas", "inputs")),
]
ANY = Policy(default_container="any")


@pytest.mark.parametrize("place", PLACES, ids="/".join)
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_in_a_place(place: tuple[str, ...], odd: Any) -> None:
    """It is taken, missed or refused."""
    default = {"class": "File", "location": "d"}
    tool = {"cwlVersion": "v1.0", "class": "CommandLineTool", "inputs": {}, "outputs": {}}
    found: dict[str, Any] = {
        **json.loads(_tool(**{"class": "Workflow"})),
        "inputs": {"f": {"type": "File", "secondaryFiles": [".x"], "default": default}},
        "steps": {"s": {"run": tool, "in": {}, "out": []}},
    }
    around = found
    for name in place[:-1]:
        around = around[name]
    around[place[-1]] = odd
    files = Files({"main.cwl": json.dumps(found).encode(), "d": b"1", "d.x": b"2"})
    package = Package(body=b"", media_type=deploy.CWL, given={}, unit=found, files=files, main="main.cwl")

    with suppress(errors.BridgeError, MissingError):
        resolved = package.resolved()
        draft = deploy.draft(resolved.with_ontology([]) if resolved.ontologies else resolved, ANY)
        assert set(draft.files) == set(kept.paths(draft.cwl))
