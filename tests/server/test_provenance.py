"""GET /jobs/{id}/prov: W3C PROV in the words of CWLProv, read by the libraries that others read it with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest
import rdflib

with catch_warnings():
    simplefilter("ignore")
    from prov.model import PROV, ProvActivity, ProvAgent, ProvDocument, ProvEntity

from server.routes.provenance import FORMS
from tests.gate import WAIT, let_go, working
from tests.live import Server, serving, shell_package, shell_tool
from tests.server.traced import CASES, CWL, NAME, ran

WFPROV = "http://purl.org/wf4ever/wfprov#"
W3 = "http://www.w3.org/ns/prov#"


def read(server: Server, job_id: str) -> ProvDocument:
    answer = server.http.get(f"/jobs/{job_id}/prov")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return ProvDocument.deserialize(StringIO(answer.text), format="json")


def of_type(document: ProvDocument, kind: str) -> list[ProvActivity]:
    return [
        each for each in document.get_records(ProvActivity) if kind in {one.uri for one in each.get_asserted_types()}
    ]


def run_of(document: ProvDocument) -> ProvActivity:
    (found,) = of_type(document, WFPROV + "WorkflowRun")
    return found


def related(document: ProvDocument, kind: str, first: str, second: str) -> set[tuple[str, str]]:
    """What a relation relates, by the last part of each name."""
    return {
        (each.get_attribute(f"prov:{first}").pop().localpart, each.get_attribute(f"prov:{second}").pop().localpart)
        for each in document.get_records()
        if each.get_type() == PROV[kind]
        and each.get_attribute(f"prov:{first}")
        and each.get_attribute(f"prov:{second}")
    }


def roles(document: ProvDocument, kind: str) -> dict[str, str]:
    """Role → entity, of what the job used or gave."""
    return {
        each.get_attribute("prov:role").pop().localpart: each.get_attribute("prov:entity").pop().localpart
        for each in document.get_records()
        if each.get_type() == PROV[kind]
    }


def one(document: ProvDocument, name: str) -> ProvEntity:
    (found,) = document.get_record(name)
    return found


def values(entity: ProvEntity, name: str) -> set[str]:
    return {str(getattr(each, "value", each)) for each in entity.get_attribute(name)}


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest, server: Server) -> tuple[str, str]:
    """A case, and a job of it."""
    return request.param, ran(server, request.param)


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning:rdflib")
def test_every_form_says_the_same(server: Server, case: tuple[str, str]) -> None:
    """By f and by Accept; each is read by who reads such a form, and none names a place of the host."""
    _, job_id = case
    graphs = {}
    for form, media_type in FORMS.items():
        answer = server.http.get(f"/jobs/{job_id}/prov", params={"f": form})
        accepted = server.http.get(f"/jobs/{job_id}/prov", headers={"Accept": f"{media_type}, text/html;q=0.5"})
        assert answer.status_code == accepted.status_code == 200
        assert {each.headers["content-type"].partition(";")[0] for each in (answer, accepted)} == {media_type}
        assert len(answer.content) == len(accepted.content)
        assert str(server.data) not in answer.text
        rdf = {"turtle": "turtle", "nt": "nt", "jsonld": "json-ld"}.get(form)
        if rdf:
            graphs[form] = rdflib.Graph().parse(data=answer.content, format=rdf)
    counted = {len(each) for each in graphs.values()}

    assert len(counted) == 1
    assert counted.pop() > 50
    run = rdflib.URIRef(f"urn:uuid:{job_id}")
    assert {str(each) for each in graphs["turtle"].objects(run, rdflib.RDF.type)} == {
        WFPROV + "WorkflowRun",
        W3 + "Activity",
    }


def test_the_job_is_a_run_of_its_document_by_cwltool(server: Server, case: tuple[str, str]) -> None:
    """With the times of the status document; the plan is the document by its digest."""
    name, job_id = case
    document, status = read(server, job_id), server.status(job_id)
    run = run_of(document)
    digest = hashlib.sha256((server.data / "jobs" / job_id / "process.cwl").read_bytes()).hexdigest()

    times = [each.isoformat(timespec="milliseconds") for each in (run.get_startTime(), run.get_endTime())]
    assert times == [status[each].replace("Z", "+00:00") for each in ("started", "finished")]
    state = "Failed" if name == "failing" else "Completed"
    assert values(run, "schema:actionStatus") == {f"schema:{state}ActionStatus"}
    associated = related(document, "Association", "activity", "plan")
    assert (job_id, "main") in associated
    assert ("main", digest) in related(document, "Specialization", "specificEntity", "generalEntity")
    agents = {label for each in document.get_records(ProvAgent) for label in values(each, "prov:label")}
    assert {"cwl-processes", "cwltool"} <= {each.split()[0] for each in agents}


def test_what_a_tool_used_and_gave(server: Server) -> None:
    """Files by URL and by SHA-256, secondary files, lists, folders, records, literals with their types."""
    job_id = ran(server, "tool")
    document = read(server, job_id)
    used, gave = roles(document, "Usage"), roles(document, "Generation")
    members = related(document, "Membership", "collection", "entity")
    content = dict(related(document, "Specialization", "specificEntity", "generalEntity"))

    assert set(used) == {f"main/{each}" for each in CASES["tool"][1]}
    assert gave == {f"main/{each}": each for each in ("all", "made", "parts")}
    main = one(document, f"in:{used['main/main']}")
    assert values(main, "cwlprov:basename") == {NAME}
    assert server.http.get(main.identifier.uri).text == "main "
    for name, space in ((used["main/main"], "in"), ("all", "out"), ("made/deep/" + used["main/main"][2:], "out")):
        served = server.http.get(one(document, f"{space}:{name}").identifier.uri).content
        assert content[name] == hashlib.sha256(served).hexdigest(), name
    derived = related(document, "Derivation", "generatedEntity", "usedEntity")
    assert derived == {(used["main/main"] + ".idx", used["main/main"]), ("all/all.txt.idx", "all")}
    assert {"2/list-1.txt", "3/list-2.txt"} == {each for of, each in members if of == "list"}
    assert {("4/tree", "4/tree/a"), ("4/tree", "4/tree/deep"), ("4/tree/deep", "4/tree/deep/b")} <= members
    assert {("pair", "5/left.txt"), ("pair", "pair/count"), ("made", "made/deep"), ("parts", "parts/1")} <= members
    literals = {name: values(one(document, f"order:{name}"), "prov:value") for name in ("number", "large", "flag")}
    assert literals == {"number": {"5"}, "large": {str(1 << 40)}, "flag": {"True"}}
    assert values(one(document, "order:text"), "prov:value") == {CASES["tool"][1]["text"]}
    assert json.loads(values(one(document, "order:words"), "prov:value").pop()) == ["to", "be"]


def test_the_steps_of_a_workflow(server: Server) -> None:
    """Each part of a scattered step, what is inside a subworkflow, expressions; not what was never run."""
    job_id = ran(server, "flow")
    document = read(server, job_id)
    told = (server.data / "jobs" / job_id / "steps.jsonl").read_text().splitlines()
    steps = of_type(document, WFPROV + "ProcessRun")
    plans = related(document, "Association", "activity", "plan")
    status = server.status(job_id)
    ((reference, digest),) = status["usage"]["images"].items()

    assert sorted(label for each in steps for label in values(each, "prov:label")) == [
        f"Run of {each}" for each in ("count", "number", "say", "say_2", "say_3")
    ]
    begun = {json.loads(each)["time"] for each in told if json.loads(each)["event"] == "started"}
    assert {each.get_startTime().isoformat(timespec="microseconds") for each in steps} == begun
    assert all(each.get_endTime() >= each.get_startTime() for each in steps)
    planned = sorted(plan for activity, plan in plans if activity != job_id)
    assert planned == ["main/inside/count", "main/number", "main/say", "main/say", "main/say"]
    assert one(document, "wf:main/never") is not None
    (image,) = [each for each in document.get_records(ProvAgent) if each.get_attribute("cwlprov:image")]
    assert values(image, "cwlprov:image") == {reference}
    assert image.identifier.uri == f"nih:sha-256;{digest.removeprefix('sha256:')}"
    ran_in = {activity for activity, agent in related(document, "Association", "activity", "agent") if len(agent) == 64}
    assert len(ran_in) == 4
    parts = {each.identifier.localpart for each in steps if job_id in {one.localpart for one in part_of(each)}}
    assert len(parts) == 5


def part_of(step: ProvActivity) -> set[Any]:
    found: set[Any] = step.get_attribute("wfprov:wasPartOfWorkflowRun")
    return found


def test_a_failed_job_says_why(server: Server) -> None:
    """And gave nothing."""
    document = read(server, ran(server, "failing"))

    assert "exit code 3" in values(run_of(document), "schema:error").pop()
    (step,) = of_type(document, WFPROV + "ProcessRun")
    assert values(step, "schema:error") == {"Exit code 3."}
    assert roles(document, "Generation") == {}
    assert roles(document, "Usage") == {"main/number": "number"}


def test_where_an_input_was_fetched(server: Server, files: tuple[Path, str]) -> None:
    """Without what only the client may know: the query may be a signature."""
    folder, url = files
    (folder / "given.txt").write_text("given")
    inputs = {"file": {"type": "File"}}
    server.deploy(shell_tool("true", id="traced-fetch", inputs=inputs), CWL)
    job_id = server.submit("traced-fetch", {"file": {"href": f"{url}/given.txt?X-Amz-Signature=s3cr3t"}})
    assert server.wait(job_id)["status"] == "successful"

    document = read(server, job_id)

    entity = one(document, f"in:{roles(document, 'Usage')['main/file']}")
    assert values(entity, "prov:atLocation") == {f"{url}/given.txt"}
    assert "s3cr3t" not in server.http.get(f"/jobs/{job_id}/prov").text


def test_inputs_that_never_came(server: Server) -> None:
    """A job whose inputs can't be fetched has a run and a reason, and used nothing that is known."""
    server.deploy(shell_tool("true", id="traced-unfetched", inputs={"file": "File"}), CWL)
    job_id = server.submit("traced-unfetched", {"file": {"href": "http://127.0.0.1:9/nothing"}})
    assert server.wait(job_id)["status"] == "failed"

    document = read(server, job_id)

    assert values(run_of(document), "schema:error") == {server.status(job_id)["message"]}
    assert roles(document, "Usage") == {}


