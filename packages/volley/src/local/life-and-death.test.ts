/**
 * However a script ends, nothing stays: no process, no file. Scripts run the built front door, as users do. A test waits for the scripts' stderr to
 * close: the executors hold it too, so that is when the last process is gone.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const FRONT_DOOR = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "life-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Between the script's own end and that of its last executor, in milliseconds. */
  readonly lingeredMs: number;
  /** Files left in its temporary folder. */
  readonly left: readonly string[];
  readonly pids: readonly number[];
}

let scripts = 0;

/** Runs a script whose temporary folder is its own. It says its executors' pids with `pids()`; `heard` gets each line of its stdout. */
async function run(
  body: string,
  heard: (line: string, child: ChildProcess) => void = () => {},
  detached = false,
): Promise<Ended> {
  const own = join(folder, `script-${scripts++}`);
  mkdirSync(own);
  const path = join(own, "script.mjs");
  writeFileSync(
    path,
    `import { VolleyContext, VolleyError } from ${JSON.stringify(FRONT_DOOR)};\nconst pids = (vc) => console.log("pids " + vc.driver.executors().map((each) => each.pid).join(" "));\n${body}`,
  );
  const temporary = join(own, "tmp");
  mkdirSync(temporary);
  const child = spawn(process.execPath, [path], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
    detached,
  });
  const pids: number[] = [];
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().trimEnd().split("\n")) {
      if (line.startsWith("pids ")) pids.push(...line.slice(5).split(" ").map(Number));
      else out += `${line}\n`;
      heard(line, child);
    }
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const exited = new Promise<number>((resolve) => child.once("exit", () => resolve(performance.now())));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once("close", (...ended) => resolve(ended)),
  );
  const lingeredMs = performance.now() - (await exited);
  expect(pids.filter((pid) => existsSync(`/proc/${pid}/cwd`))).toEqual([]);
  return { code, signal, out, err, lingeredMs, left: readdirSync(temporary), pids };
}

/** A context with both of its executors there. A wait that is no action does not keep a script alive. */
const START = `const vc = await VolleyContext.create({ master: "local-cluster[2,1,256]" });
await new Promise((resolve) => { let count = 0; const alive = setInterval(() => {}, 1e6); vc.addListener({ onExecutorAdded() { if (++count === 2) { clearInterval(alive); resolve(); } } }); });
await vc.parallelize([1, 2, 3, 4], 4).count(); pids(vc);\n`;
const ENDLESS = `const started = new Promise((resolve) => vc.addListener({ onTaskStart: resolve }));
const endless = vc.parallelize([1, 2], 2).map(() => { for (;;); }).count();
endless.catch(() => {});
await started; console.log("busy");\n`;

