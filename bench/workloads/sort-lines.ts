import { readFileSync } from "node:fs";
import type { Workload } from "../kit/workload.ts";

/** W6b: lines in the order of the ten letters with which they begin. */
export const sortLines: Workload = {
  id: "w6b",
  name: "sort-lines",
  title: "W6b sortByKey, 1 M lines of 100 bytes",
  goal: 0.5,
  dataSets: ["lines"],
  async volley({ vc, file }) {
    const ends = await vc
      .textFile(file("lines"))
      .map((line) => [line.slice(0, 10), line])
      .sortByKey()
      .mapPartitions((rows) => {
        let [count, falls, first, last] = [0, 0, "", ""];
        for (const [key] of rows) {
          if (key < last) falls++;
          if (count++ === 0) first = key;
          last = key;
        }
        return [[count, falls, first, last] as [number, number, string, string]];
      })
      .collect();
    const filled = ends.filter(([count]) => count !== 0);
    const [count, falls] = [filled.reduce((sum, end) => sum + end[0], 0), filled.reduce((sum, end) => sum + end[1], 0)];
    return `${count} ${falls} ${filled[0]?.[2]} ${filled.at(-1)?.[3]}`;
  },
  node({ file }) {
    const lines = readFileSync(file("lines"), "utf8").split("\n");
    lines.pop();
    const pairs = lines.map((line): [string, string] => [line.slice(0, 10), line]);
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `${pairs.length} 0 ${pairs[0]?.[0]} ${pairs.at(-1)?.[0]}`;
  },
};
