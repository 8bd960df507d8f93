import type { Workload } from "../kit/workload.ts";

/** W1: a job that does nothing, again and again. */
export const emptyJob: Workload = {
  id: "w1",
  name: "empty-job",
  title: "W1 warm empty job, 4 tasks",
  goal: 0.25,
  async volley({ vc }) {
    return String(await vc.range(0, 4, 1, 4).count());
  },
};
