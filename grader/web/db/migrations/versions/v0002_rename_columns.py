"""Rename columns, and the table of the job queue, to the words of the glossary; no row changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COLUMNS = [  # table, its column before, and now
    ("attempts", "text", "text_hash"),
    ("attempts", "meaning", "meaning_hash"),
    ("attempts", "doubtful", "needs_review"),
    ("attempts", "counts", "uses_attempt"),
    ("decisions", "alike", "group_key"),
    ("reviews", "alike", "group_key"),
    ("snapshots", "kept_at", "stored_at"),
]
INDEXES = [  # table, its index before, its index now, and the columns of it
    (
        "attempts",
        "ix_attempts_exam_problem_blank_text",
        "ix_attempts_exam_problem_blank_text_hash",
        ["exam", "problem", "blank", "text_hash"],
    ),
    (
        "decisions",
        "ix_decisions_exam_problem_blank_alike",
        "ix_decisions_exam_problem_blank_group_key",
        ["exam", "problem", "blank", "group_key"],
    ),
]


def upgrade() -> None:
    """Rename columns and tables, and what is named after them."""
    for table, before, _, _ in INDEXES:
        op.drop_index(before, table_name=table)
    for table, before, now in COLUMNS:
        op.alter_column(table, before, new_column_name=now)
    for table, _, now, columns in INDEXES:
        op.create_index(now, table, columns)
    _rename_work()
    _rename_place()


def _rename_work() -> None:
    """Copy ``work`` to ``jobs``: it is small, and so its constraints get their names on SQLite too."""
    op.create_table(
        "jobs",
        sa.Column("attempt", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name=op.f("fk_jobs_attempt"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("attempt", name=op.f("pk_jobs")),
    )
    names = "attempt, priority, queued_at, lease, lease_until, worker, tries"
    op.execute(f"INSERT INTO jobs ({names}) SELECT {names} FROM work")
    op.drop_table("work")
    op.create_index(op.f("ix_jobs_priority_queued_at"), "jobs", ["priority", "queued_at"])


def _rename_place() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("exam_problems", "place", new_column_name="position")
        op.execute(
            "ALTER TABLE exam_problems RENAME CONSTRAINT uq_exam_problems_exam_place TO uq_exam_problems_exam_position"
        )
        return
    # SQLite cannot rename a constraint, so the table is made anew. Foreign keys are on, and cannot be switched off inside a
    # transaction: every answer that refers to a problem is a violation after DROP TABLE, which is only counted because checks are
    # deferred, and each INSERT into the table of the same name takes its answers off the count, so that it is 0 at the commit.
    # A new table under another name, renamed in the end, as Alembic's batch mode makes it, would leave the count as it is.
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE exam_problems_before AS SELECT * FROM exam_problems")
    op.drop_table("exam_problems")
    op.create_table(
        "exam_problems",
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("reveal", sa.String(length=40), nullable=False),
        sa.Column("blanks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["exam"], ["exams.id"], name=op.f("fk_exam_problems_exam"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.hash"], name=op.f("fk_exam_problems_snapshot")),
        sa.PrimaryKeyConstraint("exam", "problem", name=op.f("pk_exam_problems")),
        sa.UniqueConstraint("exam", "position", name=op.f("uq_exam_problems_exam_position")),
    )
    op.execute(
        "INSERT INTO exam_problems (exam, problem, position, snapshot, reveal, blanks)"
        " SELECT exam, problem, place, snapshot, reveal, blanks FROM exam_problems_before"
    )
    op.execute("DROP TABLE exam_problems_before")


def downgrade() -> None:
    """Refuse: a backup is the way back, as there is none before the first form either."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
