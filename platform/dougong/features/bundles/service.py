"""check, plan, apply; and the catalog that holds now

The command line and the studio both come in here, so there is one way from definitions to a running system. The truth
is in the database: a folder, a pack and the studio each submit whole layers, with the fingerprint they started from.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from dougong.base.clock import Clock
from dougong.base.errors import BadRequest, Conflict, DougongError, NotAllowed, NotFound
from dougong.base.problems import Problem, has_errors
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.catalog import compile as compiler
from dougong.catalog.holder import Holder
from dougong.catalog.model import Catalog
from dougong.definitions import sources
from dougong.definitions.sources import SITE, SourceFile
from dougong.sdk.extensions import Extensions
from dougong.storage import apply as applying
from dougong.storage import diff, installed, sweep
from dougong.storage.database import Database
from dougong.storage.plan import FileChange, Plan, from_data
from dougong.storage.platform_tables import applied_plan

log = logging.getLogger(__name__)

Layers = Mapping[str, Mapping[str, str]]
"""Whole layers: texts by path, by layer."""

SITE_PATH = re.compile(r"[a-z_]+/[a-z][a-z0-9_]{0,39}\.yaml|workflows/[a-z][a-z0-9_]{0,39}\.bpmn")
PATH = re.compile(r"([a-z0-9_]+/){0,4}[a-z0-9_]+\.ya?ml|workflows/([a-z0-9_]+/){0,3}[a-z0-9_]+\.bpmn")
LAYER = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_READS = 5


class Installation(Protocol):
    """What an engine gives to those below it."""

    @property
    def settings(self) -> Settings:
        """What the environment says."""

    @property
    def database(self) -> Database:
        """Where everything is kept."""

    @property
    def extensions(self) -> Extensions:
        """What the plugins added."""

    @property
    def holder(self) -> Holder:
        """The current catalog."""

    @property
    def loading(self) -> threading.Lock:
        """Held by the one thread that loads a catalog."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    @property
    def locale(self) -> str:
        """The language of plain texts in the site's layer."""


class DefinitionProblems(DougongError):
    """Definitions that cannot be applied; `problems` says where and how to mend them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        count = sum(problem.is_error for problem in problems)
        super().__init__(
            Message(
                "The definitions have {count} {noun}:\n{problems}",
                count=count,
                noun="problem" if count == 1 else "problems",
                problems="\n".join(str(problem) for problem in self.problems if problem.is_error),
                code="definition_problems",
            )
        )


@dataclass(frozen=True)
class Applied:
    """A plan in the history."""

    id: str
    at: dt.datetime
    by: str
    reason: str | None
    status: str
    digest: str
    plan: Plan
    undoes: str | None = None
    """The plan that this one took back."""

    def as_data(self) -> dict[str, object]:
        """Give it as JSON."""
        return {
            "id": self.id,
            "at": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "by": self.by,
            "reason": self.reason,
            "status": self.status,
            "digest": self.digest,
            "versions": [list(each) for each in self.plan.versions],
            "changes": [str(each) for each in self.plan.changes],
            "undoes": self.undoes,
        }


# Check.


def read_layers(folders: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Read folders of bundles as layers; what cannot be read is raised as problems."""
    found, problems = sources.read(*folders)
    if has_errors(problems):
        raise DefinitionProblems(problems)
    layers: dict[str, dict[str, str]] = {}
    for source in found:
        layers.setdefault(source.layer, {})[source.path] = source.text
    return layers


def check(
    paths: Sequence[Path], extensions: Extensions, *, language: str = "en", shipped: Path | None = None
) -> tuple[list[Problem], int]:
    """Find what is wrong in folders of definitions, and count the definitions. Needs no database.

    A single bundle is looked at together with those beside it; of their problems nothing is said.
    """
    given, problems = sources.read(*paths)
    around = _around(paths, given, shipped)
    loaded = compiler.load([*given, *around], extensions, language=language)
    own = {source.file for source in given} | {source.layer for source in given}
    problems += [problem for problem in loaded.problems if not around or _is_in(problem, own)]
    return sorted(set(problems)), len(given)


def _is_in(problem: Problem, own: set[str]) -> bool:
    return problem.place.path in own


