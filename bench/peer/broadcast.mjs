// The bare broadcast: `ws` alone passes each message on to everybody who is connected. What a server in Node delivers
// where nothing else is to be done. PORT comes from the environment.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: Number(process.env.PORT), host: "127.0.0.1" });
server.on("connection", (from) => {
  from.on("message", (message) => {
    for (const client of server.clients) client.send(message, { binary: false });
  });
});
process.on("SIGTERM", () => process.exit());
