import type { ServerEvents } from "./wire/events.js";

/** Which record is another one than before, or gone; what it is like now is to be fetched. The practice has no id. */
export type RecordChange = Pick<ServerEvents["record:changed"], "kind" | "id" | "change">;
