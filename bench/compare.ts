/**
 * `npm run bench -- --workloads w2,w4`: Volley against Apache Spark (Scala, local[2]), PySpark and plain Node, workload by workload, engines in turn (A B A B), answers
 * checked against each other. Workloads by id or name, all by default.
 *
 * - `--engines volley,spark,node`: also `tuned` (hand-tuned Node, where there is one), `pyspark`, `duckdb` and `skale`; all but Volley and Node are there after `npm run bench:peers`
 * - `--runs 3` processes for each engine, `--repeat 4` runs in each process (the first warms up and is left out)
 * - `--scale 0.1`: sizes are multiplied by this
 * - `--write` also writes `bench/results/compare-<scale>.md`
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type DataSet, dataPath, makeData } from "./kit/data-set.ts";
import { median } from "./kit/median.ts";
import type { Spent } from "./kit/part-timer.ts";
import { usageOfTree } from "./kit/process-tree.ts";
import type { Workload } from "./kit/workload.ts";
import { nodePeerCommand, pysparkCommand, sparkCommand } from "./peers/setup.mjs";
import { WORKLOADS } from "./workloads/list.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const SAMPLE_INTERVAL_MS = 50;

interface Command {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What one engine has shown in one workload: each list grows by one entry a run or process. */
interface Measured {
  readonly partToSpent: Map<string, Spent[]>;
  readonly answers: string[];
  readonly peakBytes: number[];
  readonly cpuSeconds: number[];
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workloads: { type: "string", default: "" },
    engines: { type: "string", default: "volley,spark,node" },
    runs: { type: "string", default: "3" },
    repeat: { type: "string", default: "4" },
    scale: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const runs = Number(options.runs);
const repeat = Number(options.repeat);
const scale = Number(options.scale);
const engines = options.engines.split(",");

/** How to run a workload `repeat` times in a fresh process of an engine; undefined where the engine is not there or has no version of it. */
function commandOf(engine: string, workload: Workload): Command | undefined {
  const files = (workload.dataSets ?? []).map((dataSet: DataSet) => dataPath(dataSet, scale));
  const { name, memoryMiB, process: whole } = workload;
  const run = { workload: name, runs: whole === undefined ? repeat : 1, scale, files, memoryMiB };
  switch (engine) {
    case "spark": {
      const command = sparkCommand(run);
      return command && { command };
    }
    case "pyspark":
      return pysparkCommand(run);
    case "duckdb":
    case "skale":
      return nodePeerCommand(engine, run);
    case "volley":
    case "node":
    case "tuned": {
      if (whole !== undefined) {
        return engine === "tuned"
          ? undefined
          : { command: [process.execPath, "--input-type=module", "--eval", whole[engine]] };
      }
      if (workload[engine] === undefined) return undefined;
      const script = join(HERE, "kit/run-workload.ts");
      return { command: [process.execPath, "--import", "tsx", script, engine, name, String(repeat), String(scale)] };
    }
    default:
      throw new Error(`no engine ${engine}`);
  }
}

/** Runs one process to its end, looking at its tree now and then. */
async function runOnce(workload: Workload, { command, env }: Command, into: Measured): Promise<void> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("an empty command");
  const start = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: HERE, env: { ...process.env, ...env } });
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  let [cpuSeconds, peakBytes] = [0, 0];
  const sampler = setInterval(() => {
    if (child.pid === undefined) return;
    const usage = usageOfTree(child.pid);
    peakBytes = Math.max(peakBytes, usage.residentBytes);
    cpuSeconds = Math.max(cpuSeconds, usage.cpuSeconds);
  }, SAMPLE_INTERVAL_MS);
  const status = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  const wall = performance.now() - start;
  clearInterval(sampler);
  if (status !== 0) throw new Error(`${command.join(" ")}\n${complaints.join("")}`);
  into.cpuSeconds.push(cpuSeconds);
  into.peakBytes.push(peakBytes);
  const line = output
    .join("")
    .split("\n")
    .findLast((text) => text.startsWith('{"times"'));
  if (workload.process !== undefined) return addTimes(into, [{ "": { wall, cpu: cpuSeconds * 1000 } }]);
  if (line === undefined) throw new Error(`${command.join(" ")}: no result\n${complaints.join("")}`);
  const { times, answer } = JSON.parse(line) as { times: Record<string, Spent>[]; answer: string };
  into.answers.push(answer);
  addTimes(into, times.length > 1 ? times.slice(1) : times);
}

function addTimes(into: Measured, times: readonly Record<string, Spent>[]): void {
  for (const parts of times) {
    for (const [part, spent] of Object.entries(parts)) {
      const list = into.partToSpent.get(part) ?? [];
      into.partToSpent.set(part, list);
      list.push(spent);
    }
  }
}

