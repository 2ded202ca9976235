"""Migration 0001, the initial schema: all tables, and an audit log that is only ever added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
REFUSED = "the audit log is only ever added to"
ON_SQLITE = """
CREATE TRIGGER audit_{act} BEFORE {act} ON audit
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
FUNCTION = f"""
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$
"""
ON_POSTGRESQL = """
CREATE TRIGGER audit_{act} BEFORE {act} ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "exams",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=True),
        sa.Column("credits", sa.JSON(), nullable=False),
        sa.Column("reveal", sa.String(length=40), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("opens_at", INSTANT, nullable=True),
        sa.Column("closes_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("mode IN ('practice', 'exam')", name=op.f("ck_exams_mode")),
        sa.CheckConstraint("reveal IN ('verdict', 'hint', 'full')", name=op.f("ck_exams_reveal")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_exams_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
        sa.UniqueConstraint("slug", name=op.f("uq_exams_slug")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.CheckConstraint("role IN ('student', 'grader', 'instructor', 'admin')", name=op.f("ck_people_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    op.create_table(
        "snapshots",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "codes",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_codes_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_person"), "codes", ["person"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("closes_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["exam"], ["exams.id"], name=op.f("fk_enrolments_exam"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_enrolments_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("exam", "person", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_person"), "enrolments", ["person"], unique=False)
    op.create_table(
        "exam_problems",
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("reveal", sa.String(length=40), nullable=False),
        sa.Column("blanks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["exam"], ["exams.id"], name=op.f("fk_exam_problems_exam"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.hash"], name=op.f("fk_exam_problems_snapshot")),
        sa.PrimaryKeyConstraint("exam", "problem", name=op.f("pk_exam_problems")),
        sa.UniqueConstraint("exam", "place", name=op.f("uq_exam_problems_exam_place")),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_sessions_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_person"), "sessions", ["person"], unique=False)
    op.create_table(
        "snapshot_files",
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot"], ["snapshots.hash"], name=op.f("fk_snapshot_files_snapshot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot", "path", name=op.f("pk_snapshot_files")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_uploads_by")),
        sa.ForeignKeyConstraint(["exam"], ["exams.id"], name=op.f("fk_uploads_exam")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_exam"), "uploads", ["exam"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("blank", sa.String(length=200), nullable=False),
        sa.Column("alike", sa.String(length=80), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_decisions_by")),
        sa.ForeignKeyConstraint(
            ["exam", "problem"],
            ["exam_problems.exam", "exam_problems.problem"],
            name=op.f("fk_decisions_exam_problem"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_exam_problem_blank_alike"),
        "decisions",
        ["exam", "problem", "blank", "alike"],
        unique=False,
    )
    op.create_table(
        "drafts",
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("blank", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["exam", "problem"],
            ["exam_problems.exam", "exam_problems.problem"],
            name=op.f("fk_drafts_exam_problem"),
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_drafts_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("exam", "problem", "blank", "person", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_person"), "drafts", ["person"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("blank", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=80), nullable=False),
        sa.Column("upload", sa.String(length=40), nullable=True),
        sa.Column("written", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("text", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("graded_at", INSTANT, nullable=True),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("credit", sa.Text(), nullable=True),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("meaning", sa.String(length=64), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'graded')", name=op.f("ck_attempts_state")),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name=op.f("fk_attempts_decision")),
        sa.ForeignKeyConstraint(
            ["exam", "problem"],
            ["exam_problems.exam", "exam_problems.problem"],
            name=op.f("fk_attempts_exam_problem"),
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_attempts_person")),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.hash"], name=op.f("fk_attempts_snapshot")),
        sa.ForeignKeyConstraint(["upload"], ["uploads.id"], name=op.f("fk_attempts_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "exam",
            "problem",
            "blank",
            "person",
            "number",
            name=op.f("uq_attempts_exam_problem_blank_person_number"),
        ),
        sa.UniqueConstraint("person", "request", name=op.f("uq_attempts_person_request")),
    )
    op.create_index(
        op.f("ix_attempts_exam_problem_blank_text"),
        "attempts",
        ["exam", "problem", "blank", "text"],
        unique=False,
    )
    op.create_index(op.f("ix_attempts_person_submitted_at"), "attempts", ["person", "submitted_at"], unique=False)
    op.create_index(op.f("ix_attempts_upload"), "attempts", ["upload"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("attempt", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("exam", sa.String(length=40), nullable=False),
        sa.Column("alike", sa.String(length=80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.CheckConstraint("asked_by IN ('grader', 'student')", name=op.f("ck_reviews_asked_by")),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name=op.f("fk_reviews_attempt"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name=op.f("fk_reviews_decision")),
        sa.ForeignKeyConstraint(["exam"], ["exams.id"], name=op.f("fk_reviews_exam")),
        sa.PrimaryKeyConstraint("attempt", "asked_by", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_exam_decision"), "reviews", ["exam", "decision"], unique=False)
    op.create_table(
        "work",
        sa.Column("attempt", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name=op.f("fk_work_attempt"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("attempt", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_priority_queued_at"), "work", ["priority", "queued_at"], unique=False)
    _only_added_to()


def _only_added_to() -> None:
    if op.get_bind().dialect.name == "sqlite":
        acts, trigger = ["UPDATE", "DELETE"], ON_SQLITE
    else:
        op.execute(FUNCTION)
        acts, trigger = ["UPDATE", "DELETE", "TRUNCATE"], ON_POSTGRESQL
    for act in acts:
        op.execute(trigger.format(act=act, refused=REFUSED))


def downgrade() -> None:
    """Refuse: answers of students would be lost."""
    raise NotImplementedError("the first form of the database has none before it")
