// Made by `make docs` from docs/asyncapi.yaml. Whoever wants it otherwise changes that.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The account acts for other patients than before: ask who it is, and follow them. */
        AccountChanged: Record<string, never>;
        /** @description A booking, the same for everybody who may see it. */
        AppointmentAnswer: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            patientId: string;
            patientName: string;
            /** Format: uuid */
            dentistId: string;
            dentistName: string;
            treatmentId: string | null;
            chairId: string | null;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @enum {string} */
            status: "booked" | "pending" | "arrived" | "checked-in" | "fulfilled" | "cancelled" | "noshow";
            /** @enum {string} */
            confirmation: "unconfirmed" | "reminded" | "confirmed";
            reason: string | null;
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            cancelledAt: string | null;
            cancelledBy: ("patient" | "dentist" | "receptionist" | "admin") | null;
            cancelReason: string | null;
            /** @description It shares a dentist's or a chair's time with another appointment. */
            overbooked: boolean;
            /** @description Staff booked it in spite of hours or of others. */
            forced: boolean;
            assistantId: string | null;
            assistantName: string | null;
            /** @description In their order; the first is treatmentId. */
            treatmentIds: string[];
            seriesId: string | null;
            arrivedAt: string | null;
            checkedInAt: string | null;
        };
        /** @description An appointment that is to be seen from now on. */
        AppointmentCreated: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            appointment: components["schemas"]["AppointmentAnswer"];
        };
        /** @description An appointment that is not to be seen any more. */
        AppointmentDeleted: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** Format: uuid */
            appointmentId: string;
        };
        /** @description An appointment as it is now, and the old values of what changed. */
        AppointmentUpdated: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            appointment: components["schemas"]["AppointmentAnswer"];
            previous: {
                [key: string]: unknown;
            };
        };
        /** @description Go on with a fresh token of the same account. */
        Authenticate: {
            token: string;
        };
        /** @description Until when the fresh token is good. */
        Authenticated: {
            /** @constant */
            ok: true;
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description A time that is taken, free again, or to be asked for anew. */
        AvailabilityAnswer: {
            /** @enum {string} */
            change: "busy" | "free" | "hours" | "time-off" | "closure";
            from: string | null;
            to: string | null;
            timeZone: string;
        };
        /** @description Something else is free than before; without a dentist it is about all of them. */
        AvailabilityChanged: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            dentistId: string | null;
            availability: components["schemas"]["AvailabilityAnswer"];
        };
        /** @description Everything of the subscribed channels up to `position` has been sent. */
        Beat: {
            /** Format: date-time */
            timestamp: string;
            position: number;
            /** Format: uuid */
            epoch: string;
        };
        /** @description How far this process has delivered. */
        Beaten: {
            /** Format: date-time */
            timestamp: string;
            position: number;
            /** Format: uuid */
            epoch: string;
            /** @constant */
            ok: true;
        };
        /** @description It is done. */
        Done: {
            /** @constant */
            ok: true;
        };
        /** @description The process is about to stop: reconnect after that time. */
        Draining: {
            reconnectAfterMs: number;
        };
        /** @description A stable code and a sentence. */
        Error: {
            /** @enum {string} */
            code: "unauthorized" | "token-expired" | "account-disabled" | "forbidden" | "unknown-channel" | "too-many-subscriptions" | "invalid-payload" | "rate-limited" | "unavailable" | "internal-error";
            detail: string;
        };
        /** @description Nothing more needs to be said. */
        Nothing: Record<string, never>;
        /** @description The connection is accepted. */
        Ready: {
            connectionId: string;
            /** Format: uuid */
            epoch: string;
            position: number;
            /** Format: date-time */
            expiresAt: string;
            heartbeatSeconds: number;
        };
        /** @description A record that staff work with is another one than before, or gone; the practice has no id. Read it by REST. */
        RecordChanged: {
            position: number;
            /** Format: uuid */
            epoch: string;
            /** Format: date-time */
            occurredAt: string;
            channels: string[];
            /** @enum {string} */
            kind: "hold" | "patient" | "time-off" | "closure" | "treatment" | "chair" | "dentist" | "practice";
            id: string | null;
            /** @enum {string} */
            change: "created" | "updated" | "deleted";
        };
        /** @description What every event may be answered with instead. */
        Refused: {
            /** @constant */
            ok: false;
            error: components["schemas"]["Error"];
        };
        /** @description Messages are missing: fetch a snapshot, then go on from its position. */
        Resync: {
            channel: string;
            reason: string;
        };
        /** @description Follow a channel, from a position on where one is given. */
        Subscribe: {
            channel: string;
            /** @default null */
            since?: number | null;
            /** @default null */
            epoch?: string | null;
        };
        /** @description All of this channel up to `position` has been sent; after `resync` fetch a snapshot instead. */
        Subscribed: {
            /** @constant */
            ok: true;
            subscription: components["schemas"]["SubscriptionAnswer"];
            position: number;
            /** Format: uuid */
            epoch: string;
            replayed: number;
            resync: boolean;
        };
        /** @description One socket follows one channel. */
        SubscriptionAnswer: {
            id: string;
            channelName: string;
            active: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        /** @description Access was withdrawn. */
        SubscriptionClosed: {
            id: string;
            channelName: string;
            reason: string;
        };
        /** @description What this socket follows. */
        Subscriptions: {
            /** @constant */
            ok: true;
            subscriptions: components["schemas"]["SubscriptionAnswer"][];
        };
        /** @description 60 seconds before the connection is closed, unless it is given a fresh token. */
        TokenExpiring: {
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description Stop following. */
        Unsubscribe: {
            id: string;
        };
        /** @description How many subscriptions there were. */
        UnsubscribedAll: {
            /** @constant */
            ok: true;
            count: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

/** What the server emits: each event and its payload. */
export interface ServerEvents {
  "ready": components["schemas"]["Ready"];
  "appointment:created": components["schemas"]["AppointmentCreated"];
  "appointment:updated": components["schemas"]["AppointmentUpdated"];
  "appointment:deleted": components["schemas"]["AppointmentDeleted"];
  "availability:changed": components["schemas"]["AvailabilityChanged"];
  "record:changed": components["schemas"]["RecordChanged"];
  "heartbeat": components["schemas"]["Beat"];
  "resync": components["schemas"]["Resync"];
  "subscription:closed": components["schemas"]["SubscriptionClosed"];
  "account:changed": components["schemas"]["AccountChanged"];
  "token:expiring": components["schemas"]["TokenExpiring"];
  "draining": components["schemas"]["Draining"];
}

/** What clients emit: each event, its payload, and what it is acknowledged with. */
export interface ClientEvents {
  "subscribe": { payload: components["schemas"]["Subscribe"]; answer: components["schemas"]["Subscribed"] | components["schemas"]["Refused"] };
  "unsubscribe": { payload: components["schemas"]["Unsubscribe"]; answer: components["schemas"]["Done"] | components["schemas"]["Refused"] };
  "unsubscribe_all": { payload: components["schemas"]["Nothing"]; answer: components["schemas"]["UnsubscribedAll"] | components["schemas"]["Refused"] };
  "subscriptions": { payload: components["schemas"]["Nothing"]; answer: components["schemas"]["Subscriptions"] | components["schemas"]["Refused"] };
  "authenticate": { payload: components["schemas"]["Authenticate"]; answer: components["schemas"]["Authenticated"] | components["schemas"]["Refused"] };
  "heartbeat": { payload: components["schemas"]["Nothing"]; answer: components["schemas"]["Beaten"] | components["schemas"]["Refused"] };
}

/** The rows of the log among them. */
export const MESSAGE_TYPES = ["appointment:created","appointment:updated","appointment:deleted","availability:changed","record:changed"] as const;
