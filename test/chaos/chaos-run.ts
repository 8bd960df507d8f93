/**
 * One run of a workload under faults, and what became of it. The law: the oracle's answer, or a VolleyError with a code; in bounded time; and nothing
 * left of it, no process and no file.
 */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { isRunning, lingering, type ScriptEnd, ScriptProcess } from "../kit/script-process.js";
import { DECOMMISSION_MS, drawFaults, type Fault, LOSS_TIMEOUT_MS, stoppedMs } from "./faults.js";
import { digestOf, type VictimLine, type VictimOptions } from "./victim-lines.js";
import { linesOfSaved, WORKLOADS, type Workload, type WorkloadName } from "./workloads.js";

/** Those that always have an answer. */
const ROTATION = (Object.keys(WORKLOADS) as WorkloadName[]).filter((name) => !("mayFailWith" in WORKLOADS[name]));
const MASTERS = ["local-cluster[3,1,256]", "local-cluster[2,2,256]"];
const HEARTBEAT_MS = 250;
/** A run takes seconds; this is for a machine with much else to do. */
const LIMIT_MS = 60_000;
/** After its time is over: a report, its end, and a busy machine. */
const LEAVE_SLACK_MS = 6_000;
/** After the driver's death. */
const LINGER_MS_MAX = 2_000;

export interface ChaosRun {
  readonly seed: number;
  readonly workload: WorkloadName;
  readonly master: string;
  readonly faults: readonly Fault[];
  /** Of the faults, those that found a process to befall. */
  readonly struck: number;
  readonly lost: readonly string[];
  readonly outcome: "answer" | "driver died" | `error ${string}`;
  /** What is against the law; empty when all is well. */
  readonly violations: readonly string[];
  readonly tookMs: number;
}

const digests = new Map<WorkloadName, string>();

function expectedDigest(workload: WorkloadName): string {
  let digest = digests.get(workload);
  if (digest === undefined) {
    digest = digestOf(WORKLOADS[workload].expected());
    digests.set(workload, digest);
  }
  return digest;
}

/** `script`: the bundled victim. `folder` is made and removed. */
export async function chaosRun(
  script: string,
  folder: string,
  seed: number,
  faults: readonly Fault[] = drawFaults(seed),
  workload: WorkloadName = ROTATION[seed % ROTATION.length] as WorkloadName,
): Promise<ChaosRun> {
  const master = MASTERS[Math.floor(seed / ROTATION.length) % MASTERS.length] as string;
  mkdirSync(folder);
  const options: VictimOptions = {
    workload,
    master,
    folder,
    executorLossTimeoutMs: LOSS_TIMEOUT_MS,
    heartbeatIntervalMs: HEARTBEAT_MS,
    decommissionTimeoutMs: DECOMMISSION_MS,
  };
  const scene = new Scene(faults, WORKLOADS[workload].ticks);
  const victim = new ScriptProcess(script, [JSON.stringify(options)], folder, LIMIT_MS, (line) =>
    scene.heard(JSON.parse(line) as VictimLine, victim),
  );
  const end = await victim.ended;
  scene.end();
  const violations = [
    ...violationsOf(scene, end, workload, folder, faults),
    ...victim.left().map((path) => `left the file ${path}`),
    ...(await lingering(scene.pids)).map((pid) => `left the process ${pid}`),
  ];
  rmSync(folder, { recursive: true });
  const outcome = scene.outcome ?? "driver died";
  const { struck, lost } = scene;
  return { seed, workload, master, faults, struck, lost, outcome, violations, tookMs: end.tookMs };
}

/** What happens to the victim, in the order in which it tells how far it is. */
class Scene {
  readonly pids = new Set<number>();
  readonly lost: string[] = [];
  outcome: "answer" | `error ${string}` | undefined;
  digest: string | undefined;
  message = "";
  struck = 0;
  outputsLost = 0;
  /** Executors that were told to leave, and had not gone in time. */
  readonly overstayed: number[] = [];
  readonly #told = new Set<number>();
  readonly #waiting: Fault[];
  readonly #faults: readonly Fault[];
  readonly #ticks: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #ticked = 0;

  constructor(faults: readonly Fault[], ticks: number) {
    this.#faults = faults;
    this.#waiting = [...faults];
    this.#ticks = ticks;
  }

