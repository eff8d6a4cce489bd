// The shapes of load: callers one after the other, a steady pace, all at once, taken times, somebody who is away.
import { requestText } from "./http.mjs";
import { Ledger } from "./ledger.mjs";
import { told } from "./numbers.mjs";

// Long enough for what should not have come.
const AFTERWARDS_MS = 100;
// An event that was not lost may still be on its way.
const PATIENCE_MS = 5_000;
const ALTERNATIVES = /"alternatives": ?\[\{/;

const passed = (ms) => new Promise((done) => setTimeout(done, ms));
const bearer = ({ token }) => [`Authorization: Bearer ${token}`];

export class Load {
  constructor(target, pool, diary, followers) {
    Object.assign(this, { target, pool, diary, followers });
  }

  /** Callers who book one time after the other for so long. */
  async book({ callers, seconds }) {
    const ledger = this.#ledger();
    const took = await this.#inTurns(callers, seconds, () => this.#book(ledger, this.diary.next()));
    return { seconds: took, ...ledger.told() };
  }

  /** So many bookings a second, whether the ones before were answered or not; `late`: ms that the generator was behind. */
  async pace({ rate, seconds, patience = PATIENCE_MS }) {
    const ledger = this.#ledger();
    const late = await this.#steadily(ledger, rate, Math.round(rate * seconds));
    await this.#heard(ledger, patience);
    return { late, sent: Math.round(rate * seconds), cutOff: this.followers.cutOff, ...ledger.told() };
  }

  /** So many patients at once for one time; milliseconds until the last is answered. */
  async rush({ callers }) {
    const ledger = this.#ledger();
    const time = this.diary.hour()[0];
    const patients = this.diary.patients;
    const wishes = Array.from({ length: callers }, (_, n) => ({ ...time, patient: patients[n % patients.length] }));
    const texts = wishes.map((wish) => this.#text(wish));
    await this.pool.warm(callers);
    const began = performance.now();
    await Promise.all(texts.map((text, n) => ledger.book(() => this.pool.send(text), wishes[n])));
    return { ms: performance.now() - began, ...ledger.told() };
  }

  /** Callers who ask for taken times for so long, and beside them others who book free ones. */
  async refuse({ callers, beside = 0, seconds }) {
    const ledger = this.#ledger();
    const taken = this.diary.hour();
    await Promise.all(taken.map((time) => this.#book(ledger, time)));
    const refused = [];
    const answers = {};
    const booked = this.#ledger();
    let n = 0;
    const refusals = this.#inTurns(callers, seconds, async () => {
      const began = performance.now();
      const time = taken[n % taken.length];
      const { status, body } = await this.pool.send(this.#text(this.diary.for(time, n++)));
      const answer = ALTERNATIVES.test(body) ? `${status} with alternatives` : status;
      answers[answer] = (answers[answer] ?? 0) + 1;
      refused.push(performance.now() - began);
    });
    const bookings = this.#inTurns(beside, seconds, () => this.#book(booked, this.diary.next()));
    const [took] = await Promise.all([refusals, bookings]);
    return { seconds: took, answers, refused: told(refused), booked: booked.told() };
  }

  /** A patient reads; milliseconds until all of the answer is there, and how many bytes came. */
  async read({ path, headers = [] }) {
    const text = requestText("GET", path, [...bearer(this.diary.patients[0]), ...headers]);
    const began = performance.now();
    const { status, body } = await this.pool.send(text);
    return { status, ms: performance.now() - began, bytes: body.length };
  }

  /** An admin is cut off while so many are booked, comes back, and has so many of them, after so many ms. */
  async away({ admins, port, bookings, rate }) {
    const [away] = await this.followers.open("admin", admins, 1);
    const ledger = this.#ledger();
    await this.#steadily(ledger, rate, rate);
    await this.#heard(ledger, PATIENCE_MS);
    away.cut();
    const missed = this.#ledger();
    away.ledger = missed;
    await this.#steadily(missed, rate, bookings);
    const began = performance.now();
    await away.open(port);
    await this.#until(() => missed.isHeard, PATIENCE_MS);
    return { missed: missed.told().answered.count, later: missed.heardBy(away), backMs: performance.now() - began };
  }

  #ledger() {
    const ledger = new Ledger(this.followers);
    this.followers.listenFor(ledger);
    return ledger;
  }

  #text(wish) {
    const { path, body } = this.target.booking(wish);
    return requestText("POST", path, bearer(wish.patient), body);
  }

  #book(ledger, wish) {
    const text = this.#text(wish);
    return ledger.book(() => this.pool.send(text), wish);
  }

  async #inTurns(callers, seconds, call) {
    const began = performance.now();
    const end = began + 1000 * seconds;
    const one = async () => {
      while (performance.now() < end) await call();
    };
    await Promise.all(Array.from({ length: callers }, one));
    return (performance.now() - began) / 1000;
  }

  async #steadily(ledger, rate, count) {
    const began = performance.now();
    const answers = [];
    let late = 0;
    while (answers.length < count) {
      const behind = performance.now() - began - (1000 * answers.length) / rate;
      if (behind < 0) await passed(1);
      else {
        late = Math.max(late, behind);
        answers.push(this.#book(ledger, this.diary.next()));
      }
    }
    await Promise.all(answers);
    return late;
  }

  async #until(isSo, patience) {
    const end = performance.now() + patience;
    while (!isSo() && performance.now() < end) await passed(1);
  }

  async #heard(ledger, patience) {
    await this.#until(() => ledger.isHeard, patience);
    await passed(AFTERWARDS_MS);
  }
}
