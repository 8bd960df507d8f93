/** `run-workload.ts <volley|node|tuned> <workload> <runs> <scale>`: prints the times of each run in ms by part and the answer, as one line of JSON. Started by compare.ts. */
import { VolleyContext } from "volley";
import { WORKLOADS } from "../workloads/list.ts";
import { type DataSet, dataPath } from "./data-set.ts";
import { PartTimer, type Spent } from "./part-timer.ts";
import { usageOfTree } from "./process-tree.ts";
import type { Bench, Workload } from "./workload.ts";

const [engine, name, runs, scale] = process.argv.slice(2);
const workload = WORKLOADS.find((candidate) => candidate.name === name);
if (workload === undefined) throw new Error(`no workload ${name}`);

function jobOf({ volley, node, tuned, memoryMiB }: Workload): { run(bench: Bench): unknown; stop?(): Promise<void> } {
  if (engine === "volley") {
    const vc = VolleyContext.create({ master: "local[2]", ...(memoryMiB && { executorMemoryMiB: memoryMiB }) });
    return { run: async (bench) => volley({ ...bench, vc: await vc }), stop: async () => (await vc).stop() };
  }
  const run = engine === "node" ? node : tuned;
  if (run === undefined) throw new Error(`${name} has no version for ${engine}`);
  return { run };
}

/** Of this process, or for Volley of the tree that it has started. */
function cpuNow(): number {
  if (engine === "volley") return usageOfTree(process.pid).cpuSeconds * 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const job = jobOf(workload);
const times: Record<string, Spent>[] = [];
let answer: unknown;
for (let run = 0; run < Number(runs); run++) {
  const [timer, whole] = [new PartTimer(cpuNow), new PartTimer(cpuNow)];
  const file = (dataSet: DataSet): string => dataPath(dataSet, Number(scale));
  answer = await whole.time("", () => job.run({ scale: Number(scale), file, time: timer.time }));
  const parts = timer.parts();
  times.push(Object.keys(parts).length > 0 ? parts : whole.parts());
}
await job.stop?.();
console.log(JSON.stringify({ times, answer }));
