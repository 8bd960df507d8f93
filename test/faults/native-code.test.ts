/** Native code that nothing interrupts: a cancelled action rejects at once, and its executor is there again, or another in its place, five seconds and one later. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { VolleyContext, type VolleyError } from "volley";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "native-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Each tells when it is about to leave JavaScript. */
const NATIVE: readonly (readonly [string, (entered: string) => (x: number) => number])[] = [
  [
    "a sort of 3 million numbers as texts",
    (entered) => () => {
      const numbers = Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 3_000_017);
      writeFileSync(entered, "");
      for (;;) numbers.reverse().sort();
    },
  ],
  [
    "JSON.parse of 40 MB",
    (entered) => () => {
      const text = `[${'{"a":[1,2,3,{"b":"c"}]},'.repeat(1_700_000)}0]`;
      writeFileSync(entered, "");
      for (;;) JSON.parse(text);
    },
  ],
  [
    "brotli at its best",
    (entered) => () => {
      const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => `${index * 7919} `).join(""));
      writeFileSync(entered, "");
      for (;;)
        brotliCompressSync(bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
        });
    },
  ],
];

async function isThere(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 10));
}

it("is cancelled at once, and gone within five seconds and one", async () => {
  // All at once: each in a process of its own.
  const runs = NATIVE.map(async ([what, make], index) => {
    const vc = await VolleyContext.create({ master: "local-cluster[1,1,256]", progress: false });
    const entered = join(folder, `entered-${index}`);
    const control = new AbortController();
    const outcome = vc
      .parallelize([1], 1)
      .map(make(entered))
      .count({ signal: control.signal })
      .then(
        () => "ended",
        (error: VolleyError) => error.code,
      );
    await isThere(entered);
    const cancelledAt = performance.now();
    control.abort();
    const code = await outcome;
    const rejectedMs = performance.now() - cancelledAt;
    // The only slot there is.
    const sum = await vc.range(0, 10, 1, 2).sum();
    const backMs = performance.now() - cancelledAt;
    await vc.stop();
    return { what, code, rejectedMs, sum, backMs };
  });
  for (const { what, code, rejectedMs, sum, backMs } of await Promise.all(runs)) {
    process.stdout.write(
      `    ${what}: rejected after ${Math.round(rejectedMs)} ms, back after ${Math.round(backMs)} ms\n`,
    );
    expect([what, code, sum]).toEqual([what, "CANCELLED", 45]);
    expect(rejectedMs).toBeLessThan(1_000);
    // Six seconds by design; all cores are busy with this test, and a machine may have more to do.
    expect(backMs).toBeLessThan(15_000);
  }
}, 120_000);

it("throws that come from a timer after its task has ended cost later jobs nothing", async () => {
  const vc = await VolleyContext.create({ master: "local-cluster[1,1,256]", progress: false });
  let lost = 0;
  vc.addListener({ onExecutorRemoved: () => lost++ });
  for (const delayMs of [0, 5, 30]) {
    const outcome = await vc
      .range(0, 4, 1, 2)
      .map((x) => {
        setTimeout(() => {
          throw new Error("too late");
        }, delayMs);
        return x;
      })
      .sum()
      .catch((error: VolleyError) => error.code);
    expect([6, "SLOT_LOST"]).toContain(outcome);
    for (let round = 0; round < 5; round++) {
      const later = await vc
        .range(0, 100, 1, 4)
        .map((x) => [x % 3, x])
        .reduceByKey((a, b) => a + b)
        .count();
      expect(later).toBe(3);
    }
  }
  expect(lost).toBe(0);
  await vc.stop();
}, 60_000);
