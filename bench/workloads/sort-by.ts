import type { Workload } from "../kit/workload.ts";
import { rounded, sized } from "../kit/workload.ts";

/** W6a: doubles in order. */
export const sortBy: Workload = {
  id: "w6a",
  name: "sort-by",
  title: "W6a sortBy a double, 2 M",
  goal: 0.35,
  async volley({ vc, scale }) {
    const size = sized(2_000_000, scale);
    const ends = await vc
      .range(0, size, 1, 2)
      .map((i) => ((i * 7919) % 2_000_003) / 7)
      .sortBy((x) => x)
      .mapPartitions((rows) => {
        let [count, last, falls, first] = [0, -1, 0, -1];
        for (const x of rows) {
          if (x < last) falls++;
          if (count++ === 0) first = x;
          last = x;
        }
        return [[count, falls, first, last]];
      })
      .collect();
    return summary(ends);
  },
  node({ scale }) {
    const size = sized(2_000_000, scale);
    const sorted = Array.from({ length: size }, (_, i) => ((i * 7919) % 2_000_003) / 7).sort((a, b) => a - b);
    return summary([[size, 0, sorted[0] as number, sorted[size - 1] as number]]);
  },
  tuned({ scale }) {
    const size = sized(2_000_000, scale);
    const sorted = Float64Array.from({ length: size }, (_, i) => ((i * 7919) % 2_000_003) / 7).sort();
    return summary([[size, 0, sorted[0] as number, sorted[size - 1] as number]]);
  },
};

/** Of all partitions: how many rows, how many fell, the first and the last row. */
function summary(ends: readonly number[][]): string {
  const filled = ends.filter(([count]) => count !== 0) as [number, number, number, number][];
  const [first, last] = [filled[0]?.[2] ?? 0, filled.at(-1)?.[3] ?? 0];
  const count = filled.reduce((sum, part) => sum + part[0], 0);
  return `${count} ${filled.reduce((sum, part) => sum + part[1], 0)} ${rounded(first)} ${rounded(last)}`;
}
