// HTTP/1.1 over connections that are kept open, one request at a time on each. Written by hand, because a request costs
// Node's own client several times as much of the processor, which the servers beside it need.
import { connect, HOST } from "./socket.mjs";

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
// Servers close a connection that is idle for seconds: one that was not used for so long is not used again.
const IDLE_MS = 3000;

/** The text of a request; a body is JSON. */
export function requestText(method, path, headers, body) {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${HOST}`, ...headers];
  if (body === undefined) return [...lines, "", ""].join("\r\n");
  const text = JSON.stringify(body);
  lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(text)}`);
  return [...lines, "", text].join("\r\n");
}

/** Where a body ends: after so many bytes, or after its last chunk. */
class Body {
  #chunked;
  #left;
  #parts = [];
  #tail = Buffer.alloc(0);

  constructor(head) {
    this.#chunked = /\r\ntransfer-encoding: *chunked/.test(head);
    this.#left = this.#chunked ? 0 : Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
  }

  /** Take what belongs to it from `data`; true once it is whole. */
  take(data) {
    this.#parts.push(Buffer.from(data));
    if (!this.#chunked) {
      this.#left -= data.length;
      return this.#left <= 0;
    }
    this.#tail = Buffer.concat([this.#tail, data.subarray(-LAST_CHUNK.length)]).subarray(-LAST_CHUNK.length);
    return this.#tail.equals(LAST_CHUNK);
  }

  /** Its bytes as they came, the sizes of chunks among them. */
  bytes() {
    return Buffer.concat(this.#parts);
  }
}

class Connection {
  isClosed = false;
  usedAt = performance.now();
  opened;
  #socket;
  #settle = null;
  #head = null;
  #answer = null;
  #body = null;

  constructor(port) {
    this.#socket = connect(port, (data) => this.#read(data));
    this.opened = new Promise((settle) => this.#socket.once("connect", settle).once("close", settle));
    this.#socket.on("error", () => this.close());
    this.#socket.on("close", () => this.close());
  }

  /** Resolves to the answer; its status is 0 where the connection breaks. */
  send(text) {
    if (this.isClosed) return Promise.resolve({ status: 0 });
    return new Promise((settle) => {
      this.#settle = settle;
      this.#socket.write(text);
    });
  }

  close() {
    this.isClosed = true;
    this.#socket.destroy();
    this.#done({ status: 0 });
  }

  #read(data) {
    if (this.#answer === null) {
      const head = this.#head === null ? data : Buffer.concat([this.#head, data]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) {
        this.#head = Buffer.from(head);
        return;
      }
      const text = head.latin1Slice(0, end).toLowerCase();
      this.#answer = { status: Number(text.slice(9, 12)), head: text };
      this.#body = new Body(text);
      data = head.subarray(end + END_OF_HEAD.length);
    }
    if (this.#body.take(data)) this.#done({ ...this.#answer, body: this.#body.bytes() });
  }

  #done(answer) {
    const settle = this.#settle;
    this.#settle = this.#head = this.#answer = this.#body = null;
    this.usedAt = performance.now();
    if (answer.head?.includes("\r\nconnection: close")) this.isClosed = true;
    settle?.(answer);
  }
}

/** As many connections as requests are under way, spread over all ports. */
export class Pool {
  #ports;
  #next = 0;
  #idle = [];

  constructor(ports) {
    this.#ports = ports;
  }

  /** Open so many connections, so that the next requests wait for none. */
  async warm(count) {
    const opened = Array.from({ length: count }, () => this.#open());
    await Promise.all(opened.map((connection) => connection.opened));
    this.#idle.push(...opened);
  }

  async send(text) {
    const connection = this.#take();
    const answer = await connection.send(text);
    if (!connection.isClosed) this.#idle.push(connection);
    return answer;
  }

  #take() {
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (!found.isClosed && performance.now() - found.usedAt < IDLE_MS) return found;
      found.close();
    }
    return this.#open();
  }

  #open() {
    this.#next += 1;
    return new Connection(this.#ports[this.#next % this.#ports.length]);
  }
}
