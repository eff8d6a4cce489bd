// Every booking that was asked for, and what became of it: its answer, and who heard of it when.
import { told } from "./numbers.mjs";

const MADE = new Set([201, 202]);

function keyOf(dentist, startsAt) {
  return `${dentist}|${Date.parse(startsAt)}`;
}

export class Ledger {
  answers = {};
  /** Messages to followers: how many should come, and how many came. */
  expected = 0;
  delivered = 0;
  /** Messages to somebody whom they do not concern. */
  leaked = 0;
  #bookings = new Map();
  #took = [];
  #heard = { patient: [], dentist: [], admin: [] };
  #firstAt = Infinity;
  #lastAt = 0;

  constructor(followers) {
    this.followers = followers;
  }

  /** Ask for it by `send`, and note what was answered; gives the status, 0 where the connection broke. */
  async book(send, { dentist, patient, startsAt }) {
    const booking = { sentAt: performance.now(), heard: new Uint8Array(this.followers.length), count: 0, isMade: false };
    this.#bookings.set(keyOf(dentist.id, startsAt), booking);
    const { status } = await send();
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (MADE.has(status)) {
      booking.isMade = true;
      booking.expected = this.followers.whoHear(patient.id, dentist.id);
      this.expected += booking.expected;
      this.#took.push(performance.now() - booking.sentAt);
    }
    return status;
  }

  /** A follower heard of a booking. What was booked before this ledger began is somebody else's. */
  hear(follower, { patient, dentist, startsAt }, at) {
    const booking = this.#bookings.get(keyOf(dentist, startsAt));
    if (booking === undefined || booking.heard[follower.number] === 1) return;
    if (!follower.isConcernedBy(patient, dentist)) {
      this.leaked += 1;
      return;
    }
    booking.heard[follower.number] = 1;
    booking.count += 1;
    this.delivered += 1;
    this.#heard[follower.role].push(at - booking.sentAt);
    this.#firstAt = Math.min(this.#firstAt, at);
    this.#lastAt = Math.max(this.#lastAt, at);
  }

  /** Whether everybody has heard of everything that was made. */
  get isHeard() {
    return this.unheard === 0;
  }

  /** Bookings that were made, of which somebody did not hear. */
  get unheard() {
    return this.#made().filter(({ count, expected }) => count < expected).length;
  }

  /** Of what was made, the number that one follower has heard of. */
  heardBy(follower) {
    return this.#made().filter(({ heard }) => heard[follower.number] === 1).length;
  }

  #made() {
    return [...this.#bookings.values()].filter(({ isMade }) => isMade);
  }

  /** Milliseconds from sending a booking to its answer, and to its message by role; messages a second. */
  told() {
    const { answers, expected, delivered, leaked, unheard } = this;
    const heard = Object.fromEntries(Object.entries(this.#heard).map(([role, took]) => [role, told(took)]));
    const seconds = (this.#lastAt - this.#firstAt) / 1000;
    const messagesPerSecond = seconds > 0 ? delivered / seconds : null;
    return { answers, answered: told(this.#took), heard, expected, delivered, leaked, unheard, messagesPerSecond };
  }
}
