import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sink } from "@volley/engine/operators/operator.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { RddNode } from "@volley/engine/rdd/node.js";
import type { JobRequest, SaveRequest } from "@volley/engine/rdd/rdd-context.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listFiles } from "../io/list-files.js";
import { localFileStore } from "../io/local-file-store.js";
import { jobFolder } from "./output-names.js";
import { newOwnerName } from "./owner.js";
import { removeTree } from "./remove-tree.js";
import { saveOutput } from "./save-output.js";

let root = "";
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "volley-save-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The tasks of these tests: a "sink" is the folder they write to. */
const request = (path: string): SaveRequest => ({
  node: {} as RddNode,
  path,
  sink: (folder) => folder as unknown as Sink,
  site: new CallSite("saveAsTextFile"),
});

const tasks =
  (...texts: string[]) =>
  async ({ sink, after }: JobRequest): Promise<unknown[][]> => {
    await after;
    const rows: unknown[][] = [];
    for (const [partition, text] of texts.entries()) {
      const file = `part-0000${partition}.gz.task-${partition + 40}`;
      await writeFile(join(sink as unknown as string, file), text);
      rows.push([[file, text.length, partition, 1]]);
    }
    return rows;
  };

it("writes parts and _SUCCESS into a new folder, parents too", async () => {
  const path = join(root, "a/b/out");
  await saveOutput(request(path), tasks("one", "two"));
  expect((await readdir(path)).sort()).toEqual(["_SUCCESS", "part-00000.gz", "part-00001.gz"]);
  expect(await readFile(join(path, "part-00001.gz"), "utf8")).toBe("two");
  expect(await readdir(join(root, "a/b"))).toEqual(["out"]);
  expect(await listFiles([path], { minPartitions: 0, combineSmall: false })).toHaveLength(2);
});

it("takes a file URL", async () => {
  await saveOutput(request(`file://${root}/out`), tasks("x"));
  expect(await readdir(root)).toEqual(["out"]);
});

it("refuses an existing target before any task", async () => {
  await mkdir(join(root, "out"));
  const run = vi.fn(tasks("never"));
  await expect(saveOutput(request(join(root, "out")), run)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  expect(await readdir(join(root, "out"))).toEqual([]);
  await symlink(join(root, "nowhere"), join(root, "link"));
  await expect(saveOutput(request(join(root, "link")), run)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
});

it("submits the job in the turn of the call, so that captured variables are read then", async () => {
  let submitted = false;
  const done = saveOutput(request(join(root, "out")), async (job) => {
    submitted = true;
    return tasks("x")(job);
  });
  expect(submitted).toBe(true);
  await done;
});

it("leaves nothing when the job fails, and rejects with the job's error", async () => {
  const error = new VolleyError("USER_FUNCTION_FAILED", "boom");
  const failing = async (job: JobRequest): Promise<never> => {
    await tasks("one")(job);
    throw error;
  };
  await expect(saveOutput(request(join(root, "deep/out")), failing)).rejects.toBe(error);
  expect(await readdir(root)).toEqual([]);
  const refused = (): never => {
    throw error;
  };
  await expect(saveOutput(request(join(root, "out")), refused)).rejects.toBe(error);
  expect(await readdir(root)).toEqual([]);
});

it("takes over what a dead process left, and cleans it up", async () => {
  const [out, hidden] = [join(root, "out"), join(root, ".out.volley-")];
  const dead = newOwnerName().replace(/^\d+/, "4194305");
  await mkdir(jobFolder(out, dead), { recursive: true });
  await writeFile(join(out, "part-00007"), "of the dead");
  await writeFile(join(jobFolder(out, dead), "part-00000.task-1"), "of the dead");
  await mkdir(jobFolder(`${hidden}${dead}`, dead), { recursive: true });
  const asked = listFiles([out], { minPartitions: 0, combineSmall: false });
  await expect(asked).rejects.toThrow("ended before it was done");
  await saveOutput(request(out), tasks("one"));
  expect(await readdir(root)).toEqual(["out"]);
  expect((await readdir(out)).sort()).toEqual(["_SUCCESS", "part-00000.gz"]);
});

it("lets one of two savers at once win", async () => {
  const path = join(root, "out");
  const both = await Promise.allSettled([
    saveOutput(request(path), tasks("a", "b")),
    saveOutput(request(path), tasks("c")),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await readdir(root)).toEqual(["out"]);
  await listFiles([path], { minPartitions: 0, combineSmall: false });
});

it("removes a tree without following links", async () => {
  await mkdir(join(root, "tree/sub"), { recursive: true });
  await mkdir(join(root, "kept"));
  await writeFile(join(root, "kept/file"), "x");
  await writeFile(join(root, "tree/sub/file"), "x");
  await symlink(join(root, "kept"), join(root, "tree/link"));
  await removeTree(join(root, "tree"), localFileStore);
  await removeTree(join(root, "tree"), localFileStore);
  expect(await readdir(root)).toEqual(["kept"]);
  expect(await readdir(join(root, "kept"))).toEqual(["file"]);
});
