/**
 * `npm run bench:wide`: short programs with shuffles, of keys, values and closures that `workloads/` has not, against plain loops with a Map; worst first.
 *
 * - words choose jobs by a part of their names: `npm run bench:wide -- join sort`
 * - `--repeat 5` runs in each process: the first is shown apart, of the others the fastest
 * - `--scale 5`: sizes are multiplied by this
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { VolleyContext } from "volley";
import { dataPath, makeData } from "./kit/data-set.ts";
import { usageOfTree } from "./kit/process-tree.ts";
import { WIDE_JOBS } from "./wide/list.ts";

type Engine = "volley" | "node";

interface Ran {
  readonly ms: readonly number[];
  readonly peakMiB: number;
  readonly answer: string;
}

const TEXT_SCALE = 0.1;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    run: { type: "string" },
    repeat: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
  },
});
const [repeat, scale] = [Number(options.repeat), Number(options.scale)];

/** In a process of its own: the job's runs, as a line of JSON. */
async function runHere(engine: Engine, name: string): Promise<void> {
  const job = WIDE_JOBS.find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  const vc = engine === "volley" ? await VolleyContext.create({ master: "local[2]" }) : undefined;
  const run = (): unknown => {
    if ("dataSet" in job) {
      const path = dataPath(job.dataSet, TEXT_SCALE * scale);
      return vc === undefined ? job.node(path) : job.volley(vc, path);
    }
    const rows = Math.round(job.rows * scale);
    return vc === undefined ? job.node(rows) : job.volley(vc, rows);
  };
  const ms: number[] = [];
  let answer: unknown;
  for (let at = 0; at < repeat; at++) {
    const start = performance.now();
    answer = await run();
    ms.push(performance.now() - start);
  }
  const peakMiB = usageOfTree(process.pid).peakBytes / 2 ** 20;
  await vc?.stop();
  console.log(JSON.stringify({ ms, peakMiB, answer: JSON.stringify(answer) }));
}

async function runApart(engine: Engine, name: string): Promise<Ran> {
  const script = fileURLToPath(import.meta.url);
  const args = ["--import", "tsx", script, "--run", engine, name, "--repeat", String(repeat), "--scale", String(scale)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Ran;
}

function warmOf({ ms }: Ran): number {
  return Math.min(...ms.slice(1));
}

function tableRow(name: string, volley: Ran, node: Ran): string {
  const [first, warm] = [(volley.ms[0] as number) / (node.ms[0] as number), warmOf(volley) / warmOf(node)];
  const times = [volley.ms[0] as number, warmOf(volley), node.ms[0] as number, warmOf(node)].map((ms) => ms.toFixed(0));
  return `| ${[name, ...times, first.toFixed(2), warm.toFixed(2), volley.peakMiB.toFixed(0)].join(" | ")} |`;
}

async function compareAll(): Promise<void> {
  const isChosen = (name: string) => positionals.length === 0 || positionals.some((part) => name.includes(part));
  await makeData("words", TEXT_SCALE * scale);
  const rows: { readonly ratio: number; readonly text: string }[] = [];
  for (const { name } of WIDE_JOBS.filter((job) => isChosen(job.name))) {
    const [volley, node] = [await runApart("volley", name), await runApart("node", name)];
    if (volley.answer !== node.answer) throw new Error(`${name}: Volley says ${volley.answer}, Node ${node.answer}`);
    rows.push({ ratio: warmOf(volley) / warmOf(node), text: tableRow(name, volley, node) });
  }
  console.log("| job | volley first, ms | warm | node first, ms | warm | first / first | warm / warm | MiB |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const { text } of rows.sort((a, b) => b.ratio - a.ratio)) console.log(text);
}

if (options.run === undefined) await compareAll();
else await runHere(options.run as Engine, positionals[0] as string);
