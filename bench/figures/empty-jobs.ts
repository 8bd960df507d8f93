/** What a job costs that has nothing to do, when everything is warm. */
import { VolleyContext } from "volley";
import { printFigure } from "../kit/figure.ts";
import { median } from "../kit/median.ts";

const WARM_UP = 50;
const RUNS = 200;

const vc = await VolleyContext.create();

async function medianOf(tasks: number, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const start = performance.now();
    await vc.range(0, tasks, 1, tasks).count();
    if (run >= 0) times.push(performance.now() - start);
  }
  return median(times);
}

printFigure({ name: "warm empty job, 4 tasks", value: await medianOf(4, RUNS), unit: "ms", goal: 5 });
printFigure({ name: "100 tasks of nothing in one job", value: await medianOf(100, RUNS), unit: "ms", goal: 40 });
await vc.stop();
