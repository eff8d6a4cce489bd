import { io } from "socket.io-client";
import { placeOf } from "./address.js";

/** The part of a Socket.IO client that is needed. */
export interface Socket {
  on(event: string, listener: (...values: any[]) => void): unknown;
  emit(event: string, payload: unknown, answer?: (answer: any) => void): unknown;
  connect(): unknown;
  disconnect(): unknown;
  removeAllListeners(): unknown;
}

export type Auth = (give: (auth: { token: string }) => void) => void;

/** Makes a socket that connects when it is told to, with what `auth` gives. */
export type OpenSocket = (url: string, auth: Auth, transports: string[]) => Socket;

/** One attempt is one socket: when to try again is decided elsewhere. */
export const openSocket: OpenSocket = (url, auth, transports) => {
  // A path in an address would be a namespace to Socket.IO.
  const { origin, path } = placeOf(url);
  return io(origin, {
    path: `${path}/socket.io`,
    auth,
    transports,
    tryAllTransports: true,
    forceNew: true,
    reconnection: false,
    autoConnect: false,
  });
};
