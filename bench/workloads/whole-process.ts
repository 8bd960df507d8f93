import type { Workload } from "../kit/workload.ts";

/** W0: from an empty process to an answer and out again. */
export const wholeProcess: Workload = {
  id: "w0",
  name: "whole-process",
  title: "W0 whole process: context, 4 rows mapped, collected, stopped",
  goal: 0.12,
  process: {
    volley: `import { VolleyContext } from "volley";
const vc = await VolleyContext.create({ master: "local[2]" });
const rows = await vc.parallelize([1, 2, 3, 4], 4).map((x) => x + 1).collect();
await vc.stop();
console.log(rows.join());`,
    node: "console.log([1, 2, 3, 4].map((x) => x + 1).join());",
  },
  volley: async ({ vc }) =>
    (
      await vc
        .parallelize([1, 2, 3, 4], 4)
        .map((x) => x + 1)
        .collect()
    ).join(),
};
