/** `run-workload.ts <volley|node> <workload> <runs>`: prints the time of each run in ms and the answer, as one line of JSON. Started by compare.ts. */
import { VolleyContext } from "volley";
import { WORKLOADS } from "../workloads/list.ts";

const [engine, name, runs] = process.argv.slice(2);
const workload = WORKLOADS.find((candidate) => candidate.name === name);
if (workload === undefined) throw new Error(`no workload ${name}`);

const vc = engine === "volley" ? await VolleyContext.create({ master: "local[2]" }) : undefined;
const times: number[] = [];
let answer = "";
for (let run = 0; run < Number(runs); run++) {
  const start = performance.now();
  answer = vc === undefined ? workload.node() : await workload.volley(vc);
  times.push(performance.now() - start);
}
await vc?.stop();
console.log(JSON.stringify({ times, answer }));
