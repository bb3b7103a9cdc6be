"""One POST to a place that a client has named: to addresses that may be called, within a time, no further.

It goes through the one guarded client (`cwl_bridge.fetch`), which follows no redirect here and reads nothing of the
answer but its status, and `Retry-After`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from email.utils import parsedate_to_datetime

from cwl_bridge import fetch
from cwl_bridge.addresses import Allowed
from cwl_bridge.fetch import Deadline, UnreachableError
from registry.models import now

#: For all of it, from the name to the status.
SECONDS = 15.0
#: Sent at once; a name server that takes its time can't be told to stop.
AT_ONCE = 16

#: With these a receiver may say when it can take more (RFC 9110, 10.2.3; RFC 6585, 4).
_BUSY = (429, 503)

#: Characters of what is said of a failure.
_MAX_SAID = 300


class NotTakenError(Exception):
    """The receiver has not taken what was sent; the message says why, and names no URL."""

    def __init__(self, message: str, *, for_good: bool = False, after: float = 0) -> None:
        super().__init__(message)
        #: Seconds before which it does not want to be asked again.
        self.after = after
        #: Whether it wants to hear no more of it.
        self.for_good = for_good


class Sender:
    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def post(self, url: str, content: bytes, headers: dict[str, str]) -> None:
        """Raises NotTakenError unless it is answered with 2xx."""
        loop = asyncio.get_running_loop()
        deadline = Deadline(SECONDS)
        try:
            async with asyncio.timeout(SECONDS):
                status, said = await loop.run_in_executor(
                    self._threads, fetch.posted, url, content, headers, self._allowed, deadline
                )
        except TimeoutError:
            raise _late() from None
        except UnreachableError as error:
            if deadline.is_over:
                raise _late() from error
            raise NotTakenError(f"The receiver can't be reached: {str(error)[:_MAX_SAID]}.") from error
        finally:
            # No thread waits for what nobody waits for any more.
            deadline.cut()
        if 300 <= status < 400:
            raise NotTakenError(f"The receiver answered {status}; redirects are not followed.")
        if not 200 <= status < 300:
            after = _seconds(said) if status in _BUSY else 0
            raise NotTakenError(f"The receiver answered {status}.", for_good=status == 410, after=after)


def _seconds(said: str) -> float:
    """`Retry-After`: a number of seconds, or a date; 0 for what is neither."""
    text = said.strip()
    if text.isascii() and text.isdecimal():
        # Nobody waits for as long as this could say.
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0


def _late() -> NotTakenError:
    return NotTakenError(f"The receiver did not answer within {SECONDS:g} s.")