def _around(paths: Sequence[Path], given: Sequence[SourceFile], shipped: Path | None) -> list[SourceFile]:
    """Read the bundles that stand beside a single one, and the platform's own."""
    layers = {source.layer for source in given}
    parents = {path.resolve().parent for path in paths if (path / sources.BUNDLE_FILE).is_file()}
    found: list[SourceFile] = []
    for folder in [*sorted(parents), *([shipped] if shipped else [])]:
        beside, _ = sources.read(folder)
        found += [source for source in beside if source.layer not in layers]
        layers |= {source.layer for source in beside}
    return found


# Plan.


def plan(engine: Installation, submitted: Layers, *, base: str | None = None) -> Plan:
    """Find what applying these layers would change. Layers that are not named stay; an empty one goes."""
    _refuse_odd_paths(submitted)
    with engine.database.open(write=False) as connection:
        there = installed.read(connection)
        _refuse_other_base(there.fingerprint, base)
        old = installed.files(connection)
        new = {layer: dict(texts) for layer, texts in {**old, **submitted}.items() if texts}
        return _plan(engine, connection, there, old, new)


def _refuse_odd_paths(layers: Layers) -> None:
    """A path is stored, and written again as a file by `pull`: it stays inside its folder."""
    for layer, texts in layers.items():
        odd = next((path for path in texts if not PATH.fullmatch(path)), None)
        if odd is not None or not LAYER.fullmatch(layer):
            shown = layer if odd is None else odd
            raise BadRequest(
                Message("'{path}' is not a path such as objects/contract.yaml.", path=shown, code="bad_path")
            )


def _plan(
    engine: Installation, connection: sa.Connection, there: installed.Installed, old: Layers, new: Layers
) -> Plan:
    files = _file_changes(old, new)
    wanted, advice, texts = _compiled(engine, new, validate=bool(files))
    before = current(engine, connection, there.fingerprint) if there.fingerprint else None
    drafted = diff.diff(
        there,
        before,
        wanted,
        files,
        files_fingerprint=texts,
        connection=connection,
        zone=engine.settings.timezone,
    )
    return replace(drafted, advice=tuple(advice))


def plan_edit(
    engine: Installation,
    layer: str,
    path: str,
    text: str | None,
    base: str | None = None,
    *,
    more: Mapping[str, str] | None = None,
) -> Plan:
    """Plan one file of the site's layer as it was written in the browser; `text` None takes it away.

    `more` are texts by path that change along with it.
    """
    if layer != SITE:
        raise NotAllowed(
            Message(
                "'{path}' belongs to the bundle '{layer}' and would be overwritten by its next version. "
                "Write a patch in the site's layer instead.",
                path=path,
                layer=layer,
                code="vendor_file",
            )
        )
    for each in (path, *(more or {})):
        if not SITE_PATH.fullmatch(each):
            raise BadRequest(
                Message("'{path}' is not a path such as objects/contract.yaml.", path=each, code="bad_path")
            )
    files = {**site_files(engine), **(more or {})}
    if text is None:
        files.pop(path, None)
    else:
        files[path] = text
    return plan(engine, {SITE: files}, base=base)


def site_files(engine: Installation) -> Mapping[str, str]:
    """Give the site's own layer: texts by path."""
    return layers(engine).get(SITE, {})


def layers(engine: Installation) -> dict[str, dict[str, str]]:
    """Give all installed layers: texts by path, by layer."""
    with engine.database.open(write=False) as connection:
        return installed.files(connection)


# Apply.


def apply(
    engine: Installation, wanted: Plan, *, by: str, reason: str | None = None, allow_drop: bool = False
) -> str | None:
    """Carry out a plan; give its id in the history, or None where there was nothing to do."""
    recover(engine, wait=30.0)
    if wanted.after is None:
        wanted = _planned_again(engine, wanted)
    if wanted.is_empty:
        return None
    if wanted.problems:
        raise Conflict(Message("{problems}", problems="\n".join(wanted.problems), code="plan_problems"))
    if wanted.destructive and not allow_drop:
        raise NotAllowed(
            Message(
                "{count} destructive steps want consent: look at the plan, then apply with --allow-drop.",
                count=len(wanted.destructive),
                code="allow_drop",
            )
        )
    plan_id = applying.begin(
        engine.database, wanted, wanted.before, wanted.after, clock=engine.clock, by=by, reason=reason
    )
    engine.holder.swap(wanted.after)
    engine.extensions.moments.catalog_published(fingerprint=wanted.fingerprint)
    return plan_id


