"""Which query parameters a request may have: those of its endpoint, each as often as it may be given. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from server.endpoints import Endpoint
from server.problems import ProblemError

#: Known everywhere: the form of the answer (`f`), and what it keeps to (`profile`; 18-062r3, query-param-profile).
EVERYWHERE = ("f", "profile")
#: Of these, how often they are given says nothing.
_LISTS = frozenset({"profile"})

_SHOWN = 40


def check(endpoint: Endpoint, names: Iterable[str]) -> None:
    """`names`: those of the query, each as often as it is given. Raises ProblemError (19-072)."""
    own = {each.name: each for each in endpoint.parameters if each.where == "query"}
    for name, times in Counter(names).items():
        if name not in own and name not in EVERYWHERE:
            raise ProblemError("invalid-query-parameter-value", _unknown(endpoint, name, list(own)))
        many = own[name].many if name in own else name in _LISTS
        if times > 1 and not many:
            detail = f"The query parameter {name} is given {times} times; once is meant."
            raise ProblemError("invalid-query-parameter-value", detail)


def _unknown(endpoint: Endpoint, name: str, own: list[str]) -> str:
    known = [*own, *(each for each in EVERYWHERE if each not in own)]
    alike = next((each for each in known if each.lower() == name.lower()), None)
    meant = f"; did you mean {alike!r}?" if alike else "."
    said = f"There is no query parameter {name[:_SHOWN]!r} for {endpoint.method} {endpoint.path}{meant}"
    return f"{said} Known are: {', '.join(known)}."
