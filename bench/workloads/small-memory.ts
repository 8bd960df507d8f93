import type { Workload } from "../kit/workload.ts";
import { sized } from "../kit/workload.ts";

/** W14: more rows than memory holds, grouped and then sorted. */
export const smallMemory: Workload = {
  id: "w14",
  name: "small-memory",
  title: "W14 groupByKey then sortBy of 7 M rows under 512 MiB",
  goal: 0.7,
  memoryMiB: 512,
  async volley({ vc, scale }) {
    const [rows, keyCount] = [sized(7_000_000, scale), sized(700_000, scale)];
    const ends = await vc
      .range(0, rows, 1, 8)
      .map((i): [number, string] => [(i * 7919) % keyCount, `value number ${(i * 31) % rows}`])
      .groupByKey()
      .flatMap(([key, values]) => values.map((value): [number, string] => [key, value]))
      .sortBy(([key, value]) => `${value} ${key}`)
      .mapPartitions((pairs) => {
        let [count, falls, first, last] = [0, 0, "", ""];
        for (const [, value] of pairs) {
          if (value < last) falls++;
          if (count++ === 0) first = value;
          last = value;
        }
        return [[count, falls, first, last] as [number, number, string, string]];
      })
      .collect();
    const filled = ends.filter(([count]) => count !== 0);
    const [count, falls] = [filled.reduce((sum, end) => sum + end[0], 0), filled.reduce((sum, end) => sum + end[1], 0)];
    return `${count} ${falls} ${filled[0]?.[2]} ${filled.at(-1)?.[3]}`;
  },
};
