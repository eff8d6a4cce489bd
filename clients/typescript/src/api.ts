import type { Appointment } from "./appointment.js";
import { type Call, Caller, type CallerOptions, type Verb } from "./caller.js";
import { ApiError } from "./error.js";
import type { Place } from "./message.js";
import type { CallOptions, ChangeOptions, WriteOptions } from "./options.js";
import { OPERATIONS, type Operations } from "./wire/operations.js";
import type { components, operations, paths } from "./wire/rest.js";

type Schemas = components["schemas"];

export type Booking = Schemas["Book"];
export type Change = Omit<Schemas["Reschedule"], "scope">;
export type Following = Schemas["FollowingAnswer"];
export type Hold = Schemas["HoldAnswer"];
export type HoldTime = Schemas["HoldTime"];
export type FreeTimes = Schemas["SlotsAnswer"];
export type FreeTimesWanted = operations["list_free_times"]["parameters"]["query"];
export type AppointmentsWanted = Omit<
  NonNullable<operations["list_appointments"]["parameters"]["query"]>,
  "limit" | "after"
>;

/** What there was at a place in the log: subscribing `since` it leaves no gap. */
export interface AppointmentList extends Place {
  items: Appointment[];
}

export interface ApiOptions extends CallerOptions {}

/** The methods that an address of the API has. */
export type MethodOf<Path extends keyof paths> = {
  [Name in keyof paths[Path]]-?: paths[Path][Name] extends { responses: unknown } ? Uppercase<Name & string> : never;
}[keyof paths[Path]];

type Operation<Method, Path extends keyof paths> =
  Lowercase<Method & string> extends infer Name extends keyof paths[Path] ? paths[Path][Name] : never;

type Json<Content> = Content extends { content: { "application/json": infer Shape } }
  ? Shape
  : Content extends { content: { "application/zip": unknown } | { "image/png": unknown } }
    ? Blob
    : void;

type BodyOf<Op> = Op extends { requestBody: infer Content }
  ? { body: Json<Content> }
  : Op extends { requestBody?: infer Content }
    ? { body?: Json<NonNullable<Content>> }
    : { body?: never };

type ParametersOf<Op> = Op extends { parameters: infer Parameters } ? Pick<Parameters, keyof Parameters & ("path" | "query")> : never;

/** What `request` is told beside the address: the operation's `path`, `query` and `body`, and options. */
export type RequestOptions<Method, Path extends keyof paths> = ParametersOf<Operation<Method, Path>> &
  BodyOf<Operation<Method, Path>> &
  ChangeOptions;

/** What `request` resolves to; `void` where 202 is all that is answered. */
export type AnswerOf<Method, Path extends keyof paths> = Operation<Method, Path> extends { responses: infer Responses }
  ? [keyof Responses & (200 | 201 | 204)] extends [never]
    ? void
    : { [Status in keyof Responses & (200 | 201 | 204)]: Json<Responses[Status]> }[keyof Responses & (200 | 201 | 204)]
  : never;

const PAGE = 200;

/** Those that are made of the API's description, but for those that say more here. */
export interface Api extends Omit<Operations, "cancel" | "reschedule" | "release"> {}

/**
 * Calls the REST API as one account: every operation is a method. What fails on the way, or is not ready yet, is tried
 * again where that cannot do it twice: what reads, and a write with a key by which the server knows it. Rejects with
 * ApiError when the server refuses, with SyncError when it cannot be reached, and with whatever else is thrown as it is.
 */
export class Api {
  readonly #caller: Caller;

  constructor(options: ApiOptions) {
    this.#caller = new Caller(options);
  }

  /** What can be booked. `from` and `to` are instants with an offset, at most 31 days apart. */
  availability(wanted: FreeTimesWanted, options?: CallOptions): Promise<FreeTimes> {
    return this.listFreeTimes(wanted, options);
  }

  /** All appointments that the account may see and that overlap `[from, to)`, by `startsAt`. */
  async appointments(wanted: AppointmentsWanted = {}, options?: CallOptions): Promise<AppointmentList> {
    let page = await this.listAppointments({ ...wanted, limit: PAGE }, options);
    const list: AppointmentList = { items: page.items, position: page.position, epoch: page.epoch };
    while (page.next !== null) {
      page = await this.listAppointments({ ...wanted, limit: PAGE, after: page.next }, options);
      list.items.push(...page.items);
    }
    return list;
  }

