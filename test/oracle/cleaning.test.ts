/** What nobody refers to any more is freed on the executors: garbage collection of the script's handles is followed there. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { VolleyContext } from "volley";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("frees cached partitions and shuffle outputs of RDDs that are gone", { timeout: 30_000 }, async () => {
  const vc = await VolleyContext.create({ master: "local[2]", appName: "cleaning" });
  try {
    const ids = await runAndForget(vc);
    const left = () => ({
      cached: vc.driver.cachedBlocks(ids.cached).length,
      written: vc.driver.isShuffleComplete(ids.shuffle),
    });
    expect(left()).toEqual({ cached: 2, written: true });
    // Collection comes when the engine sees fit: each round gives it another occasion.
    for (let round = 0; round < 200 && (left().cached > 0 || left().written); round++) {
      collectGarbage();
      await vc.range(0, 1).count();
    }
    expect(left()).toEqual({ cached: 0, written: false });
  } finally {
    await vc.stop();
  }
});

async function runAndForget(vc: VolleyContext): Promise<{ cached: number; shuffle: number }> {
  const cached = vc.range(0, 100, 1, 2).cache();
  const reduced = cached.map((x) => [x % 3, x] as [number, number]).reduceByKey((a, b) => a + b);
  await reduced.count();
  return { cached: cached.id, shuffle: reduced.id };
}
