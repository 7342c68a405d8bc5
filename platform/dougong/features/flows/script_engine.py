"""our expressions inside BPMN; scripts and services refused

SpiffWorkflow's own engine gives conditions to `eval`. This one knows the conditions of one process by the ids of their
arrows and evaluates nothing else. It is not stored with an instance: whoever loads one puts it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

Decide = Callable[[str], bool]
"""Says whether the condition of an arrow holds for the record now."""


class Refused(RuntimeError):
    """A process asked for code to be run: a bug of ours, since the checker refuses it."""


class Environment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # it has no types
    """What SpiffWorkflow asks for an expression, a script or a service."""

    def __init__(self, decide: Decide) -> None:
        super().__init__({})
        self._decide = decide

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> bool:
        return self._decide(expression.strip())

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        raise Refused("a script in a process")

    def call_service(self, *args: Any, **keys: Any) -> str:
        raise Refused("a service in a process")


def engine(decide: Decide) -> PythonScriptEngine:
    """Make the script engine of one instance."""
    return PythonScriptEngine(Environment(decide))
