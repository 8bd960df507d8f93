/**
 * The ways in which a script's process may end in the middle of a job, or between jobs. The law is always the same: no process, no file in the temporary folder, no port.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Prng } from "@volley/engine/lib/prng.js";
import { FRONT_DOOR, lingering, ScriptProcess } from "../kit/script-process.js";

export const ENDINGS = [
  "stop",
  "stopTwice",
  "crash",
  "exit",
  "forget",
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGKILL",
] as const;
export type Ending = (typeof ENDINGS)[number];

/** From the end of the script's own process to that of its last executor. */
const LINGER_MS_MAX = 2_000;
const LIMIT_MS = 60_000;
/** A run lasts about so long after its script has begun: start, a shuffle, a spill to disk. */
const SPAN_MS = 900;

export interface EndRun {
  readonly ending: Ending;
  readonly afterMs: number;
  readonly lingeredMs: number;
  readonly violations: readonly string[];
}

/** Says the ports and process ids as soon as they are known, works until it is ended, and ends by itself where that is the way. */
const scriptOf = (ending: Ending, afterMs: number) => `
import { VolleyContext, VolleyError, StorageLevel } from ${JSON.stringify(FRONT_DOOR)};
console.log("begun");
const creating = VolleyContext.create({ master: "local-cluster[2,1,32]", progress: false, logLevel: "error" });
const vc = await creating;
console.log("port " + new URL(vc.driver.url).port);
vc.addListener({ onExecutorAdded() { for (const { pid, port } of vc.driver.executors()) console.log("executor " + pid + " " + port); } });
const stopped = (error) => { if (!VolleyError.is(error, "CANCELLED") && !VolleyError.is(error, "CONTEXT_STOPPED") && !VolleyError.is(error, "NO_EXECUTORS")) throw error; };
const work = (async () => {
  for (;;) {
    const rows = vc.range(0, 60_000, 1, 6).map((x) => [x % 500, "row " + x + "-".repeat(200)]).persist(StorageLevel.DISK_ONLY);
    await rows.groupByKey(3).count();
    await rows.unpersist();
  }
})().catch(stopped);
const end = async () => {
  switch (${JSON.stringify(ending)}) {
    case "stop": await vc.stop(); break;
    case "stopTwice": await Promise.all([vc.stop(), vc.stop()]); await vc.stop(); break;
    case "crash": throw new Error("a crash");
    case "exit": process.exit(3);
  }
};
${
  ending === "forget"
    ? `setTimeout(() => vc.cancelAllJobs(), ${afterMs});`
    : ending.startsWith("SIG")
      ? ""
      : `setTimeout(end, ${afterMs});`
}
`;

/** `folder` is made and removed. */
export async function endRun(ending: Ending, folder: string, seed: number): Promise<EndRun> {
  const afterMs = Math.floor(new Prng(seed).nextDouble() * SPAN_MS);
  mkdirSync(folder);
  const path = join(folder, "script.mjs");
  writeFileSync(path, scriptOf(ending, afterMs));
  const pids = new Set<number>();
  /** By their sockets: a port is anybody's as soon as it is free. */
  const sockets = new Map<string, number>();
  const notePort = (port: number) => {
    const socket = listeningSockets().get(port);
    if (socket !== undefined) sockets.set(socket, port);
  };
  const script: ScriptProcess = new ScriptProcess(path, [], folder, LIMIT_MS, (line) => {
    const [word, ...numbers] = line.split(" ");
    if (word === "port") notePort(Number(numbers[0]));
    if (word === "executor") {
      pids.add(Number(numbers[0]));
      notePort(Number(numbers[1]));
    }
    if (word === "begun" && ending.startsWith("SIG"))
      setTimeout(() => script.child.kill(ending as NodeJS.Signals), afterMs);
  });
  const end = await script.ended;
  const listening = new Set(listeningSockets().values());
  const violations = [
    ...(end.hung ? [`did not end within ${LIMIT_MS} ms`] : []),
    ...(end.lingeredMs > LINGER_MS_MAX ? [`its processes outlived it by ${Math.round(end.lingeredMs)} ms`] : []),
    ...script.left().map((left) => `left the file ${left}`),
    ...(await lingering(pids)).map((pid) => `left the process ${pid}`),
    ...[...sockets].filter(([socket]) => listening.has(socket)).map(([, port]) => `left the port ${port}`),
    ...wrongStatus(ending, end),
  ];
  rmSync(folder, { recursive: true });
  return { ending, afterMs, lingeredMs: end.lingeredMs, violations };
}

function wrongStatus(ending: Ending, end: { code: number | null; signal: string | null; stderr: string }): string[] {
  const expected = ending.startsWith("SIG")
    ? ending
    : { stop: 0, stopTwice: 0, forget: 0, crash: 1, exit: 3 }[ending as "stop"];
  const found = end.signal ?? end.code;
  return found === expected ? [] : [`ended with ${found}, not ${expected}: ${end.stderr}`];
}

/** The sockets that are listened on, of TCP on this machine: port to inode. */
function listeningSockets(): ReadonlyMap<number, string> {
  const LISTEN = "0A";
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => readFileSync(path, "latin1").split("\n").slice(1));
  const found = new Map<number, string>();
  for (const row of rows) {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    if (state === LISTEN) found.set(Number.parseInt(local?.split(":")[1] as string, 16), inode as string);
  }
  return found;
}