def test_what_is_wrong_with_a_request(server: Server, case: tuple[str, str]) -> None:
    """400, 404 and 406, as elsewhere; HEAD is GET without a body."""
    _, job_id = case
    url = f"/jobs/{job_id}/prov"
    bad, none = server.http.get(url, params={"f": "svg"}), server.http.get("/jobs/none/prov")
    unknown = server.http.get(url, headers={"Accept": "image/png"})
    head, got = server.http.head(url), server.http.get(url)

    assert (bad.status_code, none.status_code, unknown.status_code) == (400, 404, 406)
    assert "turtle" in bad.json()["detail"]
    assert none.json()["type"].endswith("/no-such-job")
    assert "text/turtle" in unknown.json()["detail"]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))


def test_the_status_document_links_to_it(server: Server, case: tuple[str, str]) -> None:
    """By the relation of PROV-AQ."""
    _, job_id = case
    (link,) = [each for each in server.status(job_id)["links"] if each["rel"] == W3 + "has_provenance"]

    assert link["href"] == f"{server.url}/jobs/{job_id}/prov"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one slot."""
    with serving(tmp_path_factory.mktemp("alone") / "data", SLOTS="1", SHUTDOWN="stop") as server:
        server.deploy(shell_package("gated", f"echo before; {WAIT}"))
        yield server


def test_a_job_that_has_not_ended(alone: Server) -> None:
    """What is known by now: of one that waits its plan, of one that runs the step that it is at."""
    running, waiting = alone.submit("gated"), alone.submit("gated")
    working(alone, running)
    documents = [read(alone, each) for each in (running, waiting)]
    alone.http.delete(f"/jobs/{waiting}")
    let_go(alone, running)

    states = [values(run_of(each), "schema:actionStatus") for each in documents]
    assert states == [{"schema:ActiveActionStatus"}, {"schema:PotentialActionStatus"}]
    assert [run_of(each).get_endTime() for each in documents] == [None, None]
    assert [run_of(each).get_startTime() is None for each in documents] == [False, True]
    (step,) = of_type(documents[0], WFPROV + "ProcessRun")
    assert step.get_endTime() is None
    assert of_type(documents[1], WFPROV + "ProcessRun") == []
    assert alone.wait(running)["status"] == "successful"


def test_a_dismissed_job(alone: Server) -> None:
    """Dismissed while it ran, and before it ran; the second never started."""
    running, waiting = alone.submit("gated"), alone.submit("gated")
    working(alone, running)
    for each in (waiting, running):
        assert alone.http.delete(f"/jobs/{each}").json()["status"] == "dismissed"

    runs = [run_of(read(alone, each)) for each in (running, waiting)]

    assert [values(each, "schema:error") for each in runs] == [{"The job was dismissed."}] * 2
    assert [each.get_startTime() is None for each in runs] == [False, True]
    assert [each.get_endTime() is None for each in runs] == [False, False]


def test_a_process_that_is_no_more(alone: Server) -> None:
    """Its jobs keep their document."""
    alone.deploy(shell_tool("true", id="traced-gone"), CWL)
    job_id = alone.submit("traced-gone")
    alone.wait(job_id)
    assert alone.http.delete("/processes/traced-gone").status_code == 204

    assert related(read(alone, job_id), "Association", "activity", "plan") >= {(job_id, "main")}
