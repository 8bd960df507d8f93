/** Jobs that use every kind of message: shuffles, cached and replicated partitions, broadcasts, large results. Each is checked against arrays by itself. */

import { isDeepStrictEqual } from "node:util";
import { StorageLevel, type VolleyContext } from "volley";

const ROWS = 6_000;
const indices = Array.from({ length: ROWS }, (_, index) => index);

async function shuffle(vc: VolleyContext): Promise<boolean> {
  const sums = vc
    .range(0, ROWS, 1, 6)
    .map((index) => [index % 89, index])
    .reduceByKey((a, b) => a + b, 4)
    .map(([key, sum]) => [key % 7, sum])
    .groupByKey(3)
    .mapValues((values) => values.reduce((a, b) => a + b, 0));
  const found = new Map(await sums.collect());
  const expected = new Map<number, number>();
  for (const index of indices) expected.set((index % 89) % 7, (expected.get((index % 89) % 7) ?? 0) + index);
  return isDeepStrictEqual(found, expected);
}

/** Partitions that lie on both executors, so that whoever needs one asks the other. */
async function cache(vc: VolleyContext): Promise<boolean> {
  const rows = vc
    .range(0, ROWS, 1, 6)
    .map((index) => `${index}`)
    .persist(StorageLevel.MEMORY_ONLY_2);
  for (let round = 0; round < 3; round++) {
    const lengths = await rows.map((text) => text.length).sum();
    if (lengths !== indices.reduce((sum, index) => sum + `${index}`.length, 0)) return false;
  }
  await rows.unpersist();
  return true;
}

async function broadcast(vc: VolleyContext): Promise<boolean> {
  const table = vc.broadcast(indices.map((index) => `entry ${index * 7}`));
  const found = await vc
    .range(0, ROWS, 1, 4)
    .map((index) => table.value[ROWS - 1 - index])
    .collect();
  return isDeepStrictEqual(
    found,
    indices.map((index) => `entry ${(ROWS - 1 - index) * 7}`),
  );
}

/** Results that do not ride in a report: the driver fetches them. */
async function largeResults(vc: VolleyContext): Promise<boolean> {
  const found = await vc
    .range(0, ROWS, 1, 3)
    .map((index) => `${index}-${"row".repeat(120)}`)
    .collect();
  return isDeepStrictEqual(
    found,
    indices.map((index) => `${index}-${"row".repeat(120)}`),
  );
}

async function join(vc: VolleyContext): Promise<boolean> {
  const left = vc.range(0, ROWS, 1, 5).map((index) => [index % 500, index]);
  const right = vc.range(0, 500, 1, 2).map((key) => [key, -key]);
  const rows = await left
    .join(right, 4)
    .map(([key, [index, negative]]) => index * 1000 + key + negative)
    .collect();
  return isDeepStrictEqual(
    rows.sort((a, b) => a - b),
    indices.map((index) => index * 1000),
  );
}

export const NETWORK_WORKLOADS = { shuffle, cache, broadcast, largeResults, join } as const satisfies Record<
  string,
  (vc: VolleyContext) => Promise<boolean>
>;
