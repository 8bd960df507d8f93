/**
 * The one table of error codes. Code compares codes, never message texts.
 *
 * `blame` says whose fault an error is, `retry` whether the scheduler may try the task again. `docs/ERRORS.md` is generated
 * from this table. When adding a row, add the test that provokes it.
 */

export interface ErrorRow {
  readonly blame: "user" | "data" | "engine" | "environment";
  /** May a task that failed with this be tried again on its own merits? */
  readonly retry: boolean;
  readonly doc: string;
}

export const ERRORS = {
  USER_FUNCTION_FAILED: { blame: "user", retry: true, doc: "A user function threw; `cause` is its own error." },
  PROMISE_IN_SYNC_FUNCTION: {
    blame: "user",
    retry: false,
    doc: "A function that must be synchronous returned a promise; use mapAsync, flatMapAsync, filterAsync or foreachAsync.",
  },
  NOT_ITERABLE: { blame: "user", retry: false, doc: "flatMap or mapPartitions got something that is not iterable." },
  NOT_A_PAIR: { blame: "user", retry: false, doc: "A key-value operator met a row that is no [key, value] array." },
  NOT_A_NUMBER: { blame: "user", retry: false, doc: "A numeric action met a row that is no number." },
  UNSUPPORTED_KEY: {
    blame: "user",
    retry: false,
    doc: "A key is neither a primitive, a Date, a bigint, nor an array or plain object of these.",
  },
  CLOSURE_CAPTURE: {
    blame: "user",
    retry: false,
    doc: "A function captures a value that cannot travel to an executor.",
  },
  CONTEXT_IN_CLOSURE: {
    blame: "user",
    retry: false,
    doc: "An RDD or the context is used inside a function; join, or broadcast what was collected.",
  },
  ROW_NOT_TRANSFERABLE: {
    blame: "user",
    retry: false,
    doc: "A row holds a value that cannot leave its process (a function, a symbol, a promise, an instance of an unknown class).",
  },
  EMPTY_COLLECTION: { blame: "data", retry: false, doc: "first, reduce, max or min of an RDD without rows." },
  UNEQUAL_PARTITIONS: {
    blame: "user",
    retry: false,
    doc: "zip of RDDs with unequal numbers of partitions or of rows in a partition.",
  },
  INVALID_ARGUMENT: { blame: "user", retry: false, doc: "An argument is outside what the method takes." },
  INVALID_OPTION: { blame: "user", retry: false, doc: "An option is unknown or has a wrong value." },
  INVALID_MASTER: {
    blame: "user",
    retry: false,
    doc: "The master is none of local, local[n], local[*], local-cluster[e,c,m], volley://host:port.",
  },
  INVALID_PARTITIONER: {
    blame: "user",
    retry: false,
    doc: "A partitioner gave a partition outside 0 to numPartitions - 1.",
  },
  STORAGE_LEVEL_SET: {
    blame: "user",
    retry: false,
    doc: "Another storage level is set on this RDD; unpersist it first.",
  },
  CHECKPOINT_DIR_UNSET: { blame: "user", retry: false, doc: "checkpoint() needs setCheckpointDir first." },
  CONTEXT_STOPPED: { blame: "user", retry: false, doc: "The context has been stopped." },
  BROADCAST_DESTROYED: { blame: "user", retry: false, doc: "A destroyed broadcast was used." },
  ACCUMULATOR_UNREGISTERED: { blame: "user", retry: false, doc: "An accumulator was used before register()." },
  CANCELLED: { blame: "user", retry: false, doc: "The job was cancelled: by its signal, its group or tag, or stop()." },
  FILE_NOT_FOUND: {
    blame: "environment",
    retry: false,
    doc: "An input path does not exist, or a glob matches nothing.",
  },
  FILE_UNREADABLE: { blame: "environment", retry: true, doc: "An input file cannot be read." },
  FILE_NOT_TEXT: { blame: "data", retry: false, doc: "A text file holds bytes that are no UTF-8 text." },
  FILE_DAMAGED: { blame: "data", retry: false, doc: "A file's bytes do not fit its format or its checksum." },
  INPUT_INCOMPLETE: {
    blame: "environment",
    retry: false,
    doc: "A folder of saved output is not whole: the save has not ended, or its files are not those that its _SUCCESS lists.",
  },
  OUTPUT_EXISTS: { blame: "user", retry: false, doc: "The folder to save to exists already." },
  OUTPUT_FAILED: { blame: "environment", retry: true, doc: "Output could not be written." },
  PROCESS_FAILED: {
    blame: "environment",
    retry: true,
    doc: "A process started by pipe() ended with a status other than 0.",
  },
  RECORD_TOO_LARGE: {
    blame: "data",
    retry: false,
    doc: "A record, key table or result is larger than JavaScript can hold.",
  },
  RESULT_TOO_LARGE: {
    blame: "user",
    retry: false,
    doc: "The rows of an action exceed maxResultSizeMiB on the driver.",
  },
  OUT_OF_MEMORY: { blame: "environment", retry: true, doc: "A task or executor ran out of memory." },
  FETCH_FAILED: {
    blame: "engine",
    retry: true,
    doc: "A shuffle segment or block could not be read from where it was.",
  },
  BLOCK_LOST: { blame: "engine", retry: true, doc: "A block is gone and cannot be recomputed." },
  BLOCK_CORRUPT: { blame: "environment", retry: true, doc: "A block's checksum does not match." },
  EXECUTOR_LOST: { blame: "environment", retry: true, doc: "An executor died, hung or disconnected." },
  SLOT_LOST: { blame: "user", retry: true, doc: "The worker thread that ran a task ended (process.exit, a crash)." },
  NO_EXECUTORS: { blame: "environment", retry: false, doc: "No executor could be started or kept." },
  STAGE_ABORTED: { blame: "engine", retry: false, doc: "A stage failed too often in a row." },
  NONDETERMINISTIC_OUTPUT: {
    blame: "user",
    retry: false,
    doc: "A recomputed map output differs from the one already read.",
  },
  VERSION_MISMATCH: { blame: "environment", retry: false, doc: "Driver and executor are of different versions." },
  PROTOCOL: { blame: "engine", retry: false, doc: "A message broke the protocol." },
  TLS_REFUSED: {
    blame: "environment",
    retry: false,
    doc: "Driver and executor do not accept each other's certificate, or one of them speaks no TLS.",
  },
  UNAUTHORIZED: { blame: "environment", retry: false, doc: "A request came without the right secret." },
  INTERNAL: { blame: "engine", retry: false, doc: "A defect in Volley." },
} as const satisfies Record<string, ErrorRow>;

