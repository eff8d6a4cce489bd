"""The tables of people: who signs in, who is treated, and which account acts for which patient."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, types
from sqlalchemy.orm import Mapped, mapped_column

from dental_sync.core.ids import new_id
from dental_sync.storage.base import Base, generated


class User(Base):
    """An account: who may sign in, as what."""

    __tablename__ = "users"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    # None: nobody has shown yet that they read what is sent there.
    email_confirmed_at: Mapped[datetime | None] = mapped_column(server_default="now")
    # Since when the practice knows whose it is: it has invited them, or made the account. None: they registered alone.
    vouched_at: Mapped[datetime | None]
    # In which mails are written; None: in the practice's (LANGUAGE).
    language: Mapped[str | None]
    folded_words: Mapped[str] = generated()


class AuthSession(Base):
    """One sign-in, from login to logout: its access tokens name it, its refresh token works once."""

    __tablename__ = "auth_sessions"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    refresh_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # The refresh token that was used last, and when.
    previous_refresh_id: Mapped[uuid.UUID | None]
    refreshed_at: Mapped[datetime | None]
    # From where it was signed in.
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class SecondFactor(Base):
    """What an account is asked for beside its password; counts once it was confirmed."""

    __tablename__ = "second_factors"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(types.BigInteger, server_default="0")
    recovery_hashes: Mapped[list[str]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default="now")


class CalendarFeed(Base):
    """An account's appointments at an address with a secret: readable as long as the row is there."""

    __tablename__ = "calendar_feeds"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    noted_at: Mapped[datetime | None]


class AccountCode(Base):
    """What lets somebody set a password or another address of an account, once: open as long as the row is there, has
    not expired and was not tried too often."""

    __tablename__ = "account_codes"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    wrong_tries: Mapped[int] = mapped_column(types.SmallInteger, server_default="0")
    new_address: Mapped[str | None]


class CodeMails(Base):
    """How many codes were mailed to an address, of which only a digest is kept, since when."""

    __tablename__ = "code_mails"
    address_digest: Mapped[bytes] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    mails: Mapped[int] = mapped_column(types.SmallInteger)


class Patient(Base):
    """A person who is treated; with an account only after registering."""

    __tablename__ = "patients"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"), unique=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    birth_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default="now")
    online_booking_barred: Mapped[bool] = mapped_column(server_default="false")
    # Since when it is nobody's.
    erased_at: Mapped[datetime | None]
    # As that of an account, for whom has none.
    language: Mapped[str | None]
    folded_name: Mapped[str] = generated()
    folded_words: Mapped[str] = generated()
    phone_digits: Mapped[str | None] = generated()
    # The record that has taken this one in; policies hide it then.
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("patients.id"))


class PatientMerge(Base):
    """One record has taken in another: what came from it, to take it back."""

    __tablename__ = "patient_merges"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    merged_at: Mapped[datetime] = mapped_column(server_default="now")
    merged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    appointments: Mapped[list[uuid.UUID]]
    guardians: Mapped[list[uuid.UUID]]
    filled: Mapped[list[str]]


class Acting(Base):
    """An account acts for a patient: for itself (filled by triggers from `patients.user_id`), or as a guardian."""

    __tablename__ = "acting"
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    relation: Mapped[str | None]
    granted_at: Mapped[datetime] = mapped_column(server_default="now")
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class Invitation(Base):
    """What lets an account act for a patient, once: open as long as the row is there and has not expired."""

    __tablename__ = "invitations"
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    relation: Mapped[str | None]
    code_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class PatientRemark(Base):
    """What staff remark about a patient, who never sees it; None where it was taken back."""

    __tablename__ = "patient_remarks"
    patient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), primary_key=True)
    remark: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default="now")
    updated_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
