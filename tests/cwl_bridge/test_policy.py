"""What a package may ask for: one line of the table for each thing that it may not, and what it may."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cwl_bridge import policy
from cwl_bridge.errors import (
    BridgeError,
    InvalidImageError,
    InvalidProcessError,
    NoContainerError,
    TooComplexError,
    UnsafeReferenceError,
    UnsupportedRequirementError,
)
from cwl_bridge.policy import Policy
from tests.cwl_bridge.cases import case

DOCKER = {"dockerPull": "busybox:stable"}
CWL = "https://w3id.org/cwl/cwl#"


def _tool(**changes: Any) -> dict[str, Any]:
    """A document that may run, less or more the changes; None takes a member away."""
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": {"DockerRequirement": DOCKER},
        "inputs": {},
        "outputs": {},
        **changes,
    }
    return {key: each for key, each in document.items() if each is not None}


def _requiring(name: str, **body: Any) -> dict[str, Any]:
    return _tool(requirements={"DockerRequirement": DOCKER, name: body})


def _hinting(name: str, **body: Any) -> dict[str, Any]:
    return _tool(hints={name: body})


def _docker(**body: Any) -> dict[str, Any]:
    return _tool(requirements={"DockerRequirement": body})


def _default(value: Any) -> dict[str, Any]:
    return _tool(inputs={"x": {"type": "Any", "default": value}})


def _listing(*entries: Any) -> dict[str, Any]:
    return _requiring("InitialWorkDirRequirement", listing=list(entries))


DIGEST = "sha256:" + "0123456789abcdef" * 4

PASSING: dict[str, dict[str, Any]] = {
    "least": _tool(),
    "v1.0": _tool(cwlVersion="v1.0"),
    "v1.1": _tool(cwlVersion="v1.1"),
    "requirements as a list": _tool(requirements=[{"class": "DockerRequirement", **DOCKER}]),
    "container as a hint": _tool(requirements=None, hints={"DockerRequirement": DOCKER}),
    "container as a hint in a list": _tool(requirements=[], hints=[{"class": "DockerRequirement", **DOCKER}]),
    "image by id": _docker(dockerImageId="busybox:stable"),
    "image by both": _docker(dockerPull="busybox", dockerImageId="busybox"),
    "output folder": _docker(**DOCKER, dockerOutputDirectory="/data/out"),
    "output folder beside a system folder": _docker(**DOCKER, dockerOutputDirectory="/home/etc"),
    "namespaces": _tool(**{"$namespaces": {"s": "https://schema.org/"}, "$schemas": ["https://schema.org/a.rdf"]}),
    "metadata": _tool(**{"s:softwareVersion": "1.0", "s:author": [{"class": "s:Person", "s:name": "A"}]}),
    "namespaces inside": _tool(inputs={"x": {"type": "int", "$namespaces": {"s": "https://s.org/"}, "s:a": "b"}}),
    "variables": _requiring("EnvVarRequirement", envDef={"_A1": "$(inputs.x)", "b": "--x"}),
    "variables in a list": _requiring("EnvVarRequirement", envDef=[{"envName": "A", "envValue": "x"}]),
    "resources": _requiring("ResourceRequirement", coresMin=1, ramMin="$(inputs.x)"),
    "time limit": _requiring("ToolTimeLimit", timelimit=10),
    "network": _requiring("NetworkAccess", networkAccess=True),
    "shell": _requiring("ShellCommandRequirement"),
    "listing": _requiring("LoadListingRequirement", loadListing="deep_listing"),
    "no reuse": _requiring("WorkReuse", enableReuse=False),
    "types": _requiring("SchemaDefRequirement", types=[{"name": "a", "type": "enum", "symbols": ["b"]}]),
    "work folder": _listing({"entryname": "a/b.txt", "entry": "text"}, "$(inputs.x)", {"entry": "$(inputs.y)"}),
    "work folder by expression": _requiring("InitialWorkDirRequirement", listing="$(inputs.x)"),
    "hint that nobody knows": _hinting("OwnHint", anything=[1]),
    "hint of a vendor": _tool(**{"$namespaces": {"v": "https://vendor.example/"}, "hints": {"v:Gpu": {"count": 1}}}),
    "hint that says nothing": _tool(hints={"OwnHint": {}}),
    "hint of another engine": _hinting("SoftwareRequirement", packages={}),
    **{
        f"{kind.__name__.strip('_')} {name}": kind(name)
        for kind in (_requiring, _hinting)
        for name in (
            *("InlineJavascriptRequirement", "MultipleInputFeatureRequirement", "ScatterFeatureRequirement"),
            *("StepInputExpressionRequirement", "SubworkflowFeatureRequirement"),
        )
    },
    "library": _requiring("InlineJavascriptRequirement", expressionLib=["var a = 1;", "var b = 2;"]),
    "largest library": _requiring("InlineJavascriptRequirement", expressionLib=["ä" * 65536, "a" * 131072]),
    "no library": _requiring("InlineJavascriptRequirement", expressionLib=None),
    "resources of nothing": _requiring("ResourceRequirement", coresMin=0, ramMax=None, tmpdirMin=0.5),
    "resources by JavaScript": _requiring("ResourceRequirement", outdirMin="${ return 5; }"),
    "time limit by expression": _requiring("ToolTimeLimit", timelimit="$(inputs.x)"),
    "hint of cwltool": _tool(hints=[{"class": "cwltool:CUDARequirement", "cudaVersionMin": "11"}]),
    "literal file": _default({"class": "File", "basename": "a b.txt", "contents": "text"}),
    "literal directory": _default(
        {"class": "Directory", "listing": [{"class": "File", "contents": "", "basename": "a"}]}
    ),
    "outputs by many patterns": _tool(outputs={"o": {"outputBinding": {"glob": ["a/*", "..a", "a..", "*/b", "."]}}}),
    "outputs by expressions": _tool(outputs={"o": {"outputBinding": {"glob": "$(inputs.x)/../a"}}}, stdout="$(1)/.."),
    "outputs in a folder of a known name": {
        **_docker(**DOCKER, dockerOutputDirectory="/out/"),
        "outputs": {"o": {"outputBinding": {"glob": ["/out", "/out/a"]}}},
    },
    "location that is no file's": _default({"location": "file:///etc/passwd", "path": "/etc/passwd"}),
}


@pytest.mark.parametrize(
    "document",
    [
        *(pytest.param(document, id=name) for name, document in PASSING.items()),
        case(_hinting("cwltool:CUDARequirement", cudaVersionMin="11"), name="hint of cwltool as a name"),
    ],
)
def test_passes(document: dict[str, Any]) -> None:
    """A tool in a container, with what this server offers and hints about what it does not, may run."""
    policy.check(document, Policy())


IMAGES = [
    *("busybox", "busybox:1.36", "library/busybox", "a/b/c", "a__b", "a-b", "a.b/c:d", "ghcr.io/org/name:v1.2.3"),
    *("localhost:5000/name", "registry.example.org:443/a/b_c:tag", "127.0.0.1:5000/a", "a:A_b.c-d", "Registry.io/a"),
    *(f"busybox@{DIGEST}", f"ghcr.io/a/b:c@{DIGEST}", "a:" + "b" * 128),
]

NO_IMAGES: list[Any] = [
    *(
        "",
        " ",
        "--help",
        "-v",
        "--volume=/:/host",
        "a b",
        "a\n",
        "\na",
        "a;b",
        "A",
        "a/B",
        "a:",
        "a:-b",
        ":a",
        "/a",
        "a/",
    ),
    *(
        "a//b",
        "../a",
        "a/../b",
        "http://a/b",
        "docker://a",
        "a@sha256:0",
        "a@md5:" + "0" * 64,
        f"@{DIGEST}",
        "$(inputs.x)",
    ),
    *("a:" + "b" * 129, "ä", "a:b:c", "a.", "_a", "a:5000/", None, 5, ["a"], {"a": "b"}, True),
]


@pytest.mark.parametrize("reference", IMAGES)
def test_image_reference(reference: str) -> None:
    """What a registry can hold is an image."""
    policy.check(_docker(dockerPull=reference), Policy())


@pytest.mark.parametrize("reference", NO_IMAGES)
def test_no_image_reference(reference: Any) -> None:
    """Anything else is none, an option of the container engine least of all."""
    with pytest.raises(InvalidImageError) as caught:
        policy.check(_docker(dockerPull=reference), Policy())
    assert [each.pointer for each in caught.value.errors] == ["/requirements/DockerRequirement/dockerPull"]


def _globbing(glob: Any, folder: str = "/out") -> dict[str, Any]:
    return {**_docker(**DOCKER, dockerOutputDirectory=folder), "outputs": {"o": {"outputBinding": {"glob": glob}}}}


REFUSED: list[Any] = [
    pytest.param(document, error, where, id=name)
    for name, document, error, where in [
        ("no class", _tool(**{"class": None}), UnsupportedRequirementError, "/class"),
        ("Operation", _tool(**{"class": "Operation"}), UnsupportedRequirementError, "/class"),
        ("$graph", {"cwlVersion": "v1.2", "$graph": [_tool()]}, UnsupportedRequirementError, "/class"),
        ("no version", _tool(cwlVersion=None), InvalidProcessError, "/cwlVersion"),
        ("draft", _tool(cwlVersion="draft-3"), InvalidProcessError, "/cwlVersion"),
        ("later version", _tool(cwlVersion="v1.3"), InvalidProcessError, "/cwlVersion"),
        ("version of another type", _tool(cwlVersion=1.2), InvalidProcessError, "/cwlVersion"),
        ("no container", _tool(requirements=None), NoContainerError, "/requirements"),
        ("container of another name", _tool(requirements={"WorkReuse": {}}), NoContainerError, "/requirements"),
        *(
            (f"{key} at the top", _tool(**{key: "x"}), UnsafeReferenceError, f"/{key}")
            for key in ("$import", "$include", "$mixin", "$base", "$graph")
        ),
        ("glob that climbs", _globbing("../a"), UnsafeReferenceError, "/outputs/o/outputBinding/glob"),
        ("glob that climbs later", _globbing(["a", "a/../b"]), UnsafeReferenceError, "/outputs/o/outputBinding/glob/1"),
        ("glob of the host", _globbing("/etc/passwd"), UnsafeReferenceError, "/outputs/o/outputBinding/glob"),
        ("glob beside the folder", _globbing("/outer"), UnsafeReferenceError, "/outputs/o/outputBinding/glob"),
        (
            "glob of a field",
            _tool(outputs=[{"type": {"type": "record", "fields": [{"name": "f", "outputBinding": {"glob": "/a"}}]}}]),
            UnsafeReferenceError,
            "/outputs/0/type/fields/0/outputBinding/glob",
        ),
        ("standard output elsewhere", _tool(stdout="a/../../b"), UnsafeReferenceError, "/stdout"),
        ("standard error elsewhere", _tool(stderr="/dev/tty"), UnsafeReferenceError, "/stderr"),
        ("$import in a list", _tool(requirements=[{"$import": "a"}]), UnsafeReferenceError, "/requirements/0/$import"),
        ("$include of a script", _tool(baseCommand={"$include": "a"}), UnsafeReferenceError, "/baseCommand/$include"),
        ("$import in a default", _default([{"$import": "a"}]), UnsafeReferenceError, "/inputs/x/default/0/$import"),
        ("$mixin in a hint", _hinting("OwnHint", a={"$mixin": "a"}), UnsafeReferenceError, "/hints/OwnHint/a/$mixin"),
        *(
            (
                f"{kind} with {key}",
                _default({"class": kind, key: each}),
                UnsafeReferenceError,
                f"/inputs/x/default/{key}",
            )
            for kind in ("File", "Directory")
            for key, each in (("location", "file:///etc/passwd"), ("path", "/etc/passwd"), ("location", "a.txt"))
        ),
        (
            "file in a listing",
            _default({"class": "Directory", "listing": [{"class": "File", "path": "a"}]}),
            UnsafeReferenceError,
            "/inputs/x/default/listing/0/path",
        ),
        (
            "secondary file",
            _default({"class": "File", "contents": "", "secondaryFiles": [{"class": "File", "location": "a"}]}),
            UnsafeReferenceError,
            "/inputs/x/default/secondaryFiles/0/location",
        ),
        (
            "file in the work folder",
            _listing({"class": "File", "location": "/etc/passwd"}),
            UnsafeReferenceError,
            "/requirements/InitialWorkDirRequirement/listing/0/location",
        ),
        (
            "entry that is a file",
            _listing({"entryname": "a", "entry": {"class": "File", "path": "/etc/passwd"}}),
            UnsafeReferenceError,
            "/requirements/InitialWorkDirRequirement/listing/0/entry/path",
        ),
        *(
            (
                f"basename {name!r}",
                _default({"class": "File", "contents": "", "basename": name}),
                UnsafeReferenceError,
                "/inputs/x/default/basename",
            )
            for name in ("", ".", "..", "a/b", "../a", "/a", "a\nb")
        ),
        (
            "basename in a listing",
            _default({"class": "Directory", "listing": [{"class": "Directory", "basename": "..", "listing": []}]}),
            UnsafeReferenceError,
            "/inputs/x/default/listing/0/basename",
        ),
        *(
            (
                f"entryname {name}",
                _listing("$(inputs.x)", {"entryname": name, "entry": "x"}),
                UnsafeReferenceError,
                "/requirements/InitialWorkDirRequirement/listing/1/entryname",
            )
            for name in ("..", "../a", "a/../../b", "a/..", "/a/../../etc/passwd")
        ),
        *(
            (
                f"requirement {name}",
                _requiring(name),
                UnsupportedRequirementError,
                f"/requirements/{name}",
            )
            for name in (
                *("SoftwareRequirement", "OwnRequirement", "Operation"),
                *("InlineJavaScriptRequirement", "inlineJavascriptRequirement"),
            )
        ),
        (
            "requirement in a list",
            _tool(requirements=[{"class": "DockerRequirement", **DOCKER}, {"class": "SoftwareRequirement"}]),
            UnsupportedRequirementError,
            "/requirements/1",
        ),
        *(
            (
                f"{key} of the container",
                _docker(**DOCKER, **{key: "x"}),
                UnsupportedRequirementError,
                f"/requirements/DockerRequirement/{key}",
            )
            for key in ("dockerFile", "dockerLoad", "dockerImport", "dockerRun")
        ),
        (
            "dockerFile in a hint",
            _hinting("DockerRequirement", dockerFile="FROM x", dockerImageId="x"),
            UnsupportedRequirementError,
            "/hints/DockerRequirement/dockerFile",
        ),
        (
            "image in a hint",
            _hinting("DockerRequirement", dockerPull="--help"),
            InvalidImageError,
            "/hints/DockerRequirement/dockerPull",
        ),
        (
            "two images",
            _docker(dockerPull="a", dockerImageId="b"),
            InvalidImageError,
            "/requirements/DockerRequirement/dockerImageId",
        ),
        ("container without image", _docker(), InvalidImageError, "/requirements/DockerRequirement/dockerPull"),
        (
            "container without body",
            _tool(requirements={"DockerRequirement": None}),
            InvalidProcessError,
            "/requirements/DockerRequirement",
        ),
        ("hint without body", _tool(hints={"OwnHint": None}), InvalidProcessError, "/hints/OwnHint"),
        *(
            (
                f"output folder {folder}",
                _docker(**DOCKER, dockerOutputDirectory=folder),
                UnsafeReferenceError,
                "/requirements/DockerRequirement/dockerOutputDirectory",
            )
            for folder in (
                *("out", "", "/", "/tmp", "/tmp/x", "/etc", "/etc/", "/proc/1", "/sys", "/dev/shm", "/usr/bin", "/bin"),  # noqa: S108
                *("/lib", "/lib64/x", "/var/lib/cwl", "/var/lib/cwl/a", "//etc", "/a/../etc", "/..", 5, ["/a"]),
            )
        ),
        *(
            (
                f"variable {name!r}",
                _requiring("EnvVarRequirement", envDef={name: "x"}),
                InvalidProcessError,
                f"/requirements/EnvVarRequirement/envDef/{name}",
            )
            for name in ("", "1a", "a b", "a=b", "a-b", "a\n", "ä")
        ),
        (
            "variable in a list",
            _requiring("EnvVarRequirement", envDef=[{"envName": "A"}, {"envName": "a b"}]),
            InvalidProcessError,
            "/requirements/EnvVarRequirement/envDef/1/envName",
        ),
        (
            "variables of another type",
            _requiring("EnvVarRequirement", envDef=5),
            InvalidProcessError,
            "/requirements/EnvVarRequirement/envDef",
        ),
        *(
            (
                f"library {library!r:.20}",
                _requiring("InlineJavascriptRequirement", expressionLib=library),
                error,
                f"/requirements/InlineJavascriptRequirement/expressionLib{where}",
            )
            for library, error, where in (
                ("var a;", InvalidProcessError, ""),
                ({"a": "b"}, InvalidProcessError, ""),
                (False, InvalidProcessError, ""),
                (["var a;", 5], InvalidProcessError, "/1"),
                ([["var a;"]], InvalidProcessError, "/0"),
                (["a" * 262145], TooComplexError, ""),
                (["a" * 131072, "a" * 131073], TooComplexError, ""),
                (["ä" * 131073], TooComplexError, ""),
            )
        ),
        (
            "library in a hint",
            _hinting("InlineJavascriptRequirement", expressionLib=[None]),
            InvalidProcessError,
            "/hints/InlineJavascriptRequirement/expressionLib/0",
        ),
        *(
            (
                f"{name} {amount!r:.20}",
                _requiring(requirement, **{name: amount}),
                InvalidProcessError,
                f"/requirements/{requirement}/{name}",
            )
            for requirement, name, amount in (
                *(("ResourceRequirement", "coresMin", each) for each in (-1, -0.5, True)),
                *(("ResourceRequirement", "coresMin", each) for each in ("2", "", "$inputs.x", [1], {"a": 1})),
                *(("ResourceRequirement", "ramMax", each) for each in (math.inf, -math.inf, math.nan, 10**309)),
                *(("ResourceRequirement", f"{each}Max", -1) for each in ("cores", "ram", "tmpdir", "outdir")),
                *(("ResourceRequirement", f"{each}Min", -1) for each in ("ram", "tmpdir", "outdir")),
                *(("ToolTimeLimit", "timelimit", each) for each in (-1, "10", math.inf, False)),
            )
        ),
        (
            "resources in a hint",
            _hinting("ResourceRequirement", coresMin=-1),
            InvalidProcessError,
            "/hints/ResourceRequirement/coresMin",
        ),
        (
            "variable in a hint",
            _hinting("EnvVarRequirement", envDef={"a b": "x"}),
            InvalidProcessError,
            "/hints/EnvVarRequirement/envDef/a b",
        ),
    ]
]

#: Short names are not the only ones: cwltool takes the full IRI, and any prefix for it.
ALIASES = {
    "cwl:requirements": _tool(**{"cwl:requirements": [{"class": "InplaceUpdateRequirement"}]}),
    "requirements by IRI": _tool(**{f"{CWL}requirements": [{"class": "DockerRequirement", "dockerPull": "--help"}]}),
    "hints by a prefix of its own": _tool(
        **{"$namespaces": {"x": CWL}, "x:hints": [{"class": "InplaceUpdateRequirement"}]}
    ),
    "file by a prefix that is declared in it": _default(
        {"$namespaces": {"x": CWL}, "class": "x:File", "location": "file:///etc/passwd"}
    ),
    "file by a prefix that is declared around it": _tool(
        inputs={"$namespaces": {"x": CWL}, "x": {"type": "Any", "default": {"class": "x:File", "path": "a"}}}
    ),
    **{
        f"requirement cwltool:{each}": _requiring(f"cwltool:{each}")
        for each in ("MPIRequirement", "CUDARequirement", "ShmSize")
    },
    "hint by prefix": _tool(hints=[{"class": "cwl:InplaceUpdateRequirement"}]),
    "hint by IRI": _tool(hints=[{"class": f"{CWL}DockerRequirement", "dockerFile": "FROM x", "dockerImageId": "x"}]),
    "hint by IRI as a name": _tool(hints={f"{CWL}InplaceUpdateRequirement": {}}),
    "file by prefix": _default({"class": "cwl:File", "location": "file:///etc/passwd"}),
    "file by IRI": _default({"class": f"{CWL}File", "location": "file:///etc/passwd"}),
}


@pytest.mark.parametrize("document", ALIASES.values(), ids=ALIASES)
def test_refused_by_any_name(document: dict[str, Any]) -> None:
    """What may not be asked for may not be asked for by its full name either."""
    with pytest.raises(BridgeError):
        policy.check(document, Policy())


@pytest.mark.parametrize(
    ("document", "error", "where"),
    [
        *REFUSED,
        *(
            case(
                _docker(**DOCKER, dockerOutputDirectory=folder),
                UnsafeReferenceError,
                "/requirements/DockerRequirement/dockerOutputDirectory",
                name=f"output folder {folder!r}",
            )
            for folder in ("/./etc", "/var//lib/cwl", "/var/./lib/cwl", "/etc/\nx")
        ),
    ],
)
def test_refused(document: dict[str, Any], error: type[BridgeError], where: str) -> None:
    """A package that asks for more is refused with the kind of the reason and a pointer to it."""
    with pytest.raises(BridgeError) as caught:
        policy.check(document, Policy())
    assert isinstance(caught.value, error)
    assert [each.pointer for each in caught.value.errors] == [where]
    assert str(caught.value)


@pytest.mark.parametrize(
    ("patterns", "reference", "allowed"),
    [
        ((), "anything/at:all", True),
        (("busybox:*",), "busybox:stable", True),
        (("busybox:*",), "busybox", False),
        (("busybox:*",), "evil/busybox:stable", False),
        (("ghcr.io/org/*", "busybox"), "ghcr.io/org/a:b", True),
        (("ghcr.io/org/*", "busybox"), "ghcr.io/organ/a", False),
        (("ghcr.io/org/*",), "GHCR.io/org/a", False),
    ],
)
def test_allowed_images(patterns: tuple[str, ...], reference: str, allowed: bool) -> None:
    """Where the operator lists images, no other runs, whether it is required or hinted at."""
    for document in (_docker(dockerPull=reference), _hinting("DockerRequirement", dockerPull=reference)):
        given = {**document, "requirements": document["requirements"] if "hints" not in document else {}}
        try:
            policy.check(given, Policy(image_allow=patterns))
            found = True
        except InvalidImageError as error:
            found = False
            assert reference in str(error)
        assert found is allowed


def test_default_container() -> None:
    """A tool that names no image runs in the operator's where there is one."""
    document = _tool(requirements=None)
    operators = Policy(default_container="busybox:stable")
    policy.check(document, operators)
    with pytest.raises(InvalidImageError):
        policy.check(_docker(dockerPull="own"), Policy(default_container="busybox:stable", image_allow=("busybox:*",)))


