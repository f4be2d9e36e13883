// Holds SARIF logs against the schema of SARIF 2.1.0, which is in draft 4 of JSON Schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import AjvDraft04 from "ajv-draft-04";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const path = require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const ajv = new AjvDraft04({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(path, "utf8")));
let wrong = 0;

if (validate({ version: "2.1.0", runs: [{ results: [] }] })) {
  console.error("the schema takes a run without a tool: it checks nothing");
  wrong += 1;
}
for (const file of process.argv.slice(2)) {
  if (!validate(JSON.parse(readFileSync(file, "utf8")))) {
    wrong += 1;
    console.error(file, ajv.errorsText(validate.errors, { separator: "\n  " }));
  }
}
console.log(`${process.argv.length - 2} SARIF logs, ${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
