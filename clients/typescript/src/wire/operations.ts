// Made by `make docs` from the API's OpenAPI document. Whoever wants it otherwise changes that.

import type { CallOptions, ChangeOptions, WriteOptions } from "../options.js";
import type { components, operations } from "./rest.js";

type Schemas = components["schemas"];
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;

/** Every operation of the API: the ids in its address, what is said or asked for, and options. */
export interface Operations {
  /**
   * Book a time.
   *
   * `POST /api/appointments`
   */
  book(body: Schemas["Book"], options?: WriteOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * List the appointments that I may see, with the position to follow the log from.
   *
   * `GET /api/appointments`
   */
  listAppointments(query?: Query<"list_appointments">, options?: CallOptions): Promise<Schemas["AppointmentPage"]>;
  /**
   * Book the same again and again: those times that can be had, or all of them or none.
   *
   * `POST /api/appointments/series`
   */
  bookSeries(body: Schemas["Series"], options?: WriteOptions): Promise<Schemas["SeriesAnswer"]>;
  /**
   * One appointment.
   *
   * `GET /api/appointments/{appointmentId}`
   */
  getAppointment(appointmentId: string, options?: CallOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * Change the time, the dentist, the treatment, the chair, the assistant or the reason.
   *
   * `PATCH /api/appointments/{appointmentId}`
   */
  reschedule(appointmentId: string, body?: Schemas["Reschedule"], options?: ChangeOptions): Promise<Schemas["ChangedAnswer"]>;
  /**
   * Strike out what was entered in error.
   *
   * `DELETE /api/appointments/{appointmentId}`
   */
  deleteAppointment(appointmentId: string, options?: ChangeOptions): Promise<void>;
  /**
   * Accept what waits for the practice's approval.
   *
   * `POST /api/appointments/{appointmentId}/approve`
   */
  approve(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * The patient is here.
   *
   * `POST /api/appointments/{appointmentId}/arrive`
   */
  arrive(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * Cancel; the time is free at once.
   *
   * `POST /api/appointments/{appointmentId}/cancel`
   */
  cancel(appointmentId: string, body?: Schemas["Cancel"], options?: ChangeOptions): Promise<Schemas["ChangedAnswer"]>;
  /**
   * The patient is ready to be seen.
   *
   * `POST /api/appointments/{appointmentId}/check-in`
   */
  checkIn(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * The treatment is done.
   *
   * `POST /api/appointments/{appointmentId}/complete`
   */
  complete(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * Say that the patient will come.
   *
   * `POST /api/appointments/{appointmentId}/confirm`
   */
  confirm(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * Who did what to an appointment, the oldest first.
   *
   * `GET /api/appointments/{appointmentId}/history`
   */
  getHistory(appointmentId: string, query?: Query<"get_history">, options?: CallOptions): Promise<Schemas["PageOf_HistoryAnswer_"]>;
  /**
   * The patient did not come, or left without being seen; the time is free again.
   *
   * `POST /api/appointments/{appointmentId}/no-show`
   */
  noShow(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * Read the clinical notes.
   *
   * `GET /api/appointments/{appointmentId}/notes`
   */
  getNotes(appointmentId: string, options?: CallOptions): Promise<Schemas["NotesAnswer"]>;
  /**
   * Replace the clinical notes; with `If-Match`, only what I have read.
   *
   * `PUT /api/appointments/{appointmentId}/notes`
   */
  writeNotes(appointmentId: string, body: Schemas["WriteNotes"], options?: ChangeOptions): Promise<Schemas["NotesAnswer"]>;
  /**
   * Take the last move back, one step: a booking is cancelled, what was deleted is there again.
   *
   * `POST /api/appointments/{appointmentId}/undo`
   */
  undo(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * The patient did come; refused when the time was taken since.
   *
   * `POST /api/appointments/{appointmentId}/undo-no-show`
   */
  undoNoShow(appointmentId: string, options?: ChangeOptions): Promise<Schemas["AppointmentAnswer"]>;
  /**
   * List the audit trail, the newest first.
   *
   * `GET /api/audit`
   */
  listEntries(query?: Query<"list_entries">, options?: CallOptions): Promise<Schemas["PageOf_EntryAnswer_"]>;
  /**
   * Have a code mailed to another address, to sign in with that from now on; it lives 30 minutes.
   *
   * `POST /api/auth/email`
   */
  askForAddress(body: Schemas["NewAddress"], options?: CallOptions): Promise<void>;
  /**
   * Sign in with the new address from now on; the former one gets a mail that says so.
   *
   * `POST /api/auth/email/confirm`
   */
  confirmAddress(body: Schemas["ConfirmedAddress"], options?: CallOptions): Promise<Schemas["UserAnswer"]>;
  /**
   * Have a code mailed with which another password is set; it lives 30 minutes.
   *
   * `POST /api/auth/forgotten`
   */
  forgottenPassword(body: Schemas["Forgotten"], options?: CallOptions): Promise<void>;
  /**
   * Sign in.
   *
   * `POST /api/auth/login`
   */
  login(body: Schemas["Login"], options?: CallOptions): Promise<Schemas["TokensAnswer"]>;
  /**
   * End this session.
   *
   * `POST /api/auth/logout`
   */
  logout(options?: CallOptions): Promise<void>;
  /**
   * Say who I am.
   *
   * `GET /api/auth/me`
   */
  me(options?: CallOptions): Promise<Schemas["UserAnswer"]>;
  /**
   * Change my name, my phone or the language in which I am written to.
   *
   * `PATCH /api/auth/me`
   */
  changeMe(body: Schemas["OwnChanges"], options?: CallOptions): Promise<Schemas["UserAnswer"]>;
  /**
   * Make my calendar feed, or give it another address: the last one is not found any more.
   *
   * `POST /api/auth/me/calendar`
   */
  renewCalendar(options?: CallOptions): Promise<Schemas["CalendarAddress"]>;
  /**
   * Since when I have a calendar feed, if I have one, and when it was read.
   *
   * `GET /api/auth/me/calendar`
   */
  getCalendar(options?: CallOptions): Promise<Schemas["CalendarFeedAnswer"]>;
  /**
   * End my calendar feed: its address is not found any more.
   *
   * `DELETE /api/auth/me/calendar`
   */
  endCalendar(options?: CallOptions): Promise<void>;
  /**
   * Let the own account act for the patient of an invitation, and answer who it is from now on.
   *
   * `POST /api/auth/me/invitation`
   */
  useInvitation(body: Schemas["UsedInvitation"], options?: CallOptions): Promise<Schemas["UserAnswer"]>;
  /**
   * Set a new password, and end every other session.
   *
   * `POST /api/auth/password`
   */
  changePassword(body: Schemas["ChangePassword"], options?: CallOptions): Promise<void>;
  /**
   * Exchange the refresh token, sent as bearer, for a new pair.
   *
   * `POST /api/auth/refresh`
   */
  refresh(options?: CallOptions): Promise<Schemas["TokensAnswer"]>;
  /**
   * Make a patient's account.
   *
   * `POST /api/auth/register`
   */
  register(body: Schemas["Register"], options?: CallOptions): Promise<Schemas["TokensAnswer"]>;
  /**
   * Set a password with a code that was mailed, or handed over as an invitation.
   *
   * `POST /api/auth/reset`
   */
  resetPassword(body: Schemas["ResetPassword"], options?: CallOptions): Promise<void>;
  /**
   * Set up a second factor: without `code` get a secret for an app, with a code of it let it count.
   *
   * `POST /api/auth/second-factor`
   */
  setSecondFactor(body: Schemas["NewSecondFactor"], options?: CallOptions): Promise<Schemas["SecondFactorAnswer"]>;
  /**
   * Since when I have a second factor, if I have one, and how many recovery codes are left.
   *
   * `GET /api/auth/second-factor`
   */
  getSecondFactor(options?: CallOptions): Promise<Schemas["SecondFactorState"]>;
  /**
   * Take the own second factor away.
   *
   * `DELETE /api/auth/second-factor`
   */
  removeSecondFactor(body: Schemas["RemovedSecondFactor"], options?: CallOptions): Promise<void>;
  /**
   * List my sessions that have not ended, the newest first; `current` is the one that asks.
   *
   * `GET /api/auth/sessions`
   */
  listSessions(query?: Query<"list_sessions">, options?: CallOptions): Promise<Schemas["PageOf_SignInAnswer_"]>;
  /**
   * End all my sessions but this one: their tokens are dead at once, their sockets closed.
   *
   * `DELETE /api/auth/sessions`
   */
  endOtherSessions(options?: CallOptions): Promise<void>;
  /**
   * End one of my sessions, this one too: its tokens are dead at once, its sockets closed.
   *
   * `DELETE /api/auth/sessions/{sessionId}`
   */
  endSession(sessionId: string, options?: CallOptions): Promise<void>;
  /**
   * List the times at which a treatment can be booked, by start; with `limit` the first of them.
   *
   * `GET /api/availability`
   */
  listFreeTimes(query: Query<"list_free_times">, options?: CallOptions): Promise<Schemas["SlotsAnswer"]>;
  /**
   * List the chairs, by name.
   *
   * `GET /api/chairs`
   */
  listChairs(query?: Query<"list_chairs">, options?: CallOptions): Promise<Schemas["PageOf_ChairAnswer_"]>;
  /**
   * Put up a chair.
   *
   * `POST /api/chairs`
   */
  addChair(body: Schemas["NewChair"], options?: WriteOptions): Promise<Schemas["ChairAnswer"]>;
  /**
   * One chair, also when it is no longer used.
   *
   * `GET /api/chairs/{chairId}`
   */
  getChair(chairId: string, options?: CallOptions): Promise<Schemas["ChairAnswer"]>;
  /**
   * Change a chair; with `force` although bookings are in the way, which keep it.
   *
   * `PATCH /api/chairs/{chairId}`
   */
  changeChair(chairId: string, body: Schemas["ChairChanges"], options?: WriteOptions): Promise<Schemas["ChairChanged"]>;
  /**
   * Use a chair no longer; with `force` although bookings are in the way, which keep it.
   *
   * `DELETE /api/chairs/{chairId}`
   */
  withdrawChair(chairId: string, query?: Query<"withdraw_chair">, options?: WriteOptions): Promise<void>;
  /**
   * List when a chair is away, by start, as far as it overlaps `[from, to)`; for the front desk.
   *
   * `GET /api/chairs/{chairId}/time-off`
   */
  listChairTimeOff(chairId: string, query?: Query<"list_chair_time_off">, options?: CallOptions): Promise<Schemas["PageOf_ChairTimeOffAnswer_"]>;
  /**
   * Enter when a chair is away; with `force` although bookings are in the way, which keep it.
   *
   * `POST /api/chairs/{chairId}/time-off`
   */
  takeChairAway(chairId: string, body: Schemas["TakeChairAway"], options?: WriteOptions): Promise<Schemas["ChairTimeOffTaken"]>;
  /**
   * Let a chair be there after all.
   *
   * `DELETE /api/chairs/{chairId}/time-off/{timeOffId}`
   */
  bringChairBack(chairId: string, timeOffId: string, options?: WriteOptions): Promise<void>;
  /**
   * List when the whole practice is closed, by start, as far as it overlaps `[from, to)`.
   *
   * `GET /api/closures`
   */
  listClosures(query?: Query<"list_closures">, options?: CallOptions): Promise<Schemas["PageOf_ClosureAnswer_"]>;
  /**
   * Close the whole practice for a time; with `force` although bookings are in the way.
   *
   * `POST /api/closures`
   */
  addClosure(body: Schemas["Close"], options?: WriteOptions): Promise<Schemas["ClosureMade"]>;
  /**
   * One closure.
   *
   * `GET /api/closures/{closureId}`
   */
  getClosure(closureId: string, options?: CallOptions): Promise<Schemas["ClosureAnswer"]>;
  /**
   * Change a closure; with `force` although bookings are in the way.
   *
   * `PATCH /api/closures/{closureId}`
   */
  changeClosure(closureId: string, body?: Schemas["ChangeClosure"], options?: WriteOptions): Promise<Schemas["ClosureMade"]>;
  /**
   * Take a closure back.
   *
   * `DELETE /api/closures/{closureId}`
   */
  withdrawClosure(closureId: string, options?: WriteOptions): Promise<void>;
  /**
   * List the mails of a demo practice whose `MAIL_URL` is a folder; 404 in every other practice.
   *
   * `GET /api/demo/mail`
   */
  listMails(query?: Query<"list_mails">, options?: CallOptions): Promise<Schemas["MailsAnswer"]>;
  /**
   * List who can be booked, with their weekly hours, by name; those who assist only where they are asked for.
   *
   * `GET /api/dentists`
   */
  listDentists(query?: Query<"list_dentists">, options?: CallOptions): Promise<Schemas["PageOf_DentistAnswer_"]>;
  /**
   * One dentist.
   *
   * `GET /api/dentists/{dentistId}`
   */
  getDentist(dentistId: string, options?: CallOptions): Promise<Schemas["DentistAnswer"]>;
  /**
   * Change a dentist's time zone, profession, or whether they take bookings.
   *
   * `PATCH /api/dentists/{dentistId}`
   */
  changeDentist(dentistId: string, body?: Schemas["ChangeDentist"], options?: WriteOptions): Promise<Schemas["DentistChanged"]>;
  /**
   * Give a dentist's appointments of some time to a colleague, each at its own time.
   *
   * `POST /api/dentists/{dentistId}/hand-over`
   */
  handOver(dentistId: string, body: Schemas["HandOver"], options?: WriteOptions): Promise<Schemas["HandedOverAnswer"]>;
  /**
   * List when a dentist is away in `[from, to)`, by start; for that dentist and the front desk.
   *
   * `GET /api/dentists/{dentistId}/time-off`
   */
  listTimeOff(dentistId: string, query?: Query<"list_time_off">, options?: CallOptions): Promise<Schemas["PageOf_TimeOffAnswer_"]>;
  /**
   * Enter when a dentist is away; with `force` although bookings are in the way.
   *
   * `POST /api/dentists/{dentistId}/time-off`
   */
  takeTimeOff(dentistId: string, body: Schemas["TakeTimeOff"], options?: WriteOptions): Promise<Schemas["TimeOffTaken"]>;
  /**
   * Let a dentist be there after all.
   *
   * `DELETE /api/dentists/{dentistId}/time-off/{timeOffId}`
   */
  cancelTimeOff(dentistId: string, timeOffId: string, options?: WriteOptions): Promise<void>;
  /**
   * Say what a dentist offers, and how long it takes with them; with `force` although bookings are in the way.
   *
   * `PUT /api/dentists/{dentistId}/treatments`
   */
  setTreatments(dentistId: string, body: Schemas["SetTreatments"], options?: WriteOptions): Promise<Schemas["DentistChanged"]>;
  /**
   * Replace a dentist's weekly hours; with `force` although bookings are in the way.
   *
   * `PUT /api/dentists/{dentistId}/working-hours`
   */
  setHours(dentistId: string, body: Schemas["SetHours"], options?: WriteOptions): Promise<Schemas["DentistChanged"]>;
  /**
   * List the holds that have not expired and that I may see, by start: my own, and as a dentist those in my diary.
   *
   * `GET /api/holds`
   */
  listHolds(query?: Query<"list_holds">, options?: CallOptions): Promise<Schemas["PageOf_HoldAnswer_"]>;
  /**
   * Keep a time for a few minutes; to others it is busy.
   *
   * `POST /api/holds`
   */
  hold(body: Schemas["HoldTime"], options?: WriteOptions): Promise<Schemas["HoldAnswer"]>;
  /**
   * Let a held time go.
   *
   * `DELETE /api/holds/{holdId}`
   */
  release(holdId: string, options?: WriteOptions): Promise<void>;
  /**
   * Whether this process turns: no answer means that it is to be restarted.
   *
   * `GET /api/live`
   */
  live(options?: CallOptions): Promise<Schemas["LiveAnswer"]>;
  /**
   * List and search the patients that I may see, by name.
   *
   * `GET /api/patients`
   */
  listPatients(query?: Query<"list_patients">, options?: CallOptions): Promise<Schemas["PageOf_PatientAnswer_"]>;
  /**
   * Enter a patient without an account.
   *
   * `POST /api/patients`
   */
  addPatient(body: Schemas["NewPatient"], options?: WriteOptions): Promise<Schemas["PatientAnswer"]>;
  /**
   * Part two records that were merged within the last day: what came from one and still exists goes back.
   *
   * `POST /api/patients/merges/{mergeId}/undo`
   */
  undoMerge(mergeId: string, options?: WriteOptions): Promise<Schemas["MergeAnswer"]>;
  /**
   * One patient.
   *
   * `GET /api/patients/{patientId}`
   */
  getPatient(patientId: string, options?: CallOptions): Promise<Schemas["PatientAnswer"]>;
  /**
   * Change what is known about a patient.
   *
   * `PATCH /api/patients/{patientId}`
   */
  changePatient(patientId: string, body: Schemas["PatientChanges"], options?: WriteOptions): Promise<Schemas["PatientAnswer"]>;
  /**
   * Who may be the same person: entered by phone and by registering, for instance.
   *
   * `GET /api/patients/{patientId}/duplicates`
   */
  listDuplicates(patientId: string, options?: CallOptions): Promise<Schemas["DuplicatesAnswer"]>;
  /**
   * Erase what is kept of a patient, with their account.
   *
   * `POST /api/patients/{patientId}/erase`
   */
  erasePatient(patientId: string, options?: WriteOptions): Promise<Schemas["ErasedAnswer"]>;
  /**
   * All that is kept of a patient, as a zip with JSON and a readable page.
   *
   * `GET /api/patients/{patientId}/export`
   */
  exportPatient(patientId: string, query?: Query<"export_patient">, options?: CallOptions): Promise<Blob>;
  /**
   * The guardians of a patient.
   *
   * `GET /api/patients/{patientId}/guardians`
   */
  listGuardians(patientId: string, options?: CallOptions): Promise<Schemas["GuardiansAnswer"]>;
  /**
   * Let an account act for a patient, as for itself: see, book, move and cancel.
   *
   * `POST /api/patients/{patientId}/guardians`
   */
  grantGuardian(patientId: string, body?: Schemas["NewGuardian"], options?: WriteOptions): Promise<Schemas["GuardianAnswer"]>;
  /**
   * End what an account may for a patient; its sockets hear nothing more of the patient.
   *
   * `DELETE /api/patients/{patientId}/guardians/{userId}`
   */
  endGuardian(patientId: string, userId: string, options?: WriteOptions): Promise<void>;
  /**
   * Invite somebody to act for a patient, within seven days; the patient's last invitation ends.
   *
   * `POST /api/patients/{patientId}/invitation`
   */
  invite(patientId: string, body?: Schemas["NewInvitation"], options?: CallOptions): Promise<Schemas["InvitationAnswer"]>;
  /**
   * Let another record of the same person take this one in, with its appointments, account and guardians.
   *
   * `POST /api/patients/{patientId}/merge`
   */
  mergePatient(patientId: string, body: Schemas["Merge"], options?: WriteOptions): Promise<Schemas["MergeAnswer"]>;
  /**
   * The merges into a record that can still be undone, the newest first.
   *
   * `GET /api/patients/{patientId}/merges`
   */
  listMerges(patientId: string, options?: CallOptions): Promise<Schemas["MergesAnswer"]>;
  /**
   * The practice and its booking rules.
   *
   * `GET /api/practice`
   */
  getPractice(options?: CallOptions): Promise<Schemas["PracticeAnswer"]>;
  /**
   * Change the name or the rules; a new zone is that of every dentist without one of their own.
   *
   * `PATCH /api/practice`
   */
  changePractice(body: Schemas["ChangePractice"], options?: WriteOptions): Promise<Schemas["PracticeChanged"]>;
  /**
   * Show this image as the practice's logo: a PNG or a WebP, up to 64 KiB and 4,096 pixels each way.
   *
   * `PUT /api/practice/logo`
   */
  setLogo(body: Blob, options?: WriteOptions): Promise<void>;
  /**
   * Show no logo from now on.
   *
   * `DELETE /api/practice/logo`
   */
  removeLogo(options?: WriteOptions): Promise<void>;
  /**
   * List the times at which a treatment that is shown to everybody can be booked, by start, within a week.
   *
   * `GET /api/public/availability`
   */
  publicFreeTimes(query: Query<"public_free_times">, options?: CallOptions): Promise<Schemas["SlotsAnswer"]>;
  /**
   * The practice, what it offers to everybody, and who can be booked.
   *
   * `GET /api/public/practice`
   */
  publicPractice(options?: CallOptions): Promise<Schemas["PublicPractice"]>;
  /**
   * Get a token for somebody without an account: with it what is free can be followed, and nothing else.
   *
   * `POST /api/public/token`
   */
  visit(options?: CallOptions): Promise<Schemas["VisitorToken"]>;
  /**
   * Whether this process should be sent calls: 503 while it starts, stops, is behind, or has no database.
   *
   * `GET /api/ready`
   */
  ready(options?: CallOptions): Promise<Schemas["ReadyAnswer"]>;
  /**
   * List the appointments of a day as they were at a position of the log, by start.
   *
   * `GET /api/sync/day`
   */
  dayAt(query: Query<"day_at">, options?: CallOptions): Promise<Schemas["DayAnswer"]>;
  /**
   * List what changed the appointments of a day between two positions of the log, and who did it, the newest first.
   *
   * `GET /api/sync/day/changes`
   */
  dayChanges(query: Query<"day_changes">, options?: CallOptions): Promise<Schemas["DayChangesAnswer"]>;
  /**
   * What a socket would have sent me after a position; an admin gets every row of the log.
   *
   * `GET /api/sync/events`
   */
  events(query: Query<"events">, options?: CallOptions): Promise<Schemas["EventsAnswer"]>;
  /**
   * Whether bookings come through, and the faults when they do not.
   *
   * `GET /api/sync/health`
   */
  health(options?: CallOptions): Promise<Schemas["HealthAnswer"]>;
  /**
   * How many listen to what, over all web processes.
   *
   * `GET /api/sync/stats`
   */
  stats(query?: Query<"stats">, options?: CallOptions): Promise<Schemas["StatsAnswer"]>;
  /**
   * My live subscriptions, over all web processes; an admin's answer shows everybody's.
   *
   * `GET /api/sync/status`
   */
  status(options?: CallOptions): Promise<Schemas["StatusAnswer"]>;
  /**
   * List what can be booked, by name.
   *
   * `GET /api/treatments`
   */
  listTreatments(query?: Query<"list_treatments">, options?: CallOptions): Promise<Schemas["PageOf_TreatmentAnswer_"]>;
  /**
   * Offer a treatment.
   *
   * `POST /api/treatments`
   */
  addTreatment(body: Schemas["NewTreatment"], options?: WriteOptions): Promise<Schemas["TreatmentAnswer"]>;
  /**
   * One treatment, also when it is no longer offered.
   *
   * `GET /api/treatments/{treatmentId}`
   */
  getTreatment(treatmentId: string, options?: CallOptions): Promise<Schemas["TreatmentAnswer"]>;
  /**
   * Change a treatment; appointments that were made before stay as they are.
   *
   * `PATCH /api/treatments/{treatmentId}`
   */
  changeTreatment(treatmentId: string, body: Schemas["TreatmentChanges"], options?: WriteOptions): Promise<Schemas["TreatmentAnswer"]>;
  /**
   * Offer a treatment no longer; appointments that have it keep it.
   *
   * `DELETE /api/treatments/{treatmentId}`
   */
  withdrawTreatment(treatmentId: string, options?: WriteOptions): Promise<void>;
  /**
   * List and search accounts, in the order of their ids.
   *
   * `GET /api/users`
   */
  listUsers(query?: Query<"list_users">, options?: CallOptions): Promise<Schemas["PageOf_AccountAnswer_"]>;
  /**
   * Make an account; without a password it is invited, and nobody can sign in before one was set with the code.
   *
   * `POST /api/users`
   */
  createUser(body: Schemas["NewUser"], options?: WriteOptions): Promise<Schemas["NewAccountAnswer"]>;
  /**
   * One account, also when it is switched off.
   *
   * `GET /api/users/{userId}`
   */
  getUser(userId: string, options?: CallOptions): Promise<Schemas["AccountAnswer"]>;
  /**
   * Deactivate, change the role, set a password, rename; all but the last close the account's sockets.
   *
   * `PATCH /api/users/{userId}`
   */
  updateUser(userId: string, body: Schemas["UserChanges"], options?: WriteOptions): Promise<Schemas["AccountAnswer"]>;
  /**
   * Let somebody set the password of an account, within seven days, with a code; the account's last one ends.
   *
   * `POST /api/users/{userId}/invitation`
   */
  inviteUser(userId: string, options?: CallOptions): Promise<Schemas["InvitationAnswer"]>;
  /**
   * What became of a write.
   *
   * `GET /api/writes/{writeId}`
   */
  getWrite(writeId: string, options?: CallOptions): Promise<Schemas["WriteAnswer"]>;
}

/**
 * What each sends: its method, its address, and what it takes, in letters. `b`: a body, `q`: a query, `k`: an idempotency
 * key, `v`: a version; `o`: nobody need be signed in, `t`: what is answered has a tag by which it may be kept.
 */
export const OPERATIONS = {
  book: "POST /api/appointments bk",
  listAppointments: "GET /api/appointments qt",
  bookSeries: "POST /api/appointments/series bk",
  getAppointment: "GET /api/appointments/{appointmentId}",
  reschedule: "PATCH /api/appointments/{appointmentId} bkv",
  deleteAppointment: "DELETE /api/appointments/{appointmentId} kv",
  approve: "POST /api/appointments/{appointmentId}/approve kv",
  arrive: "POST /api/appointments/{appointmentId}/arrive kv",
  cancel: "POST /api/appointments/{appointmentId}/cancel bkv",
  checkIn: "POST /api/appointments/{appointmentId}/check-in kv",
  complete: "POST /api/appointments/{appointmentId}/complete kv",
  confirm: "POST /api/appointments/{appointmentId}/confirm kv",
  getHistory: "GET /api/appointments/{appointmentId}/history q",
  noShow: "POST /api/appointments/{appointmentId}/no-show kv",
  getNotes: "GET /api/appointments/{appointmentId}/notes",
  writeNotes: "PUT /api/appointments/{appointmentId}/notes bkv",
  undo: "POST /api/appointments/{appointmentId}/undo kv",
  undoNoShow: "POST /api/appointments/{appointmentId}/undo-no-show kv",
  listEntries: "GET /api/audit q",
  askForAddress: "POST /api/auth/email b",
  confirmAddress: "POST /api/auth/email/confirm b",
  forgottenPassword: "POST /api/auth/forgotten bo",
  login: "POST /api/auth/login bo",
  logout: "POST /api/auth/logout",
  me: "GET /api/auth/me",
  changeMe: "PATCH /api/auth/me b",
  renewCalendar: "POST /api/auth/me/calendar",
  getCalendar: "GET /api/auth/me/calendar",
  endCalendar: "DELETE /api/auth/me/calendar",
  useInvitation: "POST /api/auth/me/invitation b",
  changePassword: "POST /api/auth/password b",
  refresh: "POST /api/auth/refresh o",
  register: "POST /api/auth/register bo",
  resetPassword: "POST /api/auth/reset bo",
  setSecondFactor: "POST /api/auth/second-factor b",
  getSecondFactor: "GET /api/auth/second-factor",
  removeSecondFactor: "DELETE /api/auth/second-factor b",
  listSessions: "GET /api/auth/sessions q",
  endOtherSessions: "DELETE /api/auth/sessions",
  endSession: "DELETE /api/auth/sessions/{sessionId}",
  listFreeTimes: "GET /api/availability qt",
  listChairs: "GET /api/chairs q",
  addChair: "POST /api/chairs bk",
  getChair: "GET /api/chairs/{chairId}",
  changeChair: "PATCH /api/chairs/{chairId} bk",
  withdrawChair: "DELETE /api/chairs/{chairId} qk",
  listChairTimeOff: "GET /api/chairs/{chairId}/time-off q",
  takeChairAway: "POST /api/chairs/{chairId}/time-off bk",
  bringChairBack: "DELETE /api/chairs/{chairId}/time-off/{timeOffId} k",
  listClosures: "GET /api/closures q",
  addClosure: "POST /api/closures bk",
  getClosure: "GET /api/closures/{closureId}",
  changeClosure: "PATCH /api/closures/{closureId} bk",
  withdrawClosure: "DELETE /api/closures/{closureId} k",
  listMails: "GET /api/demo/mail qo",
  listDentists: "GET /api/dentists q",
  getDentist: "GET /api/dentists/{dentistId}",
  changeDentist: "PATCH /api/dentists/{dentistId} bk",
  handOver: "POST /api/dentists/{dentistId}/hand-over bk",
  listTimeOff: "GET /api/dentists/{dentistId}/time-off q",
  takeTimeOff: "POST /api/dentists/{dentistId}/time-off bk",
  cancelTimeOff: "DELETE /api/dentists/{dentistId}/time-off/{timeOffId} k",
  setTreatments: "PUT /api/dentists/{dentistId}/treatments bk",
  setHours: "PUT /api/dentists/{dentistId}/working-hours bk",
  listHolds: "GET /api/holds q",
  hold: "POST /api/holds bk",
  release: "DELETE /api/holds/{holdId} k",
  live: "GET /api/live o",
  listPatients: "GET /api/patients q",
  addPatient: "POST /api/patients bk",
  undoMerge: "POST /api/patients/merges/{mergeId}/undo k",
  getPatient: "GET /api/patients/{patientId}",
  changePatient: "PATCH /api/patients/{patientId} bk",
  listDuplicates: "GET /api/patients/{patientId}/duplicates",
  erasePatient: "POST /api/patients/{patientId}/erase k",
  exportPatient: "GET /api/patients/{patientId}/export q",
  listGuardians: "GET /api/patients/{patientId}/guardians",
  grantGuardian: "POST /api/patients/{patientId}/guardians bk",
  endGuardian: "DELETE /api/patients/{patientId}/guardians/{userId} k",
  invite: "POST /api/patients/{patientId}/invitation b",
  mergePatient: "POST /api/patients/{patientId}/merge bk",
  listMerges: "GET /api/patients/{patientId}/merges",
  getPractice: "GET /api/practice",
  changePractice: "PATCH /api/practice bk",
  setLogo: "PUT /api/practice/logo bk",
  removeLogo: "DELETE /api/practice/logo k",
  publicFreeTimes: "GET /api/public/availability qot",
  publicPractice: "GET /api/public/practice o",
  visit: "POST /api/public/token o",
  ready: "GET /api/ready o",
  dayAt: "GET /api/sync/day q",
  dayChanges: "GET /api/sync/day/changes q",
  events: "GET /api/sync/events q",
  health: "GET /api/sync/health o",
  stats: "GET /api/sync/stats q",
  status: "GET /api/sync/status",
  listTreatments: "GET /api/treatments q",
  addTreatment: "POST /api/treatments bk",
  getTreatment: "GET /api/treatments/{treatmentId}",
  changeTreatment: "PATCH /api/treatments/{treatmentId} bk",
  withdrawTreatment: "DELETE /api/treatments/{treatmentId} k",
  listUsers: "GET /api/users q",
  createUser: "POST /api/users bk",
  getUser: "GET /api/users/{userId}",
  updateUser: "PATCH /api/users/{userId} bk",
  inviteUser: "POST /api/users/{userId}/invitation",
  getWrite: "GET /api/writes/{writeId}",
} as const;
