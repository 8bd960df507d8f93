import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W5: all values of each key brought together, and how many there are. */
export const groupByKey: Workload = {
  id: "w5",
  name: "group-by-key",
  title: "W5 groupByKey, 4 M rows, 100 k keys, sizes",
  goal: 0.3,
  async volley({ vc, scale }) {
    const [rows, keyCount] = [sized(4_000_000, scale), sized(100_000, scale)];
    const [keys, score] = await vc
      .range(0, rows, 1, 2)
      .map((i) => [(i * 7919) % keyCount, i])
      .groupByKey()
      .map(([key, values]) => [1, values.length * (key % 10)])
      .reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
    return `${keys} ${score}`;
  },
  node({ scale }) {
    const [rows, keyCount] = [sized(4_000_000, scale), sized(100_000, scale)];
    const groups = new Map<number, number[]>();
    for (let i = 0; i < rows; i++) {
      const key = (i * 7919) % keyCount;
      const values = groups.get(key);
      if (values === undefined) groups.set(key, [i]);
      else values.push(i);
    }
    let score = 0;
    for (const [key, values] of groups) score += values.length * (key % 10);
    return `${groups.size} ${score}`;
  },
};
