import type { Account, Session } from "@dental-sync/client";
import type { Role } from "../access";
import { said } from "../place";
import { queries } from "../queries";
import { sweep } from "./store";

let end = (): void => {};

/** What an account sees stays on this device while it is signed in, and no longer; null is nobody. */
export async function keepFor(account: Account | null, session: Session): Promise<void> {
  end();
  end = () => {};
  const keeper = account !== null && keepsSeen(account.role) ? account : null;
  // Of who was signed in before, something is left where a browser ended in the middle.
  const swept = sweep(keeper?.id ?? null).catch(() => {});
  if (keeper === null) return swept;
  const [{ keepPages, keepSeen }] = await Promise.all([import("./seen"), swept]);
  const ends = [
    await keepSeen({ accountId: keeper.id, queries, whoIs: async () => (await session.account())?.id ?? null }),
    keepPages(),
  ];
  end = () => ends.forEach((each) => each());
}

/** At the front desk only where the practice has set that. */
function keepsSeen(role: Role): boolean {
  if (role === "receptionist" || role === "admin") return said("desk-offline") !== null;
  return role === "patient" || role === "dentist";
}
