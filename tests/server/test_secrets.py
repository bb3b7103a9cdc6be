"""What is given as a secret reaches the tool, and nothing and nobody else: neither disk nor answer nor log has it."""

from __future__ import annotations

import hashlib
import itertools
import json
import signal
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.live import SHELL, Server, shell_package, shell_tool

NAMESPACES = {"cwltool": "http://commonwl.org/cwltool#"}
PASSWORD = {"password": {"type": "string", "inputBinding": {"position": 1}}}
JAVASCRIPT = {"class": "InlineJavascriptRequirement"}
DIGEST = {
    "digest": {
        "type": "string",
        "outputBinding": {"glob": "digest", "loadContents": True, "outputEval": "$(self[0].contents)"},
    }
}
#: What a tool leaves to show what it was given: nobody can read the secret off it.
HASH = "printf %s \"$1\" | sha256sum | cut -c1-64 | tr -d '\\n' > digest"

#: Credentials of the server's own.
STORE = {"AWS_ACCESS_KEY_ID": "AKIAMARKER5D0C1F7E", "AWS_SECRET_ACCESS_KEY": "marker/5d0c1f7e+secret"}

OF_A_JOB = (
    *("", "/results", "/log", "/log.txt", "/inputs.json", "/outcome.json", "/command.txt", "/process.cwl"),
    *("/definition", "/inputs", "/prov?f=json", "/prov?f=ttl", "?f=html", "/log?f=html", "/definition?f=html"),
)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("secrets") / "data", FETCH_ALLOW="127.0.0.1", SLOTS="2")
    # A store that nobody answers for.
    started.environ = {**STORE, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    started.start()
    yield started
    assert started.stop() == 0, started.log
    assert "Traceback" not in started.log


def secret() -> str:
    return f"s3cr-{uuid.uuid4().hex}"


def secret_tool(script: str, **more: Any) -> dict[str, Any]:
    """A tool whose `password` is a secret, and its first argument."""
    return shell_tool(
        script,
        **{
            "id": f"keeps-{next(_numbers)}",
            "$namespaces": NAMESPACES,
            "hints": {"cwltool:Secrets": {"secrets": ["password"]}},
            "inputs": PASSWORD,
            **more,
        },
    )


def deployed(server: Server, cwl: dict[str, Any]) -> str:
    answer = server.deploy(cwl, "application/cwl+json")
    assert answer.status_code == 201, answer.text
    return str(cwl["id"])


def hashed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def on_disk(data: Path, *words: str) -> list[str]:
    """The files that have one of the words, in their names or in themselves."""
    found = []
    for path in data.rglob("*"):
        with suppress(FileNotFoundError):
            content = str(path.relative_to(data)).encode() + (path.read_bytes() if path.is_file() else b"")
            found += [str(path.relative_to(data)) for word in words if word.encode() in content]
    return found


def told(server: Server, job: str, *words: str) -> list[str]:
    """What of a job tells one of the words."""
    found = []
    for each in OF_A_JOB:
        answer = server.http.get(f"/jobs/{job}{each}")
        found += [each for word in words if word in answer.text or word in str(answer.headers)]
    for form in ("zip", "ro-crate"):
        with (
            suppress(zipfile.BadZipFile),
            zipfile.ZipFile(BytesIO(server.http.get(f"/jobs/{job}/bundle?f={form}").content)) as bundle,
        ):
            found += [name for name in bundle.namelist() for word in words if word.encode() in bundle.read(name)]
    return found + [path for path in ("/jobs", "/processes") for word in words if word in server.http.get(path).text]


def assert_kept(server: Server, job: str, *words: str) -> None:
    """Once a job has ended."""
    assert told(server, job, *words) == []
    assert on_disk(server.data, *words) == []
    assert [word for word in words if word in server.log] == []


def followed(server: Server, process_id: str, inputs: dict[str, Any], *words: str) -> tuple[str, dict[str, Any]]:
    """A job and its status at the end; while it runs and afterwards nothing tells the words."""
    job = server.submit(process_id, inputs)
    server.wait(job, "running", "successful", "failed")
    assert told(server, job, *words) == []
    status = server.wait(job)
    assert_kept(server, job, *words)
    return job, status


def outputs(server: Server, job: str) -> Any:
    return server.http.get(f"/jobs/{job}/results?f=json").json()


@pytest.mark.parametrize(
    ("kind", "spelling"),
    [("hints", "cwltool:Secrets"), ("requirements", "x:Secrets"), ("hints", "http://commonwl.org/cwltool#Secrets")],
)
def test_a_secret_reaches_the_tool_alone(server: Server, kind: str, spelling: str) -> None:
    tool = shell_tool(
        f'echo begun; echo "$1"; echo "$1" >&2; {HASH}',
        id=f"keeps-{next(_numbers)}",
        inputs=PASSWORD,
        outputs=DIGEST,
        requirements=[SHELL, JAVASCRIPT],
    )
    tool["$namespaces"] = {**NAMESPACES, "x": NAMESPACES["cwltool"]}
    tool[kind] = [*tool.get(kind, []), {"class": spelling, "secrets": ["password"]}]
    process_id = deployed(server, tool)
    described = server.http.get(f"/processes/{process_id}").json()["inputs"]["password"]
    assert described["schema"] == {"type": "string", "writeOnly": True}
    word = secret()
    job, status = followed(server, process_id, {"password": word}, word)
    assert status["status"] == "successful", status
    assert outputs(server, job)["digest"] == hashed(word)
    log = server.http.get(f"/jobs/{job}/log.txt").text.splitlines()
    assert "begun" in log
    assert log.count("(secret)") == 2
    assert server.http.get(f"/jobs/{job}/inputs.json").json() == {"password": "(secret)"}
    assert server.http.get(f"/jobs/{job}/definition").json()["inputs"] == {"password": "(secret)"}


def test_the_stored_document_runs_with_plain_cwltool(server: Server, tmp_path: Path) -> None:
    """Also where a requirement was sent, which cwltool refuses: what is stored is a hint."""
    tool = secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT])
    tool["requirements"].append(
        {"class": "cwltool:Secrets", "secrets": tool.pop("hints")["cwltool:Secrets"]["secrets"]}
    )
    process_id = deployed(server, tool)
    word = secret()
    document, order = tmp_path / "process.cwl", tmp_path / "order.json"
    document.write_text(server.http.get(f"/processes/{process_id}/process.cwl").text)
    order.write_text(json.dumps({"password": word}))
    done = cwltool("--enable-ext", "--outdir", str(tmp_path / "out"), str(document), str(order))
    assert json.loads(done.stdout)["digest"] == hashed(word), done.stderr
    assert word not in done.stderr


