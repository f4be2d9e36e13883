// GraphQL exchanges against GitHub's public schema.

import { readFileSync } from "node:fs";
import {
  GraphQLError,
  Kind,
  OverlappingFieldsCanBeMergedRule,
  buildSchema,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  parse,
  specifiedRules,
  typeFromAST,
  validate,
} from "graphql";

// Fields that the service has and the published schema does not yet.
const DRIFT = `
extend type Release { immutable: Boolean }
`;

// Queries of the `gh` program that the service accepts, although fields of an issue and of a pull request
// have the same name and different types. Our own queries must be valid.
const SENT_BY_GH = new Set(["IssueByNumber"]);

// The package exports its file to nobody by name.
const FILE = "node_modules/@octokit/graphql-schema/schema.graphql";
const sdl = readFileSync(new URL(FILE, import.meta.url), "utf8");
// The published schema defines one field twice, which a strict reading refuses.
const schema = buildSchema(sdl + DRIFT, { assumeValid: true, assumeValidSDL: true });

/** What is wrong with a document by itself. */
export function checkDocument(text) {
  try {
    const document = parse(text);
    const byGh = document.definitions.some((it) => SENT_BY_GH.has(it.name?.value));
    const rules = specifiedRules.filter((rule) => !byGh || rule !== OverlappingFieldsCanBeMergedRule);
    return validate(schema, document, rules).map((error) => error.message);
  } catch (error) {
    if (error instanceof GraphQLError) return [error.message];
    throw error;
  }
}

/** All misfits of one exchange, as texts. */
export function checkGraphql(exchange) {
  const body = json(exchange.request_body);
  if (typeof body?.query !== "string") return ["the request has no `query`"];
  const invalid = checkDocument(body.query);
  if (invalid.length > 0) return invalid.map((text) => `query: ${text}`);
  const document = parse(body.query);
  const operation = document.definitions.find((it) => it.kind === Kind.OPERATION_DEFINITION);
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], body.variables ?? {});
  if (variables.errors) return variables.errors.map((error) => `variables: ${error.message}`);
  const known = new Set((operation.variableDefinitions ?? []).map((it) => it.variable.name.value));
  const stray = Object.keys(body.variables ?? {}).filter((name) => !known.has(name));
  if (stray.length > 0) return [`variables: \`${stray.join("`, `")}\` not declared`];
  if (exchange.fault || exchange.status !== 200) return [];
  const reply = json(exchange.response_body);
  if (!reply || typeof reply !== "object") return ["the response is not JSON"];
  return checkReply(document, operation, variables.coerced, reply);
}

const json = (value) => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

function checkReply(document, operation, variables, reply) {
  const misfits = [];
  const stray = Object.keys(reply).filter((key) => !["data", "errors", "extensions"].includes(key));
  if (stray.length > 0) misfits.push(`the response has \`${stray.join("`, `")}\``);
  if (reply.errors !== undefined && !Array.isArray(reply.errors)) misfits.push("`errors` is no list");
  for (const error of reply.errors ?? []) {
    if (typeof error.message !== "string") misfits.push("an error without a message");
    if (error.path !== undefined && !Array.isArray(error.path)) misfits.push("an error's path is no list");
  }
  if (reply.data === undefined || reply.data === null) {
    if (!reply.errors?.length) misfits.push("neither data nor errors");
    return misfits;
  }
  const fragments = new Map();
  for (const it of document.definitions) {
    if (it.kind === Kind.FRAGMENT_DEFINITION) fragments.set(it.name.value, it);
  }
  const context = { fragments, variables };
  const root = schema.getRootType(operation.operation);
  misfits.push(...checkObject(context, root, [operation.selectionSet], reply.data, "data"));
  return misfits;
}

function wanted(node, variables) {
  for (const directive of node.directives ?? []) {
    const name = directive.name.value;
    if (name !== "include" && name !== "skip") continue;
    const value = directive.arguments[0].value;
    const on = value.kind === Kind.VARIABLE ? variables[value.name.value] : value.value;
    if (on !== (name === "include")) return false;
  }
  return true;
}

// Selections by response key, for an object of one type.
function collect(context, type, sets, fields = new Map()) {
  for (const node of sets.flatMap((set) => set.selections)) {
    if (!wanted(node, context.variables)) continue;
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      fields.set(key, [...(fields.get(key) ?? []), node]);
      continue;
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(node.name.value) : node;
    const condition = fragment.typeCondition && typeFromAST(schema, fragment.typeCondition);
    const fits =
      !condition || condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
    if (fits) collect(context, type, [fragment.selectionSet], fields);
  }
  return fields;
}

function checkObject(context, type, sets, value, path) {
  if (typeof value !== "object" || Array.isArray(value)) return [`${path} is not an object`];
  const fields = collect(context, type, sets);
  const misfits = [];
  for (const key of Object.keys(value)) {
    if (!fields.has(key)) misfits.push(`${path}.${key} was not asked for on ${type.name}`);
  }
  for (const [key, nodes] of fields) {
    const name = nodes[0].name.value;
    if (!(key in value)) {
      misfits.push(`${path}.${key} is missing`);
    } else if (name === "__typename") {
      if (value[key] !== type.name) misfits.push(`${path}.${key} is ${value[key]}, not ${type.name}`);
    } else {
      const sub = nodes.map((node) => node.selectionSet).filter(Boolean);
      misfits.push(...checkValue(context, type.getFields()[name].type, sub, value[key], `${path}.${key}`));
    }
  }
  return misfits;
}

function checkValue(context, type, sets, value, path) {
  if (isNonNullType(type)) {
    if (value === null) return [`${path} is null, but is ${type}`];
    return checkValue(context, type.ofType, sets, value, path);
  }
  if (value === null) return [];
  if (isListType(type)) {
    if (!Array.isArray(value)) return [`${path} is not a list`];
    return value.flatMap((item, at) => checkValue(context, type.ofType, sets, item, `${path}.${at}`));
  }
  if (isLeafType(type)) return checkLeaf(type, value, path);
  if (!isAbstractType(type)) return checkObject(context, type, sets, value, path);
  const named = schema.getType(value.__typename ?? "");
  const possible = schema.getPossibleTypes(type);
  if (value.__typename !== undefined) {
    if (!possible.includes(named)) return [`${path}: ${value.__typename} is no ${type.name}`];
    return checkObject(context, named, sets, value, path);
  }
  // Without a name it must fit one of the types that it may have.
  const tried = possible.map((it) => checkObject(context, it, sets, value, path));
  return tried.some((misfits) => misfits.length === 0) ? [] : [`${path} fits no type of ${type.name}`];
}

const SHAPES = {
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  GitObjectID: /^([0-9a-f]{40}|[0-9a-f]{64})$/,
  URI: /^[a-z][a-z0-9+.-]*:\/\/\S+$|^\/\S*$/i,
};

function checkLeaf(type, value, path) {
  if (isEnumType(type)) {
    return type.getValue(value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${type.name}`];
  }
  const bad = [`${path}: ${JSON.stringify(value)} is no ${type.name}`];
  const text = typeof value === "string";
  switch (type.name) {
    case "Int":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? [] : bad;
    case "Float":
      return typeof value === "number" ? [] : bad;
    case "Boolean":
      return typeof value === "boolean" ? [] : bad;
    case "ID":
    case "String":
      return text ? [] : bad;
    default:
      return !SHAPES[type.name] || (text && SHAPES[type.name].test(value)) ? [] : bad;
  }
}
