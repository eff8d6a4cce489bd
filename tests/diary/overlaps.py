"""What must never be in the database, whatever is done: each query counts it, with `:blocking` the statuses."""

from __future__ import annotations

OVERLAPS = {
    "claims of one dentist, chair or assistant in one layer": """
        SELECT count(*) FROM claims a JOIN claims b ON a.resource_id = b.resource_id AND a.owner_id < b.owner_id
        WHERE a.during && b.during AND a.layers && b.layers""",
    "claims of one dentist, chair or assistant, none of which was forced": """
        SELECT count(*) FROM claims a JOIN claims b ON a.resource_id = b.resource_id AND a.owner_id < b.owner_id
        WHERE a.during && b.during
            AND NOT EXISTS (SELECT FROM appointments WHERE id IN (a.owner_id, b.owner_id) AND forced)""",
    "appointments that say wrongly whether they share time": """
        SELECT count(*) FROM appointments WHERE overbooked <> EXISTS (
            SELECT FROM claims a JOIN claims b ON a.resource_id = b.resource_id AND b.owner_id <> a.owner_id
            WHERE a.owner_id = appointments.id AND b.owner_kind = 'appointment' AND a.during && b.during)""",
    "appointments of one patient": """
        SELECT count(*) FROM appointments a JOIN appointments b ON a.patient_id = b.patient_id AND a.id < b.id
        WHERE a.status = ANY (:blocking) AND b.status = ANY (:blocking)
            AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)""",
    "what blocks and is not claimed, or is claimed and does not block": """
        WITH blocking AS (
            SELECT id, dentist_id, chair_id, assistant_id, 'appointment' AS kind, NULL::timestamptz AS expires_at,
                starts_at - make_interval(mins => buffer_before_minutes) AS claimed_from,
                ends_at + make_interval(mins => buffer_after_minutes) AS claimed_to
            FROM appointments WHERE status = ANY (:blocking)
            UNION ALL
            SELECT id, dentist_id, chair_id, assistant_id, 'hold', expires_at,
                starts_at - make_interval(mins => buffer_before_minutes),
                ends_at + make_interval(mins => buffer_after_minutes)
            FROM holds
        ), implied AS (
            SELECT id, kind, resource, tstzrange(claimed_from, claimed_to), expires_at
            FROM blocking, unnest(ARRAY[dentist_id, chair_id, assistant_id]) AS resource WHERE resource IS NOT NULL
        ), there AS (SELECT owner_id, owner_kind, resource_id, during, expires_at FROM claims)
        SELECT count(*)
        FROM ((TABLE implied EXCEPT TABLE there) UNION ALL (TABLE there EXCEPT TABLE implied)) AS odd""",
    "appointments without the chair or the assistant that they need": """
        SELECT count(*) FROM appointments JOIN treatments
            ON treatments.id = ANY (coalesce(treatment_ids, ARRAY[treatment_id]))
        WHERE appointments.status = ANY (:blocking) AND reason IS DISTINCT FROM 'by plain SQL'
            AND (chair_kind IS NOT NULL AND chair_id IS NULL OR needs_assistant AND assistant_id IS NULL)""",
    "appointments with somebody who does not assist, or whom one treats": """
        SELECT count(*) FROM appointments JOIN dentists AS treating ON treating.id = dentist_id
            LEFT JOIN dentists AS assisting ON assisting.id = assistant_id
        WHERE treating.profession = 'assistant' OR assisting.profession <> 'assistant'""",
    # None of these times off is forced; who was forced once may stay where they are.
    "appointments with an assistant who is away": """
        SELECT count(*) FROM appointments a JOIN time_off off ON off.dentist_id = a.assistant_id
            AND tstzrange(off.starts_at, off.ends_at) && tstzrange(a.starts_at, a.ends_at)
        WHERE a.status = ANY (:blocking) AND a.reason IS DISTINCT FROM 'by plain SQL' AND NOT EXISTS (
            SELECT FROM write_requests w WHERE w.status = 'applied' AND w.body ->> 'force' = 'true'
                AND (w.subject_id = a.id OR w.outcome -> 'body' -> 'moved' ? a.id::text))""",
    # None of these times off is forced; who was forced once may stay where they are.
    "appointments in a chair that is away": """
        SELECT count(*) FROM appointments a JOIN chair_time_off off ON off.chair_id = a.chair_id
            AND tstzrange(off.starts_at, off.ends_at) && tstzrange(a.claimed_from, a.claimed_to)
        WHERE a.status = ANY (:blocking) AND a.reason IS DISTINCT FROM 'by plain SQL' AND NOT EXISTS (
            SELECT FROM write_requests w WHERE w.status = 'applied' AND w.body ->> 'force' = 'true'
                AND (w.subject_id = a.id OR w.outcome -> 'body' -> 'moved' ? a.id::text))""",
}

BLOCKING = ["pending", "booked", "arrived", "checked-in", "fulfilled"]
