"""The API definition of many processes, as they come and go."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from server.openapi.definitions import Definitions
from server.routes import ENDPOINTS
from tests.registry.samples import make_process, opened

MANY = 120


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_many_processes_that_come_and_go(tmp_path: Path, version: str) -> None:
    """Each has its operation, in the order of the list, whatever was asked for before."""

    async def scenario() -> None:
        async with opened(tmp_path) as registry:
            definitions = Definitions(ENDPOINTS, registry.processes)

            async def operations() -> list[str]:
                found: dict[str, Any] = json.loads(await definitions.text("http://here", version))
                assert found["servers"] == [{"url": "http://here"}]
                ids = [each["operationId"] for methods in found["paths"].values() for each in methods.values()]
                return [each.removeprefix("execute.") for each in ids if each.startswith("execute.")]

            assert await operations() == []
            names = [f"p{number}" for number in range(MANY)]
            for name in names:
                await registry.processes.add(make_process(name))
            assert await operations() == names
            await registry.processes.remove("p7")
            await registry.processes.replace(make_process("p3"))
            await registry.processes.add(make_process("last"))
            changed = [each for each in names if each not in ("p3", "p7")] + ["p3", "last"]
            assert await operations() == changed
            assert [each for each, _ in await definitions.listed()] == changed
            # Asked for at once.
            assert await asyncio.gather(*(operations() for _ in range(3))) == [changed] * 3

    asyncio.run(scenario())
