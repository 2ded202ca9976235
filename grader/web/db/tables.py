"""The tables of the service, the same on SQLite and on PostgreSQL.

No text of a student is in a text column, only in JSON, which keeps every character that can be typed.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from grader.web.db.column_types import Digest, FractionText, Name, UtcDateTime

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=CONVENTION)


def _one_of(column: str, *words: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


people = Table(
    "people",
    metadata,
    Column("id", Name, primary_key=True),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200)),
    Column("role", Name, nullable=False),
    Column("password", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
    _one_of("role", "student", "grader", "instructor", "admin"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", Digest, primary_key=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

codes = Table(
    "codes",
    metadata,
    Column("code", Digest, primary_key=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("hash", Digest, primary_key=True),
    Column("problem", String(200), nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

snapshot_files = Table(
    "snapshot_files",
    metadata,
    Column("snapshot", ForeignKey("snapshots.hash", ondelete="CASCADE"), primary_key=True),
    Column("path", String(400), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

exams = Table(
    "exams",
    metadata,
    Column("id", Name, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("mode", Name, nullable=False),
    Column("attempts", Integer),
    Column("credits", JSON, nullable=False),
    Column("reveal", Name, nullable=False),
    Column("everyone", Boolean, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("closes_at", UtcDateTime),
    Column("state", Name, nullable=False),
    Column("released_at", UtcDateTime),
    Column("guests_may_practise", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    _one_of("mode", "practice", "exam"),
    _one_of("reveal", "verdict", "hint", "full"),
    _one_of("state", "open", "closed"),
)

exam_problems = Table(
    "exam_problems",
    metadata,
    Column("exam", ForeignKey("exams.id", ondelete="CASCADE"), primary_key=True),
    Column("problem", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("snapshot", ForeignKey("snapshots.hash"), nullable=False),
    Column("reveal", Name, nullable=False),
    Column("blanks", JSON, nullable=False),
    UniqueConstraint("exam", "position"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("exam", ForeignKey("exams.id", ondelete="CASCADE"), primary_key=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("closes_at", UtcDateTime),
)


def _of_exam() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["exam", "problem"], ["exam_problems.exam", "exam_problems.problem"])


drafts = Table(
    "drafts",
    metadata,
    Column("exam", Name, primary_key=True),
    Column("problem", String(200), primary_key=True),
    Column("blank", String(200), primary_key=True),
    Column("person", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("written", JSON, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    _of_exam(),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Name, primary_key=True),
    Column("exam", ForeignKey("exams.id"), nullable=False, index=True),
    Column("by", ForeignKey("people.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Name, primary_key=True),
    Column("exam", Name, nullable=False),
    Column("problem", String(200), nullable=False),
    Column("blank", String(200), nullable=False),
    Column("group_key", String(80), nullable=False),
    Column("credit", FractionText, nullable=False),
    Column("comment", Text, nullable=False),
    Column("by", ForeignKey("people.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "exam", "problem", "blank", "group_key"),
    _of_exam(),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Name, primary_key=True),
    Column("exam", Name, nullable=False),
    Column("problem", String(200), nullable=False),
    Column("blank", String(200), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("snapshot", ForeignKey("snapshots.hash"), nullable=False),
    Column("request", String(80), nullable=False),
    Column("upload", ForeignKey("uploads.id"), index=True),
    Column("written", JSON(none_as_null=True)),
    Column("text_hash", Digest, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("state", Name, nullable=False),
    Column("graded_at", UtcDateTime),
    Column("verdict", JSON(none_as_null=True)),
    Column("outcome", Name),
    Column("credit", FractionText),
    Column("needs_review", Boolean, nullable=False),
    Column("meaning_hash", Digest),
    Column("uses_attempt", Boolean, nullable=False),
    Column("decision", ForeignKey("decisions.id")),
    UniqueConstraint("person", "request"),
    UniqueConstraint("exam", "problem", "blank", "person", "number"),
    Index(None, "person", "submitted_at"),
    Index(None, "exam", "problem", "blank", "text_hash"),
    _one_of("state", "waiting", "graded"),
    _of_exam(),
)

jobs = Table(
    "jobs",
    metadata,
    Column("attempt", ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("priority", Integer, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("lease", Name),
    Column("lease_until", UtcDateTime),
    Column("worker", Name),
    Column("tries", Integer, nullable=False),
    Column("lane", Name, nullable=False, server_default="answers"),
    Index(None, "priority", "queued_at"),
    Index(None, "lane", "priority", "queued_at"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("attempt", ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("asked_by", Name, primary_key=True),
    Column("exam", ForeignKey("exams.id"), nullable=False),
    Column("group_key", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decision", ForeignKey("decisions.id")),
    Index(None, "exam", "decision"),
    _one_of("asked_by", "grader", "student"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Name),
    Column("action", Name, nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("details", JSON, nullable=False),
)

service_facts = Table(
    "service_facts",
    metadata,
    Column("name", Name, primary_key=True),
    Column("value", Text, nullable=False),
)

audit_links = Table(
    "audit_links",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event", BigInteger, nullable=False, unique=True),
    Column("link", Digest, nullable=False),
)
