"""Exams say whether guests may practise their problems; events of the audit log are linked; jobs have lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Allow guests nothing new; the events of before are linked when the service first runs, since that takes its secret."""
    op.add_column("exams", sa.Column("guests_may_practise", sa.Boolean(), server_default=sa.false(), nullable=False))
    # What waits from before may be programs, which must not keep answers waiting whose students wait for a verdict.
    op.add_column("jobs", sa.Column("lane", sa.String(length=40), server_default="answers", nullable=False))
    op.execute("UPDATE jobs SET lane = 'programs'")
    op.create_index(op.f("ix_jobs_lane_priority_queued_at"), "jobs", ["lane", "priority", "queued_at"])
    op.create_table(
        "service_facts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_facts")),
    )
    op.create_table(
        "audit_links",
        sa.Column("position", NUMBER, autoincrement=True, nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("event", name=op.f("uq_audit_links_event")),
    )
