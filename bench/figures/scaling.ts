/** The workloads W2 to W7 with one slot and with two, and at ten times the size: what a second slot brings, and whether cost grows with the rows and no faster. */
import { VolleyContext } from "volley";
import { dataPath, makeData } from "../kit/data-set.ts";
import { printFigure } from "../kit/figure.ts";
import { median } from "../kit/median.ts";
import { PartTimer } from "../kit/part-timer.ts";
import type { Workload } from "../kit/workload.ts";
import { WORKLOADS } from "../workloads/list.ts";

const IDS = ["w2", "w3", "w4", "w5", "w6a", "w6b", "w7"];
/** The first one warms up. */
const RUNS = 4;
const [SMALL, LARGE] = [0.1, 1];

async function timeOf(workload: Workload, slots: number, scale: number): Promise<number> {
  for (const dataSet of workload.dataSets ?? []) await makeData(dataSet, scale);
  const vc = await VolleyContext.create({ master: `local[${slots}]` });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    const { time } = new PartTimer(() => 0);
    await workload.volley({ vc, scale, time, file: (dataSet) => dataPath(dataSet, scale) });
    times.push(performance.now() - start);
  }
  await vc.stop();
  return median(times.slice(1));
}

for (const id of IDS) {
  const workload = WORKLOADS.find((candidate) => candidate.id === id);
  if (workload === undefined) throw new Error(`no workload ${id}`);
  const [small, two, one] = [
    await timeOf(workload, 2, SMALL),
    await timeOf(workload, 2, LARGE),
    await timeOf(workload, 1, LARGE),
  ];
  const name = workload.title.split(" ")[0];
  // 1.7 times as fast is 0.59 of the time.
  printFigure({
    name: `${name}: time with two slots, of that with one`,
    value: two / one,
    unit: "times",
    goal: 0.59,
    note: `${two.toFixed(0)} of ${one.toFixed(0)} ms`,
  });
  printFigure({
    name: `${name}: time for ten times the rows`,
    value: two / small,
    unit: "times",
    goal: 11,
    note: `${small.toFixed(0)} and ${two.toFixed(0)} ms`,
  });
}
