/** Where executors come from: a local master starts processes; without a source they dial in by themselves. Implemented by the front door. */

import type { ErrorCode } from "@volley/engine/wire/errors.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";

/** What a new executor is told. The source adds slots, memory and folders. */
export interface ExecutorOrder {
  readonly executorId: string;
  readonly incarnation: string;
  readonly driverUrl: string;
  readonly applicationId: string;
  readonly secret: string;
}

export interface ExecutorDeath {
  /** "exit code 1", "signal SIGKILL". */
  readonly detail: string;
  /** As far as it can be told from outside. */
  readonly isOutOfMemory: boolean;
  /** What it left behind about its memory. */
  readonly lastWords?: LastWords | undefined;
}

export interface ExecutorWatch {
  /** The process ended, by whatever; said once. */
  exited(death: ExecutorDeath): void;
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