def _planned_again(engine: Installation, wanted: Plan) -> Plan:
    """Plan the same files once more for a plan that comes from a file, and hold the two together."""
    if wanted.dialect != engine.database.dialect:
        raise Conflict(Message("This plan was made for another sort of database.", code="stale_plan"))
    with engine.database.open(write=False) as connection:
        there = installed.read(connection)
        _refuse_other_base(there.fingerprint, wanted.base)
        old = installed.files(connection)
        again = _plan(engine, connection, there, old, _with_changes(old, wanted.files))
    if again.steps != wanted.steps or again.fingerprint != wanted.fingerprint:
        raise Conflict(Message("The records were changed since this plan was made. Plan again.", code="stale_plan"))
    return again


def drop_old(engine: Installation) -> int:
    """Drop what was kept aside for 30 days; give how many fields and objects that were."""
    return sweep.sweep(engine.database, engine.clock)


def undo(engine: Installation, plan_id: str | None = None) -> Plan:
    """Plan the reverse of an applied plan, the last one by default.

    Where the last one took another back itself, `plan_id` has to be given: whoever says `undo` twice may want to go
    one step further back, or to have again what they have just taken back, and those are opposites.
    """
    done = [each for each in history(engine) if each.status == "done"]
    if plan_id is None and done and done[0].undoes is not None:
        raise _ambiguous(done)
    found = next((each for each in done if plan_id is None or each.id == plan_id), None)
    if found is None:
        raise NotFound(Message("There is no such applied plan.", code="no_plan"))
    with engine.database.open(write=False) as connection:
        body = connection.execute(sa.select(applied_plan.c.before).where(applied_plan.c.id == found.id)).scalar_one()
        old = installed.files(connection)
    for each in found.plan.files:
        if old.get(each.layer, {}).get(each.path) != each.text:
            raise Conflict(
                Message(
                    "{path} was changed again since; undo the later plan first.", path=each.path, code="changed_since"
                )
            )
    reverse = [FileChange(**each) for each in json.loads(body)]
    new = _with_changes(old, reverse)
    planned = plan(engine, {layer: new.get(layer, {}) for layer in {each.layer for each in reverse}})
    return replace(planned, undoes=found.id)


def _ambiguous(done: Sequence[Applied]) -> Conflict:
    """Say which two plans may be meant where the last one is an undoing itself; `done` has the last one first."""
    last = done[0]
    taken_back: set[str] = set()
    earlier = None
    for each in done:
        if each.id in taken_back:
            continue
        if each.undoes is None:
            earlier = each
            break
        taken_back.add(each.undoes)
    again = Message(
        "The last plan, {last}, took back {undone}. To have again what it took back: dougong undo {last}",
        last=last.id,
        undone=last.undoes,
        code="undo_of_undo",
    )
    if earlier is None:
        return Conflict(again)
    return Conflict(
        Message(
            "The last plan, {last}, took back {undone}. To have again what it took back: dougong undo {last}\n"
            "To go one step further back: dougong undo {earlier}",
            last=last.id,
            undone=last.undoes,
            earlier=earlier.id,
            code="undo_of_undo",
        )
    )


def history(engine: Installation) -> list[Applied]:
    """Give the applied plans, the last one first."""
    with engine.database.open(write=False) as connection:
        rows = connection.execute(sa.select(applied_plan).order_by(applied_plan.c.id.desc())).all()
    return [
        Applied(row.id, row.at, row.by, row.reason, row.status, row.digest, _read_plan(row.body), row.undoes)
        for row in rows
    ]


def _read_plan(body: str) -> Plan:
    return from_data(json.loads(body))


def recover(engine: Installation, *, wait: float = 0.0) -> bool:
    """Go on with a plan that was interrupted, if there is one and nobody is at it."""
    database = engine.database
    if database.dialect == "sqlite":
        return False
    with database.open(write=False) as connection:
        if applying.unfinished(connection) is None:
            return False
    try:
        with applying.only_one(database, wait=wait):
            with database.open(write=False) as connection:
                found = applying.unfinished(connection)
                if found is None:
                    return False
                before, after = _sides(engine, connection, found)
            log.warning("going on with plan %s, which was interrupted", found.id)
            work = applying.Work(database, found.plan, before, after, engine.clock, found.id, found.by, found.reason)
            applying.resume(work, is_published=found.is_published)
            engine.holder.swap(after)
    except Conflict:
        if wait:
            raise
        return False
    return True


