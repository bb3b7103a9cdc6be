"""Full validation of one CWL document by cwltool: `python -m cwl_bridge.checker FILE`.

A process of its own, with limits: a document can hang or crash the loader. Prints cwltool's words and ends with 1
where the document is not valid.
"""

from __future__ import annotations

import logging
import resource
import sys
from pathlib import Path

CPU_SECONDS = 30
MEMORY_BYTES = 2 << 30


def check(path: Path) -> None:
    """Raises what cwltool raises."""
    # Imported under the limits, and only where a document is really checked.
    from cwltool.load_tool import load_tool  # noqa: PLC0415

    from cwl_bridge import steps  # noqa: PLC0415
    from cwl_bridge.policy import Policy  # noqa: PLC0415

    logging.getLogger("cwltool").setLevel(logging.ERROR)
    logging.getLogger("salad").setLevel(logging.ERROR)
    # Whatever its operator allows, a server has looked for already; here it counts what cwltool makes of names.
    allowed = Policy(default_container="any")
    load_tool(path.as_uri(), steps.loading_context(path, steps.constructor(allowed)))


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        check(Path(path))
    except Exception as error:  # cwltool raises a dozen types, and any of them means "not valid"
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
