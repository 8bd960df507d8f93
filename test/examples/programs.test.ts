/** Examples as programs: each is listed, and what is started prints its answer and ends. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const names = readdirSync(EXAMPLES).flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -3)] : []));

async function run(name: string): Promise<string> {
  const script = join(EXAMPLES, `${name}.ts`);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  expect(stderr).toBe("");
  return stdout;
}

it("the README lists every example, with its command", () => {
  const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  const linked = [...readme.matchAll(/\[([\w-]+)\]\(\1\.ts\)/g)].map(([, name]) => name);
  expect(linked.sort()).toEqual([...names].sort());
  const commands = [...readme.matchAll(/^\| `npm start -- ([\w-]+)` +\| \[\1\]/gm)].map(([, name]) => name);
  expect(commands.sort()).toEqual(names.filter((name) => name !== "pagerank-wordnet").sort());
});

it("word count prints ten words", { timeout: 60_000 }, async () => {
  expect(await run("word-count")).toMatch(/^( *\d+ {2}[a-z]+\n){10}$/);
});

it("Monte Carlo pi prints a number near pi", { timeout: 60_000 }, async () => {
  const [, number] = /^pi is about ([\d.]+)\n$/.exec(await run("monte-carlo-pi")) ?? [];
  expect(Math.abs(Number(number) - Math.PI)).toBeLessThan(0.01);
});
