import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutorWatch } from "@volley/driver/executor-source.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalSource } from "./local-source.js";
import { executorEnvironment, executorNodeFlags } from "./node-flags.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-source-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An executor's program that does what the test needs. */
function program(body: string): string {
  const path = join(folder, "program.mjs");
  writeFileSync(path, body);
  return path;
}

const order = (executorId: string) => ({
  executorId,
  incarnation: `i-${executorId}`,
  driverUrl: "http://127.0.0.1:1",
  applicationId: "app",
  secret: "s".repeat(32),
});

/** Resolves with what is heard of an executor until it has exited. */
function watched(): { watch: ExecutorWatch; exited: Promise<string>; failures: string[] } {
  const failures: string[] = [];
  let exit!: (detail: string) => void;
  const exited = new Promise<string>((resolve) => {
    exit = resolve;
  });
  return {
    watch: { exited: ({ detail }) => exit(detail), failed: (code, message) => failures.push(`${code}: ${message}`) },
    exited,
    failures,
  };
}

/** Dead, or a zombie that its parent has not asked about yet. */
function isGone(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

describe("executor processes", () => {
  it("get their configuration over the channel, and it holds folders below the application's", async () => {
    const out = join(folder, "config.json");
    const entry = program(
      `import { writeFileSync } from "node:fs"; process.once("message", (m) => { writeFileSync(${JSON.stringify(out)}, JSON.stringify({ m, argv: process.argv, env: process.env })); process.exit(0); });`,
    );
    const source = new LocalSource(
      { entry, slots: 3, memoryMiB: 64, decommissionMs: 0, host: "127.0.0.1", parentDir: folder },
      1,
    );
    const { watch, exited } = watched();
    source.start(order("0"), watch);
    expect(await exited).toBe("exit code 0");
    const { m, argv, env } = JSON.parse(readFileSync(out, "utf8")) as {
      m: { config: Record<string, unknown> };
      argv: string[];
      env: object;
    };
    expect(m.config).toMatchObject({
      executorId: "0",
      slots: 3,
      memoryBytes: 64 << 20,
      localDir: join(source.folder, "executor-0"),
      applicationDir: source.folder,
    });
    expect(JSON.stringify([argv, env])).not.toContain("s".repeat(32));
    await source.stopAll("test");
    expect(existsSync(source.folder)).toBe(false);
  });

  it("that cannot start are reported with their own words", async () => {
    const entry = program(
      `process.once("message", () => process.send({ type: "failed", code: "VERSION_MISMATCH", message: "too old" }, () => process.exit(7)));`,
    );
    const source = new LocalSource(
      { entry, slots: 1, memoryMiB: 64, decommissionMs: 0, host: "127.0.0.1", parentDir: folder },
      0,
    );
    const { watch, exited, failures } = watched();
    source.start(order("0"), watch);
    expect([await exited, failures]).toEqual(["exit code 7", ["VERSION_MISMATCH: too old"]]);
    await source.stopAll("test");
  });

  it("that died before they were told anything are reported too", async () => {
    const source = new LocalSource(
      {
        entry: join(folder, "missing.mjs"),
        slots: 1,
        memoryMiB: 64,
        decommissionMs: 0,
        host: "127.0.0.1",
        parentDir: folder,
      },
      1,
    );
    const { pid } = { pid: source.pids()[0] as number };
    const first = watched();
    process.kill(pid, "SIGKILL");
    source.start(order("0"), first.watch);
    expect(await first.exited).toBe("signal SIGKILL");
    await source.stopAll("test");
  });

  it("are not left behind by a folder that is not there", () => {
    const options = {
      entry: program("setInterval(() => {}, 1000);"),
      slots: 1,
      memoryMiB: 64,
      decommissionMs: 0,
      host: "127.0.0.1",
      parentDir: join(folder, "missing"),
    };
    expect(() => new LocalSource(options, 1)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  it("end within two seconds though they ignore what they are told, and so does what they started", async () => {
    const pidFile = join(folder, "grandchild");
    const entry = program(`
      import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
      for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});
      process.on("message", (m) => { if (m.type === "config") { writeFileSync(${JSON.stringify(pidFile)}, String(spawn("sleep", ["600"]).pid)); process.send({ type: "failed", code: "INTERNAL", message: "ready" }); } });
      setInterval(() => {}, 1000);`);
    const source = new LocalSource(
      { entry, slots: 1, memoryMiB: 64, decommissionMs: 0, host: "127.0.0.1", parentDir: folder },
      1,
    );
    const [pid] = source.pids() as [number];
    await new Promise<void>((resolve) => source.start(order("0"), { exited: () => {}, failed: () => resolve() }));
    const grandchild = Number(readFileSync(pidFile, "utf8"));
    expect([isGone(pid), isGone(grandchild)]).toEqual([false, false]);
    mkdirSync(join(source.folder, "executor-0"));
    const started = performance.now();
    await source.stopAll("test");
    expect(performance.now() - started).toBeLessThan(2000);
    expect([isGone(pid), isGone(grandchild), existsSync(source.folder)]).toEqual([true, true, false]);
  });

  it("are killed at once when they hang", async () => {
    const entry = program(`setInterval(() => {}, 1000);`);
    const source = new LocalSource(
      { entry, slots: 1, memoryMiB: 64, decommissionMs: 0, host: "127.0.0.1", parentDir: folder },
      1,
    );
    const { watch, exited } = watched();
    source.start(order("0"), watch);
    source.end("0");
    expect(await exited).toBe("signal SIGKILL");
    await source.stopAll("test");
  });
});

describe("an executor's Node", () => {
  it("takes over how packages resolve, and no loader", () => {
    expect(
      executorNodeFlags([
        "--import",
        "tsx",
        "--conditions=custom",
        "--conditions",
        "other",
        "--inspect=0",
        "--preserve-symlinks",
        "-r",
        "x",
      ]),
    ).toEqual(["--conditions=custom", "--conditions=other", "--preserve-symlinks"]);
    const env = {
      PATH: "/bin",
      NODE_OPTIONS: "--require x --max-old-space-size=99 --use-openssl-ca",
      NODE_V8_COVERAGE: "c",
    };
    expect(executorEnvironment(env)).toEqual({ PATH: "/bin", NODE_OPTIONS: "--use-openssl-ca" });
    expect(executorEnvironment({ NODE_OPTIONS: "--import tsx" })).toEqual({});
  });
});
