/** The driver shares its event loop with the user's script: whatever that does to it, no executor is lost, and none gives its driver up. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { busyDriverScript } from "../kit/busy-driver.js";
import { FRONT_DOOR, isRunning, ScriptProcess } from "../kit/script-process.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "driver-busy-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(name: string, script: string, heard: (line: string, script: ScriptProcess) => void = () => {}) {
  const own = join(folder, name);
  mkdirSync(own);
  const path = join(own, "script.mjs");
  writeFileSync(path, script);
  const started: ScriptProcess = new ScriptProcess(path, [], own, 100_000, (line) => heard(line, started));
  const end = await started.ended;
  return { ...end, left: started.left() };
}

it("a script that blocks for 20 s, in a job and between jobs, loses no executor", async () => {
  const ended = await run(
    "blocks",
    busyDriverScript(
      "",
      "const job = vc.range(0, 8, 1, 8).map(slowly).sum(); setImmediate(() => block(20_000)); if ((await job) !== 28) throw new Error('wrong'); block(1_000);",
    ),
  );
  expect(ended).toMatchObject({ code: 0, lines: ["lost 0"], stderr: "", left: [], hung: false });
}, 110_000);

it("one that blocks for many times the loss time-out does not either", async () => {
  const options = ", executorLossTimeoutMs: 1000, heartbeatIntervalMs: 200";
  const between =
    "const job = vc.range(0, 8, 1, 8).map(slowly).sum(); for (let i = 0; i < 4; i++) { await new Promise((r) => setTimeout(r, 20)); block(2_000); } if ((await job) !== 28) throw new Error('wrong');";
  expect(await run("often", busyDriverScript(options, between))).toMatchObject({
    code: 0,
    lines: ["lost 0"],
    left: [],
    hung: false,
  });
}, 110_000);

it("one that is stopped, as by a debugger or Ctrl-Z, goes on where it was", async () => {
  const options = ", executorLossTimeoutMs: 1000, heartbeatIntervalMs: 200";
  const between =
    "const job = vc.range(0, 16, 1, 16).map(slowly).sum(); console.log('busy'); if ((await job) !== 120) throw new Error('wrong');";
  const ended = await run("stopped", busyDriverScript(options, between), (line, { child }) => {
    if (line !== "busy") return;
    child.kill("SIGSTOP");
    setTimeout(() => child.kill("SIGCONT"), 4_000);
  });
  expect(ended).toMatchObject({ code: 0, lines: ["busy", "lost 0"], left: [], hung: false });
}, 110_000);

it("contexts that fail to start leave nothing", async () => {
  const bad = [
    '{ master: "local[0]" }',
    '{ master: "nonsense" }',
    "{ uiPort: 4040 }",
    '{ localDir: "/nowhere/at/all" }',
    '{ driverHost: "0.0.0.0" }',
    "{ driverPort: taken }",
    "{ noSuchOption: 1 }",
  ];
  const script = `
import { createServer } from "node:net";
import { VolleyContext, VolleyError } from ${JSON.stringify(FRONT_DOOR)};
const server = createServer(); await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve)); const taken = server.address().port;
for (const options of [${bad.join(", ")}]) {
  const started = performance.now();
  try { await (await VolleyContext.create(options)).stop(); console.log("started"); }
  catch (error) { console.log(VolleyError.is(error) && performance.now() - started < 5000 ? error.code : "no VolleyError, or late: " + error); }
}
server.close();`;
  const ended = await run("fails", script);
  expect(ended).toMatchObject({ code: 0, stderr: "", left: [], hung: false });
  expect(ended.lines).toEqual([
    "INVALID_MASTER",
    "INVALID_MASTER",
    "INVALID_OPTION",
    "INVALID_OPTION",
    "INVALID_OPTION",
    "NO_EXECUTORS",
    "INVALID_OPTION",
  ]);
}, 60_000);

it("two contexts at once have executors of their own, and end apart", async () => {
  const script = `
import { VolleyContext } from ${JSON.stringify(FRONT_DOOR)};
const [a, b] = await Promise.all([1, 2].map(() => VolleyContext.create({ master: "local-cluster[1,1,256]", progress: false })));
const sums = await Promise.all([a.range(0, 10, 1, 2).sum(), b.range(0, 20, 1, 2).sum()]);
const pids = [a, b].map((vc) => vc.driver.executors()[0].pid);
await a.stop();
console.log(JSON.stringify([sums, pids[0] !== pids[1], await b.range(0, 30, 1, 2).sum()]));
console.log("pids " + pids.join(" "));
await Promise.all([b.stop(), b.stop(), a.stop()]);`;
  const ended = await run("two", script);
  expect(ended).toMatchObject({ code: 0, stderr: "", left: [], hung: false });
  expect(ended.lines[0]).toBe("[[45,190],true,435]");
  expect((ended.lines[1] as string).split(" ").slice(1).map(Number).filter(isRunning)).toEqual([]);
}, 60_000);
