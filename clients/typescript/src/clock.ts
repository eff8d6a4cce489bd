/** Time, so that a test can be its master. `later` returns what calls it off. */
export interface Clock {
  now(): number;
  later(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  later(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
