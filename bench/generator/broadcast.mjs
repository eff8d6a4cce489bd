// How much a bare WebSocket server delivers: each message that one client sends comes back to all.
import { WebSocketClient } from "./websocket.mjs";

// As many bytes as a message about a booking, and so many under way that the server never waits.
const MESSAGE = "a".repeat(600);
const UNDER_WAY = 8;

function connected(port, text) {
  return new Promise((settle, refuse) => {
    const client = new WebSocketClient(port, "/", { open: () => settle(client), text, closed: (why) => refuse(new Error(why)) });
  });
}

/** Messages a second that reach `sockets` clients. */
export async function broadcast(port, { sockets, seconds }) {
  let delivered = 0;
  let isOver = false;
  const clients = [];
  const count = () => {
    delivered += 1;
    if (delivered % sockets === 0 && !isOver) clients[0].send(MESSAGE);
  };
  for (let n = 0; n < sockets; n += 1) clients.push(await connected(port, count));
  const began = performance.now();
  for (let n = 0; n < UNDER_WAY; n += 1) clients[0].send(MESSAGE);
  await new Promise((done) => setTimeout(done, 1000 * seconds));
  const perSecond = (1000 * delivered) / (performance.now() - began);
  isOver = true;
  for (const client of clients) client.cut();
  return { perSecond };
}
