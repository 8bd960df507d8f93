import { VolleyError } from "@volley/engine/wire/errors.js";
import { describe, expect, it } from "vitest";
import { listFiles } from "../io/list-files.js";
import { CrashFileStore, type CrashModel, Stopped } from "./crash-file-store.js";
import { decodeManifest } from "./manifest.js";
import { OutputJob, type PartFile } from "./output-job.js";
import type { Owner } from "./owner.js";

const TARGET = "/data/out/saved";
const PARTS = ["first\n", "", "third\nline\n"];

/** The n-th process: dead once the world has stopped under it. */
const ownerOf = (process: number): string => `${process}-a-00000000-${String(process).padStart(12, "0")}`;

/** What the driver and three tasks do. One task had two attempts. */
async function save(
  store: CrashFileStore,
  process: number,
  isAlive: (owner: Owner) => boolean = diedBefore(process),
): Promise<OutputJob> {
  const job = new OutputJob({ store, isAlive, target: TARGET, owner: ownerOf(process) });
  await job.begin();
  let leftover: unknown;
  try {
    ({ leftover } = await job.commit(await runTasks(job, store)));
  } catch (error) {
    if (!(error instanceof Stopped)) await job.abort();
    throw error;
  }
  if (leftover !== undefined) throw leftover;
  return job;
}

const diedBefore = (process: number) => (owner: Owner) => owner.pid >= process;

async function runTasks(job: OutputJob, store: CrashFileStore): Promise<PartFile[]> {
  await store.createExclusive(`${job.folder}/part-00001.task-9`, Buffer.from("of an attempt that lost"));
  const files: PartFile[] = [];
  for (const [partition, text] of PARTS.entries()) {
    const [file, name] = [`part-0000${partition}.task-${partition}`, `part-0000${partition}`];
    await store.createExclusive(`${job.folder}/${file}`, Buffer.from(text));
    await store.syncFile(`${job.folder}/${file}`);
    files.push({ file, name, bytes: text.length, crc32: partition, rows: text.split("\n").length - 1 });
  }
  return files;
}

async function emptyStore(): Promise<CrashFileStore> {
  const store = new CrashFileStore();
  await store.mkdir("/data");
  await store.syncFolder("/");
  store.operations = 0;
  return store;
}

/** How the world looks when all is well. */
async function whole(): Promise<Record<string, string>> {
  const store = await emptyStore();
  await save(store, 1);
  return store.dump();
}

async function operationsOf(run: (store: CrashFileStore) => Promise<unknown>, store: CrashFileStore): Promise<number> {
  await run(store);
  return store.operations;
}

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    if (error instanceof Stopped) return "stopped";
    return VolleyError.is(error) ? error.code : String(error);
  }
}

const read = (store: CrashFileStore): Promise<unknown> =>
  listFiles([TARGET], { minPartitions: 0, combineSmall: false }, store);

/** A reader sees nothing or everything; a rerun ends with everything and no leftovers. */
async function checkAfterCrash(store: CrashFileStore, process: number): Promise<void> {
  const expected = await whole();
  if ((await store.stat(`${TARGET}/_SUCCESS`)) !== undefined) {
    await read(store);
    const found = store.dump();
    for (const path of Object.keys(expected)) expect(found[path]).toBe(expected[path]);
    expect(await codeOf(save(store, process))).toBe("OUTPUT_EXISTS");
  } else {
    expect(["FILE_NOT_FOUND", "INPUT_INCOMPLETE"]).toContain(await codeOf(read(store)));
    await save(store, process);
  }
  expect(store.dump()).toEqual(expected);
}

const MODELS: readonly (readonly [CrashModel, number])[] = [
  ["kept", 1],
  ["lost", 1],
  ["torn", 12],
];

