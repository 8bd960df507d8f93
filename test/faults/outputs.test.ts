/** Targets of a save that somebody else lays hands on while it runs: another writer, a removal, a read-only or foreign thing in the way. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { VolleyContext, VolleyError } from "volley";

let folder: string;
let contexts: readonly VolleyContext[];
beforeAll(async () => {
  contexts = await Promise.all(
    [1, 2].map(() => VolleyContext.create({ master: "local-cluster[1,2,256]", progress: false })),
  );
});
afterAll(async () => {
  for (const vc of contexts) await vc.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "outputs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const outcomeOf = (job: Promise<void>): Promise<string> =>
  job.then(
    () => "done",
    (error: unknown) => (VolleyError.is(error) ? error.code : String(error)),
  );

/** Lines that tell who wrote them, from tasks that take a while. */
const slowLines = (vc: VolleyContext, writer: string) =>
  vc.range(0, 40, 1, 4).map((index) => {
    const until = Date.now() + 20;
    while (Date.now() < until);
    return `${writer} ${index}`;
  });
const linesIn = (target: string): readonly string[] => {
  const parts = readdirSync(target).filter((name) => name.startsWith("part-"));
  return parts.sort().flatMap((name) => readFileSync(join(target, name), "utf8").split("\n").slice(0, -1));
};
const started = (vc: VolleyContext) => new Promise<void>((resolve) => vc.addListener({ onTaskStart: () => resolve() }));

it("of two applications that save to one target at once one wins, whole, and the other is refused", async () => {
  for (let round = 0; round < 5; round++) {
    const target = join(folder, `saved-${round}`);
    const outcomes = await Promise.all(
      contexts.map((vc, writer) => outcomeOf(slowLines(vc, `w${writer}`).saveAsTextFile(target))),
    );
    expect([...outcomes].sort()).toEqual(["OUTPUT_EXISTS", "done"]);
    const winner = outcomes.indexOf("done");
    expect(linesIn(target)).toEqual(Array.from({ length: 40 }, (_, index) => `w${winner} ${index}`));
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  }
}, 60_000);

it("a target that is removed while tasks write is an error, and the next save there works", async () => {
  const [vc] = contexts as [VolleyContext];
  const target = join(folder, "saved");
  const hasStarted = started(vc);
  const outcome = outcomeOf(slowLines(vc, "first").saveAsTextFile(target));
  await hasStarted;
  rmSync(target, { recursive: true });
  expect(await outcome).toBe("OUTPUT_FAILED");
  expect(readdirSync(folder)).toEqual([]);
  expect(await outcomeOf(slowLines(vc, "second").saveAsTextFile(target))).toBe("done");
  expect(linesIn(target)).toHaveLength(40);
}, 60_000);

it("one that is moved away and replaced while tasks write is an error, and what is there now is left alone", async () => {
  const [vc] = contexts as [VolleyContext];
  const target = join(folder, "saved");
  const hasStarted = started(vc);
  const outcome = outcomeOf(slowLines(vc, "first").saveAsTextFile(target));
  await hasStarted;
  renameSync(target, join(folder, "away"));
  mkdirSync(target);
  writeFileSync(join(target, "mine"), "not yours");
  expect(await outcome).toBe("OUTPUT_FAILED");
  expect(readdirSync(target)).toEqual(["mine"]);
}, 60_000);

it("a file where a folder should be is an error before any task runs", async () => {
  const [vc] = contexts as [VolleyContext];
  writeFileSync(join(folder, "file"), "x");
  let tasks = 0;
  vc.addListener({ onTaskStart: () => tasks++ });
  expect(await outcomeOf(slowLines(vc, "x").saveAsTextFile(join(folder, "file")))).toBe("OUTPUT_EXISTS");
  expect(await outcomeOf(slowLines(vc, "x").saveAsTextFile(join(folder, "file/saved")))).toBe("OUTPUT_FAILED");
  expect(tasks).toBe(0);
  expect(readdirSync(folder)).toEqual(["file"]);
});