def _sides(
    engine: Installation, connection: sa.Connection, found: applying.Unfinished
) -> tuple[Catalog | None, Catalog]:
    """Compile the catalogs on both sides of an interrupted plan."""
    there = installed.read(connection)
    old = installed.files(connection)
    if found.is_published:
        return None, _load(engine, there, old)
    before = _load(engine, there, old) if there.fingerprint else None
    wanted, _, texts = _compiled(engine, _with_changes(old, found.plan.files), validate=False)
    after = installed.named(wanted, installed.physical_of(installed.match(there, before, wanted)), texts)
    if after.fingerprint != found.plan.fingerprint:
        raise RuntimeError(f"plan {found.id} leads to another catalog than it was made for")
    return before, after


# The catalog that holds.


def current(engine: Installation, connection: sa.Connection, fingerprint: str | None = None) -> Catalog:
    """Give the published catalog; where it is another one than before, load it first.

    One thread loads and the others wait. `fingerprint` is what the opening statement has read.
    """
    wanted = installed.fingerprint(connection) if fingerprint is None else fingerprint
    held = _held(engine, wanted)
    if held is not None:
        return held
    with engine.loading:
        held = _held(engine, wanted)
        if held is not None:
            return held
        catalog = _read_whole(engine, connection)
        engine.holder.swap(catalog)
        return catalog


def _held(engine: Installation, fingerprint: str) -> Catalog | None:
    """Give the catalog this process holds, if it is the wanted one."""
    if engine.holder.is_empty or engine.holder.current.fingerprint != fingerprint:
        return None
    return engine.holder.current


def _read_whole(engine: Installation, connection: sa.Connection) -> Catalog:
    """Read texts and names that belong together, also while another process publishes."""
    for _ in range(MOST_READS):
        before = installed.fingerprint(connection)
        texts = installed.files(connection)
        there = installed.read(connection)
        if before and there.fingerprint == before:
            return _load(engine, there, texts)
        if not before:
            raise NotFound(Message("There is no instance yet. Make one with: dougong init", code="no_instance"))
    raise Conflict(Message("The definitions are being changed again and again. Try again.", code="apply_busy"))


def _load(engine: Installation, there: installed.Installed, texts: Layers) -> Catalog:
    found, _, fingerprint = _compiled(engine, texts, validate=False)
    catalog = installed.named(found, there.physical(), fingerprint)
    # The fingerprint that was published counts, also where a newer version of ours would name it otherwise.
    return replace(catalog, fingerprint=there.fingerprint, _memo={})


def fingerprint_of_texts(engine: Installation, connection: sa.Connection) -> str:
    """Compute the fingerprint that the installed texts and names give."""
    catalog, _, texts = _compiled(engine, installed.files(connection), validate=False)
    return installed.named(catalog, installed.read(connection).physical(), texts).fingerprint


def _compiled(engine: Installation, texts: Layers, *, validate: bool) -> tuple[Catalog, list[Problem], str]:
    """Compile layers: the catalog, advice, and the fingerprint of the texts."""
    files = [
        SourceFile(layer, path, text) for layer, paths in sorted(texts.items()) for path, text in sorted(paths.items())
    ]
    loaded = compiler.load(files, engine.extensions, language=engine.locale, validate=validate)
    if loaded.catalog is None:
        raise DefinitionProblems(loaded.problems)
    return loaded.catalog, list(loaded.problems), sources.fingerprint(files)


def _file_changes(old: Layers, new: Layers) -> list[FileChange]:
    found = []
    for layer in sorted(old.keys() | new.keys()):
        was, now = old.get(layer, {}), new.get(layer, {})
        for path in sorted(was.keys() | now.keys()):
            if was.get(path) != now.get(path):
                found.append(FileChange(layer, path, now.get(path)))
    return found


def _with_changes(old: Layers, files: Sequence[FileChange]) -> dict[str, dict[str, str]]:
    new = {layer: dict(texts) for layer, texts in old.items()}
    for each in files:
        texts = new.setdefault(each.layer, {})
        if each.text is None:
            texts.pop(each.path, None)
        else:
            texts[each.path] = each.text
    return {layer: texts for layer, texts in new.items() if texts}


def _refuse_other_base(fingerprint: str, base: str | None) -> None:
    if base is not None and base != fingerprint:
        raise Conflict(
            Message(
                "The definitions were changed since you began. Load them again to see what changed, then plan again.",
                code="stale_plan",
            )
        )