  /** Changes the time, the dentist, the treatment, the chair or the reason. */
  reschedule(appointmentId: string, change: Change, options?: ChangeOptions): Promise<Appointment> {
    return this.#reschedule(appointmentId, change, options) as Promise<Appointment>;
  }

  /** The same for those of its series that follow it too, by as much wall-clock time. */
  rescheduleFollowing(appointmentId: string, change: Change, options?: ChangeOptions): Promise<Following> {
    return this.#reschedule(appointmentId, { ...change, scope: "following" }, options) as Promise<Following>;
  }

  /** Cancels; the time is free at once. */
  cancel(appointmentId: string, { reason, ...options }: ChangeOptions & { reason?: string } = {}): Promise<Appointment> {
    return this.#cancel(appointmentId, reason === undefined ? {} : { reason }, options) as Promise<Appointment>;
  }

  /** Cancels those of its series that follow it, too. */
  cancelFollowing(
    appointmentId: string,
    { reason, ...options }: ChangeOptions & { reason?: string } = {},
  ): Promise<Following> {
    const body = { scope: "following" as const, ...(reason !== undefined && { reason }) };
    return this.#cancel(appointmentId, body, options) as Promise<Following>;
  }

  #reschedule(appointmentId: string, body: Schemas["Reschedule"], options?: ChangeOptions): Promise<Schemas["ChangedAnswer"]> {
    return this.request("PATCH", "/api/appointments/{appointmentId}", { path: { appointmentId }, body, ...options });
  }

  #cancel(appointmentId: string, body: Schemas["Cancel"], options?: ChangeOptions): Promise<Schemas["ChangedAnswer"]> {
    return this.request("POST", "/api/appointments/{appointmentId}/cancel", { path: { appointmentId }, body, ...options });
  }

  /** Gives a held time back; one that has expired is no mistake. */
  async release(holdId: string, options?: WriteOptions): Promise<void> {
    try {
      await this.request("DELETE", "/api/holds/{holdId}", { path: { holdId }, ...options });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "not-found")) throw error;
    }
  }

  /**
   * Waits for the outcome of a write that was `StillPending`: resolves when it is applied. Rejects with ApiError where it
   * is refused, and with StillPending where that takes longer than calls are tried again for.
   */
  settled(writeId: string, options: CallOptions = {}): Promise<void> {
    return this.#caller.settled(writeId, options);
  }

  /**
   * Sends any request of the API's description, as each method above does:
   * `api.request("GET", "/api/patients/{patientId}", { path: { patientId } })`.
   */
  request<Path extends keyof paths & string, Method extends MethodOf<Path>>(
    method: Method,
    path: Path,
    ...[options]: {} extends RequestOptions<Method, Path>
      ? [options?: RequestOptions<Method, Path>]
      : [options: RequestOptions<Method, Path>]
  ): Promise<AnswerOf<Method, Path>> {
    return this.#caller.call(method as Verb, path, TRAITS.get(`${method} ${path}`) ?? "", (options ?? {}) as Call);
  }
}

const TRAITS = new Map<string, string>();

for (const [name, row] of Object.entries(OPERATIONS)) {
  const [method, path, traits = ""] = row.split(" ") as [Verb, keyof paths, string?];
  TRAITS.set(`${method} ${path}`, traits);
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id as string);
  const said = traits.includes("b") ? "body" : traits.includes("q") ? "query" : null;
  if (name in Api.prototype) continue;
  const send = function (this: Api, ...values: unknown[]): Promise<unknown> {
    const given = Object.fromEntries(ids.map((id, index) => [id, values[index]]));
    const [what, options] = said === null ? [undefined, values[ids.length]] : values.slice(ids.length);
    const request = { ...(options as object), path: given, ...(said !== null && what !== undefined && { [said]: what }) };
    return (this.request as (method: Verb, path: string, options: object) => Promise<unknown>)(method, path, request);
  };
  Object.defineProperty(Api.prototype, name, { value: send, writable: true, configurable: true });
}
