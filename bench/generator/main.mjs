// The load generator: one Node process with clients written by hand, so that it takes little of the processor from what
// it measures. The first line on stdin says who is asked: `target` ("ours" or "peer"), `ports`, `first` (the first time
// to book), and `patients`, `dentists`, `admins`, each with `id` and `token`. Then each line is one command,
// `{"do": …}`, and is answered by one line on stdout, with the seconds of processor time that the command took here; one
// that cannot be done is answered with `error`.
import { createInterface } from "node:readline";
import { broadcast } from "./broadcast.mjs";
import { Diary } from "./diary.mjs";
import { Followers } from "./followers.mjs";
import { Pool } from "./http.mjs";
import { Load } from "./load.mjs";
import { TARGETS } from "./targets.mjs";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const setUp = JSON.parse((await lines.next()).value);
const target = TARGETS[setUp.target];
const followers = new Followers(target, setUp.ports);
const load = new Load(target, new Pool(setUp.ports), new Diary(setUp), followers);

const commands = {
  /** Connect `count` sockets that follow as this role; `returning`: they come back whenever they are cut off. */
  async follow({ role, count, returning = false }) {
    const began = performance.now();
    const opened = await followers.open(role, setUp[`${role}s`], count);
    if (returning) for (const each of opened) each.returns();
    return { seconds: (performance.now() - began) / 1000 };
  },
  async mend() {
    await followers.mend();
    return {};
  },
  async leave() {
    followers.close();
    return {};
  },
  book: (command) => load.book(command),
  pace: (command) => load.pace(command),
  rush: (command) => load.rush(command),
  refuse: (command) => load.refuse(command),
  read: (command) => load.read(command),
  away: (command) => load.away({ ...command, admins: setUp.admins, port: setUp.ports[0] }),
  broadcast: (command) => broadcast(setUp.ports[0], command),
};

for await (const line of lines) {
  const { do: name, ...command } = JSON.parse(line);
  const before = process.cpuUsage();
  const answer = await commands[name](command).catch((error) => ({ error: String(error) }));
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ ...answer, generatorSeconds: (user + system) / 1e6 }) + "\n");
}
process.exit();
