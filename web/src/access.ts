import type { Account } from "@dental-sync/client";
import { t } from "@lingui/core/macro";

export type Role = Account["role"];

/** Where somebody of a role finds what is theirs. */
export function ownPage(role: Role): "/" | "/my" | "/dentist" | "/desk" | "/admin" {
  if (role === "patient") return "/my";
  if (role === "dentist") return "/dentist";
  if (role === "receptionist") return "/desk";
  if (role === "admin") return "/admin";
  return "/";
}

/** Why somebody is led away from a page that is for other roles. */
export function whyNot(roles: readonly Role[], { name }: Account): string {
  if (roles.includes("patient")) return t`That page is for patients. ${name} is signed in, so here is the page for this account.`;
  if (roles.includes("receptionist")) return t`That page is for the front desk. ${name} is signed in, so here is the page for this account.`;
  if (roles.includes("admin")) return t`That page is for the administration. ${name} is signed in, so here is the page for this account.`;
  return t`That page is for dentists. ${name} is signed in, so here is the page for this account.`;
}
