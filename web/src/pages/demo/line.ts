import type { OpenSocket, Socket } from "@dental-sync/client";

/** What a connection goes through: it can be cut, and mended. Whoever is connected is told of neither. */
export class Line {
  #isCut = false;
  /** A client has one at a time. */
  #socket: Socket | null = null;

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Opens sockets as `open` does; as long as it is cut, none that gets through. */
  readonly through =
    (open: OpenSocket): OpenSocket =>
    (...how) => {
      this.#socket = this.#isCut ? unreachable() : open(...how);
      return this.#socket;
    };

  cut(): void {
    this.#isCut = true;
    this.#socket?.disconnect();
  }

  mend(): void {
    this.#isCut = false;
  }
}

/** A socket whose every attempt fails, as without a network. */
function unreachable(): Socket {
  let refuse = (_: Error): void => {};
  return {
    on(event, listener) {
      if (event === "connect_error") refuse = listener;
    },
    emit() {},
    connect: () => setTimeout(() => refuse(new Error("the line is cut"))),
    disconnect() {},
    removeAllListeners() {
      refuse = () => {};
    },
  };
}
