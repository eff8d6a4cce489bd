import { ApiError } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { useAccount } from "../../session";

export interface Place {
  name: string;
  timeZone: string;
  address: string | null;
  phone: string | null;
  publicBooking: "off" | "view" | "book";
  newPatients: "closed" | "approve" | "verified" | "open";
  hasLogo: boolean;
  treatments: { id: string; name: string; durationMinutes: number }[];
  /** `treatments` are those that a dentist offers; null is all, or unknown to a visitor. */
  dentists: { id: string; name: string; treatments: string[] | null }[];
}

const FRESH_MS = 300_000;

/** The practice and what can be booked there, as the account may see it; null where a visitor is shown nothing. */
export function usePlace() {
  const account = useAccount();
  return useQuery({
    queryKey: ["place", account?.id],
    queryFn: account === null ? asVisitor : asAccount,
    staleTime: FRESH_MS,
  });
}

async function asVisitor(): Promise<Place | null> {
  try {
    const shown = await api.publicPractice();
    return { ...shown, dentists: shown.dentists.map((dentist) => ({ ...dentist, treatments: null })) };
  } catch (error) {
    if (error instanceof ApiError && error.code === "not-found") return null;
    throw error;
  }
}

/** Whoever has an account is told more: what is not public too, and who offers what. */
async function asAccount(): Promise<Place> {
  const all = { limit: 200 };
  const [practice, treatments, dentists] = await Promise.all([
    api.getPractice(),
    api.listTreatments(all),
    api.listDentists(all),
  ]);
  const shown = practice.publicBooking === "off" ? null : await api.publicPractice();
  return {
    ...practice,
    hasLogo: shown?.hasLogo ?? false,
    treatments: treatments.items,
    dentists: dentists.items
      .filter(({ active }) => active)
      .map(({ id, name, treatments }) => ({ id, name, treatments: treatments?.map(({ treatmentId }) => treatmentId) ?? null })),
  };
}
