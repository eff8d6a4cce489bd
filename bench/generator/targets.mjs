// What differs between Dental Sync and the peer: how a booking is asked for, how a channel is followed, how a message
// reads. Both speak JSON over HTTP with bearer tokens, and Socket.IO.

const OURS = {
  booking: ({ dentist, startsAt, endsAt }) => ({
    path: "/api/appointments",
    body: { dentistId: dentist.id, startsAt, endsAt },
  }),
  /** What is sent once connected; `last` is where the follower was, or null. */
  subscription(role, id, last) {
    const channel = role === "admin" ? "appointments:all" : `appointments:${role}:${id}`;
    return ["subscribe", { channel, ...(last === null ? {} : { since: last.position, epoch: last.epoch }) }];
  },
  /** Of a Socket.IO event: the appointment that was booked and where it lies in the log; null for other events. */
  booked([name, payload]) {
    if (name !== "appointment:created") return null;
    const { patientId, dentistId, startsAt } = payload.appointment;
    return { patient: patientId, dentist: dentistId, startsAt, last: { position: payload.position, epoch: payload.epoch } };
  },
};

const PEER = {
  booking: ({ patient, dentist, startsAt, endsAt }) => ({
    path: "/appointments",
    body: { patientId: patient.id, dentistId: dentist.id, startsAt, endsAt },
  }),
  subscription: () => null,
  booked([name, { patientId, dentistId, startsAt }]) {
    return name === "appointment:created" ? { patient: patientId, dentist: dentistId, startsAt, last: null } : null;
  },
};

export const TARGETS = { ours: OURS, peer: PEER };
