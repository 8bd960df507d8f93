import { describe, expect, it } from "vitest";
import { CrashFileStore, type CrashModel, Stopped } from "./crash-file-store.js";
import { OutputJob } from "./output-job.js";
import type { Owner } from "./owner.js";
import { sweepCheckpoints } from "./sweep-checkpoints.js";

const ROOT = "/data/checkpoints";
const APPLICATION = `${ROOT}/app-m1x-0a1b2c3d`;
const TARGET = `${APPLICATION}/rdd-12`;
const OWNER = "1-a-00000000-000000000001";

async function storeWithRoot(): Promise<CrashFileStore> {
  const store = new CrashFileStore();
  await store.mkdir("/data");
  await store.mkdir(ROOT);
  await store.syncFolder("/");
  await store.syncFolder("/data");
  store.operations = 0;
  return store;
}

/** An application that writes one checkpoint and is stopped before an operation; false when it came to its end. */
async function write(store: CrashFileStore, stopAt: number): Promise<boolean> {
  store.stopAt = stopAt;
  try {
    const job = new OutputJob({ store, isAlive: () => true, target: TARGET, owner: OWNER });
    await job.begin();
    await store.createExclusive(`${job.folder}/part-00000.task-1`, Buffer.from("rows"));
    await store.syncFile(`${job.folder}/part-00000.task-1`);
    const part = { file: "part-00000.task-1", name: "part-00000", bytes: 4, crc32: 1, rows: 1 };
    return (await job.commit([part])).leftover !== undefined;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return true;
  }
}

const isDead = { isAlive: (owner: Owner) => owner.pid !== 1 };

describe("a checkpoint folder", () => {
  it.each<CrashModel>(["kept", "lost", "torn"])(
    "after an application that died anywhere in a checkpoint (%s) has that checkpoint whole or nothing of it",
    async (model) => {
      let stopped = 0;
      let whole = 0;
      for (let stopAt = 0; ; stopAt++) {
        const store = await storeWithRoot();
        if (!(await write(store, stopAt))) break;
        stopped++;
        const after = store.crash(model, () => (stopAt % 7) / 7);
        const isWhole = (await after.stat(`${TARGET}/_SUCCESS`)) !== undefined;
        await sweepCheckpoints(ROOT, { store: after, ...isDead });
        const files = Object.keys(after.dump()).filter(
          (path) => path.startsWith(`${APPLICATION}/rdd`) || path.includes("/."),
        );
        expect(files).toEqual(isWhole ? [`${TARGET}/`, `${TARGET}/_SUCCESS`, `${TARGET}/part-00000`] : []);
        if (isWhole) whole++;
      }
      expect(stopped).toBeGreaterThan(20);
      expect(whole).toBeGreaterThan(0);
    },
  );

  it("is left alone as long as its application lives, whatever it is doing, and so is what others put there", async () => {
    for (let stopAt = 0; ; stopAt++) {
      const store = await storeWithRoot();
      await store.mkdir(`${ROOT}/notes`);
      await store.mkdir(`${ROOT}/notes/rdd-1`);
      await store.createExclusive(`${ROOT}/app-1`, Buffer.from("a file"));
      store.operations = 0;
      const died = await write(store, stopAt);
      store.stopAt = Number.POSITIVE_INFINITY;
      const before = store.dump();
      // An empty folder beside _SUCCESS is about to go in any case.
      if (`${TARGET}/_SUCCESS` in before && !(`${TARGET}/_temporary/${OWNER}/` in before))
        delete before[`${TARGET}/_temporary/`];
      await sweepCheckpoints(ROOT, { store, isAlive: () => true });
      expect(store.dump()).toEqual(before);
      if (!died) break;
    }
  });

  it("that is not there is no fault", async () => {
    await expect(sweepCheckpoints("/nowhere", { store: new CrashFileStore(), ...isDead })).resolves.toBeUndefined();
  });
});
