"""The process service of unity-sds-client from deploy to dismissal: `python unity.py URL`. Prints what came of it."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

from scenes import Scenes, until
from unity_sds_client.resources.job_status import JobStatus
from unity_sds_client.services.process_service import ProcessService

TOOL = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "requirements": [{"class": "DockerRequirement", "dockerPull": "busybox:stable"}],
    "baseCommand": ["sh", "-c", 'sleep "$0"; echo "$1"'],
    "inputs": {
        "seconds": {"type": "int", "inputBinding": {"position": 1}},
        "text": {"type": "string", "inputBinding": {"position": 2}},
    },
    "outputs": {"said": {"type": "stdout"}},
}
PACKAGE = {
    "processDescription": {"id": "unity", "version": "1", "title": "Says"},
    "executionUnit": {"value": TOOL, "mediaType": "application/cwl+json"},
}


def main(url: str) -> None:
    # Where a Unity session would find the service of its venue.
    session = SimpleNamespace(
        get_auth=lambda: SimpleNamespace(get_token=lambda: "none"),
        get_unity_href=lambda: url,
        get_venue_id=lambda: "",
    )
    service = ProcessService(session)
    scenes = Scenes()
    # This one puts the path behind it as it is.
    service.endpoint = f"{url}/"
    scenes.play("deploy", lambda: service.deploy_process(PACKAGE), str)
    service.endpoint = url
    scenes.play("processes", service.get_processes, lambda found: [each.id for each in found])
    process = scenes.play(
        "process", lambda: service.get_process("unity"), lambda found: found and [found.id, found.title]
    )
    scenes.play("process with a default", lambda: service.get_process("echo"))
    scenes.play("no process", lambda: service.get_process("none"))
    scenes.play("execute", lambda: process.execute({"inputs": {"seconds": 0, "text": "hello"}}))
    jobs = scenes.play("jobs", service.get_jobs, lambda found: [each._process_id for each in found])
    ended = scenes.play(
        "status",
        lambda: until(jobs[0].get_status, lambda job: job.status is not JobStatus.RUNNING and _ended(job)),
        _status,
    )
    scenes.play("result", ended.get_result, repr)
    scenes.play("execute for long", lambda: process.execute({"inputs": {"text": "hello", "seconds": 3600}}))
    running = next(each for each in service.get_jobs() if not _ended(each))
    scenes.play("dismiss", running.dismiss, _status)
    scenes.tell()


def _ended(job: Any) -> bool:
    return job.status in (JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED)


def _status(job: Any) -> str:
    status: str = job.status.value
    return status


if __name__ == "__main__":
    main(sys.argv[1])
