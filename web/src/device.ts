import type { Account, Session } from "@dental-sync/client";
import type { Role } from "./access";
import { tellNothing } from "./lock/idle";
import { said } from "./place";
import { queries } from "./queries";
import { sweep } from "./seen/store";

const MINUTE_MS = 60_000;
let end = (): void => {};

/** What this device does for who is signed in, null is nobody: it keeps what was seen, and is locked when nobody is there. */
export async function serve(account: Account | null, session: Session): Promise<void> {
  end();
  end = () => {};
  const keeper = account !== null && keepsSeen(account.role) ? account : null;
  // Of who was signed in before, something is left where a browser ended in the middle.
  const swept = sweep(keeper?.id ?? null).catch(() => {});
  if (account === null) {
    tellNothing();
    return swept;
  }
  const ends: (() => void)[] = [];
  const lockMs = Number(said("lock-minutes")) * MINUTE_MS;
  if (lockMs > 0 && account.role !== "patient") {
    const { lockAfter } = await import("./lock/lock");
    ends.push(await lockAfter(lockMs, account));
  }
  if (keeper !== null) {
    const [{ keepPages, keepSeen }] = await Promise.all([import("./seen/seen"), swept]);
    const whoIs = async () => (await session.account())?.id ?? null;
    ends.push(await keepSeen({ accountId: keeper.id, queries, whoIs }), keepPages());
  }
  end = () => ends.forEach((each) => each());
}

/** At the front desk only where the practice has set that. */
function keepsSeen(role: Role): boolean {
  if (role === "receptionist" || role === "admin") return said("desk-offline") !== null;
  return role === "patient" || role === "dentist";
}