describe("a save", () => {
  it("ends with the parts and a manifest, nothing else", async () => {
    const found = await whole();
    expect(Object.keys(found)).toEqual([
      "/data/",
      "/data/out/",
      "/data/out/saved/",
      "/data/out/saved/_SUCCESS",
      "/data/out/saved/part-00000",
      "/data/out/saved/part-00001",
      "/data/out/saved/part-00002",
    ]);
    const manifest = decodeManifest(Buffer.from(found[`${TARGET}/_SUCCESS`] as string), "");
    expect(manifest).toEqual({
      rows: 3,
      bytes: 17,
      files: [
        { name: "part-00000", bytes: 6, crc32: 0, rows: 1 },
        { name: "part-00001", bytes: 0, crc32: 1, rows: 0 },
        { name: "part-00002", bytes: 11, crc32: 2, rows: 2 },
      ],
    });
  });

  it("survives a loss of power right after", async () => {
    for (const [model, seeds] of MODELS) {
      for (let seed = 0; seed < seeds; seed++) {
        const store = await emptyStore();
        await save(store, 1);
        const after = store.crash(model, numbers(seed));
        expect(await after.stat(`${TARGET}/_SUCCESS`)).toBeDefined();
        await checkAfterCrash(after, 2);
      }
    }
  });

  it.each(MODELS)(
    "stopped before any operation, what is not synced %s: nothing or all; a rerun is right",
    async (model, seeds) => {
      const count = await operationsOf((store) => save(store, 1), await emptyStore());
      expect(count).toBeGreaterThan(25);
      for (let stopAt = 0; stopAt < count; stopAt++) {
        for (let seed = 0; seed < seeds; seed++) {
          const store = await emptyStore();
          store.stopAt = stopAt;
          expect(await codeOf(save(store, 1))).toBe("stopped");
          await checkAfterCrash(store.crash(model, numbers(seed * 1000 + stopAt)), 2);
        }
      }
    },
  );

  it.each(MODELS)("stopped again while it cleans up after the first stop (%s)", async (model) => {
    const count = await operationsOf((store) => save(store, 1), await emptyStore());
    for (let stopAt = 0; stopAt < count; stopAt++) {
      for (let again = 0; again < 60; again++) {
        const store = await emptyStore();
        store.stopAt = stopAt;
        await codeOf(save(store, 1));
        const second = store.crash(model, numbers(stopAt));
        second.stopAt = again;
        if ((await codeOf(save(second, 2))) !== "stopped") break;
        await checkAfterCrash(second.crash(model, numbers(again)), 3);
      }
    }
  });

  it("stopped while it is aborted: a rerun is right", async () => {
    const run = async (store: CrashFileStore, stopAfter: number): Promise<void> => {
      const job = new OutputJob({ store, isAlive: diedBefore(1), target: TARGET, owner: ownerOf(1) });
      await job.begin();
      await runTasks(job, store);
      store.stopAt = store.operations + stopAfter;
      await job.abort();
    };
    for (const [model, seeds] of MODELS) {
      for (let seed = 0; seed < seeds; seed++) {
        for (let stopAfter = 0; ; stopAfter++) {
          const store = await emptyStore();
          if ((await codeOf(run(store, stopAfter))) === "none") break;
          await checkAfterCrash(store.crash(model, numbers(seed)), 2);
        }
      }
    }
  });

  it.each(["ENOSPC", "EIO", "EACCES"])("%s at any operation: an error and nothing left, or all there", async (code) => {
    const before = (await emptyStore()).dump();
    const expected = await whole();
    const count = await operationsOf((store) => save(store, 1), await emptyStore());
    let failed = 0;
    for (let operation = 0; operation < count; operation++) {
      const store = await emptyStore();
      store.failAt = { operation, code };
      const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(1) });
      const outcome = await codeOf(attempt(job, store));
      if (outcome === "none") {
        // The fault met the removal of what is no longer needed, or the removal got over it.
        await read(store);
        for (const path of Object.keys(expected)) expect(store.dump()[path]).toBe(expected[path]);
      } else {
        failed++;
        expect(store.dump()).toEqual(before);
      }
    }
    expect(failed).toBeGreaterThan(20);
  });
});

async function attempt(job: OutputJob, store: CrashFileStore): Promise<void> {
  await job.begin();
  try {
    await job.commit(await runTasks(job, store));
  } catch (error) {
    await job.abort();
    throw error;
  }
}

