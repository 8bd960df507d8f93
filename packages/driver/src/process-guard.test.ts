import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "guard-"));
  await build({
    entryPoints: [fileURLToPath(new URL("./process-guard.ts", import.meta.url))],
    outfile: join(folder, "guard.mjs"),
    format: "esm",
    platform: "node",
    bundle: true,
    conditions: ["volley-source"],
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A script with one guarded context that tells on stdout what is done to it. */
const HEAD = `
import { guardProcess } from "./guard.mjs";
import { writeSync } from "node:fs";
const say = (text) => writeSync(1, text + "\\n");
const context = { appName: "my app", stop: async (reason) => { say("stop: " + reason); await stopping; unguard(); }, killNow: () => say("kill") };
let stopping = Promise.resolve();
const unguard = guardProcess(context);
`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: readonly string[];
  readonly err: string;
}

/** Runs a script; `heard` is called for each line it says. */
function run(body: string, heard: (line: string, child: ChildProcess) => void = () => {}): Promise<Ended> {
  const path = join(folder, `script-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(path, HEAD + body);
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().trimEnd().split("\n")) {
      out.push(line);
      heard(line, child);
    }
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
}

const WAIT = `setInterval(() => {}, 1000); say("ready");`;

describe("the guard", () => {
  it("stops the context of a script that forgot to, and says so in one line", async () => {
    const { code, out, err } = await run("");
    expect([code, out]).toEqual([0, ["stop: the script ended"]]);
    expect(err).toMatch(/^volley: the script ended while the context "my app" was running.*await vc\.stop\(\).*\n$/);
  });

  it("says nothing when stop() was called", async () => {
    const { code, out, err } = await run(
      `await context.stop("done"); say(["SIGINT", "SIGTERM", "SIGHUP", "beforeExit"].map((name) => process.listenerCount(name)).join());`,
    );
    expect([code, out, err]).toEqual([0, ["stop: done", "0,0,0,0"], ""]);
  });

  it("kills at process.exit", async () => {
    expect(await run("process.exit(3);")).toMatchObject({ code: 3, out: ["kill"], err: "" });
  });

  it("kills at an uncaught error, whose report and status stay Node's", async () => {
    const { code, out, err } = await run(`setTimeout(() => { throw new Error("mine"); }, 1);`);
    expect([code, out]).toEqual([1, ["kill"]]);
    expect(err).toContain("Error: mine");
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("stops at %s and ends by it", async (signal) => {
    const ended = await run(WAIT, (line, child) => {
      if (line === "ready") child.kill(signal);
    });
    expect(ended).toMatchObject({ code: null, signal, out: ["ready", `stop: the process got ${signal}`], err: "" });
  });

  it("does not wait after a second Ctrl-C", async () => {
    const ended = await run(`stopping = new Promise(() => {}); ${WAIT}`, (line, child) => {
      if (line === "ready" || line.startsWith("stop")) child.kill("SIGINT");
    });
    expect(ended).toMatchObject({ signal: "SIGINT", out: ["ready", "stop: the process got SIGINT", "kill"] });
  });

  it("ends by the signal though the script does not catch that its action was cancelled", async () => {
    const uncaught = `const cancelled = Object.assign(new Error("cancelled"), { code: "CANCELLED", [Symbol.for("volley.error")]: true });
      let reject; context.stop = async () => { reject(cancelled); await new Promise((resolve) => setTimeout(resolve, 50)); unguard(); }; ${WAIT}
      await new Promise((_, no) => { reject = no; });`;
    const ended = await run(uncaught, (line, child) => {
      if (line === "ready") child.kill("SIGINT");
    });
    expect(ended).toMatchObject({ code: null, signal: "SIGINT", err: "" });
  });

  it("lets another error while it stops be seen", async () => {
    const ended = await run(
      `context.stop = async () => { setTimeout(() => { throw new Error("mine"); }, 1); await new Promise(() => {}); }; ${WAIT}`,
      (line, child) => {
        if (line === "ready") child.kill("SIGINT");
      },
    );
    expect(ended).toMatchObject({ code: 1, err: expect.stringContaining("Error: mine") });
  });

  it("leaves a signal to the script's own handler", async () => {
    const ended = await run(`process.on("SIGINT", () => { say("own"); process.exit(42); }); ${WAIT}`, (line, child) => {
      if (line === "ready") child.kill("SIGINT");
    });
    expect(ended).toMatchObject({ code: 42, out: ["ready", "own", "kill"] });
  });
});
