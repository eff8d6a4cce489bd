import type { Fetch } from "./outcome.js";

interface Kept {
  tag: string;
  text: string;
}

/** Two bytes each, and a month of free times has four million; what was not asked for the longest is forgotten first. */
const MOST_CHARACTERS = 8_000_000;

/** Answers that the server has given an entity tag, by address; in memory alone, because they may be about patients. */
export class KeptAnswers {
  readonly #kept = new Map<string, Kept>();
  #characters = 0;

  /** Sends the tag of what is kept, and gives that again where the server says that nothing has changed. */
  through(fetch: Fetch): Fetch {
    return async (address, init) => {
      const kept = this.#kept.get(address);
      const response = await fetch(address, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...(kept && { "If-None-Match": kept.tag }) },
      });
      if (response.status === 304 && kept !== undefined) {
        this.#keep(address, kept);
        return new Response(kept.text, { headers: { "Content-Type": "application/json" } });
      }
      const tag = response.headers.get("ETag");
      if (!response.ok || tag === null) return response;
      const text = await response.text();
      this.#keep(address, { tag, text });
      return new Response(text, response);
    };
  }

  /** Nobody is signed in any more. */
  forget(): void {
    this.#kept.clear();
    this.#characters = 0;
  }

  #keep(address: string, answer: Kept): void {
    this.#drop(address);
    this.#kept.set(address, answer);
    this.#characters += answer.text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= MOST_CHARACTERS) break;
      this.#drop(oldest);
    }
  }

  #drop(address: string): void {
    this.#characters -= this.#kept.get(address)?.text.length ?? 0;
    this.#kept.delete(address);
  }
}
