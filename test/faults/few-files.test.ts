/** A process that may have 64 files open, sockets included: spills and shuffles make do with that. */

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FRONT_DOOR } from "../kit/script-process.js";

const SCRIPT = `
import { VolleyContext } from ${JSON.stringify(FRONT_DOOR)};
const vc = await VolleyContext.create({ master: "local-cluster[2,2,32]", progress: false });
console.log(await vc.range(0, 20_000, 1, 40).map((x) => [x % 1000, x]).groupByKey(20).map(([, values]) => values.length).sum());
console.log(await vc.range(0, 600_000, 1, 8).map((x) => [x + "-" + "abc".repeat(40), 1]).reduceByKey((a, b) => a + b, 4).count());
console.log(vc.summary().spilledBytes > 0 ? "spilled" : "not spilled");
await vc.stop();
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "few-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("a job spills and shuffles with 64 open files", async () => {
  writeFileSync(join(folder, "script.mjs"), SCRIPT);
  const { stdout } = await promisify(execFile)(
    "sh",
    ["-c", 'ulimit -n 64 && exec "$0" "$1"', process.execPath, join(folder, "script.mjs")],
    { env: { ...process.env, TMPDIR: folder } },
  );
  expect(stdout).toBe("20000\n600000\nspilled\n");
  expect(readdirSync(folder)).toEqual(["script.mjs"]);
}, 90_000);
