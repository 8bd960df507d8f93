import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W7: two datasets joined by an integer key. */
export const join: Workload = {
  id: "w7",
  name: "join",
  title: "W7 join 600 k with 600 k",
  goal: 0.5,
  async volley({ vc, scale }) {
    const size = sized(600_000, scale);
    const left = vc.range(0, size, 1, 2).map((i) => [(i * 31) % size, i]);
    const right = vc.range(0, size, 1, 2).map((i) => [(i * 17) % size, i * 2]);
    const [rows, total] = await left
      .join(right)
      .map(([, [a, b]]) => [1, (a + b) % 1000])
      .reduce((a, b) => [a[0] + b[0], a[1] + b[1]]);
    return `${rows} ${total}`;
  },
  node({ scale }) {
    const size = sized(600_000, scale);
    const left = new Map<number, number[]>();
    for (let i = 0; i < size; i++) {
      const key = (i * 31) % size;
      const values = left.get(key);
      if (values === undefined) left.set(key, [i]);
      else values.push(i);
    }
    let rows = 0;
    let total = 0;
    for (let i = 0; i < size; i++) {
      for (const a of left.get((i * 17) % size) ?? []) {
        rows++;
        total += (a + i * 2) % 1000;
      }
    }
    return `${rows} ${total}`;
  },
};