async function compare(workload: Workload): Promise<Map<string, Measured>> {
  const results = new Map<string, Measured>();
  for (let round = 0; round < runs; round++) {
    for (const engine of engines) {
      const command = commandOf(engine, workload);
      if (command === undefined) continue;
      const measured = results.get(engine) ?? { partToSpent: new Map(), answers: [], peakBytes: [], cpuSeconds: [] };
      results.set(engine, measured);
      await runOnce(workload, command, measured);
    }
  }
  checkAnswers(workload, results);
  return results;
}

/** Sums of doubles are taken in different orders: seven digits must agree. */
function checkAnswers(workload: Workload, results: ReadonlyMap<string, Measured>): void {
  const normal = (answer: string): string =>
    answer.replace(/-?\d[\d.]*(?:e[+-]?\d+)?/gi, (digits) => Number(digits).toPrecision(7));
  const answers = new Set([...results.values()].flatMap((measured) => measured.answers.map(normal)));
  if (answers.size > 1) throw new Error(`${workload.name}: the engines disagree: ${[...answers].join(" | ")}`);
}

function cell(value: number | undefined, digits = 0): string {
  return value === undefined ? "" : value.toFixed(digits);
}

/** A line of the table for each part of a workload. */
function rows({ title, goal }: Workload, results: ReadonlyMap<string, Measured>): string[] {
  const parts = [...(results.values().next().value?.partToSpent.keys() ?? [])];
  const memory = engines.map((engine) => middle(results.get(engine)?.peakBytes, 2 ** 20)).join(" / ");
  return parts.map((part, index) => {
    const of = (engine: string, what: keyof Spent = "wall"): number | undefined => {
      const spent = results.get(engine)?.partToSpent.get(part);
      return spent === undefined ? undefined : median(spent.map((one) => one[what]));
    };
    const ratio = (to: string, what: keyof Spent = "wall"): string => {
      const [own, other] = [of("volley", what), of(to, what)];
      return own === undefined || other === undefined ? "" : (own / Math.max(other, 0.1)).toFixed(2);
    };
    const most = typeof goal === "number" ? goal : goal[part];
    const ms = engines.map((engine) => cell(of(engine), (of(engine) ?? 10) < 10 ? 1 : 0)).join(" | ");
    const cpu = engines.map((engine) => cell(of(engine, "cpu"))).join(" / ");
    const name = part === "" ? title : `${title}: ${part}`;
    return `| ${name} | ${ms} | ${ratio("spark")} | ${most ?? ""} | ${ratio("node")} | ${cpu} | ${ratio("spark", "cpu")} | ${index === 0 ? memory : ""} |`;
  });
}

function middle(values: readonly number[] | undefined, unit: number): string {
  return values === undefined ? "" : cell(median(values) / unit);
}

async function main(): Promise<void> {
  const wanted = [...positionals, ...options.workloads.split(",")].filter((word) => word !== "");
  const chosen = WORKLOADS.filter(
    ({ id, name }) => wanted.length === 0 || wanted.includes(id) || wanted.includes(name),
  );
  const heads = engines.map((engine) => `${engine} ms`).join(" | ");
  const all = engines.join(" / ");
  const lines = [
    `| workload | ${heads} | Volley / Spark | goal | Volley / Node | CPU ms, ${all} | CPU, Volley / Spark | peak MiB of the tree, ${all} |`,
    `|---|${"---|".repeat(engines.length)}---|---|---|---|---|---|`,
  ];
  for (const line of lines) console.log(line);
  const loadBefore = loadavg()[0] as number;
  for (const workload of chosen) {
    for (const dataSet of workload.dataSets ?? []) await makeData(dataSet, scale);
    for (const line of rows(workload, await compare(workload))) {
      console.log(line);
      lines.push(line);
    }
    // After each, so that a run that is broken off leaves what it has measured.
    if (options.write) writeResults(lines, loadBefore);
  }
  console.log(loadText(loadBefore));
}

function loadText(before: number): string {
  return `Load of the machine before and after: ${before.toFixed(1)}, ${(loadavg()[0] as number).toFixed(1)}`;
}

function writeResults(lines: readonly string[], loadBefore: number): void {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, Spark 4.3.0 on Java 17`;
  const how = `Scale ${scale}. Medians of ${runs} processes of each engine, taken in turn, each with ${repeat} runs of which the first does not count; CPU is that of a run, memory that of whole processes. The ratios count; on a busy machine the CPU ratio is the steadier one.`;
  mkdirSync(join(HERE, "results"), { recursive: true });
  writeFileSync(
    join(HERE, `results/compare-${scale}.md`),
    `# Volley, Spark and Node\n\n<!-- Written by \`npm run bench -- --workloads ... --write\`. -->\n\n${machine}. ${how} ${loadText(loadBefore)}.\n\n${lines.join("\n")}\n`,
  );
}

await main();
