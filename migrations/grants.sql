-- What the web and worker roles may do; run after every migration, as the owner.
-- The web role cannot change the diary: it stores write requests, and the worker applies them.
GRANT USAGE ON SCHEMA public TO :web_role, :worker_role;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :web_role, :worker_role;
-- Password hashes, sign-ins, clinical notes, remarks and answers that may show them are none of the worker's business.
REVOKE SELECT ON users, auth_sessions, second_factors, appointment_notes, patient_remarks, kept_answers, invitations,
    account_codes, calendar_feeds, code_mails FROM :worker_role;
GRANT SELECT (id, email, name, role, active, created_at, email_confirmed_at, vouched_at, language) ON users TO :worker_role;
-- What mails say, and to whom, is none of the web process' business once they are made.
REVOKE SELECT ON mails FROM :web_role;
GRANT SELECT (id, kind, created_at, expires_at, settled_at, outcome) ON mails TO :web_role;

-- Accounts belong to the web process.
GRANT INSERT, UPDATE ON users, auth_sessions, patients, dentists TO :web_role;
GRANT INSERT, UPDATE, DELETE ON second_factors TO :web_role;
GRANT INSERT, UPDATE (relation), DELETE ON acting TO :web_role;
GRANT INSERT, UPDATE ON invitations TO :web_role;
GRANT INSERT, UPDATE, DELETE ON calendar_feeds TO :web_role;
GRANT INSERT, UPDATE, DELETE ON account_codes TO :web_role;
GRANT INSERT, UPDATE ON code_mails TO :web_role;
-- The practice's own records change nobody's time, so they need no lane. Chairs go through the lane; the release before
-- still changes them itself, and what it may is taken away with the release after.
GRANT INSERT, UPDATE ON treatments, chairs, appointment_notes, patient_remarks, practice_logo TO :web_role;
GRANT DELETE ON practice_logo TO :web_role;
GRANT UPDATE ON practice TO :web_role;
GRANT INSERT ON write_requests TO :web_role;
GRANT UPDATE (idempotency_key) ON write_requests TO :web_role;
GRANT INSERT, UPDATE, DELETE ON kept_answers TO :web_role;

-- The diary belongs to the lane.
GRANT INSERT, UPDATE, DELETE ON appointments, holds, working_hours, time_off, closures, chair_time_off TO :worker_role;
GRANT INSERT, UPDATE ON chairs TO :worker_role;
GRANT UPDATE (time_zone, follows_practice, active, profession, offers) ON dentists TO :worker_role;
GRANT UPDATE ON practice TO :worker_role;
GRANT UPDATE ON lane TO :worker_role;
GRANT DELETE ON rule_changes TO :worker_role;
GRANT UPDATE, DELETE ON write_requests TO :worker_role;
GRANT SELECT (id, expires_at), DELETE ON auth_sessions TO :worker_role;
GRANT SELECT (id, sent_at), DELETE ON kept_answers TO :worker_role;
GRANT DELETE ON patient_merges TO :worker_role;
GRANT SELECT (user_id, purpose, expires_at), DELETE ON account_codes TO :worker_role;
GRANT SELECT (address_digest, since), DELETE ON code_mails TO :worker_role;
GRANT SELECT (patient_id, expires_at), DELETE ON invitations TO :worker_role;

-- Mails are made by both, and sent by the housekeeper.
GRANT INSERT, UPDATE, DELETE ON mails TO :worker_role;
GRANT INSERT, DELETE ON reminders TO :worker_role;
GRANT EXECUTE ON FUNCTION reminder_of, use_reminder TO :web_role;
GRANT EXECUTE ON FUNCTION lock_outbox, put_in_outbox TO :web_role, :worker_role;
GRANT EXECUTE ON FUNCTION outbox_has_room, mail_recipients TO :worker_role;

-- Both publish: the log goes on with every worker dead.
GRANT DELETE ON changes, record_changes TO :web_role, :worker_role;
GRANT UPDATE ON log_head TO :web_role, :worker_role;
GRANT INSERT, DELETE ON sync_events TO :web_role, :worker_role;

-- The audit trail only grows.
GRANT INSERT ON audit TO :web_role, :worker_role;
REVOKE SELECT ON audit FROM :worker_role;

GRANT EXECUTE ON FUNCTION lock_before_storing, store_requests TO :web_role;
GRANT EXECUTE ON FUNCTION lock_before_renaming, signed_in, signed_in_as, signed_in_for, signed_in_account, account_of, heard_messages, audit_about, patients_found,
    accounts_found, note_refused TO :web_role;
GRANT EXECUTE ON FUNCTION rename_account_of, bar_online_booking, appointment_history, day_at, day_changes TO :web_role;
GRANT EXECUTE ON FUNCTION guardians_of, account_to_act, accept_invitation, duplicates_of TO :web_role;
GRANT EXECUTE ON FUNCTION patients_of, patient_now TO :web_role, :worker_role;
GRANT EXECUTE ON FUNCTION merge_patients, part_patients, merge_by_invitation TO :worker_role;
GRANT EXECUTE ON FUNCTION keep_from_erasing TO :web_role, :worker_role;
GRANT EXECUTE ON FUNCTION records_taken_in TO :web_role;
GRANT EXECUTE ON FUNCTION times_of_patient, anything_unpublished, hours_changed_since TO :web_role;
GRANT EXECUTE ON FUNCTION heard_messages, prune_audit, erase_patient TO :worker_role;

-- Row-level security keeps web requests apart; the worker works for everybody. Made anew only where that is not so yet,
-- for it takes a lock that stops everybody else.
DO $$
DECLARE
    guarded name;
BEGIN
    FOR guarded IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND NOT EXISTS (
            SELECT FROM pg_policy
            WHERE polrelid = pg_class.oid AND polname = 'worker' AND polroles = ARRAY[':worker_role'::regrole::oid])
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS worker ON %I', guarded);
        EXECUTE format('CREATE POLICY worker ON %I TO %s USING (true) WITH CHECK (true)', guarded, ':worker_role');
    END LOOP;
END $$;
