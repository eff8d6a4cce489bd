// What a team would write by hand in Node for the same bookings: Fastify, pg and Socket.IO. One table, one process, no
// log, no audit trail, no idempotency; what is emitted while a client is away, or when the process dies, is gone.
// PORT, DATABASE_URL and JWT_SECRET come from the environment.
import fastifyJwt from "@fastify/jwt";
import Fastify from "fastify";
import pg from "pg";
import { Server } from "socket.io";

const { PORT, DATABASE_URL, JWT_SECRET } = process.env;
const OVERLAPS = "23P01";
const NOT_A_RANGE = "23514";

const booking = {
  type: "object",
  additionalProperties: false,
  required: ["patientId", "dentistId", "startsAt", "endsAt"],
  properties: {
    patientId: { type: "integer", minimum: 1 },
    dentistId: { type: "integer", minimum: 1 },
    startsAt: { type: "string", format: "date-time" },
    endsAt: { type: "string", format: "date-time" },
  },
};
const insert = {
  name: "book",
  text: `INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at) VALUES ($1, $2, $3, $4)
    RETURNING id, patient_id AS "patientId", dentist_id AS "dentistId", starts_at AS "startsAt", ends_at AS "endsAt",
      status, created_at AS "createdAt"`,
};

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
// A connection that breaks while nobody uses it is replaced at the next query.
pool.on("error", (error) => console.error(error.message));

const app = Fastify();
await app.register(fastifyJwt, { secret: JWT_SECRET });

const io = new Server(app.server, { serveClient: false });
io.use((socket, next) => {
  try {
    socket.data.user = app.jwt.verify(socket.handshake.auth.token);
    next();
  } catch {
    next(new Error("unauthorized"));
  }
});
io.on("connection", (socket) => {
  const { role, sub } = socket.data.user;
  socket.join(role === "admin" ? "admins" : `${role}:${sub}`);
});

async function authenticate(request, reply) {
  try {
    await request.jwtVerify();
  } catch {
    return reply.code(401).send({ code: "unauthorized" });
  }
}

function mayBook({ role, sub }, { patientId, dentistId }) {
  return role === "admin" || Number(sub) === (role === "patient" ? patientId : dentistId);
}

async function book(request, reply) {
  const { patientId, dentistId, startsAt, endsAt } = request.body;
  if (!mayBook(request.user, request.body)) return reply.code(403).send({ code: "forbidden" });
  let appointment;
  try {
    ({
      rows: [appointment],
    } = await pool.query({ ...insert, values: [patientId, dentistId, startsAt, endsAt] }));
  } catch (error) {
    if (error.code === OVERLAPS) return reply.code(409).send({ code: "slot-taken" });
    if (error.code === NOT_A_RANGE) return reply.code(422).send({ code: "invalid-duration" });
    throw error;
  }
  io.to([`patient:${patientId}`, `dentist:${dentistId}`, "admins"]).emit("appointment:created", appointment);
  return reply.code(201).send(appointment);
}

app.get("/health", async () => ({ status: "healthy" }));
app.post("/appointments", { schema: { body: booking }, onRequest: authenticate }, book);

process.on("SIGTERM", async () => {
  io.close();
  await app.close();
  await pool.end();
});
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
