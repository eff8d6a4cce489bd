// Times to book: half hours round the clock, each of another dentist or later than the last, none ever twice.
const HALF_HOUR_MS = 30 * 60 * 1000;

export class Diary {
  #next = 0;
  #first;

  constructor({ first, patients, dentists }) {
    this.#first = Date.parse(first);
    this.patients = patients;
    this.dentists = dentists;
  }

  /** The next time, and a patient who has no other at that hour. */
  next() {
    const number = this.#next++;
    const start = this.#first + Math.floor(number / this.dentists.length) * HALF_HOUR_MS;
    return {
      number,
      dentist: this.dentists[number % this.dentists.length],
      patient: this.patients[number % this.patients.length],
      startsAt: new Date(start).toISOString(),
      endsAt: new Date(start + HALF_HOUR_MS).toISOString(),
    };
  }

  /** One time for each dentist at one hour. */
  hour() {
    while (this.#next % this.dentists.length !== 0) this.#next += 1;
    return this.dentists.map(() => this.next());
  }

  /** The same time for another patient, the n-th of those who have nothing else at that hour. */
  for(time, n) {
    const free = this.patients.length - this.dentists.length;
    const begin = Math.floor(time.number / this.dentists.length) * this.dentists.length + this.dentists.length;
    return { ...time, patient: this.patients[(begin + (n % free)) % this.patients.length] };
  }
}