/** One of the codes of docs/ERRORS.md. */
export type ErrorCode = keyof typeof ERRORS;

/** Where in the user's own files something happened. */
export interface UserPlace {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** What the user can look at to find the failing row. All optional: an error before any task has none of it. */
export interface ErrorDetails {
  /** The line of the user's own code that it is about. */
  readonly place?: UserPlace | undefined;
  /** The method whose function failed, or that was called wrongly. */
  readonly operator?: string | undefined;
  /** Which user function of the stage failed: an index that `PlannedStage.site` resolves on the driver. */
  readonly site?: number | undefined;
  /** The stage of the failed task. */
  readonly stageId?: number | undefined;
  /** Its partition, from 0. */
  readonly partition?: number | undefined;
  /** Its attempt, from 0. */
  readonly attempt?: number | undefined;
  /** The failing record, shortened text. */
  readonly record?: string | undefined;
  /** For captures: the variable and the path to the value, e.g. `cfg.db.socket`. */
  readonly variable?: string | undefined;
  /** From the variable to the value that cannot travel. */
  readonly path?: string | undefined;
  /** Where the failed task ran. */
  readonly executorId?: string | undefined;
}

const BRAND = Symbol.for("volley.error");

/** Every rejection of Volley's API. Compare `code`; `VolleyError.is` holds across threads, realms and copies of the package. */
export class VolleyError extends Error {
  /** What went wrong: compare this, not the message. */
  readonly code: ErrorCode;
  /** Where, in which task, on which record. */
  readonly details: ErrorDetails;

  /** `cause`: the error behind it; `details`: what is known of where. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "VolleyError";
    this.code = code;
    this.details = options.details ?? {};
    // Without a prototype: user code may have put a `get` into Object.prototype, and an error that cannot be made says nothing.
    Object.defineProperty(this, BRAND, { __proto__: null, value: true } as PropertyDescriptor);
  }

  /** Whether a value is a VolleyError (of a code), whichever thread, realm or copy of the package made it. */
  static is(value: unknown, code?: ErrorCode): value is VolleyError {
    if (typeof value !== "object" || value === null) return false;
    try {
      return BRAND in value && (code === undefined || (value as unknown as VolleyError).code === code);
    } catch {
      // What user code throws may be a proxy whose traps throw: no error of ours.
      return false;
    }
  }
}

/** A user's (or any) error as data: how it crosses the wire. Never revived into code. */
export interface ErrorImage {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly cause?: ErrorImage | undefined;
  /** Own fields of the user's that are texts, numbers or booleans: `status: 503`. */
  readonly fields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** How many fields of an error travel: more than anybody gives one. */
export const ERROR_FIELDS_MAX = 16;

/** A task's or job's failure as data. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly cause?: ErrorImage | undefined;
  /** For FETCH_FAILED: which map output could not be read, and from whom. */
  readonly fetch?:
    | { readonly shuffleId: number; readonly mapPartition: number; readonly executorId: string }
    | undefined;
}
