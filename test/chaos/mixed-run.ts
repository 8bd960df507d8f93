/** One run of mixed-victim.ts: every answer right or asked to be cancelled, an end in time, and nothing left. */

import { mkdirSync, rmSync } from "node:fs";
import { ScriptProcess } from "../kit/script-process.js";

const FOR_MS = 6_000;
/** What is under way when the time is over may have lost executors yet. */
const LIMIT_MS = 90_000;

export interface MixedRun {
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** `folder` is made and removed. */
export async function mixedRun(script: string, folder: string, seed: number): Promise<MixedRun> {
  mkdirSync(folder);
  const victim = new ScriptProcess(script, [String(seed), String(FOR_MS)], folder, LIMIT_MS, () => {});
  const { code, lines, stderr, hung } = await victim.ended;
  const said = lines.map((line) => JSON.parse(line) as { problem?: string; counts?: Record<string, number> });
  const violations = said.flatMap(({ problem }) => problem ?? []);
  if (hung) violations.push(`it did not end within ${LIMIT_MS} ms`);
  else if (code !== 0 || stderr !== "") violations.push(`it ended with ${code} and said ${stderr}`);
  const left = victim.left();
  if (left.length > 0) violations.push(`it left ${left.join(", ")}`);
  rmSync(folder, { recursive: true });
  return { counts: said.at(-1)?.counts ?? {}, violations };
}
