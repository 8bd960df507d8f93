/**
 * `npm run bench`: the figures that the engine is to reach, each measured in a fresh process by a script in `bench/figures/`. Arguments choose some by name:
 * `npm run bench -- first-answer empty-jobs`. Prints a table; with `--write` also `bench/results/figures.md`.
 * With `--workloads` it compares engines instead: see compare.ts.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./kit/figure.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const SCRIPT_MS_MAX = 5 * 60 * 1000;

async function measure(script: string): Promise<Figure[]> {
  const path = join(HERE, "figures", `${script}.ts`);
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", path], {
    timeout: SCRIPT_MS_MAX,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Figure);
}

function row({ name, value, unit, goal, note }: Figure): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `| ${name} | ${value.toFixed(digits)} ${unit} | ${goal} ${unit} | ${value <= goal ? "yes" : "no"} | ${note ?? ""} |`;
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const chosen = words.filter((word) => !word.startsWith("--"));
  const all = readdirSync(join(HERE, "figures"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.slice(0, -".ts".length));
  const lines = ["| figure | measured | goal | reached | |", "|---|---|---|---|---|"];
  for (const line of lines) console.log(line);
  for (const script of all.filter((name) => chosen.length === 0 || chosen.includes(name))) {
    for (const figure of await measure(script)) {
      const line = row(figure);
      console.log(line);
      lines.push(line);
    }
  }
  if (!words.includes("--write")) return;
  mkdirSync(join(HERE, "results"), { recursive: true });
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const head = `# Figures\n\n<!-- Written by \`npm run bench -- --write\`. -->\n\n${machine}\n\n`;
  writeFileSync(join(HERE, "results/figures.md"), `${head}${lines.join("\n")}\n`);
}

if (process.argv.some((word) => word.startsWith("--workloads"))) await import("./compare.ts");
else await main();
