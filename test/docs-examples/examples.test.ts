/** Every example in the documentation comments of what is public runs, and gives what its comment says. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RDD, VolleyContext, VolleyError } from "volley";
import { ROOT } from "../../scripts/tidy.ts";
import { docExamples, exampleModule } from "./example-module.ts";
import { createWorld, writeFiles } from "./world.ts";

/** Examples that need what is not there, and the code that they are refused with. */
const REFUSED: Readonly<Record<string, string>> = {
  "VolleyContext.addPackage": "INVALID_ARGUMENT", // sharp is not installed
};
/** Ends the context: comes last. */
const LAST = "VolleyContext.stop";

const examples = [...docExamples(ROOT)].sort((a, b) => Number(a.name === LAST) - Number(b.name === LAST));
const start = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "volley-docs-"));
let vc: VolleyContext;
let world: Record<string, unknown>;
let run: Readonly<Record<string, (world: Record<string, unknown>) => Promise<unknown>>>;

beforeAll(async () => {
  process.chdir(folder);
  writeFiles();
  vc = await VolleyContext.create({ master: "local[2]", appName: "docs", logLevel: "silent" });
  world = await createWorld(vc);
  const path = join(folder, "examples.mjs");
  writeFileSync(path, exampleModule(examples, Object.keys(world)));
  ({ run } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { run: typeof run });
});
afterAll(async () => {
  await vc.stop();
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

for (const { name, stated } of examples) {
  it(name, async () => {
    const answer = outcome(name);
    const refusal = REFUSED[name];
    if (refusal !== undefined) {
      await expect(answer).rejects.toSatisfy((error) => VolleyError.is(error, refusal as "INVALID_ARGUMENT"));
      return;
    }
    const value = await answer;
    if (stated !== undefined) expect(inOneOrder(Array.isArray(value) ? value : [value])).toEqual(inOneOrder(stated));
    else expect(value).toBe(value);
  });
}

it("says what comes out where that is a list of values", () => {
  expect(examples.filter(({ stated }) => stated !== undefined).length).toBeGreaterThan(15);
});

/** The rows, where an example ends in an RDD; what it gives, otherwise. */
async function outcome(name: string): Promise<unknown> {
  const value = await (run[name] as (typeof run)[string])(world);
  vc.setLogLevel("OFF");
  return value instanceof RDD ? value.collect() : value;
}

function inOneOrder(rows: readonly unknown[]): unknown[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
