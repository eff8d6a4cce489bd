import type { components } from "./wire/events.js";

/** What changed about a dentist's free times; never anything about patients. */
export type Availability = components["schemas"]["AvailabilityAnswer"];