@pytest.mark.parametrize("said", [{"writeOnly": True}, {"format": "password"}])
def test_an_image_without_a_document(server: Server, said: dict[str, Any]) -> None:
    process_id = f"keeps-{next(_numbers)}"
    package = shell_package(
        process_id,
        'shift; printf %s "$1" | sha256sum | cut -c1-64 > digest',
        {"password": {"schema": {"type": "string", **said}}, "user": {"schema": {"type": "string"}}},
        {"digest": {"schema": {"type": "string"}}},
    )
    assert server.deploy(package).status_code == 201
    inputs = server.http.get(f"/processes/{process_id}").json()["inputs"]
    assert inputs["password"]["schema"] == {"type": "string", **said, "writeOnly": True}
    assert "writeOnly" not in inputs["user"]["schema"]
    word = secret()
    job, _ = followed(server, process_id, {"password": {"value": word}, "user": "alice"}, word)
    assert outputs(server, job)["digest"] == hashed(word)
    assert server.http.get(f"/jobs/{job}/definition").json()["inputs"] == {"password": "(secret)", "user": "alice"}


_LINES = '-----BEGIN KEY-----\n{}\nit\'s "the" last ünd line\n'

_FILE = {"InitialWorkDirRequirement": {"listing": [{"entryname": "conf/pw", "entry": "$(inputs.password)"}]}}
_PW = {"password": "string"}
#: How a tool is given its secret → what differs in the document. What it gives is the digest of that.
WAYS: dict[str, dict[str, Any]] = {
    "environment": {
        "baseCommand": ["sh", "-c", f'set -- "$PW"; env >&2; {HASH}'],
        "inputs": _PW,
        "requirements": {
            "EnvVarRequirement": {"envDef": {"PW": "$(inputs.password)", "DOCKER_HOST": "$(inputs.password)"}}
        },
    },
    "file": {
        "baseCommand": ["sh", "-c", 'cat conf/pw; sha256sum < conf/pw | cut -c1-64 | tr -d "\\n" > digest'],
        "inputs": _PW,
        "requirements": _FILE,
    },
    "shell": {
        "baseCommand": [],
        "inputs": _PW,
        "arguments": [
            {"shellQuote": False, "valueFrom": "set -- "},
            {"valueFrom": "$(inputs.password)"},
            {"shellQuote": False, "valueFrom": f'; set -x; : "$1"; {HASH}'},
        ],
        "requirements": {"ShellCommandRequirement": {}},
    },
    "expression": {
        "baseCommand": ["sh", "-c", HASH, "sh"],
        "inputs": _PW,
        "arguments": ['${return [inputs.password].concat(["x"]);}'],
        "requirements": {},
    },
}


