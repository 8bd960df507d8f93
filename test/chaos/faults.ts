/** Which faults befall a run, drawn from its seed. */

import { Prng } from "@volley/engine/lib/prng.js";

export type FaultKind =
  /** SIGKILL of an executor. */
  | "kill"
  /** SIGSTOP of an executor until the driver gives it up. */
  | "freeze"
  /** SIGSTOP of an executor, and SIGCONT soon after: it is late, and not lost. */
  | "pause"
  /** SIGSTOP, and SIGCONT about when it is given up: a zombie's results must not count. */
  | "zombie"
  /** SIGTERM of an executor: it leaves. */
  | "leave"
  /** SIGKILL, SIGTERM or SIGINT of the driver. */
  | "driverKill"
  | "driverTerminate"
  | "driverInterrupt";

export interface Fault {
  readonly kind: FaultKind;
  /** When so many of the workload's ticks have passed, as a share of all. */
  readonly at: number;
  /** And so many milliseconds after that. */
  readonly delayMs: number;
  /** Which of the executors that live then. */
  readonly victim: number;
}

export const LOSS_TIMEOUT_MS = 2_500;
/** How long an executor that leaves may take. */
export const DECOMMISSION_MS = 8_000;
const EXECUTOR_FAULTS: readonly FaultKind[] = ["kill", "kill", "kill", "freeze", "pause", "zombie", "leave"];
const DRIVER_FAULTS: readonly FaultKind[] = ["driverKill", "driverTerminate", "driverInterrupt"];
/** Of the runs, those in which it is the driver that dies. */
const DRIVER_SHARE = 0.2;
/** Losses of executors in a run. A task may be lost that often with its executor and still be tried again. */
const FAULTS_MAX = 3;
const DELAY_MS_MAX = 60;

export function drawFaults(seed: number): readonly Fault[] {
  const random = new Prng(seed);
  const isDriver = random.nextDouble() < DRIVER_SHARE;
  const count = isDriver ? 1 : 1 + Math.floor(random.nextDouble() * FAULTS_MAX);
  const kinds = isDriver ? DRIVER_FAULTS : EXECUTOR_FAULTS;
  const faults = Array.from({ length: count }, () => ({
    kind: kinds[Math.floor(random.nextDouble() * kinds.length)] as FaultKind,
    at: random.nextDouble(),
    delayMs: Math.floor(random.nextDouble() * DELAY_MS_MAX),
    victim: Math.floor(random.nextDouble() * 64),
  }));
  return faults.sort((a, b) => a.at - b.at);
}

/** One executor or two that are told to leave, and nothing worse. */
export function drawLeaves(seed: number): readonly Fault[] {
  const random = new Prng(seed);
  const faults = Array.from({ length: random.nextDouble() < 0.7 ? 1 : 2 }, () => ({
    kind: "leave" as const,
    at: random.nextDouble() * 0.9,
    delayMs: Math.floor(random.nextDouble() * DELAY_MS_MAX),
    victim: Math.floor(random.nextDouble() * 64),
  }));
  return faults.sort((a, b) => a.at - b.at);
}

/** How long a stopped executor stays so; undefined: for good. */
export function stoppedMs(kind: FaultKind): number | undefined {
  if (kind === "pause") return LOSS_TIMEOUT_MS * 0.3;
  return kind === "zombie" ? LOSS_TIMEOUT_MS * 1.05 : undefined;
}