@pytest.mark.parametrize("process_id", ["a", "A1", "1", "a.b-c_d", "a" * 128, "0.1"])
def test_process_id(process_id: str) -> None:
    """An id is one plain path segment."""
    policy.check_process_id(process_id, "/id")


@pytest.mark.parametrize(
    "process_id",
    ["", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a\n", "a\r\nb", "a" * 129, "ä", "a%2e", "<b>", "a#b", "a:b"],
)
def test_no_process_id(process_id: str) -> None:
    """What could climb, break a header or be markup is no id."""
    with pytest.raises(InvalidProcessError):
        policy.check_process_id(process_id, "/id")


def _loaded(name: str, **body: Any) -> dict[str, Any]:
    return {"class": name, **body}


def test_hints_that_count() -> None:
    """Of what cwltool has made of a document, only hints that are met stay."""
    hints = [_loaded("SoftwareRequirement"), _loaded("NetworkAccess"), _loaded("https://vendor.example/Gpu")]
    kept = policy.check_loaded([_loaded("DockerRequirement", **DOCKER)], hints, Policy())
    assert kept == [_loaded("NetworkAccess")]


@pytest.mark.parametrize(
    ("requirements", "hints", "error"),
    [
        ([], [], NoContainerError),
        ([_loaded("DockerRequirement", **DOCKER), _loaded("SoftwareRequirement")], [], BridgeError),
        ([_loaded("DockerRequirement", **DOCKER), _loaded("http://commonwl.org/cwltool#Loop")], [], BridgeError),
        ([_loaded("DockerRequirement", **DOCKER), _loaded("ToolTimeLimit", timelimit=-1)], [], InvalidProcessError),
        ([_loaded("DockerRequirement", **DOCKER)], [_loaded("ResourceRequirement", ramMin="5")], InvalidProcessError),
        ([_loaded("DockerRequirement", dockerPull="--help")], [], InvalidImageError),
        ([_loaded("DockerRequirement", dockerFile="FROM x")], [], UnsupportedRequirementError),
        ([], [_loaded("DockerRequirement", dockerPull="--help")], InvalidImageError),
        ([_loaded("DockerRequirement", **DOCKER)], [_loaded("EnvVarRequirement", envDef={"a b": "x"})], BridgeError),
    ],
)
def test_loaded_document_is_refused(
    requirements: list[dict[str, Any]], hints: list[dict[str, Any]], error: type[BridgeError]
) -> None:
    """What slipped through in another spelling is refused once cwltool has spelled it out."""
    with pytest.raises(error):
        policy.check_loaded(requirements, hints, Policy())


def test_loaded_process_without_a_tool() -> None:
    """A Workflow or ExpressionTool needs no container; the table holds for it as well."""
    javascript = _loaded("InlineJavascriptRequirement", expressionLib=["var a = 1;"])
    hints = [_loaded("MultipleInputFeatureRequirement"), _loaded("OwnHint")]
    assert policy.check_loaded([javascript], hints, Policy(), runs_a_tool=False) == hints[:1]
    for refused in (_loaded("SoftwareRequirement"), _loaded("DockerRequirement", dockerPull="--help")):
        with pytest.raises(BridgeError):
            policy.check_loaded([javascript, refused], [], Policy(), runs_a_tool=False)


def test_loaded_image_that_is_not_allowed() -> None:
    """The operator's list of images holds at the second wall too."""
    with pytest.raises(InvalidImageError):
        policy.check_loaded([_loaded("DockerRequirement", **DOCKER)], [], Policy(image_allow=("ghcr.io/*",)))
