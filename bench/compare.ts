/**
 * `npm run bench:compare`: Volley against Apache Spark (Scala, local[2]) and against plain Node, workload by workload, engines in turn (A B A B), answers checked against
 * each other. Arguments choose workloads by name; `--rounds 3` processes for each engine, `--runs 4` in each process (the first warms up and is left out),
 * `--engines volley,node`; `--write` also writes `bench/results/compare.md`. Spark is there after `npm run bench:peers`.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./kit/median.ts";
import { usageOfTree } from "./kit/process-tree.ts";
import type { Workload } from "./kit/workload.ts";
import { sparkCommand } from "./peers/setup.mjs";
import { WORKLOADS } from "./workloads/list.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const SAMPLE_INTERVAL_MS = 100;

interface Measured {
  readonly times: number[];
  readonly answers: string[];
  peakBytes: number;
  readonly cpuSeconds: number[];
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    runs: { type: "string", default: "4" },
    engines: { type: "string", default: "volley,spark,node" },
    write: { type: "boolean", default: false },
  },
});

function commandOf(engine: string, workload: Workload, runs: number): string[] | undefined {
  if (engine === "spark") return sparkCommand(workload.name, runs);
  return [process.execPath, "--import", "tsx", join(HERE, "kit/run-workload.ts"), engine, workload.name, String(runs)];
}

/** Runs one process to its end, looking at its tree now and then. */
async function runOnce(command: readonly string[], into: Measured): Promise<void> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("an empty command");
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  let cpuSeconds = 0;
  const sampler = setInterval(() => {
    if (child.pid === undefined) return;
    const usage = usageOfTree(child.pid);
    into.peakBytes = Math.max(into.peakBytes, usage.residentBytes);
    cpuSeconds = Math.max(cpuSeconds, usage.cpuSeconds);
  }, SAMPLE_INTERVAL_MS);
  const status = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  clearInterval(sampler);
  const line = output
    .join("")
    .split("\n")
    .findLast((text) => text.startsWith('{"times"'));
  if (status !== 0 || line === undefined) throw new Error(`${command.join(" ")}\n${complaints.join("")}`);
  const { times, answer } = JSON.parse(line) as { times: number[]; answer: string };
  into.times.push(...times.slice(1));
  into.answers.push(answer);
  into.cpuSeconds.push(cpuSeconds);
}

async function compare(workload: Workload): Promise<Map<string, Measured>> {
  const results = new Map<string, Measured>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const engine of options.engines.split(",")) {
      const command = commandOf(engine, workload, Number(options.runs));
      if (command === undefined) continue;
      const measured = results.get(engine) ?? { times: [], answers: [], peakBytes: 0, cpuSeconds: [] };
      results.set(engine, measured);
      await runOnce(command, measured);
    }
  }
  checkAnswers(workload, results);
  return results;
}

/** Sums of doubles are taken in different orders: eight digits must agree. */
function checkAnswers(workload: Workload, results: ReadonlyMap<string, Measured>): void {
  const normal = (answer: string): string =>
    answer.replace(/-?\d[\d.]*(?:e[+-]?\d+)?/gi, (digits) => Number(digits).toPrecision(8));
  const answers = new Set([...results.values()].flatMap((measured) => measured.answers.map(normal)));
  if (answers.size > 1) throw new Error(`${workload.name}: the engines disagree: ${[...answers].join(" | ")}`);
}

function row(workload: Workload, results: ReadonlyMap<string, Measured>): string {
  const of = (engine: string): number | undefined => {
    const times = results.get(engine)?.times;
    return times === undefined ? undefined : median(times);
  };
  const cell = (value: number | undefined, digits = 0): string => value?.toFixed(digits) ?? "";
  const [volley, spark, node] = [of("volley"), of("spark"), of("node")];
  const ratio = volley === undefined || spark === undefined ? undefined : volley / spark;
  const toNode = volley === undefined || node === undefined ? undefined : volley / node;
  const memory = (engine: string): string => cell((results.get(engine)?.peakBytes ?? 0) / 2 ** 20);
  const cpu = (engine: string): string => cell(median(results.get(engine)?.cpuSeconds ?? [0]), 1);
  return `| ${workload.title} | ${cell(volley, 1)} | ${cell(spark, 1)} | ${cell(node, 1)} | ${cell(ratio, 2)} | ${workload.goal} | ${cell(toNode, 2)} | ${cpu("volley")} / ${cpu("spark")} | ${memory("volley")} / ${memory("spark")} |`;
}

async function main(): Promise<void> {
  const lines = [
    "| workload | Volley ms | Spark ms | Node ms | Volley / Spark | goal | Volley / Node | CPU s, Volley / Spark | peak MiB of the tree, Volley / Spark |",
    "|---|---|---|---|---|---|---|---|---|",
  ];
  for (const line of lines) console.log(line);
  for (const workload of WORKLOADS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const line = row(workload, await compare(workload));
    console.log(line);
    lines.push(line);
  }
  if (!options.write) return;
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, Spark 4.3.0`;
  mkdirSync(join(HERE, "results"), { recursive: true });
  writeFileSync(
    join(HERE, "results/compare.md"),
    `# Volley, Spark and Node\n\n<!-- Written by \`npm run bench:compare -- --write\`. -->\n\n${machine}. Medians; engines in turn; the ratio counts.\n\n${lines.join("\n")}\n`,
  );
}

await main();