  heard(line: VictimLine, script: ScriptProcess): void {
    if (line.kind === "executors") for (const pid of line.pids) this.pids.add(pid);
    else if (line.kind === "lost") this.lost.push(line.reason);
    else if (line.kind === "outputsLost") this.outputsLost += line.count;
    else if (line.kind === "answer") {
      this.outcome = "answer";
      this.digest = line.digest;
    } else if (line.kind === "error") {
      this.outcome = `error ${line.code ?? "without a code"}`;
      this.message = line.message;
    } else this.#tick(script);
  }

  /** Whoever is still stopped goes on, so that nothing of the test stays behind either. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const pid of this.pids) if (isRunning(pid)) process.kill(pid, "SIGCONT");
  }

  #tick(script: ScriptProcess): void {
    this.#ticked++;
    while (this.#waiting.length > 0 && (this.#waiting[0] as Fault).at * this.#ticks <= this.#ticked) {
      const fault = this.#waiting.shift() as Fault;
      this.#after(fault.delayMs, () => this.#strike(fault, script));
    }
  }

  #strike({ kind, victim }: Fault, script: ScriptProcess): void {
    if (kind === "driverKill" || kind === "driverTerminate" || kind === "driverInterrupt") {
      const signals = { driverKill: "SIGKILL", driverTerminate: "SIGTERM", driverInterrupt: "SIGINT" } as const;
      if (script.child.kill(signals[kind])) this.struck++;
      return;
    }
    // Told a second time, an executor that leaves ends at once: another test's matter.
    const living = [...this.pids].filter((pid) => isRunning(pid) && !(kind === "leave" && this.#told.has(pid)));
    const pid = living[victim % Math.max(1, living.length)];
    if (pid === undefined) return;
    this.struck++;
    if (kind === "leave") return this.#leave(pid);
    process.kill(pid, kind === "kill" ? "SIGKILL" : "SIGSTOP");
    const backAfter = stoppedMs(kind);
    if (backAfter !== undefined) this.#after(backAfter, () => isRunning(pid) && process.kill(pid, "SIGCONT"));
  }

  #leave(pid: number): void {
    this.#told.add(pid);
    process.kill(pid, "SIGTERM");
    this.#after(DECOMMISSION_MS + LEAVE_SLACK_MS, () => {
      // One that was stopped meanwhile is given up otherwise.
      if (isRunning(pid) && this.#faultsAre("leave")) this.overstayed.push(pid);
    });
  }

  #faultsAre(kind: Fault["kind"]): boolean {
    return this.#faults.every((fault) => fault.kind === kind);
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

function violationsOf(
  scene: Scene,
  end: ScriptEnd,
  workload: WorkloadName,
  folder: string,
  faults: readonly Fault[],
): string[] {
  const found: string[] = [];
  if (end.hung) found.push(`did not end within ${LIMIT_MS} ms`);
  if (end.lingeredMs > LINGER_MS_MAX) found.push(`its processes outlived it by ${Math.round(end.lingeredMs)} ms`);
  if (scene.digest !== undefined && scene.digest !== expectedDigest(workload)) found.push("a wrong answer");
  if (scene.outcome === "error without a code") found.push(`no VolleyError: ${scene.message}`);
  if (scene.outcome === "error INTERNAL") found.push(`a defect: ${scene.message}`);
  const driverWasHit = faults.some(({ kind }) => kind.startsWith("driver"));
  if (scene.outcome === undefined && !driverWasHit && !end.hung) {
    found.push(`neither an answer nor an error: ${end.signal ?? end.code} ${end.stderr}`);
  }
  // A task may be lost four times with its executor: fewer losses than that are no reason to fail.
  const { mayFailWith }: Workload = WORKLOADS[workload];
  if (scene.outcome?.startsWith("error") && !driverWasHit && scene.outcome !== `error ${mayFailWith}`)
    found.push(`failed with ${scene.outcome}: ${scene.message}; lost: ${scene.lost.join(", ")}`);
  for (const pid of scene.overstayed) found.push(`the executor ${pid} was told to leave and did not in time`);
  const [only] = faults;
  if (faults.length === 1 && only?.kind === "leave" && scene.outputsLost > 0)
    found.push(`${scene.outputsLost} map outputs were lost with an executor that had time to move them`);
  if (workload === "saveAsTextFile" && saysItIsWhole(folder) && !isSavedWhole(folder)) {
    found.push("a save that says it is complete and is not");
  }
  return found;
}

/** Without _SUCCESS no reader takes a save for whole. */
function saysItIsWhole(folder: string): boolean {
  return existsSync(`${folder}/saved/_SUCCESS`);
}

function isSavedWhole(folder: string): boolean {
  return isDeepStrictEqual(linesOfSaved(`${folder}/saved`), WORKLOADS.saveAsTextFile.expected());
}
