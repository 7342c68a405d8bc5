"""the few tables that are not objects"""

from __future__ import annotations

import sqlalchemy as sa

from dougong.base.sql_types import Key, Moment

metadata = sa.MetaData()

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
)
"""Plans, carried out or under way (`running`, `done`, `failed`): the plan itself as JSON, and the texts it replaced."""

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
)
"""One row for each unit of work that wrote."""

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
    sa.Index(
        "ix_dougong_outbox_open",
        "queue",
        "id",
        postgresql_where=sa.text("done_at is null"),
        sqlite_where=sa.text("done_at is null"),
    ),
)

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


def create(connection: sa.Connection) -> None:
    """Make the platform's tables where they are missing, and add columns that a newer version has."""
    metadata.create_all(connection)
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table in metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}")


def exist(connection: sa.Connection) -> bool:
    """Whether this database was made an installation."""
    return sa.inspect(connection).has_table(catalog_state.name)