@pytest.mark.parametrize(("way", "value"), [("environment", "plain"), *((each, "lines") for each in WAYS)])
def test_ways_to_the_tool(server: Server, way: str, value: str) -> None:
    ours = {"DockerRequirement": {"dockerPull": SHELL["dockerPull"]}, "InlineJavascriptRequirement": {}}
    requirements = {**ours, **WAYS[way]["requirements"]}
    tool = secret_tool("", outputs=DIGEST, **{**WAYS[way], "requirements": requirements})
    process_id = deployed(server, tool)
    word = secret()
    given = word if value == "plain" else _LINES.format(word)
    job, status = followed(server, process_id, {"password": given}, word, "last ünd line")
    assert status["status"] == "successful", server.http.get(f"/jobs/{job}/log.txt").text
    assert outputs(server, job)["digest"] == hashed(given)


def test_standard_input_and_a_file_that_an_expression_makes(server: Server) -> None:
    step = shell_tool('sha256sum | cut -c1-64 | tr -d "\\n" > digest', outputs=DIGEST, inputs={"file": "File"})
    step["requirements"] = [SHELL, JAVASCRIPT]
    literal = '${return {"class": "File", "basename": "pw", "contents": "user:" + self};}'
    flow = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": f"keeps-{next(_numbers)}",
        "$namespaces": NAMESPACES,
        "hints": [{"class": "cwltool:Secrets", "secrets": ["password"]}],
        "requirements": [{"class": "StepInputExpressionRequirement"}, JAVASCRIPT],
        "inputs": {"password": "string?"},
        "outputs": {"digest": {"type": "string", "outputSource": "one/digest"}},
        "steps": {
            "one": {
                "in": {"file": {"source": "password", "valueFrom": literal}},
                "out": ["digest"],
                "run": {**step, "stdin": "$(inputs.file.path)"},
            }
        },
    }
    process_id = deployed(server, flow)
    word = secret()
    job, status = followed(server, process_id, {"password": word}, word)
    assert status["status"] == "successful", status
    assert outputs(server, job)["digest"] == hashed(f"user:{word}")


def test_the_engines_part_of_the_line_is_not_for_values(server: Server) -> None:
    """In the name of a file no value is put: with cwltool, it would be part of the mounts of the container."""
    requirements = {
        "DockerRequirement": {"dockerPull": SHELL["dockerPull"]},
        "InitialWorkDirRequirement": {"listing": [{"entryname": "/opt/$(inputs.password)", "entry": "x"}]},
    }
    process_id = deployed(
        server, secret_tool("ls /opt; ls /opt/host", inputs={"password": "string"}, requirements=requirements)
    )
    value = "x,source=/etc,target=/opt/host"
    job = server.submit(process_id, {"password": value})
    assert server.wait(job)["status"] == "failed"
    log = server.http.get(f"/jobs/{job}/log.txt").text
    assert "passwd" not in log
    assert "source=/etc" not in log


FLOW = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "requirements": {
        "ScatterFeatureRequirement": {},
        "SubworkflowFeatureRequirement": {},
        "InlineJavascriptRequirement": {},
    },
    "inputs": {"token": "string", "names": "string[]"},
    "outputs": {"digests": {"type": "Any", "outputSource": "inner/digests"}},
    "steps": {
        "inner": {
            "in": {"token": "token", "names": "names"},
            "out": ["digests"],
            "run": {
                "class": "Workflow",
                "inputs": {"token": "string", "names": "string[]"},
                "outputs": {"digests": {"type": "string[]", "outputSource": "each/digest"}},
                "steps": {
                    "each": {
                        "scatter": "name",
                        "in": {"password": "token", "name": "names"},
                        "out": ["digest"],
                        "run": {},
                    }
                },
            },
        }
    },
}


