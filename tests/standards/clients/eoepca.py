"""ogc-api-processes-client from the landing page to dismissal: `python eoepca.py URL HREF`. Prints what came of it.

HREF: a text for word-count.
"""

from __future__ import annotations

import sys
from typing import Any

from ogc_api_processes_client.api_client_wrapper import ApiClientWrapper
from ogc_api_processes_client.configuration import Configuration
from ogc_api_processes_client.models.execute import Execute
from scenes import Scenes, until

ASYNC = {"Prefer": "respond-async"}


def main(url: str, href: str) -> None:
    client = ApiClientWrapper(Configuration(host=url))
    scenes = Scenes()
    scenes.play("landing page", client.get_landing_page, lambda found: [each.rel for each in found.links])
    scenes.play("conformance", client.get_conformance_classes, lambda found: found.conforms_to)
    scenes.play("processes", client.get_processes, lambda found: [each.id for each in found.processes])
    scenes.play("process", lambda: client.get_process_description("word-count"), lambda found: list(found.inputs))
    scenes.play("no process", lambda: client.get_process_description("none"))

    text = {"inputs": {"text": {"href": href}}, "outputs": {"frequencies": {}}}
    scenes.play("execute", lambda: client.execute("word-count", Execute.from_dict(text), _headers=ASYNC), _status)
    job = scenes.play("execute simply", lambda: client.execute_simple("word-count", text, _headers=ASYNC), _status)
    ended = scenes.play(
        "status",
        lambda: until(lambda: client.get_status(job.job_id), lambda found: found.finished is not None),
        _status,
    )
    scenes.play(
        "result",
        lambda: client.get_result(ended.job_id),
        lambda found: {name: each.actual_instance.href for name, each in found.items()},
    )
    scenes.play("jobs", client.get_jobs, lambda found: [each.process_id for each in found.jobs])

    scenes.play("a string", lambda: Execute.from_dict({"inputs": {"stringInput": "x"}}))
    scenes.play("execute simply, in time", lambda: client.execute_simple("echo", {"inputs": {"stringInput": "x"}}))
    string = client.execute_simple("echo", {"inputs": {"stringInput": "x"}}, _headers=ASYNC)
    until(lambda: client.get_status(string.job_id), lambda found: found.finished is not None)
    scenes.play("result that is a string", lambda: client.get_result(string.job_id))

    long = client.execute_simple("echo", {"inputs": {"stringInput": "x", "pause": 60}}, _headers=ASYNC)
    scenes.play("dismiss", lambda: client.dismiss(long.job_id), _status)
    scenes.play("no job", lambda: client.get_status("none"))
    scenes.tell()


def _status(found: Any) -> str:
    status: str = found.status.value if hasattr(found.status, "value") else str(found.status)
    return status


if __name__ == "__main__":
    main(*sys.argv[1:])