describe("begin", () => {
  const begin = (store: CrashFileStore, process = 1): Promise<void> =>
    new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(process) }).begin();

  it("refuses whatever is there and leaves it alone", async () => {
    const kinds: ((store: CrashFileStore) => Promise<void>)[] = [
      (store) => store.mkdir(TARGET),
      (store) => store.createExclusive(TARGET, Buffer.from("a file")),
      async (store) => {
        await store.mkdir(TARGET);
        await store.createExclusive(`${TARGET}/old`, Buffer.from("old"));
      },
      async (store) => {
        await store.mkdir(TARGET);
        await store.mkdir(`${TARGET}/_temporary`);
        await store.mkdir(`${TARGET}/_temporary/0`);
      },
    ];
    for (const make of kinds) {
      const store = await emptyStore();
      await store.mkdir("/data/out");
      await make(store);
      const before = store.dump();
      expect(await codeOf(begin(store))).toBe("OUTPUT_EXISTS");
      expect(store.dump()).toEqual(before);
    }
  });

  it("does not touch a dead save's folder once somebody has put a file there", async () => {
    const store = await emptyStore();
    await begin(store, 1);
    await store.createExclusive(`${TARGET}/notes.txt`, Buffer.from("mine"));
    const before = store.dump();
    expect(await codeOf(save(store, 2))).toBe("OUTPUT_EXISTS");
    expect(store.dump()).toEqual(before);
  });

  it("says who is writing", async () => {
    const store = await emptyStore();
    await begin(store, 1);
    await expect(begin(store, 2)).rejects.toThrow("process 1 is writing it");
    expect(await codeOf(read(store))).toBe("INPUT_INCOMPLETE");
  });

  it("lets one of many writers win, whatever was there", async () => {
    for (const deadLeft of [false, true]) {
      const store = await emptyStore();
      if (deadLeft) {
        store.stopAt = 15;
        expect(await codeOf(save(store, 1))).toBe("stopped");
        store.stopAt = Number.POSITIVE_INFINITY;
      }
      const writers = [2, 3, 4, 5].map((process) => codeOf(save(store, process, (owner) => owner.pid > 1)));
      expect((await Promise.all(writers)).sort()).toEqual(["OUTPUT_EXISTS", "OUTPUT_EXISTS", "OUTPUT_EXISTS", "none"]);
      expect(store.dump()).toEqual(await whole());
    }
  });
});

describe("commit", () => {
  it("refuses a part that is not there or not of its size; abort leaves nothing", async () => {
    for (const change of [{ file: "gone" }, { bytes: 5 }]) {
      const store = await emptyStore();
      const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(1) });
      await job.begin();
      const [first, ...rest] = await runTasks(job, store);
      expect(await codeOf(job.commit([{ ...(first as PartFile), ...change }, ...rest]))).toBe("OUTPUT_FAILED");
      await job.abort();
      await job.abort();
      expect(store.dump()).toEqual({ "/data/": "" });
    }
  });

  it("refuses when a stranger's file lies in the target", async () => {
    const store = await emptyStore();
    const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(1) });
    await job.begin();
    await store.createExclusive(`${TARGET}/part-00099`, Buffer.from("?"));
    expect(await codeOf(job.commit(await runTasks(job, store)))).toBe("OUTPUT_FAILED");
  });

  it("fails when the target was removed, and does not touch what another job made there since", async () => {
    const store = await emptyStore();
    const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(1) });
    await job.begin();
    const files = await runTasks(job, store);
    await store.rename(TARGET, "/data/away");
    await save(store, 2);
    expect(await codeOf(job.commit(files))).toBe("OUTPUT_FAILED");
    await job.abort();
    await read(store);
    expect(await store.stat(`${TARGET}/_SUCCESS`)).toBeDefined();
  });

  it("of no parts is a whole folder", async () => {
    const store = await emptyStore();
    const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: ownerOf(1) });
    await job.begin();
    await job.commit([]);
    expect(await read(store)).toEqual([]);
  });
});
