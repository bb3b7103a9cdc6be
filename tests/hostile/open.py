"""Attacks that still succeed, each with the defence that it waits for: a case, or an attack with all its ways.

An attack that is listed here and fails makes its test fail: whoever brings the defence removes the line.
"""

from __future__ import annotations

LOOP = "what a body may cost is not bounded before it is paid"
ROOM = "what cwltool takes, mounts and collects is not held inside the room of the job"
OUTPUTS = "what a tool leaves is not bounded"
SCATTER = "the parts of a step are not counted before they are made"
CONTAINER = "containers have more rights than tools need"
REGISTRY = "the engine is asked for images of any registry"
BROWSER = "pages of other sites are answered"
SECRETS = "secret inputs are written like others"

OPEN: dict[str, str] = {
    "reading/a-million-items/execution": LOOP,
    "reading/a-million-items/validation": LOOP,
    "reading/each-item-once": LOOP,
    "reading/pattern-without-end/value/execution": LOOP,
    "reading/pattern-without-end/value/validation": LOOP,
    "policy/private-registry": REGISTRY,
    "room/host-files/entry": ROOM,
    "room/host-files/entry-file-writable": ROOM,
    "room/host-files/entry-writable": ROOM,
    "room/host-files/listing-directory": ROOM,
    "room/host-files/listing-file": ROOM,
    "room/host-files/listing-nested": ROOM,
    "room/host-files/secondary-files": ROOM,
    "room/host-files/step-directory": ROOM,
    "room/links-between-steps/copied": ROOM,
    "room/private-urls/listing": ROOM,
    "room/scatter": SCATTER,
    "collection/deep-folders": OUTPUTS,
    "collection/job-folder": ROOM,
    "collection/large-file": OUTPUTS,
    "collection/many-files": OUTPUTS,
    "container/many-processes": CONTAINER,
    "container/network": CONTAINER,
    "container/rights": CONTAINER,
    "http/other-sites": BROWSER,
    "http/read-by-other-sites": BROWSER,
    "http/secrets": SECRETS,
}
