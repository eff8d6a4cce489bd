// Made by `make docs` from the API's OpenAPI document. Whoever wants it otherwise changes that.

export interface paths {
    "/api/appointments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the appointments that I may see, with the position to follow the log from. */
        get: operations["list_appointments"];
        put?: never;
        /** Book a time. */
        post: operations["book"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Book the same again and again: those times that can be had, or all of them or none. */
        post: operations["book_series"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One appointment. */
        get: operations["get_appointment"];
        put?: never;
        post?: never;
        /** Strike out what was entered in error. */
        delete: operations["delete_appointment"];
        options?: never;
        head?: never;
        /** Change the time, the dentist, the treatment, the chair, the assistant or the reason. */
        patch: operations["reschedule"];
        trace?: never;
    };
    "/api/appointments/{appointmentId}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept what waits for the practice's approval. */
        post: operations["approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/arrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The patient is here. */
        post: operations["arrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel; the time is free at once. */
        post: operations["cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/check-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The patient is ready to be seen. */
        post: operations["check_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The treatment is done. */
        post: operations["complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that the patient will come. */
        post: operations["confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what to an appointment, the oldest first.
         * @description `changes` has what was asked for, by the names of the appointment's members.
         */
        get: operations["get_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/no-show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The patient did not come, or left without being seen; the time is free again. */
        post: operations["no_show"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the clinical notes. */
        get: operations["get_notes"];
        /** Replace the clinical notes; with `If-Match`, only what I have read. */
        put: operations["write_notes"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the last move back, one step: a booking is cancelled, what was deleted is there again. */
        post: operations["undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/appointments/{appointmentId}/undo-no-show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The patient did come; refused when the time was taken since. */
        post: operations["undo_no_show"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the audit trail, the newest first. */
        get: operations["list_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a code mailed to another address, to sign in with that from now on; it lives 30 minutes.
         * @description The answer is the same where the address is somebody else's: nothing is mailed then.
         */
        post: operations["ask_for_address"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with the new address from now on; the former one gets a mail that says so. */
        post: operations["confirm_address"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/forgotten": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a code mailed with which another password is set; it lives 30 minutes.
         * @description The answer is the same, and takes as long, whether there is such an account or not.
         */
        post: operations["forgotten_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in. */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session. */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Say who I am. */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change my name, my phone or the language in which I am written to.
         * @description A new name reaches the own record and every appointment; the phone is a patient's.
         */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/auth/me/calendar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Since when I have a calendar feed, if I have one, and when it was read. */
        get: operations["get_calendar"];
        put?: never;
        /** Make my calendar feed, or give it another address: the last one is not found any more. */
        post: operations["renew_calendar"];
        /** End my calendar feed: its address is not found any more. */
        delete: operations["end_calendar"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the own account act for the patient of an invitation, and answer who it is from now on.
         * @description Where the own record is in use, the invitation's takes it in; 202 where that takes longer.
         */
        post: operations["use_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password, and end every other session. */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the refresh token, sent as bearer, for a new pair. */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a patient's account. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a password with a code that was mailed, or handed over as an invitation.
         * @description Every session of the account ends, and nobody is signed in by it: a second factor stays required.
         */
        post: operations["reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Since when I have a second factor, if I have one, and how many recovery codes are left. */
        get: operations["get_second_factor"];
        put?: never;
        /**
         * Set up a second factor: without `code` get a secret for an app, with a code of it let it count.
         * @description The second call answers ten recovery codes, which are shown this once, and ends all other sessions.
         */
        post: operations["set_second_factor"];
        /** Take the own second factor away. */
        delete: operations["remove_second_factor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List my sessions that have not ended, the newest first; `current` is the one that asks. */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /** End all my sessions but this one: their tokens are dead at once, their sockets closed. */
        delete: operations["end_other_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of my sessions, this one too: its tokens are dead at once, its sockets closed. */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the times at which a treatment can be booked, by start; with `limit` the first of them.
         * @description Later pages have the position of the first one.
         */
        get: operations["list_free_times"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calendar/{secret}.ics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the appointments of a calendar feed, as its account may see them now.
         * @description From 90 days ago to 400 days ahead, and of more than 1,000 those that are nearest to now. A patient's have no names
         *     and no treatments, those of the practice the patients' initials.
         */
        get: operations["read_calendar"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chairs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the chairs, by name. */
        get: operations["list_chairs"];
        put?: never;
        /** Put up a chair. */
        post: operations["add_chair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chairs/{chairId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One chair, also when it is no longer used. */
        get: operations["get_chair"];
        put?: never;
        post?: never;
        /** Use a chair no longer; with `force` although bookings are in the way, which keep it. */
        delete: operations["withdraw_chair"];
        options?: never;
        head?: never;
        /** Change a chair; with `force` although bookings are in the way, which keep it. */
        patch: operations["change_chair"];
        trace?: never;
    };
    "/api/chairs/{chairId}/time-off": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List when a chair is away, by start, as far as it overlaps `[from, to)`; for the front desk. */
        get: operations["list_chair_time_off"];
        put?: never;
        /** Enter when a chair is away; with `force` although bookings are in the way, which keep it. */
        post: operations["take_chair_away"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chairs/{chairId}/time-off/{timeOffId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Let a chair be there after all. */
        delete: operations["bring_chair_back"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/closures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List when the whole practice is closed, by start, as far as it overlaps `[from, to)`. */
        get: operations["list_closures"];
        put?: never;
        /** Close the whole practice for a time; with `force` although bookings are in the way. */
        post: operations["add_closure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/closures/{closureId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One closure. */
        get: operations["get_closure"];
        put?: never;
        post?: never;
        /** Take a closure back. */
        delete: operations["withdraw_closure"];
        options?: never;
        head?: never;
        /** Change a closure; with `force` although bookings are in the way. */
        patch: operations["change_closure"];
        trace?: never;
    };
    "/api/demo/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the mails of a demo practice whose `MAIL_URL` is a folder; 404 in every other practice. */
        get: operations["list_mails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who can be booked, with their weekly hours, by name; those who assist only where they are asked for. */
        get: operations["list_dentists"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists/{dentistId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dentist. */
        get: operations["get_dentist"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a dentist's time zone, profession, or whether they take bookings.
         * @description With `force` although bookings are in the way.
         */
        patch: operations["change_dentist"];
        trace?: never;
    };
    "/api/dentists/{dentistId}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a dentist's appointments of some time to a colleague, each at its own time. */
        post: operations["hand_over"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists/{dentistId}/time-off": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List when a dentist is away in `[from, to)`, by start; for that dentist and the front desk. */
        get: operations["list_time_off"];
        put?: never;
        /** Enter when a dentist is away; with `force` although bookings are in the way. */
        post: operations["take_time_off"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists/{dentistId}/time-off/{timeOffId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Let a dentist be there after all. */
        delete: operations["cancel_time_off"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists/{dentistId}/treatments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say what a dentist offers, and how long it takes with them; with `force` although bookings are in the way. */
        put: operations["set_treatments"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dentists/{dentistId}/working-hours": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Replace a dentist's weekly hours; with `force` although bookings are in the way. */
        put: operations["set_hours"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the holds that have not expired and that I may see, by start: my own, and as a dentist those in my diary. */
        get: operations["list_holds"];
        put?: never;
        /** Keep a time for a few minutes; to others it is busy. */
        post: operations["hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/holds/{holdId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Let a held time go. */
        delete: operations["release"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether this process turns: no answer means that it is to be restarted.
         * @description Nothing else is looked at: a restart brings no database back.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List and search the patients that I may see, by name.
         * @description `q` is looked for in names, e-mail addresses and, digits only, in phone numbers.
         */
        get: operations["list_patients"];
        put?: never;
        /** Enter a patient without an account. */
        post: operations["add_patient"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/merges/{mergeId}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Part two records that were merged within the last day: what came from one and still exists goes back. */
        post: operations["undo_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One patient. */
        get: operations["get_patient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change what is known about a patient.
         * @description A new name reaches the account and every appointment; the address to sign in with stays the account's. A dentist
         *     may change `remark` and `onlineBookingBarred` of patients in the own diary, and nothing else.
         */
        patch: operations["change_patient"];
        trace?: never;
    };
    "/api/patients/{patientId}/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who may be the same person: entered by phone and by registering, for instance. */
        get: operations["list_duplicates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase what is kept of a patient, with their account.
         * @description Appointments stay, as nobody's. Who is erased already stays so, and the answer is the same.
         */
        post: operations["erase_patient"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All that is kept of a patient, as a zip with JSON and a readable page.
         * @description The patient and whoever acts for them get it without clinical notes, remarks and the audit trail, and what belongs
         *     to an account only that account.
         */
        get: operations["export_patient"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/guardians": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The guardians of a patient. */
        get: operations["list_guardians"];
        put?: never;
        /**
         * Let an account act for a patient, as for itself: see, book, move and cancel.
         * @description Granting again sets the relation.
         */
        post: operations["grant_guardian"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/guardians/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End what an account may for a patient; its sockets hear nothing more of the patient. */
        delete: operations["end_guardian"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Invite somebody to act for a patient, within seven days; the patient's last invitation ends. */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let another record of the same person take this one in, with its appointments, account and guardians.
         * @description The old id means the record that is left from then on.
         */
        post: operations["merge_patient"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients/{patientId}/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The merges into a record that can still be undone, the newest first. */
        get: operations["list_merges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The practice and its booking rules. */
        get: operations["get_practice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the name or the rules; a new zone is that of every dentist without one of their own.
         * @description With `force` although bookings are in the way.
         */
        patch: operations["change_practice"];
        trace?: never;
    };
    "/api/practice/logo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Show this image as the practice's logo: a PNG or a WebP, up to 64 KiB and 4,096 pixels each way. */
        put: operations["set_logo"];
        post?: never;
        /** Show no logo from now on. */
        delete: operations["remove_logo"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/public/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the times at which a treatment that is shown to everybody can be booked, by start, within a week. */
        get: operations["public_free_times"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/public/logo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The practice's logo. */
        get: operations["public_logo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/public/practice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The practice, what it offers to everybody, and who can be booked. */
        get: operations["public_practice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/public/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get a token for somebody without an account: with it what is free can be followed, and nothing else. */
        post: operations["visit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether this process should be sent calls: 503 while it starts, stops, is behind, or has no database.
         * @description Without Redis it is ready: calls are answered 202.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/day": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the appointments of a day as they were at a position of the log, by start. */
        get: operations["day_at"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/day/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what changed the appointments of a day between two positions of the log, and who did it, the newest first.
         * @description A change is of the day where the appointment was on it before, or is on it after.
         */
        get: operations["day_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a socket would have sent me after a position; an admin gets every row of the log. */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether bookings come through, and the faults when they do not.
         * @description `unhealthy` (503) is for what makes the service useless, `degraded` (200) for what it survives. The answer may be a
         *     second old: `timestamp` says when was looked.
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many listen to what, over all web processes. */
        get: operations["stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My live subscriptions, over all web processes; an admin's answer shows everybody's. */
        get: operations["status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/treatments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what can be booked, by name. */
        get: operations["list_treatments"];
        put?: never;
        /** Offer a treatment. */
        post: operations["add_treatment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/treatments/{treatmentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One treatment, also when it is no longer offered. */
        get: operations["get_treatment"];
        put?: never;
        post?: never;
        /** Offer a treatment no longer; appointments that have it keep it. */
        delete: operations["withdraw_treatment"];
        options?: never;
        head?: never;
        /** Change a treatment; appointments that were made before stay as they are. */
        patch: operations["change_treatment"];
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List and search accounts, in the order of their ids. */
        get: operations["list_users"];
        put?: never;
        /**
         * Make an account; without a password it is invited, and nobody can sign in before one was set with the code.
         * @description A repeat with the same `Idempotency-Key` answers the account without the code, which is kept nowhere.
         */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account, also when it is switched off. */
        get: operations["get_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Deactivate, change the role, set a password, rename; all but the last close the account's sockets. */
        patch: operations["update_user"];
        trace?: never;
    };
    "/api/users/{userId}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let somebody set the password of an account, within seven days, with a code; the account's last one ends. */
        post: operations["invite_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/writes/{writeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of a write. */
        get: operations["get_write"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account as admins see it. */
        AccountAnswer: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            role: "patient" | "dentist" | "receptionist" | "admin" | "chatbot";
            name: string;
            email: string;
            /** @enum {string} */
            language: "de" | "en";
            /** Format: uuid */
            patientId?: string;
            /** Format: uuid */
            dentistId?: string;
            /** @enum {string} */
            profession?: "dentist" | "hygienist" | "assistant";
            patients: components["schemas"]["OwnPatientAnswer"][];
            active: boolean;
            secondFactor: boolean;
        };
        /** @description An account lost a right, or a session ended; for admins only. */
        AccountRevoked: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "account:revoked";
            /** Format: uuid */
            userId: string;
        };
        /** @description A booking, the same for everybody who may see it. */
        AppointmentAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            patientId: string;
            patientName: string;
            /** Format: uuid */
            dentistId: string;
            dentistName: string;
            treatmentId: string | null;
            chairId: string | null;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @enum {string} */
            status: "booked" | "pending" | "arrived" | "checked-in" | "fulfilled" | "cancelled" | "noshow";
            /** @enum {string} */
            confirmation: "unconfirmed" | "reminded" | "confirmed";
            reason: string | null;
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            cancelledAt: string | null;
            cancelledBy: ("patient" | "dentist" | "receptionist" | "admin") | null;
            cancelReason: string | null;
            /** @description It shares a dentist's or a chair's time with another appointment. */
            overbooked: boolean;
            /** @description Staff booked it in spite of hours or of others. */
            forced: boolean;
            assistantId: string | null;
            assistantName: string | null;
            /** @description In their order; the first is treatmentId. */
            treatmentIds: string[];
            seriesId: string | null;
            arrivedAt: string | null;
            checkedInAt: string | null;
        };
        /** @description An appointment that is to be seen from now on. */
        AppointmentCreated: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "appointment:created";
            appointment: components["schemas"]["AppointmentAnswer"];
        };
        /** @description An appointment that is not to be seen any more. */
        AppointmentDeleted: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "appointment:deleted";
            /** Format: uuid */
            appointmentId: string;
        };
        /** @description A page of appointments, and the position from which to follow the log. */
        AppointmentPage: {
            items: components["schemas"]["AppointmentAnswer"][];
            next: string | null;
            position: number;
            /** Format: uuid */
            epoch: string;
        };
        /** @description An appointment as it is now, and the old values of what changed. */
        AppointmentUpdated: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "appointment:updated";
            appointment: components["schemas"]["AppointmentAnswer"];
            previous: {
                [key: string]: unknown;
            };
        };
        /** @description A time that is taken, free again, or to be asked for anew. */
        AvailabilityAnswer: {
            /** @enum {string} */
            change: "busy" | "free" | "hours" | "time-off" | "closure";
            from: string | null;
            to: string | null;
            timeZone: string;
        };
        /** @description Something else is free than before; without a dentist it is about all of them. */
        AvailabilityChanged: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "availability:changed";
            dentistId: string | null;
            availability: components["schemas"]["AvailabilityAnswer"];
        };
        /** @description Book a time: until `endsAt`, or for as long as the treatment takes; staff say for whom. */
        Book: {
            /** @default null */
            treatmentId?: string | null;
            /** @default null */
            treatmentIds?: string[] | null;
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** @default null */
            endsAt?: string | null;
            /** @default null */
            patientId?: string | null;
            /** @default null */
            holdId?: string | null;
            /** @default null */
            chairId?: string | null;
            /** @default null */
            assistantId?: string | null;
            /** @default null */
            reason?: string | null;
            /**
             * @description Staff only: outside hours, or beside another appointment.
             * @default false
             */
            force?: boolean;
        };
        /** @description Where the feed is read, shown this once; `url` is null where `PUBLIC_URL` is not set. */
        CalendarAddress: {
            path: string;
            url: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        /** @description Since when the feed has its address, absent where there is none, and when it was read, to the hour. */
        CalendarFeedAnswer: {
            /** Format: date-time */
            createdAt?: string;
            /** Format: date-time */
            readAt?: string;
        };
        /** @description Cancel a booking; the reason is shown to everybody who may see the appointment. */
        Cancel: {
            /** @default null */
            reason?: string | null;
            /**
             * @description `following`: those of its series that come after it, too; the answer lists them.
             * @default this
             * @enum {string}
             */
            scope?: "this" | "following";
        };
        /** @description A place to treat in; `active` is there for admins. */
        ChairAnswer: {
            /** Format: uuid */
            id: string;
            name: string;
            kind: string;
            active?: boolean;
        };
        /** @description The chair as changed, and the bookings that are stranded now. */
        ChairChanged: {
            appointments: string[];
            /** Format: uuid */
            id: string;
            name: string;
            kind: string;
            active?: boolean;
        };
        /** @description What is to be different about a chair. */
        ChairChanges: {
            name?: string;
            kind?: string;
            active?: boolean;
            /** @description Do it although bookings are in the way; the answer lists them. */
            force?: boolean;
        };
        /** @description When a chair is away. */
        ChairTimeOffAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            chairId: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description When a chair is away, and the bookings that are stranded now. */
        ChairTimeOffTaken: {
            appointments: string[];
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            chairId: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description What is to be different about a closure. */
        ChangeClosure: {
            /** @default null */
            startsAt?: string | null;
            /** @default null */
            endsAt?: string | null;
            /** @default null */
            reason?: string | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /**
         * @description What is to be different about a dentist: the zone of the diary, the profession, whether bookings are taken.
         *
         *     Null as the zone is to follow the practice's from now on. Another profession is other rights of the account.
         */
        ChangeDentist: {
            /** @default null */
            timeZone?: string | null;
            /** @default null */
            active?: boolean | null;
            /** @default null */
            profession?: ("dentist" | "hygienist" | "assistant") | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description The own password, replaced. */
        ChangePassword: {
            current: string;
            new: string;
        };
        /** @description What is to be different about the practice; another zone is other hours of each dentist who follows it. */
        ChangePractice: {
            name?: string;
            timeZone?: string;
            minimumNoticeMinutes?: number;
            furthestAdvanceDays?: number;
            slotStepMinutes?: number;
            country?: string | null;
            /** @enum {string} */
            publicBooking?: "off" | "view" | "book";
            /** @enum {string} */
            newPatients?: "closed" | "approve" | "verified" | "open";
            openBookingsPerPatient?: number | null;
            cancelCutoffHours?: number | null;
            address?: string | null;
            phone?: string | null;
            /** @description Do it although bookings are in the way; the answer lists them. */
            force?: boolean;
        };
        /** @description The appointment; with `scope: "following"` those of its series, too. */
        ChangedAnswer: components["schemas"]["AppointmentAnswer"] | components["schemas"]["FollowingAnswer"];
        /** @description The whole practice is closed; the reason may be shown to everybody. */
        Close: {
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @default null */
            reason?: string | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description When the whole practice is closed. */
        ClosureAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description When the whole practice is closed, and the bookings that are stranded now. */
        ClosureMade: {
            appointments: string[];
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description The code that was mailed to the new address. */
        ConfirmedAddress: {
            code: string;
        };
        /** @description A page of the day's appointments as they were at the position; the log has `earliest` up to `latest`. */
        DayAnswer: {
            items: components["schemas"]["AppointmentAnswer"][];
            next: string | null;
            position: number;
            /** Format: uuid */
            epoch: string;
            earliest: number;
            latest: number;
        };
        /**
         * @description What changed an appointment of the day, how it was before and after, and who did it.
         *
         *     `before` is null where it was not there, `after` where it is no more. `action` is as in the audit trail: of the
         *     write request that was applied, or `sql-insert`, `sql-update` and `sql-delete` for plain SQL, which has no actor.
         *     What follows from the change of another record has an actor and no action; what the service does by itself has the
         *     role `system`. All four are null where the log does not know.
         */
        DayChangeAnswer: {
            position: number;
            type: string;
            /** Format: date-time */
            occurredAt: string;
            /** Format: uuid */
            appointmentId: string;
            before: components["schemas"]["AppointmentAnswer"] | null;
            after: components["schemas"]["AppointmentAnswer"] | null;
            action: string | null;
            actorId: string | null;
            actorName: string | null;
            actorRole: string | null;
        };
        /** @description A page of changes, the newest first; the log has `earliest` up to `latest`. */
        DayChangesAnswer: {
            items: components["schemas"]["DayChangeAnswer"][];
            next: string | null;
            /** Format: uuid */
            epoch: string;
            earliest: number;
            latest: number;
        };
        /** @description A dentist, the weekly hours, and what is offered; null as treatments is everything. */
        DentistAnswer: {
            /** Format: uuid */
            id: string;
            name: string;
            timeZone: string;
            workingHours: components["schemas"]["WorkingHoursAnswer"][];
            active: boolean;
            /** @enum {string} */
            profession: "dentist" | "hygienist" | "assistant";
            treatments: components["schemas"]["OfferedAnswer"][] | null;
        };
        /** @description The dentist as changed, and the bookings that are stranded now. */
        DentistChanged: {
            appointments: string[];
            /** Format: uuid */
            id: string;
            name: string;
            timeZone: string;
            workingHours: components["schemas"]["WorkingHoursAnswer"][];
            active: boolean;
            /** @enum {string} */
            profession: "dentist" | "hygienist" | "assistant";
            treatments: components["schemas"]["OfferedAnswer"][] | null;
        };
        /** @description The patients who may be the same person as another one, by name; 50 at most. */
        DuplicatesAnswer: {
            items: components["schemas"]["PatientAnswer"][];
        };
        /** @description Who did or read what; without an account for a change by plain SQL. */
        EntryAnswer: {
            id: string;
            /** Format: date-time */
            at: string;
            actorId: string | null;
            actorName: string | null;
            actorRole: string | null;
            action: string;
            record: components["schemas"]["RecordAnswer"];
            requestId: string | null;
            callerRequestId: string | null;
            address?: string;
            userAgent?: string;
            details?: {
                [key: string]: unknown;
            };
        };
        /** @description The patient whose data are erased, and since when. */
        ErasedAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            erasedAt: string;
        };
        /** @description What a socket would have sent, and where to go on. */
        EventsAnswer: {
            events: (components["schemas"]["AppointmentCreated"] | components["schemas"]["AppointmentUpdated"] | components["schemas"]["AppointmentDeleted"] | components["schemas"]["AvailabilityChanged"] | components["schemas"]["RecordChanged"] | components["schemas"]["AccountRevoked"])[];
            position: number;
            /** Format: uuid */
            epoch: string;
            more: boolean;
        };
        /** @description How far apart the appointments of a series are, in the dentist's wall-clock time. */
        Every: {
            /** @enum {string} */
            unit: "day" | "week" | "month";
            n: number;
        };
        /** @description Where in the request something is wrong: a JSON pointer (RFC 6901), and what. */
        FieldProblem: {
            pointer: string;
            detail: string;
        };
        /** @description Appointments of one series as they are now, and those that could not be changed. */
        FollowingAnswer: {
            appointments: components["schemas"]["AppointmentAnswer"][];
            refused: components["schemas"]["RefusedAnswer"][];
        };
        /** @description The address of the account whose password is not known. */
        Forgotten: {
            email: string;
        };
        /** @description An account that acts for the patient, since when, and what it is to the patient. */
        GuardianAnswer: {
            /** Format: uuid */
            userId: string;
            name: string;
            relation: string | null;
            /** Format: date-time */
            grantedAt: string;
        };
        /** @description All guardians of a patient, by name. */
        GuardiansAnswer: {
            items: components["schemas"]["GuardianAnswer"][];
        };
        /** @description Give a dentist's appointments that start in `[from, until)` to a colleague, each at its own time. */
        HandOver: {
            /** Format: uuid */
            to: string;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            until: string;
            /**
             * @description Staff only: outside hours, or beside another appointment.
             * @default false
             */
            force?: boolean;
        };
        /** @description The ids of the appointments that the colleague has now, and those that stayed where they were. */
        HandedOverAnswer: {
            moved: string[];
            refused: components["schemas"]["RefusedAnswer"][];
        };
        /** @description `ok`, or a sentence about the fault, for each check; and what is amiss by choice, which changes no status. */
        HealthAnswer: {
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
            /** @constant */
            service: "realtime-sync";
            activeSubscriptions: number;
            /** Format: date-time */
            timestamp: string;
            checks: {
                [key: string]: string;
            };
            notices: string[];
        };
        /** @description Who did what, when, and what they asked for; without an account for a change by plain SQL. */
        HistoryAnswer: {
            /** Format: date-time */
            at: string;
            action: string;
            actorId: string | null;
            actorName: string | null;
            actorRole: string | null;
            changes?: {
                [key: string]: unknown;
            };
        };
        /** @description A time that is kept. */
        HoldAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            dentistId: string;
            treatmentId: string | null;
            /** @description In their order; the first is treatmentId. */
            treatmentIds: string[];
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description Keep a time for a few minutes, before it is booked; for whom is judged, and not kept. */
        HoldTime: {
            /** @default null */
            treatmentId?: string | null;
            /** @default null */
            treatmentIds?: string[] | null;
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** @default null */
            endsAt?: string | null;
            /** @default null */
            patientId?: string | null;
        };
        /** @description What is handed over. The code is shown once; `url` is null where `PUBLIC_URL` is not set. */
        InvitationAnswer: {
            code: string;
            url: string | null;
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description This process turns. */
        LiveAnswer: {
            /** @constant */
            status: "live";
        };
        /** @description Sign in; the password's length is not checked here. */
        Login: {
            email: string;
            password: string;
            /** @default null */
            code?: string | null;
        };
        /** @description A mail as its reader has it; `calendar` is its iCalendar part (RFC 5545), null where it has none. */
        MailAnswer: {
            id: string;
            to: string;
            from: string;
            subject: string;
            /** Format: date-time */
            date: string;
            text: string;
            html: string;
            calendar: string | null;
        };
        /** @description The newest first. */
        MailsAnswer: {
            items: components["schemas"]["MailAnswer"][];
        };
        /** @description The record that is left. */
        Merge: {
            /** Format: uuid */
            into: string;
        };
        /** @description The merge, the record that is left, and until when the merge can be undone. */
        MergeAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            into: string;
            /** Format: date-time */
            undoUntil: string;
        };
        /** @description What a record has taken in and can still be parted from, the newest first. */
        MergesAnswer: {
            items: components["schemas"]["MergeAnswer"][];
        };
        /** @description The account, and what is handed over where it has no password yet, shown this once. */
        NewAccountAnswer: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            role: "patient" | "dentist" | "receptionist" | "admin" | "chatbot";
            name: string;
            email: string;
            /** @enum {string} */
            language: "de" | "en";
            /** Format: uuid */
            patientId?: string;
            /** Format: uuid */
            dentistId?: string;
            /** @enum {string} */
            profession?: "dentist" | "hygienist" | "assistant";
            patients: components["schemas"]["OwnPatientAnswer"][];
            active: boolean;
            secondFactor: boolean;
            invitation?: components["schemas"]["InvitationAnswer"];
        };
        /** @description The address to sign in with from now on, and the own password. */
        NewAddress: {
            email: string;
            password: string;
        };
        /** @description A place to treat in. */
        NewChair: {
            name: string;
            kind: string;
        };
        /** @description An account, by its id or by that of its patient's record, and what it is to the patient. */
        NewGuardian: {
            /** @default null */
            userId?: string | null;
            /** @default null */
            patientId?: string | null;
            /** @default null */
            relation?: string | null;
        };
        /** @description What the invited account is to the patient: the patient, or a guardian, and what kind of one. */
        NewInvitation: {
            /**
             * @default self
             * @enum {string}
             */
            as?: "self" | "guardian";
            /** @default null */
            relation?: string | null;
        };
        /** @description A person who is to be treated; no account is needed. */
        NewPatient: {
            name: string;
            /** @default null */
            phone?: string | null;
            /** @default null */
            email?: string | null;
            /** @default null */
            birthDate?: string | null;
            /** @default null */
            remark?: string | null;
            /** @default false */
            onlineBookingBarred?: boolean;
            /** @default null */
            language?: ("de" | "en") | null;
        };
        /** @description The own password, and a code of the app once it has the secret. */
        NewSecondFactor: {
            password: string;
            /** @default null */
            code?: string | null;
        };
        /** @description Something to be booked; where it has no rule of its own, the practice's holds. */
        NewTreatment: {
            name: string;
            durationMinutes: number;
            /** @default 0 */
            bufferBeforeMinutes?: number;
            /** @default 0 */
            bufferAfterMinutes?: number;
            /** @default false */
            requiresApproval?: boolean;
            /** @default null */
            chairKind?: string | null;
            /** @default false */
            needsAssistant?: boolean;
            /** @default null */
            slotStepMinutes?: number | null;
            /** @default null */
            minimumNoticeMinutes?: number | null;
            /** @default null */
            furthestAdvanceDays?: number | null;
            /** @default true */
            public?: boolean;
        };
        /**
         * @description An account of any role; a dentist's may say which profession it is.
         *
         *     Without a password somebody sets it with the invitation that is answered.
         */
        NewUser: {
            email: string;
            name: string;
            /** @enum {string} */
            role: "patient" | "dentist" | "receptionist" | "admin" | "chatbot";
            /** @default null */
            password?: string | null;
            /** @default null */
            profession?: ("dentist" | "hygienist" | "assistant") | null;
        };
        /** @description What was written about an appointment; version 0 and no instant when nothing was. */
        NotesAnswer: {
            notes: string;
            updatedAt: string | null;
            version: number;
        };
        /** @description Nothing more needs to be said. */
        Nothing: Record<string, never>;
        /** @description A treatment that a dentist offers, and how long it takes with them where that is not the practice's length. */
        Offered: {
            /** Format: uuid */
            treatmentId: string;
            /** @default null */
            durationMinutes?: number | null;
        };
        /** @description A treatment that a dentist offers; null as its length is the practice's. */
        OfferedAnswer: {
            /** Format: uuid */
            treatmentId: string;
            durationMinutes: number | null;
        };
        /** @description What is to be different about the own account, and the record that belongs to it. */
        OwnChanges: {
            name?: string;
            phone?: string | null;
            /** @enum {string} */
            language?: "de" | "en";
        };
        /** @description A patient for whom an account acts: itself (`relation` is "self"), or as a guardian, in words or null. */
        OwnPatientAnswer: {
            /** Format: uuid */
            id: string;
            name: string;
            relation: string | null;
        };
        PageOf_AccountAnswer_: {
            items: components["schemas"]["AccountAnswer"][];
            next: string | null;
        };
        PageOf_ChairAnswer_: {
            items: components["schemas"]["ChairAnswer"][];
            next: string | null;
        };
        PageOf_ChairTimeOffAnswer_: {
            items: components["schemas"]["ChairTimeOffAnswer"][];
            next: string | null;
        };
        PageOf_ClosureAnswer_: {
            items: components["schemas"]["ClosureAnswer"][];
            next: string | null;
        };
        PageOf_DentistAnswer_: {
            items: components["schemas"]["DentistAnswer"][];
            next: string | null;
        };
        PageOf_EntryAnswer_: {
            items: components["schemas"]["EntryAnswer"][];
            next: string | null;
        };
        PageOf_HistoryAnswer_: {
            items: components["schemas"]["HistoryAnswer"][];
            next: string | null;
        };
        PageOf_HoldAnswer_: {
            items: components["schemas"]["HoldAnswer"][];
            next: string | null;
        };
        PageOf_PatientAnswer_: {
            items: components["schemas"]["PatientAnswer"][];
            next: string | null;
        };
        PageOf_SignInAnswer_: {
            items: components["schemas"]["SignInAnswer"][];
            next: string | null;
        };
        PageOf_TimeOffAnswer_: {
            items: components["schemas"]["TimeOffAnswer"][];
            next: string | null;
        };
        PageOf_TreatmentAnswer_: {
            items: components["schemas"]["TreatmentAnswer"][];
            next: string | null;
        };
        /** @description A patient, and how to reach them; `remark` and `noShows` are for staff, and in no answer to a patient. */
        PatientAnswer: {
            /** Format: uuid */
            id: string;
            name: string;
            phone: string | null;
            email: string | null;
            /** Format: date */
            birthDate?: string;
            onlineBookingBarred: boolean;
            /** @enum {string} */
            language?: "de" | "en";
            remark?: string;
            noShows?: number;
        };
        /** @description What is to be different about a patient. */
        PatientChanges: {
            name?: string;
            phone?: string | null;
            email?: string | null;
            birthDate?: string | null;
            remark?: string | null;
            onlineBookingBarred?: boolean;
            language?: ("de" | "en") | null;
        };
        /** @description The practice, and the rules that hold for every treatment without its own. */
        PracticeAnswer: {
            name: string;
            timeZone: string;
            minimumNoticeMinutes: number;
            furthestAdvanceDays: number;
            slotStepMinutes: number;
            country: string | null;
            /** @enum {string} */
            publicBooking: "off" | "view" | "book";
            /** @enum {string} */
            newPatients: "closed" | "approve" | "verified" | "open";
            openBookingsPerPatient: number | null;
            cancelCutoffHours: number | null;
            address: string | null;
            phone: string | null;
        };
        /** @description The practice as changed, and the bookings that are stranded now. */
        PracticeChanged: {
            appointments: string[];
            name: string;
            timeZone: string;
            minimumNoticeMinutes: number;
            furthestAdvanceDays: number;
            slotStepMinutes: number;
            country: string | null;
            /** @enum {string} */
            publicBooking: "off" | "view" | "book";
            /** @enum {string} */
            newPatients: "closed" | "approve" | "verified" | "open";
            openBookingsPerPatient: number | null;
            cancelCutoffHours: number | null;
            address: string | null;
            phone: string | null;
        };
        /** @description Why a request was refused (RFC 9457); some refusals have members of their own beside these. */
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            detail: string;
            instance: string;
            errors?: components["schemas"]["FieldProblem"][];
        } & {
            [key: string]: unknown;
        };
        /** @description How far a web process has come, and how far behind the log that is. */
        ProcessAnswer: {
            id: string;
            position: number;
            lag: number;
            connections: number;
            subscriptions: number;
            /** Format: date-time */
            timestamp: string;
            /** @description Messages passed on since the process started. */
            delivered?: number;
            /** @description Refusals since the process started, by code. */
            refusals?: {
                [key: string]: number;
            };
        } & {
            [key: string]: unknown;
        };
        /** @description Somebody who can be booked. */
        PublicDentist: {
            /** Format: uuid */
            id: string;
            name: string;
        };
        /** @description The practice as it shows itself to everybody. */
        PublicPractice: {
            name: string;
            timeZone: string;
            address: string | null;
            phone: string | null;
            /** @enum {string} */
            publicBooking: "off" | "view" | "book";
            /** @enum {string} */
            newPatients: "closed" | "approve" | "verified" | "open";
            hasLogo: boolean;
            treatments: components["schemas"]["PublicTreatment"][];
            dentists: components["schemas"]["PublicDentist"][];
        };
        /** @description What can be booked, and how long it takes. */
        PublicTreatment: {
            /** Format: uuid */
            id: string;
            name: string;
            durationMinutes: number;
        };
        /** @description Whether this process should be sent calls; `reasons` says why not, one sentence each. */
        ReadyAnswer: {
            /** @enum {string} */
            status: "ready" | "unready";
            reasons: string[];
        };
        /** @description What it was about: one record, or those of the page that was read. */
        RecordAnswer: {
            kind: string;
            /** Format: uuid */
            id?: string;
            ids?: string[];
        };
        /** @description A record that staff work with is another one than before, or gone; the practice has no id. Read it by REST. */
        RecordChanged: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @constant */
            type: "record:changed";
            /** @enum {string} */
            kind: "hold" | "patient" | "time-off" | "closure" | "treatment" | "chair" | "dentist" | "practice";
            id: string | null;
            /** @enum {string} */
            change: "created" | "updated" | "deleted";
        };
        /** @description One that could not be had, and the code of the refusal. */
        RefusedAnswer: {
            /** Format: uuid */
            id: string;
            code: string;
        };
        /** @description A patient signs up. */
        Register: {
            email: string;
            password: string;
            name: string;
            /** @default null */
            phone?: string | null;
            /** @default null */
            invitation?: string | null;
        };
        /** @description The own password, and a code of the app or a recovery code. */
        RemovedSecondFactor: {
            password: string;
            code: string;
        };
        /** @description Change a booking; what is not named stays, and a new start alone keeps the duration. */
        Reschedule: {
            /** @default null */
            treatmentId?: string | null;
            /** @default null */
            treatmentIds?: string[] | null;
            /** @default null */
            dentistId?: string | null;
            /** @default null */
            startsAt?: string | null;
            /** @default null */
            endsAt?: string | null;
            /** @default null */
            chairId?: string | null;
            /** @default null */
            assistantId?: string | null;
            /** @default null */
            reason?: string | null;
            /**
             * @description Staff only: outside hours, or beside another appointment.
             * @default false
             */
            force?: boolean;
            /**
             * @description `following`: those of its series that come after it, too; the answer lists them.
             * @default this
             * @enum {string}
             */
            scope?: "this" | "following";
        };
        /** @description The account's address, the code that was mailed or handed over, and the password from now on. */
        ResetPassword: {
            email: string;
            code: string;
            password: string;
        };
        /** @description The same for one role, and on how many sockets. */
        RoleStatistics: {
            appointments: number;
            availability: number;
            global: number;
            total: number;
            connections: number;
        };
        /** @description First what an app needs, then the recovery codes, each shown once. */
        SecondFactorAnswer: {
            secret?: string;
            uri?: string;
            recoveryCodes?: string[];
        };
        /** @description Since when it is asked for, absent where there is none, and how many recovery codes were not used yet. */
        SecondFactorState: {
            /** Format: date-time */
            since?: string;
            recoveryCodesLeft: number;
        };
        /** @description Book the same again and again; each is an appointment of its own that knows its series. */
        Series: {
            /** @default null */
            treatmentId?: string | null;
            /** @default null */
            treatmentIds?: string[] | null;
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** @default null */
            endsAt?: string | null;
            /** @default null */
            patientId?: string | null;
            /** @default null */
            chairId?: string | null;
            /** @default null */
            assistantId?: string | null;
            /** @default null */
            reason?: string | null;
            every: components["schemas"]["Every"];
            count: number;
            /**
             * @description `skip` books those that can be had, `refuse` all of them or none.
             * @default skip
             * @enum {string}
             */
            whenTaken?: "skip" | "refuse";
        };
        /** @description The appointments of a series, and the times that could not be had. */
        SeriesAnswer: {
            /** Format: uuid */
            seriesId: string;
            appointments: components["schemas"]["AppointmentAnswer"][];
            refused: components["schemas"]["TimeRefused"][];
        };
        /** @description The whole week of one dentist, in place of what it was. */
        SetHours: {
            hours: components["schemas"]["Window"][];
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description What a dentist offers, in place of what it was; null is everything that the practice offers. */
        SetTreatments: {
            treatments: components["schemas"]["Offered"][] | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description A sign-in of the own account: since when, when its tokens were last renewed, until when, and from where. */
        SignInAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            refreshedAt?: string;
            /** Format: date-time */
            expiresAt: string;
            current: boolean;
            address?: string;
            userAgent?: string;
        };
        /** @description A time that can be booked. */
        SlotAnswer: {
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
        };
        /** @description What is free, and the position from which to follow what changes; `next` is there where there is more. */
        SlotsAnswer: {
            slots: components["schemas"]["SlotAnswer"][];
            position: number;
            /** Format: uuid */
            epoch: string;
            next?: string;
        };
        /** @description How many listen to appointments, to one dentist's availability, to everybody's. */
        Statistics: {
            appointments: number;
            availability: number;
            global: number;
            total: number;
        };
        /** @description How many listen to what. */
        StatsAnswer: {
            position: number;
            /** Format: uuid */
            epoch: string;
            processes: components["schemas"]["ProcessAnswer"][];
            stats: components["schemas"]["Statistics"];
            roles: {
                [key: string]: components["schemas"]["RoleStatistics"];
            };
            subscriptions: components["schemas"]["SubscriptionAnswer"][];
            /** Format: date-time */
            timestamp: string;
            byRole: {
                [key: string]: number;
            };
            activeConnections: number;
            lastHeartbeat: string | null;
        };
        /** @description Live subscriptions. */
        StatusAnswer: {
            position: number;
            /** Format: uuid */
            epoch: string;
            processes: components["schemas"]["ProcessAnswer"][];
            /** @constant */
            status: "active";
            activeSubscriptions: number;
            subscriptions: components["schemas"]["SubscriptionAnswer"][];
            /** Format: date-time */
            timestamp: string;
        };
        /** @description One socket follows one channel. */
        SubscriptionAnswer: {
            id: string;
            channelName: string;
            active: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        /** @description A chair is away; the reason is for the front desk. */
        TakeChairAway: {
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @default null */
            reason?: string | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description A dentist is away; the reason is for that dentist and admins. */
        TakeTimeOff: {
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @default null */
            reason?: string | null;
            /**
             * @description Do it although bookings are in the way; the answer lists them.
             * @default false
             */
            force?: boolean;
        };
        /** @description When a dentist is away. */
        TimeOffAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description When a dentist is away, and the bookings that are stranded now. */
        TimeOffTaken: {
            appointments: string[];
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            dentistId: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            reason: string | null;
        };
        /** @description A time that could not be had, and the code of the refusal. */
        TimeRefused: {
            /** Format: date-time */
            startsAt: string;
            code: string;
        };
        /** @description Who signed in, the two tokens, and how many seconds the first is good for. */
        TokensAnswer: {
            user: components["schemas"]["UserAnswer"];
            accessToken: string;
            refreshToken: string;
            expiresIn: number;
        };
        /** @description What can be booked, and how long it takes; `active` is there for admins. */
        TreatmentAnswer: {
            /** Format: uuid */
            id: string;
            name: string;
            durationMinutes: number;
            bufferBeforeMinutes: number;
            bufferAfterMinutes: number;
            requiresApproval: boolean;
            chairKind?: string;
            needsAssistant: boolean;
            public: boolean;
            slotStepMinutes?: number;
            minimumNoticeMinutes?: number;
            furthestAdvanceDays?: number;
            active?: boolean;
        };
        /** @description What is to be different about a treatment; null takes a rule of its own away. */
        TreatmentChanges: {
            name?: string;
            durationMinutes?: number;
            bufferBeforeMinutes?: number;
            bufferAfterMinutes?: number;
            requiresApproval?: boolean;
            chairKind?: string | null;
            needsAssistant?: boolean;
            slotStepMinutes?: number | null;
            minimumNoticeMinutes?: number | null;
            furthestAdvanceDays?: number | null;
            public?: boolean;
            active?: boolean;
        };
        /** @description The code that the practice handed over. */
        UsedInvitation: {
            code: string;
        };
        /** @description An account; the ids are those of the records that belong to it, and `patients` those for whom it acts. */
        UserAnswer: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            role: "patient" | "dentist" | "receptionist" | "admin" | "chatbot";
            name: string;
            email: string;
            /** @enum {string} */
            language: "de" | "en";
            /** Format: uuid */
            patientId?: string;
            /** Format: uuid */
            dentistId?: string;
            /** @enum {string} */
            profession?: "dentist" | "hygienist" | "assistant";
            patients: components["schemas"]["OwnPatientAnswer"][];
        };
        /** @description What is to be different about an account. */
        UserChanges: {
            active?: boolean;
            /** @enum {string} */
            role?: "patient" | "dentist" | "receptionist" | "admin" | "chatbot";
            password?: string;
            name?: string;
            /** @constant */
            secondFactor?: false;
        };
        /** @description A token of somebody without an account, and how many seconds it is good for. */
        VisitorToken: {
            accessToken: string;
            expiresIn: number;
        };
        /**
         * @description One weekly window in wall-clock time of the dentist's zone; an opening on one day only has two equal dates.
         *
         *     It belongs to the day on which it begins, and may end on the next one.
         */
        Window: {
            isoWeekday: number;
            start: string;
            /** @description `24:00` ends the day; what is not after the start is a time of the next day. */
            end: string;
            /** @default null */
            validFrom?: string | null;
            /** @default null */
            validTo?: string | null;
        };
        /** @description A weekly window, by the dentist's clock; the dates are included. */
        WorkingHoursAnswer: {
            isoWeekday: number;
            start: string;
            end: string;
            /** Format: date */
            validFrom?: string;
            /** Format: date */
            validTo?: string;
        };
        /** @description What became of a write; `resource` is the path of what it made or changed. */
        WriteAnswer: {
            /** Format: uuid */
            id: string;
            status: string;
            resource?: string;
            /** Format: uuid */
            appointmentId?: string;
            problem?: components["schemas"]["Problem"];
        };
        /** @description The notes as they are to be from now on. */
        WriteNotes: {
            notes: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_appointments: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                from?: string;
                to?: string;
                status?: string;
                dentistId?: string;
                patientId?: string;
                chairId?: string;
                assistantId?: string;
                seriesId?: string;
                overbooked?: boolean;
            };
            header?: {
                /** @description Entity tags of lists that I have: 304 where one of them is still what would be answered. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentPage"];
                };
            };
        };
    };
    book: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Book"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    book_series: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Series"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_appointment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
        };
    };
    delete_appointment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reschedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Reschedule"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    approve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    arrive: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Cancel"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    check_in: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    complete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    confirm: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_history: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_HistoryAnswer_"];
                };
            };
        };
    };
    no_show: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_notes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotesAnswer"];
                };
            };
        };
    };
    write_notes: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteNotes"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotesAnswer"];
                };
            };
        };
    };
    undo: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    undo_no_show: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description The entity tag that I have read; 412 when the record has changed since. */
                "If-Match"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                appointmentId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppointmentAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_entries: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                actorId?: string;
                recordId?: string;
                action?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_EntryAnswer_"];
                };
            };
        };
    };
    ask_for_address: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAddress"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirm_address: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmedAddress"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    forgotten_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Forgotten"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnChanges"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
        };
    };
    get_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarFeedAnswer"];
                };
            };
        };
    };
    renew_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarAddress"];
                };
            };
        };
    };
    end_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    use_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsedInvitation"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokensAnswer"];
                };
            };
        };
    };
    reset_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetPassword"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorState"];
                };
            };
        };
    };
    set_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSecondFactor"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorAnswer"];
                };
            };
        };
    };
    remove_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemovedSecondFactor"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_SignInAnswer_"];
                };
            };
        };
    };
    end_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_free_times: {
        parameters: {
            query: {
                treatmentId?: string;
                /** @description Several in one visit, in their order, separated by commas; in place of one. */
                treatmentIds?: string;
                from: string;
                to: string;
                dentistId?: string;
                /** @description Staff only: how long it is to be, with a treatment or without one. */
                durationMinutes?: number;
                /** @description How many at most; all where nothing is said. */
                limit?: number;
                /** @description The `next` of the answer before. */
                after?: string;
            };
            header?: {
                /** @description Entity tags of lists that I have: 304 where one of them is still what would be answered. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlotsAnswer"];
                };
            };
        };
    };
    read_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                secret: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/calendar": unknown;
                };
            };
        };
    };
    list_chairs: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description For admins: also what is no longer offered. */
                includeInactive?: boolean;
                /** @description Chairs of this kind alone. */
                kind?: string;
                /** @description True: those that are used; false, for admins: the others. */
                active?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_ChairAnswer_"];
                };
            };
        };
    };
    add_chair: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChair"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChairAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_chair: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                chairId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChairAnswer"];
                };
            };
        };
    };
    withdraw_chair: {
        parameters: {
            query?: {
                /** @description Do it although bookings are in the way. */
                force?: boolean;
            };
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                chairId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    change_chair: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                chairId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChairChanges"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChairChanged"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_chair_time_off: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path: {
                chairId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_ChairTimeOffAnswer_"];
                };
            };
        };
    };
    take_chair_away: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                chairId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeChairAway"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChairTimeOffTaken"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    bring_chair_back: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                chairId: string;
                timeOffId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_closures: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_ClosureAnswer_"];
                };
            };
        };
    };
    add_closure: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Close"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosureMade"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_closure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                closureId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosureAnswer"];
                };
            };
        };
    };
    withdraw_closure: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                closureId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    change_closure: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                closureId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeClosure"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosureMade"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_mails: {
        parameters: {
            query?: {
                to?: string;
                /** @description How many at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailsAnswer"];
                };
            };
        };
    };
    list_dentists: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                profession?: "dentist" | "hygienist" | "assistant";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_DentistAnswer_"];
                };
            };
        };
    };
    get_dentist: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DentistAnswer"];
                };
            };
        };
    };
    change_dentist: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ChangeDentist"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DentistChanged"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    hand_over: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HandOver"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandedOverAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_time_off: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                from?: string;
                to?: string;
            };
            header?: never;
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_TimeOffAnswer_"];
                };
            };
        };
    };
    take_time_off: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeTimeOff"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeOffTaken"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    cancel_time_off: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
                timeOffId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    set_treatments: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetTreatments"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DentistChanged"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    set_hours: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                dentistId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetHours"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DentistChanged"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_holds: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                from?: string;
                to?: string;
                dentistId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_HoldAnswer_"];
                };
            };
        };
    };
    hold: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldTime"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    release: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                holdId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveAnswer"];
                };
            };
        };
    };
    list_patients: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description A part of the name, the e-mail address or the phone number. */
                q?: string;
                /** @description Those who were born on this day. */
                birthDate?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_PatientAnswer_"];
                };
            };
        };
    };
    add_patient: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPatient"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientAnswer"];
                };
            };
        };
    };
    undo_merge: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                mergeId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MergeAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    get_patient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientAnswer"];
                };
            };
        };
    };
    change_patient: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatientChanges"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PatientAnswer"];
                };
            };
        };
    };
    list_duplicates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DuplicatesAnswer"];
                };
            };
        };
    };
    erase_patient: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasedAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    export_patient: {
        parameters: {
            query?: {
                /** @description The language of the readable page; unless said, as `Accept-Language` has it. */
                lang?: "en" | "de";
            };
            header?: {
                /** @description The language to write in: `de` or `en`. */
                "Accept-Language"?: string;
            };
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": unknown;
                };
            };
        };
    };
    list_guardians: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GuardiansAnswer"];
                };
            };
        };
    };
    grant_guardian: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewGuardian"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GuardianAnswer"];
                };
            };
        };
    };
    end_guardian: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                patientId: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewInvitation"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationAnswer"];
                };
            };
        };
    };
    merge_patient: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Merge"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MergeAnswer"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    list_merges: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                patientId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MergesAnswer"];
                };
            };
        };
    };
    get_practice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PracticeAnswer"];
                };
            };
        };
    };
    change_practice: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
                /** @description `respond-async`: do not wait for the outcome, answer 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePractice"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PracticeChanged"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
    set_logo: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/png": unknown;
                "image/webp": unknown;
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    remove_logo: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    public_free_times: {
        parameters: {
            query: {
                treatmentId?: string;
                /** @description Several in one visit, in their order, separated by commas; in place of one. */
                treatmentIds?: string;
                from: string;
                to: string;
                dentistId?: string;
            };
            header?: {
                /** @description Entity tags of lists that I have: 304 where one of them is still what would be answered. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SlotsAnswer"];
                };
            };
        };
    };
    public_logo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": unknown;
                    "image/webp": unknown;
                };
            };
        };
    };
    public_practice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicPractice"];
                };
            };
        };
    };
    visit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VisitorToken"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyAnswer"];
                };
            };
        };
    };
    day_at: {
        parameters: {
            query: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description By the practice's clock. */
                date: string;
                position?: number;
                epoch?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DayAnswer"];
                };
            };
        };
    };
    day_changes: {
        parameters: {
            query: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description By the practice's clock. */
                date: string;
                /** @description After this position. */
                from?: number;
                /** @description Up to this position. */
                to?: number;
                epoch?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DayChangesAnswer"];
                };
            };
        };
    };
    events: {
        parameters: {
            query: {
                since: number;
                epoch?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAnswer"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthAnswer"];
                };
            };
        };
    };
    stats: {
        parameters: {
            query?: {
                /** @description False leaves the list of subscriptions empty. */
                subscriptions?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatsAnswer"];
                };
            };
        };
    };
    status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusAnswer"];
                };
            };
        };
    };
    list_treatments: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description For admins: also what is no longer offered. */
                includeInactive?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_TreatmentAnswer_"];
                };
            };
        };
    };
    add_treatment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTreatment"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreatmentAnswer"];
                };
            };
        };
    };
    get_treatment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                treatmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreatmentAnswer"];
                };
            };
        };
    };
    withdraw_treatment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                treatmentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    change_treatment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                treatmentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TreatmentChanges"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreatmentAnswer"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Words, each a part of the name or of the e-mail address. */
                q?: string;
                role?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOf_AccountAnswer_"];
                };
            };
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewAccountAnswer"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
        };
    };
    update_user: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body gives the stored outcome instead of doing it twice; kept for 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChanges"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
        };
    };
    invite_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationAnswer"];
                };
            };
        };
    };
    get_write: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                writeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteAnswer"];
                };
            };
        };
    };
}

