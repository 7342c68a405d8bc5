"""the few tables that are not objects

A new table, column or index is written down here and nowhere else: `storage.upgrade` adds what a database lacks when a
newer version opens it. So nothing here is ever renamed, narrowed or of another type; a new column of a table that is
there may be null or has a `server_default`, and a new group of unique columns is an index (decision 22).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dougong.base.sql_types import Key, Moment

metadata = sa.MetaData()


def _only(condition: str) -> dict[str, Any]:
    """Give the options of an index over some rows."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


# What is installed.

definition_file = sa.Table(
    "dougong_definition_file",
    metadata,
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
"""The truth: every installed definition, as its author wrote it."""

installed_name = sa.Table(
    "dougong_installed_name",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("object", Key, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("physical", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False, server_default="[]"),
    sa.Column("retired_at", Moment),
)
"""Ids and physical names of objects (`object` is null) and fields, chosen once. `columns`: JSON, what is stored now."""

catalog_state = sa.Table(
    "dougong_catalog_state",
    metadata,
    sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
"""One row: which catalog is published."""

applied_plan = sa.Table(
    "dougong_applied_plan",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("done_at", Moment),
    sa.Column("undoes", Key),
)
"""Plans, carried out or under way (`running`, `done`, `failed`): the plan itself as JSON, and the texts it replaced.
`undoes`: the plan that it took back."""

plan_step = sa.Table(
    "dougong_plan_step",
    metadata,
    sa.Column("plan", Key, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("detail", sa.Text),
)
"""The journal of an apply on PostgreSQL: a killed one goes on behind its last step."""

instance_setting = sa.Table(
    "dougong_instance_setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# What happened, and what is promised.

change = sa.Table(
    "dougong_change",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("actor", Key, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("door", sa.Text, nullable=False),
    sa.Column("request", sa.Text),
    sa.Index("ix_dougong_change_request", "request", "at", **_only("request is not null")),
)
"""One row for each unit of work that wrote."""

import_batch = sa.Table(
    "dougong_import_batch",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created", sa.Integer, nullable=False, server_default="0"),
    sa.Column("updated", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unchanged", sa.Integer, nullable=False, server_default="0"),
    sa.Column("errors", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done_at", Moment),
)
"""Every import: the changes of its units of work have its id as their `request`. `state`: `running` (or broken off),
`done`, `stopped`, `failed`, `taken_back`, `partly_taken_back`. The counts are those of what is committed."""

upload = sa.Table(
    "dougong_upload",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("user", Key, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("choice", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("job", Key),
    sa.Column("batch", Key),
    sa.Index("ix_dougong_upload_user", "user", "object", "id"),
)
"""Files on their way to be imported; the bytes lie in the home under `uploads`. `step`: `new`, `checking`, `checked`,
`importing`, `done`, `failed`; `choice` and `outcome` are JSON: how it is to be read, and what came of it."""

import_choice = sa.Table(
    "dougong_import_choice",
    metadata,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("header", sa.Text, primary_key=True),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
"""How files with this header were imported last: it is offered for the next one."""

outbox = sa.Table(
    "dougong_outbox",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("lease_until", Moment),
    sa.Column("lease_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done_at", Moment),
    sa.Column("error", sa.Text),
    sa.Column("handler", sa.Text),
    sa.Column("lane", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("not_before", Moment),
    sa.Column("failed_at", Moment),
    sa.Index(
        "ix_dougong_outbox_open",
        "queue",
        "id",
        postgresql_where=sa.text("done_at is null"),
        sqlite_where=sa.text("done_at is null"),
    ),
    sa.Index("ix_dougong_outbox_ready", "queue", "not_before", "id", **_only("done_at is null and failed_at is null")),
    sa.Index("ix_dougong_outbox_lane", "lane", "id", **_only("done_at is null and failed_at is null")),
    sa.Index("ix_dougong_outbox_key", "key", unique=True, **_only("key is not null")),
    sa.Index("ix_dougong_outbox_done", "done_at", **_only("done_at is not null")),
    sa.Index("ix_dougong_outbox_failed", "failed_at", **_only("failed_at is not null and done_at is null")),
)
"""What is promised. `handler`: the one subscriber it is for; blank: whoever does the topic. Of one `lane`, a promise
waits for those before it. `failed_at`: it was tried too often, and waits for a person. Rows without `not_before` were
written by a version that had no workers."""

schedule = sa.Table(
    "dougong_schedule",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("last_at", Moment),
)
"""When something is promised next; whoever moves `next_at` has promised it."""

job = sa.Table(
    "dougong_job",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.BigInteger),
    sa.Column("note", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("cancel_at", Moment),
    sa.Column("started_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Index("ix_dougong_job_user", "user", "id"),
)
"""Long work that somebody watches: `waiting`, `running`, `done`, `failed` or `cancelled`. `state`: where it goes on."""

notification = sa.Table(
    "dougong_notification",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("user", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, server_default=""),
    sa.Column("href", sa.Text, nullable=False, server_default=""),
    sa.Column("object", sa.Text),
    sa.Column("record", Key),
    sa.Column("in_app", sa.Boolean, nullable=False),
    sa.Column("read_at", Moment),
    sa.Index("ix_dougong_notification_user", "user", "id", **_only("in_app")),
    sa.Index("ix_dougong_notification_unread", "user", "id", **_only("in_app and read_at is null")),
)
"""What people were told, in their language. `in_app` is false for what goes by mail alone."""

notification_choice = sa.Table(
    "dougong_notification_choice",
    metadata,
    sa.Column("user", Key, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("app", sa.Boolean, nullable=False),
    sa.Column("mail", sa.Boolean, nullable=False),
)
"""By which ways a person wants to hear of a notification, where that differs from its definition."""

comment = sa.Table(
    "dougong_comment",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("mentions", sa.Text, nullable=False, server_default="[]"),
    sa.Column("edited_at", Moment),
    sa.Column("deleted_at", Moment),
    sa.Index("ix_dougong_comment_record", "record", "at", "id", **_only("deleted_at is null")),
)
"""What people say of a record; a record that is deleted keeps it. `mentions`: JSON, from where to where, and who."""

file = sa.Table(
    "dougong_file",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, index=True),
    sa.Column("deleted_at", Moment),
    sa.Index("ix_dougong_file_record", "record", "at", "id", **_only("deleted_at is null")),
    sa.Index("ix_dougong_file_deleted", "deleted_at", **_only("deleted_at is not null")),
)
"""What was attached to records. The bytes lie in the store of files, under their `sha256`; `mime` is what they are."""

sequence = sa.Table(
    "dougong_sequence",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

idempotency = sa.Table(
    "dougong_idempotency",
    metadata,
    sa.Column("user", Key, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", sa.LargeBinary),
    sa.Column("headers", sa.Text),
)

record_lock = sa.Table(
    "dougong_record_lock",
    metadata,
    sa.Column("object", sa.Text, primary_key=True),
    sa.Column("record", Key, primary_key=True),
    sa.Column("holder_id", Key, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("except_fields", sa.Text, nullable=False, server_default="[]"),
    sa.Column("at", Moment, nullable=False),
)
"""Records that are held while something runs on them, such as a flow (`holder`), and why: JSON."""

automation_run = sa.Table(
    "dougong_automation_run",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("automation", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("chain", sa.Text, nullable=False, server_default="[]"),
    sa.Column("done", sa.Text, nullable=False, server_default="[]"),
    sa.Column("error", sa.Text),
    sa.Column("key", sa.Text),
    sa.Index("ix_dougong_automation_run_key", "key", unique=True),
)
"""What automations did. `key` tells the run for one record and one date; those that a change started have none."""

# Who may come in.

credential = sa.Table(
    "dougong_credential",
    metadata,
    sa.Column("user", Key, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Moment),
    sa.Column("changed_at", Moment, nullable=False),
)

session = sa.Table(
    "dougong_session",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("user", Key, nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
)

token = sa.Table(
    "dougong_token",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("user", Key, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scope", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("used_at", Moment),
    sa.Column("revoked_at", Moment),
)

sign_in_address = sa.Table(
    "dougong_sign_in_address",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("since", Moment, nullable=False, index=True),
    sa.Column("failed", sa.Integer, nullable=False),
)
"""How many sign-ins from one address failed in its window, which began at `since`."""


# Flows: who decides on what. Tokens are in `state`; people are rows.

flow_version = sa.Table(
    "dougong_flow_version",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ux_dougong_flow_version", "flow", "digest", unique=True),
)
"""A flow as it was when an instance began: its BPMN text and its definition as JSON. Never changed."""

flow_instance = sa.Table(
    "dougong_flow_instance",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("version", Key, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("applicant", Key, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Column("timers", sa.Text, nullable=False),
    sa.Column("next_due", Moment),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Index("ix_dougong_flow_instance_record", "object", "record", "id"),
    sa.Index("ix_dougong_flow_instance_applicant", "applicant", "id"),
    sa.Index(
        "ux_dougong_flow_instance_open",
        "flow",
        "record",
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
        sqlite_where=sa.text("ended_at is null"),
    ),
    sa.Index(
        "ix_dougong_flow_instance_due",
        "next_due",
        postgresql_where=sa.text("next_due is not null"),
        sqlite_where=sa.text("next_due is not null"),
    ),
)
"""One run of a flow. `status`: running, returned, approved, rejected, withdrawn or cancelled; `results`: what became
of each node, as JSON; `timers`: when which is due, as JSON. `state` is SpiffWorkflow's, as bytes: its keys have an
order."""

work_item = sa.Table(
    "dougong_work_item",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("instance", Key, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False),
    sa.Column("node", sa.Text, nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("assignee", Key, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("verb", sa.Text),
    sa.Column("opinion", sa.Text),
    sa.Column("opened_at", Moment),
    sa.Column("due_at", Moment),
    sa.Column("done_at", Moment),
    sa.Column("done_by", Key),
    sa.Index("ix_dougong_work_item_assignee", "assignee", "state", "id"),
    sa.Index("ix_dougong_work_item_instance", "instance", "visit"),
)
"""A node that waits for one person. `state`: open, waiting (for those before it), done or void; `verb`: what was
done."""

flow_event = sa.Table(
    "dougong_flow_event",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("instance", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", Key, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("node", sa.Text),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("opinion", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Index("ix_dougong_flow_event_instance", "instance", "id"),
)
"""What happened in an instance, in its order; `detail` is JSON: whom it went to, which fields were entered."""

flow_cc = sa.Table(
    "dougong_flow_cc",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("instance", Key, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("record", Key, nullable=False),
    sa.Column("user", Key, nullable=False),
    sa.Column("node", sa.Text),
    sa.Column("by", Key, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("read_at", Moment),
    sa.Index("ix_dougong_flow_cc_user", "user", "id"),
    sa.Index("ux_dougong_flow_cc", "instance", "user", unique=True),
)
"""Who was told of an instance without deciding."""


def exist(connection: sa.Connection) -> bool:
    """Whether this database was made an installation."""
    return sa.inspect(connection).has_table(catalog_state.name)
