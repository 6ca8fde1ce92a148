"""The clinic's own world: branches, hours, professionals, services, patients, agenda."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivr.database import Base

Id = BigInteger


class Clinic(Base):
    """The installation's clinic: one row."""

    __tablename__ = "clinic"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    name: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    """``es`` or ``mx``: chooses the country profile."""
    language: Mapped[str] = mapped_column(String(8), default="es-ES")
    caller_id: Mapped[str] = mapped_column(String(20), default="")
    """E.164 number shown on outbound calls."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Branch(Base):
    """A place of the clinic, with its own zone and holidays."""

    __tablename__ = "branch"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    name: Mapped[str]
    spoken_names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    address: Mapped[str]
    directions: Mapped[str] = mapped_column(default="")
    """How to get there and park, as said to a caller."""
    city: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(8), default="")
    """Subdivision code of the ``holidays`` library, e.g. ``MD``, ``CMX``."""
    zone: Mapped[str]
    """IANA time zone."""
    phone: Mapped[str] = mapped_column(String(20))
    hours: Mapped[list["OpeningHours"]] = relationship(order_by="OpeningHours.opens")


class OpeningHours(Base):
    """A branch is open on ``weekday`` (0 Monday) from ``opens`` to ``closes``, local."""

    __tablename__ = "opening_hours"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="order"),
    )


class LocalHoliday(Base):
    """A day off that no library knows (municipal feast, works); ``branch_id`` null: all."""

    __tablename__ = "local_holiday"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id", ondelete="CASCADE"))
    day: Mapped[date]
    name: Mapped[str]


professional_service = Table(
    "professional_service",
    Base.metadata,
    Column("professional_id", ForeignKey("professional.id", ondelete="CASCADE"), primary_key=True),
    Column("service_id", ForeignKey("service.id", ondelete="CASCADE"), primary_key=True),
)


class Professional(Base):
    """Somebody with an agenda."""

    __tablename__ = "professional"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    """As spoken: ``doctora``, ``doctor``, ``higienista``."""
    given: Mapped[str]
    family: Mapped[str]
    specialty: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    services: Mapped[list["Service"]] = relationship(secondary=professional_service)
    hours: Mapped[list["ProfessionalHours"]] = relationship()
    leave: Mapped[list["Leave"]] = relationship()


class ProfessionalHours(Base):
    """Weekly working hours at one branch, local time."""

    __tablename__ = "professional_hours"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    professional_id: Mapped[int] = mapped_column(ForeignKey("professional.id", ondelete="CASCADE"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts < ends", name="order"),
    )


class Leave(Base):
    """Days a professional is away, inclusive, local dates."""

    __tablename__ = "leave"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    professional_id: Mapped[int] = mapped_column(ForeignKey("professional.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (CheckConstraint("first_day <= last_day", name="order"),)


class Service(Base):
    """What can be booked."""

    __tablename__ = "service"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    spoken_names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    specialty: Mapped[str]
    minutes: Mapped[int]
    preparation: Mapped[str] = mapped_column(default="")
    """What the patient must do before, as said to a caller."""
    first_visit: Mapped[bool] = mapped_column(default=False)
    """The service an unknown caller is booked for."""
    by_phone: Mapped[bool] = mapped_column(default=True)
    """Whether callers may book it themselves."""
    price_cents: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    """Order in which it is offered by keys."""
    __table_args__ = (CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),)


class Patient(Base):
    """A person treated here. Contact numbers live in :class:`PatientPhone`."""

    __tablename__ = "patient"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    given: Mapped[str]
    family: Mapped[str]
    birth_date: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(20), index=True)
    """DNI/NIE or CURP, normalised."""
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="es-ES")
    preferred_channel: Mapped[str] = mapped_column(String(16), default="call")
    warnings: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    balance_cents: Mapped[int] = mapped_column(default=0)
    """Pending payments, in the clinic's currency."""
    home_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    pending_documents: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default="{}"
    )
    """Papers the patient has yet to bring or sign, by name."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    """The file this one turned out to be a duplicate of; nobody finds it any more."""
    search_keys: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    """What a search with mistakes finds the file by: see :mod:`ivr.clinic.search`."""
    search_words: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """The words of the name as they sound; a trigger keeps :class:`NameForm` by them."""
    provisional: Mapped[bool] = mapped_column(default=False)
    """Left name and number by phone; reception completes the file."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    phones: Mapped[list["PatientPhone"]] = relationship(
        back_populates="patient", cascade="all, delete-orphan"
    )

    __table_args__ = (
        Index(
            "ix_patient_search",
            "search_keys",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    @property
    def full_name(self) -> str:
        """Given and family names, as spoken."""
        return f"{self.given} {self.family}".strip()


class NameForm(Base):
    """A word of some patient's name, under itself and under itself without each letter.
    Written by a trigger of ``patient``; words nobody bears any more stay."""

    __tablename__ = "name_form"
    form: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)


class PatientPhone(Base):
    """A number of a patient; one number may belong to a whole family."""

    __tablename__ = "patient_phone"
    patient_id: Mapped[int] = mapped_column(
        ForeignKey("patient.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)
    """E.164."""
    patient: Mapped[Patient] = relationship(back_populates="phones")


class PatientNote(Base):
    """What somebody of the clinic wrote about a patient; never changed."""

    __tablename__ = "patient_note"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    patient_id: Mapped[int] = mapped_column(
        ForeignKey("patient.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    call_id: Mapped[str | None] = mapped_column(String(36))
    """Call it was written in, if any."""
    at: Mapped[datetime]
    text: Mapped[str]


class PatientMerge(Base):
    """Two files put together: who did it, why, and what moved, so that it can be undone."""

    __tablename__ = "patient_merge"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"), index=True)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    score: Mapped[int]
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """By table and column, the primary keys of the rows that changed hands; and what the
    kept file said before."""
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    undone_at: Mapped[datetime | None]


TAKES_TIME = ("held", "booked", "confirmed", "arrived", "completed", "no_show")
"""Statuses of an appointment that occupy the professional's time."""


class Appointment(Base):
    """A stretch of a professional's time, held or given to a patient."""

    __tablename__ = "appointment"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    reference: Mapped[str | None] = mapped_column(String(12), unique=True)
    """Given when booked and said to the caller; digits only, so that it can be keyed back."""
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    professional_id: Mapped[int] = mapped_column(ForeignKey("professional.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    status: Mapped[str] = mapped_column(String(16))
    held_until: Mapped[datetime | None]
    call_id: Mapped[str | None] = mapped_column(String(36))
    """Call that made it, if any."""
    source: Mapped[str] = mapped_column(String(16), default="phone")
    notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    patient: Mapped[Patient | None] = relationship()
    professional: Mapped[Professional] = relationship()
    branch: Mapped[Branch] = relationship()
    service: Mapped[Service] = relationship()
    __table_args__ = (
        CheckConstraint(
            "status IN ('held','booked','confirmed','arrived','completed','no_show',"
            "'cancelled','released','expired')",
            name="status",
        ),
        CheckConstraint(
            "status = 'held' OR patient_id IS NOT NULL OR status IN ('released','expired')",
            name="patient",
        ),
        CheckConstraint("(status = 'held') = (held_until IS NOT NULL)", name="hold"),
        ExcludeConstraint(
            (text("int8range(professional_id, professional_id, '[]')"), "&&"),
            ("during", "&&"),
            where=text("status IN ('held','booked','confirmed','arrived','completed','no_show')"),
            using="gist",
            name="ex_appointment_professional_time",
        ),
        ExcludeConstraint(
            (text("int8range(patient_id, patient_id, '[]')"), "&&"),
            ("during", "&&"),
            where=text(
                "patient_id IS NOT NULL AND status IN ('held','booked','confirmed','arrived')"
            ),
            using="gist",
            name="ex_appointment_patient_time",
        ),
        Index("ix_appointment_patient", "patient_id"),
        Index("ix_appointment_professional_starts", "professional_id", text("lower(during)")),
        Index("ix_appointment_held", "held_until", postgresql_where=text("status = 'held'")),
        Index("ix_appointment_call", "call_id"),
        Index("ix_appointment_starts", text("lower(during)")),
    )


class WaitingListEntry(Base):
    """A patient who wants an earlier slot."""

    __tablename__ = "waiting_list"
    id: Mapped[int] = mapped_column(Id, Identity(), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id", ondelete="CASCADE"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    professional_id: Mapped[int | None] = mapped_column(ForeignKey("professional.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    wishes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __table_args__ = (UniqueConstraint("patient_id", "service_id"),)
