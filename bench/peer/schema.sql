-- The peer's one table; the constraint refuses what overlaps, as ours does.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE appointments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id integer NOT NULL,
    dentist_id integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'booked',
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (ends_at > starts_at),
    EXCLUDE USING gist (dentist_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
);