def test_the_secret_of_a_step_is_one_of_the_workflow(server: Server) -> None:
    tool = secret_tool(
        f'echo "$1"; {HASH}', outputs=DIGEST, inputs={**PASSWORD, "name": "string"}, requirements=[SHELL]
    )
    del tool["id"], tool["$namespaces"]
    flow = json.loads(json.dumps({**FLOW, "id": f"keeps-{next(_numbers)}", "$namespaces": NAMESPACES}))
    flow["steps"]["inner"]["run"]["steps"]["each"]["run"] = tool
    process_id = deployed(server, flow)
    described = server.http.get(f"/processes/{process_id}").json()["inputs"]
    assert described["token"]["schema"]["writeOnly"] is True
    word = secret()
    job, status = followed(server, process_id, {"token": word, "names": ["a", "b"]}, word)
    assert status["status"] == "successful", status
    assert outputs(server, job)["digests"] == [hashed(word)] * 2


def test_what_a_tool_says_is_masked_wherever_it_is_cut(server: Server) -> None:
    """In the log, in the words of a failure, in the status document."""
    script = 'printf %s "${1%%-*}" >&2; sleep 0.3; printf \'%s\\n\' "-${1#*-}" >&2; echo "last: $1" >&2; exit 3'
    process_id = deployed(server, secret_tool(script))
    word = secret()
    _, status = followed(server, process_id, {"password": word}, word, word[6:])
    assert status["exception"]["log"] == ["(secret)", "last: (secret)"]
    assert "last: (secret)" in status["message"]


def test_short_and_odd_secrets(server: Server) -> None:
    """Too short to be looked for, or what stands everywhere anyway."""
    process_id = deployed(
        server, secret_tool(f"echo abc running; {HASH}", outputs=DIGEST, requirements=[SHELL, JAVASCRIPT])
    )
    values = ("", "a", "running", "/dev/null", "jobs", "*.\\")
    jobs = [server.submit(process_id, {"password": value}) for value in values]
    assert [server.wait(job)["status"] for job in jobs] == ["successful"] * len(jobs)
    assert [outputs(server, job)["digest"] for job in jobs] == list(map(hashed, values))
    logs = [server.http.get(f"/jobs/{job}/log.txt").text for job in jobs]
    assert ["abc running" in log for log in logs] == [True, True, False, True, True, True]
    # Nor does it bring to light what is left out otherwise.
    assert [log for log in logs if str(server.data.parent) in log] == []


BAD: dict[str, Any] = {
    "number": 918273645,
    "list": ["{word}"],
    "object": {"{word}": "{word}"},
    "long": "{word}" * 20,
    "reference": {"href": "https://example.org/{word}"},
    "process": {"process": "https://example.org/{word}"},
    "file": {"class": "File", "location": "https://example.org/{word}"},
    "mask": "(secret)",
    "null": {"value": None, "mediaType": "{word}"},
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("path", ["execution", "validation"])
def test_a_value_that_does_not_fit_is_not_quoted(server: Server, bad: str, path: str, strict: str) -> None:
    word = secret()
    value = json.loads(json.dumps(BAD[bad]).replace("{word}", word))
    answer = server.http.post(f"/processes/{strict}/{path}", json={"inputs": {"password": value}})
    assert answer.status_code == 400, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/inputs/password"]
    assert word not in answer.text
    assert "918273645" not in answer.text


@pytest.fixture(scope="module")
def strict(server: Server) -> str:
    """A process whose secret has a pattern."""
    process_id = f"keeps-{next(_numbers)}"
    schema = {"type": "string", "writeOnly": True, "maxLength": 100}
    assert server.deploy(shell_package(process_id, "true", {"password": {"schema": schema}})).status_code == 201
    return process_id


def test_a_dry_run_shows_a_mask(server: Server, strict: str) -> None:
    answer = server.http.post(f"/processes/{strict}/validation", json={"inputs": {"password": secret()}})
    assert answer.json() == {"password": "(secret)"}


def test_a_secret_is_no_part_of_a_url(server: Server, strict: str) -> None:
    word = secret()
    answer = server.http.get(f"/processes/{strict}/execution?password={word}")
    assert answer.status_code == 400
    assert word not in answer.text


def test_a_request_that_is_sent_again(server: Server, strict: str) -> None:
    """It is known again, and no hash of it is kept from which a short secret could be guessed."""
    key, word = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "respond-async"}, secret()
    first, again = (server.execute(strict, {"password": word}, key) for _ in range(2))
    assert again.json()["jobID"] == first.json()["jobID"]
    assert server.execute(strict, {"password": secret()}, key).status_code == 422
    assert server.wait(first.json()["jobID"])["status"] == "successful"
    assert kept_secrets(server) == []


