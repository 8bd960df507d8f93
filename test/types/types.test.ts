/** The type programs compile, and cost the compiler no more than they did: users' editors pay for every instantiation. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** 41,000 when last measured (TypeScript 7.0; the engine's own sources are among the files), and a tenth more. */
const INSTANTIATIONS_MAX = 45_000;

test("pipelines infer without annotation, misuse does not compile, within a budget of instantiations", () => {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const project = fileURLToPath(new URL("tsconfig.json", import.meta.url));
  let report: string;
  try {
    report = execFileSync(process.execPath, [tsc, "-p", project, "--extendedDiagnostics"], { encoding: "utf8" });
  } catch (error) {
    report = (error as { stdout: string }).stdout;
  }
  expect(report.split("\n").filter((line) => /error TS/.test(line))).toEqual([]);
  expect(Number(/Instantiations:\s+(\d+)/.exec(report)?.[1])).toBeLessThan(INSTANTIATIONS_MAX);
});
