// Checks recorded exchanges against GitHub's published API: REST against its OpenAPI description,
// GraphQL against its schema. What a stand-in server says must be what GitHub could have said, and
// what we ask must be what GitHub understands.
//
//   node check.mjs FILE.jsonl …     one exchange a line; exit 1 on any misfit, or on no exchange
//   node check.mjs --self-test      checks the checker, and the adapter's own GraphQL documents
//
// A line: {"method", "path", "query", "request_body", "status", "response_headers",
// "response_body"}. Bodies are JSON, or text that holds JSON. A line with "fault" carries a reply
// that was broken on purpose: only its request is checked.

import { readFileSync } from "node:fs";
import { checkDocument, checkGraphql } from "./graphql.mjs";
import { checkRest } from "./rest.mjs";

const here = (path) => new URL(path, import.meta.url);

function checkExchange(exchange) {
  if (typeof exchange.method !== "string" || typeof exchange.path !== "string") {
    return ["not an exchange: `method` or `path` is missing"];
  }
  if (!Number.isInteger(exchange.status)) return ["not an exchange: `status` is missing"];
  const path = exchange.path.replace(/^\/api\/v3(?=\/)|^\/api\/uploads(?=\/)|^\/uploads(?=\/)|^\/api(?=\/graphql$)/, "");
  const [bare, query] = path.split("?");
  if (bare === "/graphql") return checkGraphql(exchange);
  return checkRest({ ...exchange, query: exchange.query || query }, bare);
}

/** The exchanges of a file, each with its line number. */
function read(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((text, at) => {
    if (text.trim() === "") return [];
    try {
      return [{ line: at + 1, exchange: JSON.parse(text) }];
    } catch (error) {
      return [{ line: at + 1, broken: `not JSON: ${error.message}` }];
    }
  });
}

function checkFile(file) {
  return read(file).map(({ line, exchange, broken }) => ({
    line,
    exchange,
    misfits: broken ? [broken] : checkExchange(exchange),
  }));
}

// A check that saw nothing proves nothing.
const passes = (exchanges, misfits) => exchanges > 0 && misfits === 0;

function checkFiles(files) {
  let exchanges = 0;
  let misfits = 0;
  for (const file of files) {
    for (const result of checkFile(file)) {
      exchanges += 1;
      misfits += result.misfits.length;
      for (const text of result.misfits) console.log(`${file}:${result.line}: ${text}`);
    }
  }
  console.log(`${exchanges} exchanges, ${misfits} misfits`);
  return passes(exchanges, misfits);
}

// Good lines must have no misfit; each bad line must have one that says what it `expect`s.
function selfTest() {
  const failures = [];
  const good = checkFile(here("fixtures/good.jsonl"));
  for (const { line, misfits } of good) {
    for (const text of misfits) failures.push(`good.jsonl:${line}: ${text}`);
  }
  const bad = checkFile(here("fixtures/bad.jsonl"));
  for (const { line, exchange, misfits } of bad) {
    const told = misfits.some((text) => text.includes(exchange.expect));
    if (!told) failures.push(`bad.jsonl:${line}: expected \`${exchange.expect}\`, got ${JSON.stringify(misfits)}`);
  }
  const adapter = (name) => readFileSync(here(`../../src/adapters/forge/github/${name}`), "utf8");
  const made = [
    ["query.graphql", "context.graphql", "suites.graphql"],
    ["more.graphql", "context.graphql", "suites.graphql"],
    ["past.graphql", "context.graphql"],
    ["deployments.graphql"],
  ];
  for (const [name, ...fragments] of made) {
    const text = [name, ...fragments].map(adapter).join("");
    for (const misfit of checkDocument(text)) failures.push(`${name}: ${misfit}`);
  }
  if (passes(0, 0)) failures.push("no exchange at all passed");
  if (good.length === 0 || bad.length === 0) failures.push("there are no fixtures");
  for (const text of failures) console.log(text);
  console.log(`self-test: ${good.length} good, ${bad.length} bad, ${failures.length} failures`);
  return failures.length === 0;
}

const files = process.argv.slice(2);
const passed = files[0] === "--self-test" ? selfTest() : checkFiles(files);
process.exitCode = passed ? 0 : 1;
