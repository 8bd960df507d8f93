import type { Workload } from "../kit/workload.ts";

/** Enough to be warm, and for a median. */
const JOBS = 100;

/** W1: a job that does nothing, again and again. */
export const emptyJob: Workload = {
  id: "w1",
  name: "empty-job",
  title: "W1 warm empty job, 4 tasks",
  goal: { job: 0.25 },
  async volley({ vc, time }) {
    let count = 0;
    for (let job = 0; job < JOBS; job++) count += await time("job", () => vc.range(0, 4, 1, 4).count());
    return String(count);
  },
};
