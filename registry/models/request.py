"""Execute requests: what they say beside their inputs."""

from __future__ import annotations

from dataclasses import dataclass

from registry.models.values import JSON
from registry.subscriber import Subscriber


@dataclass(frozen=True, kw_only=True)
class OutputChoice:
    """What an execute request says about one output (output.yaml)."""

    #: "value", "reference", or None where the request leaves it to the server.
    transmission: str | None = None
    media_type: str | None = None
    #: base64, binary, utf-8, or None.
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExecuteRequest:
    """What an execute request says beside its inputs (execute.yaml); /results is answered in the same style."""

    #: None: all outputs. Empty: none.
    outputs: dict[str, OutputChoice] | None = None
    #: "raw" or "document" by the rules of version 1.0; None: the rules of version 2.0.
    response: str | None = None
    #: `Prefer: return=` minimal or representation.
    returns: str | None = None
    subscriber: Subscriber | None = None

    def wants(self, output: str) -> bool:
        return self.outputs is None or output in self.outputs

    def choice(self, output: str) -> OutputChoice:
        return (self.outputs or {}).get(output, OutputChoice())

    def to_json(self) -> JSON:
        outputs = self.outputs
        return {
            "outputs": outputs and {key: vars(each) for key, each in outputs.items()},
            "response": self.response,
            "returns": self.returns,
            "subscriber": self.subscriber and self.subscriber.to_json(),
        }

    @classmethod
    def from_json(cls, document: JSON) -> ExecuteRequest:
        outputs, subscriber = document["outputs"], document.get("subscriber")
        return cls(
            outputs=outputs and {key: OutputChoice(**each) for key, each in outputs.items()},
            response=document["response"],
            returns=document["returns"],
            subscriber=subscriber and Subscriber.from_json(subscriber),
        )
