import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W4: sums by an integer key, a third as many keys as rows. */
export const reduceByKey: Workload = {
  id: "w4",
  name: "reduce-by-key",
  title: "W4 reduceByKey, 3 M ints, 1 M keys",
  goal: 0.2,
  async volley({ vc, scale }) {
    const [rows, keyCount] = [sized(3_000_000, scale), sized(1_000_000, scale)];
    const sums = vc
      .range(0, rows, 1, 2)
      .map((i) => [(i * 7919) % keyCount, i % 100])
      .reduceByKey((a, b) => a + b);
    const [keys, total] = await sums.map(([, sum]) => [1, sum]).reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
    return `${keys} ${total}`;
  },
  node({ scale }) {
    const [rows, keyCount] = [sized(3_000_000, scale), sized(1_000_000, scale)];
    const sums = new Map<number, number>();
    for (let i = 0; i < rows; i++) {
      const key = (i * 7919) % keyCount;
      sums.set(key, (sums.get(key) ?? 0) + (i % 100));
    }
    let total = 0;
    for (const sum of sums.values()) total += sum;
    return `${sums.size} ${total}`;
  },
  tuned({ scale }) {
    const [rows, keyCount] = [sized(3_000_000, scale), sized(1_000_000, scale)];
    const mask = 2 ** Math.ceil(Math.log2(keyCount * 1.6)) - 1;
    const keys = new Int32Array(mask + 1).fill(-1);
    const sums = new Float64Array(mask + 1);
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const key = (i * 7919) % keyCount;
      let at = Math.imul(key, 0x9e3779b1) & mask;
      while (keys[at] !== key && keys[at] !== -1) at = (at + 1) & mask;
      if (keys[at] === -1) {
        keys[at] = key;
        count++;
      }
      sums[at] = (sums[at] as number) + (i % 100);
    }
    let total = 0;
    for (const sum of sums) total += sum;
    return `${count} ${total}`;
  },
};
