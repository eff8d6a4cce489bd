import { StillPending } from "@dental-sync/client";
import { api } from "../api";
import { account, renew } from "../session";

/**
 * Lets the account act for the patient of an invitation, and waits where two records have to be merged for that. Gives the
 * names of all for whom it acts from now on. Rejects with ApiError, among them `unknown-invitation` and `already-joined`.
 */
export async function accept(code: string): Promise<string> {
  try {
    await api.useInvitation({ code });
  } catch (error) {
    if (!(error instanceof StillPending)) throw error;
    await api.settled(error.writeId);
  }
  await renew();
  return (account()?.patients ?? []).map(({ name }) => name).join(", ");
}
