"""Full validation of one CWL document by cwltool: `python -m cwl_bridge.checker < DOCUMENT`, or in a child of the
warm process.

A process of its own, with limits: a document can hang or crash the loader. Where the document is not valid it ends with
1, and standard output has what is wrong: a JSON list of [pointer into the document, words, whether a name is meant].
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys

from cwl_bridge import complaints

CPU_SECONDS = 10
MEMORY_BYTES = 2 << 30


def check(text: str) -> None:
    """Raises what cwltool raises."""
    # Imported under the limits, and only where a document is really checked.
    from cwl_bridge import loading, steps  # noqa: PLC0415
    from cwl_bridge.policy import Policy  # noqa: PLC0415

    logging.getLogger("cwltool").setLevel(logging.ERROR)
    logging.getLogger("salad").setLevel(logging.ERROR)
    # Whatever its operator allows, a server has looked for already; here it counts what cwltool makes of names.
    loading.load(text, steps.constructor(Policy(default_container="any")))


def main() -> int:
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    # Messages name places relative to the working folder: it is the same for all.
    os.chdir("/")
    text = sys.stdin.read()
    try:
        check(text)
    except Exception as error:  # cwltool raises a dozen types, and any of them means "not valid"
        found = [(each.pointer, each.detail, each.of_name) for each in complaints.of(error, text)]
        sys.stdout.write(json.dumps(found))
        return 1
    return 0


def _limit(which: int, most: int) -> None:
    """Lowers a limit; one that is lower already stays."""
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    sys.exit(main())
