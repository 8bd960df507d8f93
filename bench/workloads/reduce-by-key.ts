import type { Workload } from "../kit/workload.ts";

const ROWS = 3_000_000;
const KEYS = 1_000_000;

/** W4: sums by an integer key, a third as many keys as rows. */
export const reduceByKey: Workload = {
  name: "reduce-by-key",
  title: "W4 reduceByKey, 3 M ints, 1 M keys",
  goal: 0.2,
  async volley(vc) {
    const sums = vc
      .range(0, ROWS, 1, 2)
      .map((i) => [(i * 7919) % KEYS, i % 100])
      .reduceByKey((a, b) => a + b);
    const [keys, total] = await sums.map(([, sum]) => [1, sum]).reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
    return `${keys} ${total}`;
  },
  node() {
    const sums = new Map<number, number>();
    for (let i = 0; i < ROWS; i++) {
      const key = (i * 7919) % KEYS;
      sums.set(key, (sums.get(key) ?? 0) + (i % 100));
    }
    let total = 0;
    for (const sum of sums.values()) total += sum;
    return `${sums.size} ${total}`;
  },
};
