import type { components } from "./wire/events.js";

/** What changed about somebody's free times, and never a word about patients. */
export type Availability = components["schemas"]["AvailabilityAnswer"];
