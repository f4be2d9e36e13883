// REST exchanges against GitHub's OpenAPI description.

import { readFileSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";

// Refs and file paths hold slashes, and stand last.
const SLASHED = /^\{(ref|path|branch|tag|basehead)\}$/;
const FILE = "node_modules/@octokit/openapi/generated/api.github.com.json";
const ROOT = "https://github/openapi";

// Where the description is known to lag behind the service.
const DRIFT = {
  // Uploads that broke off are `starter`, not `open`.
  "release-asset.state": (document) =>
    document.components.schemas["release-asset"].properties.state.enum.push("starter"),
  // A range in the syntax of GitHub's search, as the parameter's own text says.
  created: (document) => delete document.components.parameters.created.schema.format,
};

const document = load();
const ajv = new Ajv({ strict: false, allErrors: true, logger: false, coerceTypes: false });
addFormats(ajv);
ajv.addSchema(document, ROOT);
const coercing = new Ajv({ strict: false, logger: false, coerceTypes: "array" });
addFormats(coercing);
coercing.addSchema(document, ROOT);
const routes = Object.entries(document.paths).map(([template, methods]) => route(template, methods));

function load() {
  const document = JSON.parse(readFileSync(new URL(FILE, import.meta.url), "utf8"));
  for (const amend of Object.values(DRIFT)) amend(document);
  return translate(document);
}

// OpenAPI 3.0 says `nullable` where JSON Schema has the type `null`. Examples are not schemas.
function translate(node) {
  if (Array.isArray(node)) return node.map(translate);
  if (node === null || typeof node !== "object") return node;
  const made = {};
  for (const [key, value] of Object.entries(node)) {
    made[key] = key === "example" || key === "examples" ? {} : translate(value);
  }
  if (node.nullable !== true) return made;
  delete made.nullable;
  if (made.enum && !made.enum.includes(null)) made.enum = [...made.enum, null];
  if (typeof made.type === "string") return { ...made, type: [made.type, "null"] };
  return { anyOf: [made, { type: "null" }] };
}

function route(template, methods) {
  const parts = template.split("/").slice(1);
  const source = (last) =>
    parts
      .map((part, at) => {
        if (!part.includes("{")) return part.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
        const name = at === parts.length - 1 && SLASHED.test(part) ? last : "[^/]+";
        return part.replace(/\{[^}]*\}/g, name);
      })
      .join("/");
  return {
    template,
    methods,
    literals: parts.filter((part) => !part.includes("{")).length,
    strict: new RegExp(`^/${source("[^/]+")}$`),
    loose: new RegExp(`^/${source(".+")}$`),
  };
}

function find(method, path) {
  const plain = path.replace(/^\/repositories\/\d+/, "/repos/o/r");
  for (const kind of ["strict", "loose"]) {
    const fits = routes.filter((it) => it.methods[method] && it[kind].test(plain));
    fits.sort((a, b) => b.literals - a.literals);
    if (fits.length > 0) return fits[0];
  }
  return null;
}

const pointer = (...steps) =>
  steps.map((step) => `/${String(step).replace(/~/g, "~0").replace(/\//g, "~1")}`).join("");

const encoded = (text) => text.split("/").map(encodeURIComponent).join("/");

function check(engine, reference, value) {
  const validate = engine.compile({ $ref: `${ROOT}#${encoded(reference)}` });
  if (validate(value)) return [];
  return validate.errors.slice(0, 5).map((error) => {
    const params = JSON.stringify(error.params);
    return `${error.instancePath || "the body"} ${error.message} ${params}`;
  });
}

function resolve(node, reference) {
  if (!node?.$ref) return [node, reference];
  const path = node.$ref.slice(1);
  const found = path
    .split("/")
    .slice(1)
    .reduce((at, step) => at?.[step.replace(/~1/g, "/").replace(/~0/g, "~")], document);
  return resolve(found, path);
}