describe("a script", () => {
  it("that stops its context says nothing of its own", async () => {
    const ended = await run(
      `${START}console.log(await vc.parallelize([1, 2]).map((x) => x + 1).collect()); await vc.stop();`,
    );
    expect(ended).toMatchObject({ code: 0, out: "[ 2, 3 ]\n", err: "", left: [] });
    expect(ended.pids).toHaveLength(2);
  });

  it("that only imports Volley ends at once", async () => {
    expect(await run("")).toMatchObject({ code: 0, out: "", err: "", left: [] });
  });

  it("that forgets stop() ends by itself and is told so", async () => {
    const ended = await run(`${START}console.log("done");`);
    expect(ended).toMatchObject({ code: 0, out: "done\n", left: [] });
    expect(ended.err).toMatch(/^volley: the script ended while the context "volley" was running[^\n]*\n$/);
  });

  it("that never calls an action is told so, whether it forgets stop() or not", async () => {
    const plan = `const vc = await VolleyContext.create({ master: "local[2]" }); vc.parallelize([1]).map((x) => console.log(x));`;
    expect(await run(`${plan} await vc.stop();`)).toMatchObject({
      code: 0,
      out: "",
      err: expect.stringMatching(/^volley: warn: nothing has run: map at \S+:\d+ only says[^\n]*collect\(\)[^\n]*\n$/),
    });
    expect((await run(plan)).err).toMatch(/^volley: the script ended while.*\nvolley: warn: nothing has run: map at/);
  });

  it("that ends before its first executor has registered leaves nothing", async () => {
    expect(await run(`await VolleyContext.create({ master: "local[2]" });`)).toMatchObject({ code: 0, left: [] });
  });

  it("that dies of an error while a job runs leaves nothing", async () => {
    const ended = await run(`${START}${ENDLESS}setTimeout(() => { throw new Error("mine"); }, 50);`);
    expect(ended).toMatchObject({ code: 1, left: [] });
    expect(ended.err).toContain("Error: mine");
    expect(ended.lingeredMs).toBeLessThan(2000);
  });

  it("that does not handle a failed action shows the user's error", async () => {
    const ended = await run(`${START}await vc.parallelize([1]).map((x) => x.missing.field).collect();`);
    expect(ended).toMatchObject({ code: 1, left: [] });
    expect(ended.err).toContain(
      "the function given to map threw TypeError: Cannot read properties of undefined (reading 'field')",
    );
    expect(ended.err).toContain("script.mjs:6");
  });

  it("that calls process.exit while a job runs leaves nothing", async () => {
    const ended = await run(`${START}${ENDLESS}process.exit(5);`);
    expect(ended).toMatchObject({ code: 5, left: [], err: "" });
    expect(ended.lingeredMs).toBeLessThan(2000);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "that gets %s while a job runs rejects it, and ends by the signal",
    async (signal) => {
      let at = 0;
      const ended = await run(
        `${START}${ENDLESS}await endless.catch((error) => console.log(error.code));`,
        (line, child) => {
          if (line !== "busy") return;
          at = performance.now();
          child.kill(signal);
        },
      );
      expect(ended).toMatchObject({ code: null, signal, out: "busy\nCANCELLED\n", err: "", left: [] });
      expect(performance.now() - at).toBeLessThan(3000);
    },
  );

  it("that does not catch what Ctrl-C rejects ends by it, in silence", async () => {
    const ended = await run(`${START}${ENDLESS}await endless;`, (line, child) => {
      if (line === "busy") child.kill("SIGINT");
    });
    expect(ended).toMatchObject({ code: null, signal: "SIGINT", err: "", left: [] });
  });

  it("that gets Ctrl-C with its whole process group ends in the same way", async () => {
    const ended = await run(
      `${START}${ENDLESS}await endless.catch(() => {});`,
      (line, child) => {
        if (line === "busy") process.kill(-(child.pid as number), "SIGINT");
      },
      true,
    );
    expect(ended).toMatchObject({ signal: "SIGINT", err: "", left: [] });
  });

  it("that is killed takes its executors with it, files included", async () => {
    const ended = await run(`${START}${ENDLESS}await endless;`, (line, child) => {
      if (line === "busy") child.kill("SIGKILL");
    });
    expect(ended).toMatchObject({ signal: "SIGKILL", left: [] });
    expect(ended.lingeredMs).toBeLessThan(2000);
  });

  it("that is killed while its executors start takes them with it", async () => {
    const ended = await run(
      `void VolleyContext.create({ master: "local-cluster[2,1,256]" }); process.kill(process.pid, "SIGKILL");`,
    );
    expect(ended).toMatchObject({ signal: "SIGKILL", left: [] });
    expect(ended.lingeredMs).toBeLessThan(2000);
  });

  it.each([0, 20])("that is killed %i ms after its executors got to know it takes them with it", async (ms) => {
    const ended = await run(
      `await VolleyContext.create({ master: "local-cluster[3,1,256]" }); setTimeout(() => process.kill(process.pid, "SIGKILL"), ${ms});`,
    );
    expect(ended).toMatchObject({ signal: "SIGKILL", left: [] });
    expect(ended.lingeredMs).toBeLessThan(2000);
  });

  it("may stop its context in the middle of a job, twice", async () => {
    const ended =
      await run(`${START}${ENDLESS}const failed = endless.catch((error) => console.log(error.code)); await Promise.all([vc.stop(), vc.stop()]); await failed;
      try { await vc.parallelize([1]).count(); } catch (error) { console.log(error.code, VolleyError.is(error)); }`);
    expect(ended).toMatchObject({ code: 0, out: "busy\nCANCELLED\nCONTEXT_STOPPED true\n", err: "", left: [] });
  });

  it("may use one context after the other", async () => {
    const ended = await run(
      `for (let round = 0; round < 2; round++) { const vc = await VolleyContext.create({ master: "local" }); console.log(await vc.parallelize([1, 2, 3]).count()); await vc.stop(); }`,
    );
    expect(ended).toMatchObject({ code: 0, out: "3\n3\n", err: "", left: [] });
  });

  it("goes on when nobody reads its stderr any more: Volley's own words, its functions' and those of their programs are lost, no more", async () => {
    const ended = await run(
      `import { once } from "node:events";
const vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: true });
const told = once(process, "SIGUSR2");
const alive = setInterval(() => {}, 1e6);
console.log("ready");
await told;
clearInterval(alive);
const slow = (x) => { for (const until = Date.now() + 400; Date.now() < until; ); console.error("of a task"); return x; };
console.log(await vc.range(0, 8, 1, 8).map(slow).sum());
console.log(await vc.range(0, 4, 1, 2).pipe(["sh", "-c", "cat; echo complaint >&2"]).count());
console.log("forgets stop()");`,
      (line, child) => {
        if (line !== "ready") return;
        child.stderr?.destroy();
        child.kill("SIGUSR2");
      },
    );
    expect(ended).toMatchObject({
      code: 0,
      out: "ready\n28\n4\nforgets stop()\n",
      left: [],
    });
  });

  it("sees what its functions print on stderr, its own output stays clean", async () => {
    const ended = await run(
      `${START}await vc.parallelize(["from a task"]).foreach((text) => console.log(text)); await vc.stop();`,
    );
    expect(ended).toMatchObject({ code: 0, out: "" });
    expect(ended.err).toContain("from a task");
  });
});
