/** Where executors come from: a local master starts processes; without a source they dial in by themselves. Implemented by the front door. */

import type { ErrorCode } from "@volley/engine/wire/errors.js";

/** What a new executor is told. The source adds slots, memory and folders. */
export interface ExecutorOrder {
  readonly executorId: string;
  readonly incarnation: string;
  readonly driverUrl: string;
  readonly applicationId: string;
  readonly secret: string;
}

export interface ExecutorWatch {
  /** The process ended, by whatever; said once. `detail`: "exit code 1", "signal SIGKILL". */
  exited(detail: string): void;
  /** It said why it cannot start or go on; `exited` follows. */
  failed(code: ErrorCode, message: string): void;
}

export interface ExecutorSource {
  /** Starts one process and returns at once. */
  start(order: ExecutorOrder, watch: ExecutorWatch): void;
  /** Ends one that hangs or was given up: now. */
  end(executorId: string): void;
  /** Ends all: asks first, then kills. Resolves when no process is left, within two seconds. */
  stopAll(reason: string): Promise<void>;
}