def kept_secrets(server: Server) -> list[str]:
    return sorted(path.name for path in (server.data / "secrets").iterdir() if path.suffix != ".key")


def created(server: Server, process_id: str, inputs: Any) -> str:
    answer = server.http.post("/jobs", json={"process": process_id, "inputs": inputs})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["jobID"])


def test_a_job_that_is_made_changed_and_started_later(server: Server) -> None:
    process_id = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    word, other = secret(), secret()
    job = created(server, process_id, {"password": word})
    [file] = (server.data / "secrets").glob(f"{job}.*")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert set(on_disk(server.data, word)) == {f"secrets/{file.name}"}
    assert told(server, job, word) == []
    changed = server.http.patch(f"/jobs/{job}", json={"outputs": {"digest": {}}})
    assert changed.status_code == 200, changed.text
    assert server.http.patch(f"/jobs/{job}", json={"inputs": {"password": "(secret)"}}).status_code == 400
    plain = deployed(server, shell_tool("true", id=f"keeps-{next(_numbers)}", inputs=PASSWORD))
    refused = server.http.patch(f"/jobs/{job}", json={"process": plain, "outputs": None})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/inputs"]
    assert set(on_disk(server.data, word)) == {
        f"secrets/{each.name}" for each in (server.data / "secrets").glob(f"{job}.*")
    }
    assert server.http.patch(f"/jobs/{job}", json={"inputs": {"password": other}}).status_code == 200
    assert on_disk(server.data, word) == []
    assert server.http.post(f"/jobs/{job}/results").status_code == 200
    assert server.wait(job)["status"] == "successful"
    assert outputs(server, job)["digest"] == hashed(other)
    assert_kept(server, job, word, other)
    assert kept_secrets(server) == []


def test_a_job_that_is_dismissed_before_it_runs(server: Server, strict: str) -> None:
    word = secret()
    job = created(server, strict, {"password": word})
    assert server.http.delete(f"/jobs/{job}").status_code == 200
    assert_kept(server, job, word)


def test_a_batch(server: Server) -> None:
    process_id = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    words = [secret() for _ in range(3)]
    job = created(server, process_id, [{"password": each} for each in words])
    assert len(kept_secrets(server)) == 1
    assert server.http.patch(f"/jobs/{job}", json={"outputs": {"digest": {}}}).status_code == 200
    definition = server.http.get(f"/jobs/{job}/definition").json()
    assert definition["inputs"] == [{"password": "(secret)"}] * 3
    server.http.post(f"/jobs/{job}/results")
    assert server.wait(job)["status"] == "successful"
    assert outputs(server, job)["digest"] == list(map(hashed, words))
    assert_kept(server, job, *words)
    assert kept_secrets(server) == []


def test_processes_in_one_another(server: Server) -> None:
    """Wherever in a request a secret stands, the definition has a mask; a workflow that is deployed can't have one."""
    inner = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    outer = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    word = secret()
    inputs = {"password": {"process": inner, "inputs": {"password": word}}}
    job, status = followed(server, outer, inputs, word)
    assert status["status"] == "successful", status
    assert outputs(server, job)["digest"] == hashed(hashed(word))
    definition = server.http.get(f"/jobs/{job}/definition").json()["inputs"]
    assert definition == {"password": {"process": inner, "inputs": {"password": "(secret)"}}}
    # What one step gives another as a secret is one from there on.
    assert hashed(word) not in server.http.get(f"/jobs/{job}/log.txt").text
    request = {"id": f"keeps-{next(_numbers)}", "process": outer, "inputs": inputs}
    refused = server.deploy(request, "application/json")
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/inputs/password/inputs/password"]
    assert word not in refused.text
    inputs["password"]["inputs"] = {"password": {"$input": "password"}}
    assert server.deploy({**request, "inputs": inputs}, "application/json").status_code == 201
    described = server.http.get(f"/processes/{request['id']}").json()["inputs"]
    assert described["password"]["schema"]["writeOnly"] is True
    job, status = followed(server, str(request["id"]), {"password": word}, word)
    assert status["status"] == "successful", status


