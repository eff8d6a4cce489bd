import { type Account, Api, Session, memoryStore } from "@dental-sync/client";
import type { Lent } from "../../lent";
import { apiUrl } from "../../place";
import { Line } from "./line";

/** The password of all accounts of the demo practice, which is no secret. */
export const PASSWORD = "demo-password-1";

/** One of its accounts for each page. */
export const EMAILS = { patient: "patient1@demo.test", dentist: "dentist1@demo.test", desk: "desk@demo.test" } as const;

/** Who looks at the screens, and the names of the frames. */
export const WHO = ["patient", "dentist", "desk"] as const;
export type Who = (typeof WHO)[number];

export interface Person {
  account: Account;
  /** Calls with the session of the frame. */
  api: Api;
  line: Line;
}

export type People = Record<Who, Person>;

/**
 * Signs everybody in, and lends each frame its session: it is kept in this page's memory, and gone with it. Call it before
 * the frames are shown. Rejects with ApiError where an account is not as the demo practice has it.
 */
export async function enter(): Promise<People> {
  const entered = await Promise.all(WHO.map(async (who) => [who, await signedIn(who)] as const));
  window.dentalSyncLent = new Map(entered.map(([who, { lent }]) => [who, lent]));
  return Object.fromEntries(entered.map(([who, { person }]) => [who, person])) as People;
}

async function signedIn(who: Who): Promise<{ person: Person; lent: Lent }> {
  const store = memoryStore();
  const session = new Session({ url: apiUrl, store });
  const account = await session.signIn(EMAILS[who], PASSWORD);
  const line = new Line();
  return {
    person: { account, api: new Api({ url: apiUrl, getToken: session.getToken }), line },
    lent: { store, through: line.through },
  };
}
