"""The practice and its people: accounts, patients, dentists, treatments, chairs, hours."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PRACTICE = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE practice (
    id smallint PRIMARY KEY DEFAULT 1 CONSTRAINT practice_is_one CHECK (id = 1),
    name text NOT NULL DEFAULT 'Dental practice',
    time_zone text NOT NULL DEFAULT 'UTC',
    minimum_notice_minutes integer NOT NULL DEFAULT 0 CHECK (minimum_notice_minutes >= 0),
    furthest_advance_days integer NOT NULL DEFAULT 400 CHECK (furthest_advance_days > 0)
);
INSERT INTO practice DEFAULT VALUES;

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL CONSTRAINT users_role_known CHECK (role IN ('patient', 'dentist', 'admin', 'chatbot')),
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX users_email_unique ON users (lower(email));

-- One sign-in: its access tokens name it, its refresh token works once and is replaced by the next.
CREATE TABLE auth_sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    refresh_id uuid NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3)
);
CREATE INDEX auth_sessions_of_user ON auth_sessions (user_id) WHERE revoked_at IS NULL;

CREATE TABLE patients (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid UNIQUE REFERENCES users,
    name text NOT NULL,
    phone text,
    email text,
    birth_date date,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE dentists (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid UNIQUE REFERENCES users,
    name text NOT NULL,
    time_zone text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE chairs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    kind text NOT NULL,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE treatments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    duration_minutes smallint NOT NULL CHECK (duration_minutes > 0),
    buffer_before_minutes smallint NOT NULL DEFAULT 0 CHECK (buffer_before_minutes >= 0),
    buffer_after_minutes smallint NOT NULL DEFAULT 0 CHECK (buffer_after_minutes >= 0),
    requires_approval boolean NOT NULL DEFAULT false,
    chair_kind text,
    active boolean NOT NULL DEFAULT true
);

-- Wall-clock times in the dentist's zone; several windows a day are several rows.
CREATE TABLE working_hours (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dentist_id uuid NOT NULL REFERENCES dentists,
    iso_weekday smallint NOT NULL CHECK (iso_weekday BETWEEN 1 AND 7),
    starts time(0) NOT NULL,
    ends time(0) NOT NULL,
    valid_from date,
    valid_to date,
    CONSTRAINT working_hours_end_after_start CHECK (starts < ends),
    CONSTRAINT working_hours_valid_range CHECK (valid_from <= valid_to)
);
CREATE INDEX working_hours_of_dentist ON working_hours (dentist_id);

CREATE TABLE time_off (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    dentist_id uuid NOT NULL REFERENCES dentists,
    starts_at timestamptz(3) NOT NULL,
    ends_at timestamptz(3) NOT NULL,
    reason text,
    CONSTRAINT time_off_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT time_off_within_calendar CHECK (starts_at > '1900-01-01Z' AND ends_at < '9990-01-01Z')
);
CREATE INDEX time_off_of_dentist ON time_off USING gist (dentist_id, tstzrange(starts_at, ends_at));

CREATE TABLE closures (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    starts_at timestamptz(3) NOT NULL,
    ends_at timestamptz(3) NOT NULL,
    reason text,
    CONSTRAINT closures_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT closures_within_calendar CHECK (starts_at > '1900-01-01Z' AND ends_at < '9990-01-01Z')
);
"""


def upgrade() -> None:
    """Make the tables that nobody books into."""
    op.execute(PRACTICE)