/** The stable code of every refusal. */
export type ProblemCode =
  | "account-disabled"
  | "address-not-confirmed"
  | "already-joined"
  | "bad-request"
  | "body-too-large"
  | "booking-barred"
  | "bookings-in-the-way"
  | "email-taken"
  | "forbidden"
  | "hold-expired"
  | "idempotency-key-reused"
  | "illegal-transition"
  | "in-the-past"
  | "invalid-credentials"
  | "invalid-duration"
  | "last-admin"
  | "malformed-json"
  | "not-active"
  | "not-found"
  | "not-offered"
  | "nothing-to-undo"
  | "outside-working-hours"
  | "past-cutoff"
  | "patient-double-booked"
  | "patient-erased"
  | "precondition-failed"
  | "rate-limited"
  | "registration-closed"
  | "resync-required"
  | "second-factor-missing"
  | "second-factor-required"
  | "second-factor-set"
  | "slot-taken"
  | "token-expired"
  | "too-far-ahead"
  | "too-late"
  | "too-many-bookings"
  | "too-many-holds"
  | "too-soon"
  | "unauthorized"
  | "unavailable"
  | "unknown-account"
  | "unknown-assistant"
  | "unknown-chair"
  | "unknown-code"
  | "unknown-dentist"
  | "unknown-invitation"
  | "unknown-patient"
  | "unknown-treatment"
  | "unsupported-media-type"
  | "validation-failed"
  | "weak-password"
  | "write-failed";