@pytest.fixture(scope="module")
def reader(server: Server) -> str:
    file = {"file": {"type": ["null", "File", {"type": "array", "items": "string"}]}, "text": "string?"}
    return deployed(server, shell_tool("true", id=f"keeps-{next(_numbers)}", inputs=file))


@pytest.mark.parametrize(("where", "name"), [("nothing.txt", "file"), ("data.txt", "file"), ("nothing.txt", "text")])
def test_what_a_signed_href_has_beside_its_place(
    server: Server, reader: str, files: tuple[Path, str], where: str, name: str
) -> None:
    """Neither user and password nor what is in the query is told, whether the href can be fetched or not."""
    folder, url = files
    (folder / "data.txt").write_text("data")
    word = secret()
    job = server.submit(reader, {name: {"href": f"{url}/{where}?X-Amz-Signature={word}&part=1&{word}"}})
    status = server.wait(job)
    assert status["status"] == ("successful" if where == "data.txt" else "failed"), status
    log = server.http.get(f"/jobs/{job}/log.txt").text
    assert f"fetching {url}/{where}?X-Amz-Signature=…&part=…&…\n" in log
    # What made the job has what was sent.
    assert set(told(server, job, word)) == {"/definition", "/inputs", "/definition?f=html"}
    assert word not in server.log


def test_credentials_of_the_server_are_in_no_job(server: Server, reader: str) -> None:
    job = server.submit(reader, {"file": {"href": "s3://bucket/key"}})
    status = server.wait(job)
    assert status["exception"]["type"].endswith("/fetch-failed"), status
    assert_kept(server, job, *STORE.values())


def test_once_more_with_cwltool(server: Server) -> None:
    process_id = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    word = secret()
    job = server.submit(process_id, {"password": word})
    server.wait(job)
    asked = replay(server, job)
    assert asked.returncode == 2
    assert "-i password=" in asked.stderr
    again = replay(server, job, "-i", f"password={word}")
    assert again.returncode == 0, again.stderr
    assert word not in again.stdout + again.stderr


def replay(server: Server, job: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "server", "replay", job, "--server", server.url, *options]
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def cwltool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cwltool", *words], capture_output=True, text=True, check=False)


def test_waiting_jobs_outlive_a_killed_server(tmp_path: Path) -> None:
    """They have their secrets when they run; what nobody needs any more is removed."""
    server = Server(tmp_path / "data", SLOTS="1").start()
    process_id = deployed(server, secret_tool(HASH, outputs=DIGEST, requirements=[SHELL, JAVASCRIPT]))
    slow = shell_tool("until test -e go; do sleep 0.1; done", id="slow", requirements=[SHELL])
    running = server.submit(deployed(server, slow))
    server.wait(running, "running")
    word = secret()
    job = server.submit(process_id, {"password": word})
    assert [Path(each).parts[0] for each in on_disk(server.data, word)] == ["secrets"]
    server.stop(signal.SIGKILL)
    (server.data / "secrets" / f"{uuid.uuid4()}.1234abcd").write_text(word)
    server.start()
    assert server.http.delete(f"/jobs/{running}").status_code == 200
    assert server.wait(job)["status"] == "successful"
    assert outputs(server, job)["digest"] == hashed(word)
    assert_kept(server, job, word)
    left = created(server, process_id, {"password": word})
    server.stop(signal.SIGKILL)
    for path in (server.data / "secrets").glob(f"{left}.*"):
        path.unlink()
    server.start()
    # Of a backup without secrets.
    server.http.post(f"/jobs/{left}/results")
    status = server.wait(left)
    assert status["exception"]["type"].endswith("/secrets-lost"), status
    assert server.stop() == 0
