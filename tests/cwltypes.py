"""cwltool's own word on a job order."""

from __future__ import annotations

import copy
import logging
from typing import Any

from cwltool.builder import INPUT_OBJ_VOCAB
from cwltool.process import Process, fill_in_defaults
from cwltool.stdfsaccess import StdFsAccess
from schema_salad.exceptions import ValidationException
from schema_salad.validate import validate_ex

_QUIET = logging.getLogger("quiet")
_QUIET.setLevel(logging.CRITICAL)


def refusal(tool: Process, order: dict[str, Any]) -> str | None:
    """Why a job order does not fit the types of a tool's inputs, as at the start of a run; None: it does."""
    given = copy.deepcopy(order)
    try:
        fill_in_defaults(tool.tool["inputs"], given, StdFsAccess("/"))
        declared = tool.names.get_name("input_record_schema", None)
        assert declared is not None
        validate_ex(declared, given, strict=False, logger=_QUIET, vocab=INPUT_OBJ_VOCAB)
    except Exception as error:
        if type(error) is not ValidationException and "Missing required input" not in str(error):
            raise
        return str(error)
    return None
