/** What the victim is told when it starts, and what it says on stdout. */

import { createHash } from "node:crypto";
import type { WorkloadName } from "./workloads.js";

export interface VictimOptions {
  readonly workload: WorkloadName;
  readonly master: string;
  readonly folder: string;
  readonly executorLossTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly decommissionTimeoutMs: number;
}

export type VictimLine =
  | { readonly kind: "executors"; readonly pids: readonly number[] }
  /** A task started or ended. */
  | { readonly kind: "tick" }
  | { readonly kind: "lost"; readonly executorId: string; readonly reason: string }
  /** Map outputs that have to be computed again. */
  | { readonly kind: "outputsLost"; readonly count: number }
  | { readonly kind: "answer"; readonly digest: string }
  /** `code` is undefined when it was no VolleyError. */
  | { readonly kind: "error"; readonly code: string | undefined; readonly message: string };

/** Answers cross as their digest: some are megabytes. */
export const digestOf = (answer: unknown): string => createHash("sha256").update(JSON.stringify(answer)).digest("hex");
