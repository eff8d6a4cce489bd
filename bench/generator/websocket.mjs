// A WebSocket client (RFC 6455, no extension), by hand: of 500 followers each message is read 500 times.
import { randomBytes } from "node:crypto";
import { connect, HOST } from "./socket.mjs";

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One connection; `on` has `open()`, `text(buffer, at)` and `closed(why)`, each called with what happened. */
export class WebSocketClient {
  #on;
  #socket;
  #isOpen = false;
  #isClosed = false;
  // What of a frame has come already, and the parts of a message that comes in several.
  #rest = null;
  #parts = [];

  constructor(port, path, on) {
    this.#on = on;
    this.#socket = connect(port, (bytes) => this.#read(bytes));
    this.#socket.on("connect", () => this.#socket.write(upgrade(path)));
    this.#socket.on("error", (error) => this.cut(error.code));
    this.#socket.on("close", () => this.cut("closed"));
  }

  send(text) {
    this.#write(TEXT, Buffer.from(text));
  }

  /** End it without a goodbye, as a lost network does. */
  cut(why = "cut") {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#on.closed(why);
  }

  #read(data) {
    const at = performance.now();
    let bytes = this.#rest === null ? data : Buffer.concat([this.#rest, data]);
    this.#rest = null;
    if (!this.#isOpen) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      const status = bytes.latin1Slice(9, 12);
      if (status !== "101") return void this.cut(`answered ${status}`);
      this.#isOpen = true;
      this.#on.open();
      bytes = bytes.subarray(end + 4);
    }
    let place = 0;
    while (place < bytes.length && !this.#isClosed) {
      const frame = frameAt(bytes, place);
      if (frame === null) break;
      place = frame.end;
      this.#take(frame, at);
    }
    if (place < bytes.length) this.#rest = Buffer.from(bytes.subarray(place));
  }

  #take({ kind, isLast, payload }, at) {
    if (kind === PING) this.#write(PONG, payload);
    else if (kind === CLOSE) this.cut(`closed with ${payload.length >= 2 ? payload.readUInt16BE(0) : "nothing"}`);
    else if (kind !== PONG && isLast && this.#parts.length === 0) this.#on.text(payload, at);
    else if (kind !== PONG) {
      this.#parts.push(Buffer.from(payload));
      if (!isLast) return;
      const whole = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#on.text(whole, at);
    }
  }

  // Masked with zeros, which is allowed and leaves the payload as it is.
  #write(kind, payload) {
    if (this.#isClosed) return;
    const size = payload.length;
    const head = Buffer.alloc(size < 126 ? 6 : 8);
    head[0] = 0x80 | kind;
    head[1] = 0x80 | Math.min(size, 126);
    if (size >= 126) head.writeUInt16BE(size, 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}

/** The frame that begins there; null where not all of it has come. A server's frames have no mask. */
function frameAt(bytes, place) {
  if (bytes.length < place + 2) return null;
  let size = bytes[place + 1] & 0x7f;
  let begin = place + 2;
  if (size >= 126) {
    const wide = size === 126 ? 2 : 8;
    if (bytes.length < begin + wide) return null;
    size = wide === 2 ? bytes.readUInt16BE(begin) : Number(bytes.readBigUInt64BE(begin));
    begin += wide;
  }
  const end = begin + size;
  if (bytes.length < end) return null;
  return { kind: bytes[place] & 0x0f, isLast: (bytes[place] & 0x80) !== 0, payload: bytes.subarray(begin, end), end };
}

function upgrade(path) {
  const key = randomBytes(16).toString("base64");
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
  );
}
