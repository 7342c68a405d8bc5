"""what a page is to the table of routes, and what it is given"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Request, Response

from dougong.base.templating import Templates
from dougong.engine import Engine
from dougong.web.streams import Streams


@dataclass(frozen=True)
class Visit:
    """One request to a page: what came, and what the page needs beside the context."""

    request: Request
    """What came."""
    engine: Engine
    """The instance, for services that open transactions of their own."""
    templates: Templates
    """The page templates."""
    csrf: str
    """The token that a form sends back as `csrf_token`."""
    streams: Streams = field(default_factory=Streams)
    """The places of answers that stay open."""


@dataclass(frozen=True)
class Page:
    """One address: `run(ctx, visit, **names)` answers it, in a unit of work that is committed when it returns.

    A public page is also run when nobody is signed in; `ctx.actor.id` is blank then.
    """

    rule: str
    """The path, with names in angle brackets."""
    name: str
    """What the route is called in metrics and logs."""
    run: Callable[..., Response]
    """What answers it."""
    methods: tuple[str, ...] = ("GET",)
    """The HTTP methods."""
    public: bool = False
    """Whether it is also for those who are not signed in."""
    writes: bool = True
    """Whether a POST runs in a writing transaction; one that opens transactions of its own does not."""
    closed: bool = False
    """It runs when the transaction that found out who asks is over: it changes tables, and must ask nothing itself."""
    uploads: bool = False
    """Whether it takes files."""
