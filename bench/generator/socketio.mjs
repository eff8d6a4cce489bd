// One Socket.IO connection (Engine.IO 4, protocol 5, WebSocket alone) that follows one channel.
import { WebSocketClient } from "./websocket.mjs";

const PATH = "/socket.io/?EIO=4&transport=websocket";
const READY_WITHIN_MS = 30_000;
const [OPEN, PING, MESSAGE, CONNECTED, EVENT, ACKNOWLEDGED, REFUSED] = [..."0240234"].map((digit) => digit.charCodeAt(0));

/** Connects with the token and sends `subscription`, where there is one; `on` has `event(buffer, at)` and `lost(why)`.
 *
 * Resolves to a function that cuts the connection, once the server says that the channel is followed.
 */
export function follow(port, token, subscription, on) {
  return new Promise((settle, refuse) => {
    let isReady = false;
    const late = setTimeout(() => socket.cut("was not ready in time"), READY_WITHIN_MS);
    function ready() {
      isReady = true;
      clearTimeout(late);
      settle(() => socket.cut());
    }
    function take(bytes, at) {
      const [kind, what] = bytes;
      if (kind === MESSAGE && what === EVENT) on.event(bytes, at);
      else if (kind === PING) socket.send("3");
      else if (kind === OPEN) socket.send(`40${JSON.stringify({ token })}`);
      else if (kind === MESSAGE && what === CONNECTED && subscription === null) ready();
      else if (kind === MESSAGE && what === CONNECTED) socket.send(`420${JSON.stringify(subscription)}`);
      else if (kind === MESSAGE && what === ACKNOWLEDGED && bytes.includes('"ok":true')) ready();
      else if (kind === MESSAGE && (what === ACKNOWLEDGED || what === REFUSED)) socket.cut(bytes.toString());
    }
    const socket = new WebSocketClient(port, PATH, {
      open() {},
      text: take,
      closed(why) {
        clearTimeout(late);
        if (isReady) on.lost(why);
        else refuse(new Error(`a socket cannot connect: ${why}`));
      },
    });
  });
}
