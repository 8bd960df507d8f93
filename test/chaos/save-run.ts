/**
 * One save (text or a checkpoint) in which the driver or an executor is killed, and one more of the same after it. The law: what says that it is whole is so, byte for byte; what does
 * not is taken over or cleared by the second; and after that one nothing is there but parts and their _SUCCESS.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Prng } from "@volley/engine/lib/prng.js";
import { isRunning, lingering, ScriptProcess } from "../kit/script-process.js";
import { lineOf, PARTITIONS, ROWS, type SaveLine, type SaveOptions } from "./save-lines.js";

const LIMIT_MS = 60_000;
/** A save takes about so long; with a slow first attempt and speculation. */
const SAVE_MS = 600;
const SLOW_SAVE_MS = 2_800;
const EXPECTED = Array.from({ length: ROWS }, (_, index) => lineOf(index));

export interface SaveRun {
  readonly seed: number;
  readonly what: string;
  /** How the first one ended. */
  readonly outcome: string;
  readonly violations: readonly string[];
}

/** When the kill comes. */
type Moment = { readonly afterMs: number } | { readonly afterFirstPartMs: number };

export async function saveRun(script: string, folder: string, seed: number): Promise<SaveRun> {
  const random = new Prng(seed);
  const kind = seed % 2 === 0 ? "text" : "checkpoint";
  const slow = random.nextDouble() < 0.4;
  const victim = random.nextDouble() < 0.6 ? "driver" : "executor";
  const moment: Moment =
    random.nextDouble() < 0.5
      ? { afterMs: random.nextDouble() * (slow ? SLOW_SAVE_MS : SAVE_MS) }
      : { afterFirstPartMs: random.nextDouble() * 4 };
  mkdirSync(folder);
  const saved = join(folder, "saved");
  const first = await runOnce(script, join(folder, "first"), { kind, folder, slow, alsoRead: [] }, (pids, script_) => {
    const strike = () => {
      const pid = victim === "driver" ? script_.child.pid : pids.filter(isRunning)[0];
      if (pid !== undefined && isRunning(pid)) process.kill(pid, "SIGKILL");
    };
    if ("afterMs" in moment) setTimeout(strike, moment.afterMs);
    else whenThereIsAPart(saved, script_, () => setTimeout(strike, moment.afterFirstPartMs));
  });
  const violations = [...first.violations];
  const outcome = first.saved ? "saved" : (first.error ?? "killed");
  if (victim === "executor" && outcome !== "saved") violations.push(`the loss of one executor: ${outcome}`);
  const wasWhole = wholeTargets(saved, kind);
  const second = await runOnce(
    script,
    join(folder, "second"),
    { kind, folder, slow: false, alsoRead: kind === "checkpoint" ? wasWhole : [] },
    () => undefined,
  );
  violations.push(...second.violations);
  const expected = kind === "text" && wasWhole.length > 0 ? "OUTPUT_EXISTS" : "saved";
  const became = second.saved ? "saved" : second.error;
  if (became !== expected) violations.push(`the second save: ${became}, not ${expected}`);
  violations.push(...strangersIn(folder, saved), ...wrongLines(kind, saved, [...first.read, ...second.read]));
  rmSync(folder, { recursive: true });
  return { seed, what: `${kind}${slow ? " with speculation" : ""}, ${victim} killed`, outcome, violations };
}

interface Ended {
  readonly saved: boolean;
  readonly error: string | undefined;
  readonly read: readonly (readonly string[])[];
  readonly violations: readonly string[];
}

async function runOnce(
  script: string,
  own: string,
  options: SaveOptions,
  saving: (pids: readonly number[], script: ScriptProcess) => void,
): Promise<Ended> {
  mkdirSync(own);
  const pids = new Set<number>();
  const read: (readonly string[])[] = [];
  let saved = false;
  let error: string | undefined;
  const process_: ScriptProcess = new ScriptProcess(script, [JSON.stringify(options)], own, LIMIT_MS, (text) => {
    const line = JSON.parse(text) as SaveLine;
    if (line.kind === "executors") for (const pid of line.pids) pids.add(pid);
    else if (line.kind === "saving") saving([...pids], process_);
    else if (line.kind === "read") read.push(line.lines);
    else if (line.kind === "saved") saved = true;
    else error = line.code;
  });
  const end = await process_.ended;
  const violations = [
    ...(end.hung ? ["did not end"] : []),
    ...process_.left().map((path) => `left the file ${path} in the temporary folder`),
    ...(await lingering(pids)).map((pid) => `left the process ${pid}`),
    ...(saved || error !== undefined || end.signal === "SIGKILL" ? [] : [`ended with ${end.code}: ${end.stderr}`]),
  ];
  return { saved, error, read, violations };
}

/** Looks again and again, since the moment is a matter of milliseconds. */
function whenThereIsAPart(saved: string, { child }: ScriptProcess, then: () => void): void {
  const look = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // Under _temporary they are not yet committed.
    if (filesUnder(saved).some((path) => /part-\d{5}$/.test(path))) then();
    else setTimeout(look, 1);
  };
  look();
}

function filesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    // Not there yet, or one in it went while it was read.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The targets that say they are whole. */
function wholeTargets(saved: string, kind: SaveOptions["kind"]): readonly string[] {
  if (kind === "text") return existsSync(join(saved, "_SUCCESS")) ? [saved] : [];
  return filesUnder(saved)
    .filter((path) => /^[^/]+\/rdd-\d+\/_SUCCESS$/.test(path))
    .map((path) => join(saved, path, ".."));
}

/** Whatever is neither a part nor _SUCCESS. Of checkpoints the folders too, but that of an application that died before it wrote anything. */
function strangersIn(folder: string, saved: string): readonly string[] {
  const own = /^(first|second|saved|first-try-\d+)$/;
  const beside = readdirSync(folder).filter((name) => !own.test(name));
  const inside = filesUnder(saved).filter(
    (path) => !/^(app-[a-z0-9-]+(\/rdd-\d+(\/(_SUCCESS|part-\d{5}))?)?|_SUCCESS|part-\d{5})$/.test(path),
  );
  return [...beside, ...inside].map((path) => `left ${path}`);
}

function wrongLines(kind: SaveOptions["kind"], saved: string, read: readonly (readonly string[])[]): readonly string[] {
  const found: string[] = [];
  for (const lines of read) {
    if (isDeepStrictEqual(lines, EXPECTED)) continue;
    const at = lines.findIndex((line, index) => line !== EXPECTED[index]);
    found.push(`a checkpoint of ${lines.length} lines for ${ROWS}, other from line ${at} on: ${lines[at]}`);
  }
  const parts = filesUnder(saved).filter((path) => /part-\d{5}$/.test(path));
  const targets = wholeTargets(saved, kind).length;
  if (parts.length !== targets * PARTITIONS) found.push(`${parts.length} parts for ${targets} targets`);
  if (kind === "text") {
    const text = [...parts].sort().map((name) => readFileSync(join(saved, name), "utf8"));
    if (text.join("") !== EXPECTED.map((line) => `${line}\n`).join("")) found.push("other bytes than were saved");
  } else if (read.length === 0) found.push("no checkpoint was read");
  return found;
}
