/** Every call to the file system that an executor's writers make, failing once, each in its turn: a named error or success, and never half a file. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskMetrics } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DiskStore } from "../blocks/disk-store.js";
import { TaskMapOutput } from "./map-output-file.js";
import { AttemptOutput } from "./output-file.js";
import { TaskSpill } from "./spill-file.js";

const faults = vi.hoisted(() => ({ calls: 0, failAt: -1, code: "EIO", persists: false }));
/** Counts a call and lets it fail when it is its turn. */
const guarded = vi.hoisted(() => <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
  const number = faults.calls++;
  const fails = faults.persists ? number >= faults.failAt : number === faults.failAt;
  if (faults.failAt >= 0 && fails) throw Object.assign(new Error(`${faults.code}: no luck`), { code: faults.code });
  return call(...args);
});

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const { openSync, writeSync, fsyncSync } = fs;
  // Short writes, as a disk that fills up makes them.
  const short = (fd: number, bytes: Uint8Array, at: number, length: number, position?: number) =>
    writeSync(fd, bytes, at, Math.min(length, 7), position);
  return { ...fs, openSync: guarded(openSync), writeSync: guarded(short), fsyncSync: guarded(fsyncSync) };
});
vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  const open = guarded(async (path: string, flags: number, mode: number) => {
    const file = await fs.open(path, flags, mode);
    const write = guarded((bytes: Uint8Array, at: number, length: number) =>
      file.write(bytes, at, Math.min(length, 7)),
    );
    return { write: async (...args: Parameters<typeof write>) => write(...args), close: () => file.close() };
  });
  const step = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    const checked = guarded(call);
    return async (...args: A) => checked(...args);
  };
  return {
    ...fs,
    open: async (...args: Parameters<typeof open>) => open(...args),
    rename: step(fs.rename),
    mkdir: step(fs.mkdir),
  };
});

let folder: string;
beforeEach(() => {
  Object.assign(faults, { failAt: -1, persists: false });
  folder = mkdtempSync(join(tmpdir(), "failing-writes-"));
});
afterEach(() => {
  faults.failAt = -1;
  rmSync(folder, { recursive: true });
});

const text = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const metrics = () => ({ spilledBytes: 0 }) as TaskMetrics;
const codes = ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE"] as const;

/** Lets the n-th call fail, for every n that there is, once and from then on; answers how many there were. */
async function eachCall(code: string, act: () => unknown): Promise<number> {
  let failed = 0;
  for (const persists of [false, true]) {
    for (let failAt = 0; ; failAt++) {
      Object.assign(faults, { calls: 0, failAt, code, persists });
      await act();
      if (faults.calls <= failAt) break;
      failed++;
    }
  }
  return failed;
}

function codeOf(act: () => void): string {
  try {
    act();
    return "none";
  } catch (error) {
    return VolleyError.is(error) ? error.code : `no VolleyError: ${error}`;
  }
}

describe.each(codes)("%s at each call", (code) => {
  it("of a spill: OUTPUT_FAILED, and nothing has a name", async () => {
    const calls = await eachCall(code, () => {
      const outcome = codeOf(() => {
        const spill = new TaskSpill(folder, metrics());
        try {
          for (const fill of [1, 2, 3]) spill.write(text(20, fill));
          expect([...spill.read()].map((chunk) => [chunk.byteLength, chunk[19]])).toEqual([
            [20, 1],
            [20, 2],
            [20, 3],
          ]);
        } finally {
          spill.remove();
        }
      });
      expect(outcome).toBe(faults.calls > faults.failAt ? "OUTPUT_FAILED" : "none");
      expect(readdirSync(folder)).toEqual([]);
    });
    expect(calls).toBeGreaterThan(10);
  });

  it("of a map output: OUTPUT_FAILED, and nothing of it stays", async () => {
    const calls = await eachCall(code, () => {
      let output: TaskMapOutput | undefined;
      const outcome = codeOf(() => {
        output = new TaskMapOutput(folder, 7);
        for (const fill of [1, 2, 3]) output.write(text(20, fill));
        expect(output.close()).toMatchObject({ byteLength: 60 });
        output.keep();
      });
      output?.dispose();
      expect(outcome).toBe(faults.calls > faults.failAt ? "OUTPUT_FAILED" : "none");
      expect(readdirSync(folder)).toEqual(outcome === "none" ? ["map-output-7"] : []);
    });
    expect(calls).toBeGreaterThan(10);
  });

  it("of a file for the user: OUTPUT_FAILED, and nothing of it stays", async () => {
    const calls = await eachCall(code, () => {
      let output: AttemptOutput | undefined;
      const outcome = codeOf(() => {
        output = new AttemptOutput(folder, "part-00000", 7, undefined);
        for (const fill of [1, 2]) output.write(text(20, fill));
        expect(output.close().bytes).toBe(40);
      });
      output?.dispose();
      expect(outcome).toBe(faults.calls > faults.failAt ? "OUTPUT_FAILED" : "none");
      const left = readdirSync(folder);
      expect(left).toHaveLength(outcome === "none" ? 1 : 0);
      output?.abort();
    });
    expect(calls).toBeGreaterThan(10);
  });

  it("of a block: an error, no half block, and none in the index", async () => {
    const calls = await eachCall(code, async () => {
      const own = mkdtempSync(join(folder, "store-"));
      const store = new DiskStore(join(own, "blocks"));
      const outcome = await store.write("rdd_1_0", text(40, 1)).then(
        () => "none",
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect(outcome).toBe(faults.calls > faults.failAt ? code : "none");
      const files = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((path) => path !== "blocks");
      expect(files).toEqual(outcome === "none" ? ["blocks/rdd_1_0"] : []);
      expect(store.get("rdd_1_0") !== undefined).toBe(outcome === "none");
      // The disk has recovered.
      faults.persists = false;
      if (faults.calls > faults.failAt) await store.write("rdd_1_1", text(40, 1));
      rmSync(own, { recursive: true });
    });
    expect(calls).toBeGreaterThan(10);
  });
});

it("a spill on a full disk asks for room, and goes on as soon as there is some", () => {
  Object.assign(faults, { calls: 0, failAt: 4, code: "ENOSPC", persists: false });
  let asked = 0;
  const spill = new TaskSpill(folder, metrics(), () => ++asked > 0);
  for (const fill of [1, 2, 3]) spill.write(text(20, fill));
  expect(asked).toBe(1);
  expect([...spill.read()].map((chunk) => chunk[0])).toEqual([1, 2, 3]);
  spill.remove();
  Object.assign(faults, { calls: 0, failAt: 2, code: "EIO", persists: false });
  const broken = new TaskSpill(folder, metrics(), () => ++asked > 0);
  expect(codeOf(() => broken.write(text(20, 1)))).toBe("OUTPUT_FAILED");
  expect(asked).toBe(1);
  broken.remove();
});
