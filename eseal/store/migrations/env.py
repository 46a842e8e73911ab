"""Alembic's entry: runs migrations on the connection ``upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from eseal.store.schema.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
