// Sockets that follow a channel, as the pages of patients, dentists and admins do.
import { follow } from "./socketio.mjs";

const AT_ONCE = 50;
// As Socket.IO's own client does first.
const AGAIN_AFTER_MS = 1_000;

class Follower {
  ledger = null;
  isConnected = false;
  #last = null;
  #cut = null;
  #returns = false;

  constructor(target, number, role, { id, token }) {
    Object.assign(this, { target, number, role, id, token });
  }

  isConcernedBy(patient, dentist) {
    return this.role === "admin" || this.id === (this.role === "patient" ? patient : dentist);
  }

  /** Connect, and go on from the last message that came before. */
  async open(port) {
    const subscription = this.target.subscription(this.role, this.id, this.#last);
    this.#cut = await follow(port, this.token, subscription, {
      event: (bytes, at) => this.#take(bytes, at),
      lost: () => {
        this.isConnected = false;
        if (this.#returns) this.#comeBack(port);
      },
    });
    this.isConnected = true;
  }

  /** Connect again by itself whenever the connection is lost. */
  returns() {
    this.#returns = true;
  }

  cut() {
    this.#returns = false;
    this.#cut?.();
  }

  #comeBack(port) {
    setTimeout(() => this.#returns && this.open(port).catch(() => this.#comeBack(port)), AGAIN_AFTER_MS);
  }

  #take(bytes, at) {
    const booked = read(this.target, bytes);
    if (booked === null) return;
    this.#last = booked.last;
    this.ledger?.hear(this, booked, at);
  }
}

// Followers of one channel get the same bytes one after the other: they are parsed once.
let lastBytes = Buffer.alloc(0);
let lastBooked = null;

function read(target, bytes) {
  if (!lastBytes.equals(bytes)) {
    lastBytes = Buffer.from(bytes);
    lastBooked = target.booked(JSON.parse(bytes.toString("utf8", bytes.indexOf("["))));
  }
  return lastBooked;
}

export class Followers {
  #target;
  #ports;
  #all = [];
  #by = { patient: new Map(), dentist: new Map(), admin: new Map() };

  constructor(target, ports) {
    this.#target = target;
    this.#ports = ports;
  }

  get length() {
    return this.#all.length;
  }

  /** Connect `count` more, as these accounts in turn, fifty at a time. */
  async open(role, accounts, count) {
    const more = Array.from({ length: count }, (_, n) => this.#add(role, accounts[n % accounts.length]));
    for (let n = 0; n < count; n += AT_ONCE) await Promise.all(more.slice(n, n + AT_ONCE).map((each) => this.#connect(each)));
    return more;
  }

  /** Connect those again that a server has cut off. */
  async mend() {
    for (const each of this.#all) if (!each.isConnected) await this.#connect(each);
  }

  /** How many of them should hear of a booking. */
  whoHear(patient, dentist) {
    const { admin, patient: patients, dentist: dentists } = this.#by;
    return (admin.get(null) ?? 0) + (patients.get(patient) ?? 0) + (dentists.get(dentist) ?? 0);
  }

  listenFor(ledger) {
    for (const each of this.#all) each.ledger = ledger;
  }

  get cutOff() {
    return this.#all.filter(({ isConnected }) => !isConnected).length;
  }

  close() {
    for (const each of this.#all) each.cut();
    this.#all = [];
    for (const counts of Object.values(this.#by)) counts.clear();
  }

  #add(role, account) {
    const follower = new Follower(this.#target, this.#all.length, role, account);
    const key = role === "admin" ? null : account.id;
    this.#by[role].set(key, (this.#by[role].get(key) ?? 0) + 1);
    this.#all.push(follower);
    return follower;
  }

  #connect(follower) {
    return follower.open(this.#ports[follower.number % this.#ports.length]);
  }
}
