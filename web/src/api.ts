import { Api } from "@dental-sync/client";
import { apiUrl } from "./place";
import { getToken } from "./session";

/** Calls as whoever is signed in, and what is for everybody as nobody: without what follows live data. */
export const api = new Api({ url: apiUrl, getToken });
