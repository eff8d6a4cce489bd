// Makes the methods of `Api`, and what they send, from the OpenAPI document.

/** What a method's name is: `list_patients` becomes `listPatients`. */
function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function schema(content) {
  if (!("application/json" in content)) return "Blob";
  const { $ref } = content["application/json"].schema;
  return `Schemas[${JSON.stringify($ref.split("/").at(-1))}]`;
}

function answer(operation) {
  // 202 beside another says that the outcome is not there yet: the client waits for it. Alone it says nothing more.
  const success = ["200", "201", "204", "202"].find((status) => status in operation.responses);
  const { content } = operation.responses[success];
  return content === undefined ? "void" : schema(content);
}

function method(verb, path, operation, document) {
  const parameters = operation.parameters ?? [];
  const names = (where) => parameters.filter((each) => each.in === where).map(({ name }) => name);
  const headers = names("header");
  const hasKey = headers.includes("Idempotency-Key");
  const hasVersion = headers.includes("If-Match");
  const isTagged = headers.includes("If-None-Match");
  const isOpen = operation.security.length === 0;
  const arguments_ = names("path").map((name) => `${name}: string`);
  const body = operation.requestBody;
  // A body in which nothing can be said is left to the method.
  const reference = body?.content["application/json"]?.schema.$ref.split("/").at(-1);
  const isSaying = reference === undefined || Object.keys(document.components.schemas[reference].properties ?? {}).length > 0;
  const hasBody = body !== undefined && isSaying;
  const query = names("query");
  if (hasBody && query.length > 0) throw new Error(`${verb} ${path} takes a body and a query: which of them comes first?`);
  if (hasBody) arguments_.push(`body${body.required ? "" : "?"}: ${schema(body.content)}`);
  if (query.length > 0) {
    const isRequired = parameters.some((each) => each.in === "query" && each.required);
    arguments_.push(`query${isRequired ? "" : "?"}: Query<${JSON.stringify(operation.operationId)}>`);
  }
  const options = hasKey ? (hasVersion ? "ChangeOptions" : "WriteOptions") : hasVersion ? "VersionOptions" : "CallOptions";
  arguments_.push(`options?: ${options}`);
  const name = camel(operation.operationId);
  const traits = [hasBody && "b", query.length > 0 && "q", hasKey && "k", hasVersion && "v", isOpen && "o", isTagged && "t"];
  return {
    options,
    row: `  ${name}: ${JSON.stringify([verb, path, traits.filter(Boolean).join("")].join(" ").trim())},`,
    declaration: `  /**
   * ${operation.summary.replace(/\s+/g, " ")}
   *
   * \`${verb} ${path}\`
   */
  ${name}(${arguments_.join(", ")}): Promise<${answer(operation)}>;`,
  };
}

const SENT = ["application/json", "image/png"];
// A page shows an image by its address; what it cannot get without a token is a file that a method gives.
const ANSWERED = ["application/json", "application/zip"];

/** Other bytes are no business of these methods. */
function isMethod({ requestBody, responses }) {
  const success = ["200", "201", "204"].find((status) => status in responses);
  const isOf = (said, types) => said?.content === undefined || types.some((type) => type in said.content);
  return isOf(requestBody, SENT) && isOf(responses[success], ANSWERED);
}

export function operations(document) {
  const methods = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs)
      .filter(([, operation]) => isMethod(operation))
      .map(([verb, operation]) => method(verb.toUpperCase(), path, operation, document)),
  );
  const used = [...new Set(methods.map(({ options }) => options))].sort();
  return `import type { ${used.join(", ")} } from "../options.js";
import type { components, operations } from "./rest.js";

type Schemas = components["schemas"];
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;

/** Every operation of the API: the ids in its address, what is said or asked for, and options. */
export interface Operations {
${methods.map(({ declaration }) => declaration).join("\n")}
}

/**
 * What each sends: its method, its address, and what it takes, in letters. \`b\`: a body, \`q\`: a query, \`k\`: an idempotency
 * key, \`v\`: a version; \`o\`: nobody need be signed in, \`t\`: what is answered has a tag by which it may be kept.
 */
export const OPERATIONS = {
${methods.map(({ row }) => row).join("\n")}
} as const;
`;
}
