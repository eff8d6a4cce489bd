// What many measured milliseconds are said by.

/** The value within which this share of them lies; null where there are none. */
export function within(share, sorted) {
  if (sorted.length === 0) return null;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** How many there are, half of them, 99 of 100, and all. */
export function told(milliseconds) {
  const sorted = Float64Array.from(milliseconds).sort();
  return { count: sorted.length, p50: within(0.5, sorted), p99: within(0.99, sorted), most: within(1, sorted) };
}