/** All misfits of one exchange, as texts. */
export function checkRest(exchange, path) {
  const method = exchange.method.toLowerCase();
  const found = find(method, path);
  if (!found) return [`no operation ${exchange.method} ${path}`];
  const operation = found.methods[method];
  const at = pointer("paths", found.template, method);
  return [
    ...checkQuery(exchange, found, operation, at),
    ...checkRequest(exchange, operation, at),
    ...(exchange.fault ? [] : checkResponse(exchange, operation, at)),
  ].map((text) => `${exchange.method} ${found.template}: ${text}`);
}

function checkQuery(exchange, found, operation, at) {
  const known = new Map();
  const add = (list, where) =>
    (list ?? []).forEach((node, index) => {
      const [parameter, reference] = resolve(node, where + pointer("parameters", index));
      if (parameter.in === "query") known.set(parameter.name, [parameter, reference]);
    });
  add(found.methods.parameters, pointer("paths", found.template));
  add(operation.parameters, at);
  const misfits = [];
  const given = pairs(exchange.query);
  for (const [name, text] of given) {
    if (!known.has(name)) {
      misfits.push(`query parameter \`${name}\` is not known`);
      continue;
    }
    const [, reference] = known.get(name);
    const wrapped = { type: "object", properties: { it: { $ref: `${ROOT}#${encoded(reference)}/schema` } } };
    const validate = coercing.compile(wrapped);
    if (!validate({ it: text })) misfits.push(`query parameter \`${name}\`: ${coercing.errorsText(validate.errors)}`);
  }
  for (const [name, [parameter]] of known) {
    const there = given.some(([key]) => key === name);
    if (parameter.required && !there) misfits.push(`query parameter \`${name}\` is missing`);
  }
  return misfits;
}

function pairs(query) {
  if (!query) return [];
  if (typeof query === "string") return [...new URLSearchParams(query)];
  return Object.entries(query).map(([name, value]) => [name, String(value)]);
}

function checkRequest(exchange, operation, at) {
  const described = operation.requestBody;
  const [body, where] = resolve(described, at + pointer("requestBody"));
  const sent = exchange.request_body;
  const empty = sent === null || sent === undefined || sent === "";
  if (!body) return empty ? [] : ["a request body where none is known"];
  const media = body.content?.["application/json"];
  if (!media) return [];
  if (empty) return body.required ? ["the request body is missing"] : [];
  const value = parsed(sent);
  if (value === undefined) return ["the request body is not JSON"];
  const reference = where + pointer("content", "application/json", "schema");
  const [schema] = resolve(media.schema, reference);
  const misfits = check(ajv, reference, value).map((text) => `request ${text}`);
  const properties = schema?.properties;
  if (properties && !schema.additionalProperties && value && typeof value === "object") {
    for (const key of Object.keys(value)) {
      if (!(key in properties)) misfits.push(`request property \`${key}\` is not known`);
    }
  }
  return misfits;
}

const parsed = (value) => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

function checkResponse(exchange, operation, at) {
  const { status } = exchange;
  const told = exchange.response_body;
  const empty = told === null || told === undefined || told === "";
  if (status >= 500 || (status >= 300 && status < 400)) return [];
  const [response, where] = resolve(operation.responses[status], at + pointer("responses", status));
  if (!response && status < 300) return [`status ${status} is not known`];
  const value = empty ? undefined : parsed(told);
  if (!empty && value === undefined) return [`status ${status}: the response body is not JSON`];
  const media = response?.content?.["application/json"];
  if (media) {
    if (empty) return [`status ${status}: the response body is missing`];
    const reference = where + pointer("content", "application/json", "schema");
    const misfits = check(ajv, reference, value);
    if (misfits.length === 0 || status !== 422) return misfits.map((text) => `status ${status}: ${text}`);
  } else if (status < 300) {
    return empty ? [] : [`status ${status}: a response body where none is known`];
  }
  return checkError(status, value);
}

// Refusals that the description leaves out have the shape of all the others.
function checkError(status, value) {
  const shapes = ["basic-error", ...(status === 422 ? ["validation-error", "validation-error-simple"] : [])];
  const tried = shapes.map((name) => check(ajv, pointer("components", "schemas", name), value ?? null));
  if (typeof value?.message !== "string") return [`status ${status}: an error without a message`];
  if (tried.some((misfits) => misfits.length === 0)) return [];
  return tried[0].map((text) => `status ${status}: ${text}`);
}
