/** The rooms of one connection: which were asked for and not left since, and which are being left. */
export class Rooms {
  readonly #asked = new Set<string>();
  /** What is to be done when the server has answered that a room was left. */
  readonly #leaving = new Map<string, () => void>();

  get areLeft(): boolean {
    return this.#leaving.size > 0;
  }

  /** Notes that a room is asked for; returns whether it was before. */
  ask(name: string): boolean {
    const isAgain = this.#asked.has(name);
    this.#asked.add(name);
    return isAgain;
  }

  beginToLeave(name: string): void {
    this.#leaving.set(name, () => {});
  }

  left(name: string): void {
    const goOn = this.#leaving.get(name);
    this.#leaving.delete(name);
    this.#asked.delete(name);
    goOn?.();
  }

  /** Does something once a room is left; returns whether that is to be waited for. */
  onceLeft(name: string, goOn: () => void): boolean {
    const isLeft = this.#leaving.has(name);
    if (isLeft) this.#leaving.set(name, goOn);
    return isLeft;
  }

  clear(): void {
    this.#asked.clear();
    this.#leaving.clear();
  }
}
