"""How a run ended, by what it left in its folder, or by what is known where it left nothing."""

from __future__ import annotations

import errno
import logging
import signal

from cwl_bridge.jobfolder import JobFolder
from cwl_bridge.launcher import Running
from registry.models import Failure, Outcome

_log = logging.getLogger("cwl_processes.supervisor")


def outcome(folder: JobFolder) -> Outcome | None:
    """None where its runner wrote none. Raises OSError: what can't be read now may be read later.

    What is there and is no outcome won't become one: the job has failed, and holds up no other.
    """
    try:
        return folder.outcome()
    except OSError:
        raise
    except Exception as error:
        _log.exception("the outcome in %s can't be understood", folder.path)
        message = f"The outcome of the run can't be understood: {type(error).__name__}."
        return Outcome(failure=Failure(reason="runner-error", message=message))


def unstartable(error: Exception) -> Failure:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(reason="no-space", message="The disk was full when the run was to be started.")
    return Failure(reason="runner-error", message=f"The run could not be started: {type(error).__name__}.")


def lost(folder: JobFolder, running: Running | None) -> Failure:
    """Of a run that could not say itself how it ended."""
    number = running.ended_by if running else None
    how = f" by signal {signal.Signals(number).name}" if number else ""
    return Failure(
        reason="runner-lost",
        message=f"The process that ran the job was ended{how} before it could say how the run ended.",
        log=folder.log_tail(),
    )
