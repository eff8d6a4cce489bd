// Makes what both clients know of the wire from the server's own documents:
// node generate.mjs OPENAPI.json ASYNCAPI.yaml FOLDER-FOR-TYPESCRIPT FOLDER-FOR-PYTHON
//
// Both documents are made from the server's code, and the AsyncAPI document is read by AsyncAPI's own parser: what that
// calls an error ends this program. What clients do not look at by type (refusals of each status, examples, the server's
// limits on lengths) is left out; the codes of all refusals are one type.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import openapiTS, { astToString } from "openapi-typescript";
import { operations } from "./operations.mjs";

const [openapiFile, asyncapiFile, folder, pythonFolder] = process.argv.slice(2);

async function types(document) {
  return astToString(await openapiTS(document, { defaultNonNullable: false }));
}

function heading(source) {
  return `// Made by \`make docs\` from ${source}. Whoever wants it otherwise changes that.\n\n`;
}

async function rest() {
  const document = JSON.parse(await readFile(openapiFile, "utf8"));
  const codes = new Set();
  for (const operation of Object.values(document.paths).flatMap(Object.values)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const problem = response.content?.["application/problem+json"];
      for (const code of problem?.schema.properties.code.enum ?? []) codes.add(code);
      if (status < "300") delete response.content?.["application/problem+json"];
      else delete operation.responses[status];
      delete response.headers;
    }
  }
  return `${await types(bare(document))}
/** The stable code of every refusal. */
export type ProblemCode =${[...codes].sort().map((code) => `\n  | ${JSON.stringify(code)}`).join("")};
`;
}

async function asyncapi() {
  const { document, diagnostics, extras } = await new Parser().parse(await readFile(asyncapiFile, "utf8"));
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  if (document === undefined || errors.length > 0) {
    for (const { message, path } of errors) console.error(`${asyncapiFile}: ${path.join("/")}: ${message}`);
    process.exit(1);
  }
  // As it was written: the parser puts what is referred to in the place of the reference.
  const { schemas } = bare(extras.document.data.components);
  return { document, schemas };
}

async function events({ document, schemas }) {
  const payload = (message) => `components["schemas"][${JSON.stringify(message.payload().id())}]`;
  const sent = [];
  const emitted = [];
  for (const operation of document.operations().all()) {
    const [message] = operation.messages().all();
    if (operation.isSend()) {
      sent.push(`  ${JSON.stringify(message.name())}: ${payload(message)};`);
    } else {
      const answers = operation.reply().messages().all().map(payload);
      emitted.push(`  ${JSON.stringify(message.name())}: { payload: ${payload(message)}; answer: ${answers.join(" | ")} };`);
    }
  }
  return `${await types({ openapi: "3.1.0", info: { title: "", version: "" }, paths: {}, components: { schemas } })}
/** What the server emits: each event and its payload. */
export interface ServerEvents {
${sent.join("\n")}
}

/** What clients emit: each event, its payload, and what it is acknowledged with. */
export interface ClientEvents {
${emitted.join("\n")}
}

/** The rows of the log among them. */
export const MESSAGE_TYPES = ${JSON.stringify(messageTypes(document, schemas))} as const;
`;
}

/** What has a place in the log says which rooms heard it. */
function messageTypes(document, schemas) {
  const sent = document.operations().all().filter((operation) => operation.isSend());
  return sent
    .map((operation) => operation.messages().all()[0])
    .filter((message) => "channels" in schemas[message.payload().id()].properties)
    .map((message) => message.name());
}

function python({ document, schemas }) {
  const names = messageTypes(document, schemas).map((name) => `    ${JSON.stringify(name)},\n`);
  return `
from __future__ import annotations

# The rows of the log among the events that the server emits.
MESSAGE_TYPES = (
${names.join("")})
`;
}

/** Without titles and examples, which say nothing that a type does not; a member of that name is no array. */
function bare(document) {
  return JSON.parse(
    JSON.stringify(document, (key, value) => {
      const isExample = key === "example" || (key === "examples" && Array.isArray(value));
      return isExample || (key === "title" && typeof value === "string") ? undefined : value;
    }),
  );
}

const described = await asyncapi();
const API = heading("the API's OpenAPI document");
const made = {
  [join(folder, "rest.ts")]: API + (await rest()),
  [join(folder, "operations.ts")]: API + operations(JSON.parse(await readFile(openapiFile, "utf8"))),
  [join(folder, "events.ts")]: heading("docs/asyncapi.yaml") + (await events(described)),
  [join(pythonFolder, "message_types.py")]:
    '"""The names of the messages of the log. Made by `make docs` from docs/asyncapi.yaml."""\n' + python(described),
};
for (const [path, text] of Object.entries(made)) await writeFile(path, text);
