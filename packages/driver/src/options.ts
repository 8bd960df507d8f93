/**
 * Every option of `VolleyContext.create`, in one table: `docs/CONFIG.md` is generated from it. A value comes from the call, else from its
 * environment variable, else it is the default. Unknown names are errors.
 */
import { VolleyError } from "@volley/engine/wire/errors.js";
import { TlsSchema } from "@volley/engine/wire/tls.js";
import { z } from "zod";
import { editDistance } from "./edit-distance.js";
import type { VolleyOptions } from "./volley-options.js";

interface OptionRow<S extends z.ZodType, D> {
  readonly schema: S;
  /** Undefined: chosen when the context is created, as `doc` says. */
  readonly default: D;
  /** Environment variable that stands in for it. Secrets have none: an environment is read by too many. */
  readonly env?: string;
  readonly doc: string;
}

const row = <S extends z.ZodType, D extends z.infer<S> | undefined>(
  schema: S,
  value: D,
  env: string | undefined,
  doc: string,
): OptionRow<S, D> => ({
  schema,
  default: value,
  ...(env === undefined ? {} : { env }),
  doc,
});

const count = (max: number) => z.number().int().min(1).max(max);
const milliseconds = (min: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(24 * 3600 * 1000);
export const OPTIONS = {
  master: row(
    z.string(),
    "local[*]",
    "VOLLEY_MASTER",
    "Where tasks run: `local` (one slot), `local[n]`, `local[*]` (a slot for each core), `local-cluster[executors,coresEach,memoryMiBEach]`, `volley://host:port[,host2:port2]`.",
  ),
  appName: row(z.string().min(1).max(256), "volley", "VOLLEY_APP_NAME", "The application's name, for people."),
  defaultParallelism: row(
    count(1 << 20).optional(),
    undefined,
    "VOLLEY_DEFAULT_PARALLELISM",
    "Partitions where nothing else says how many. By default the number of slots, and at least 2 on a cluster.",
  ),
  executorMemoryMiB: row(
    count(1 << 24).optional(),
    undefined,
    "VOLLEY_EXECUTOR_MEMORY_MIB",
    "Memory of one executor for cached blocks, shuffles and execution, in MiB; of less than 600 a part is left to the process itself. By default half of the machine's (or the container's) memory, at most 4096, shared by the local executors.",
  ),
  maxResultSizeMiB: row(
    count(1 << 24),
    1024,
    "VOLLEY_MAX_RESULT_SIZE_MIB",
    "What the results of one action may take on the driver, in MiB; an action with more rejects with RESULT_TOO_LARGE.",
  ),
  localDir: row(
    z.string().min(1).optional(),
    undefined,
    "VOLLEY_LOCAL_DIR",
    "Folder for the application's temporary folder (spills, blocks on disk). By default the system's temporary folder.",
  ),
  taskAttemptsMax: row(count(100), 4, "VOLLEY_TASK_ATTEMPTS_MAX", "Attempts of a task before its job fails."),
  stageAttemptsMax: row(
    count(100),
    4,
    "VOLLEY_STAGE_ATTEMPTS_MAX",
    "Runs of a stage in a row that may end in lost inputs before its jobs fail.",
  ),
  heartbeatIntervalMs: row(
    milliseconds(50),
    1000,
    "VOLLEY_HEARTBEAT_INTERVAL_MS",
    "How often an executor tells that it lives, in milliseconds.",
  ),
  executorLossTimeoutMs: row(
    milliseconds(500),
    15_000,
    "VOLLEY_EXECUTOR_LOSS_TIMEOUT_MS",
    "An executor that has been silent for so long is lost, in milliseconds. Time in which the script blocked the driver does not count.",
  ),
  decommissionTimeoutMs: row(
    milliseconds(0),
    25_000,
    "VOLLEY_DECOMMISSION_TIMEOUT_MS",
    "How long an executor that is told to end (SIGTERM) may take to finish its tasks and give its blocks to others, in milliseconds; 0: it ends at once. By default a little less than Kubernetes waits before it kills.",
  ),
  noExecutorsTimeoutMs: row(
    milliseconds(1000),
    60_000,
    "VOLLEY_NO_EXECUTORS_TIMEOUT_MS",
    "Jobs fail with NO_EXECUTORS after waiting so long without any executor, in milliseconds.",
  ),
  speculation: row(
    z.boolean(),
    true,
    "VOLLEY_SPECULATION",
    "Start a second attempt of tasks that take much longer than the others of their stage; the first to finish counts.",
  ),
  schedulingMode: row(
    z.enum(["FIFO", "FAIR"]),
    "FIFO",
    "VOLLEY_SCHEDULING_MODE",
    "Which of several jobs gets free slots: the first one, or each its share.",
  ),
  driverHost: row(
    z.string().min(1).max(255),
    "127.0.0.1",
    "VOLLEY_DRIVER_HOST",
    "Address that the driver listens on. Anything but loopback needs `tls`, or `insecure: true`.",
  ),
  driverPort: row(
    z.number().int().min(0).max(65535),
    0,
    "VOLLEY_DRIVER_PORT",
    "Port that the driver listens on; 0 takes a free one.",
  ),
  uiPort: row(
    z.number().int().min(0).max(65535).optional(),
    undefined,
    "VOLLEY_UI_PORT",
    "Port of the web UI. There is none yet: giving a port is an error.",
  ),
  tls: row(
    TlsSchema.optional(),
    undefined,
    undefined,
    "TLS between driver and executors: private key, certificate and the authority that signed both ends', each a PEM text or the path of one. The certificate must be good for the names under which they reach each other (with a local master that of `driverHost`).",
  ),
  insecure: row(
    z.boolean(),
    false,
    undefined,
    "Listen where other machines can connect without TLS: whoever can read or change what passes there can run code here.",
  ),
  secret: row(
    z.string().min(16).max(256).optional(),
    undefined,
    undefined,
    "The secret that executors on other machines were given. By default a fresh one for each application, handed to local executors over a private channel.",
  ),
  eventLogDir: row(
    z.string().min(1).optional(),
    undefined,
    "VOLLEY_EVENT_LOG_DIR",
    "Folder in which the run's event log is kept as a JSON Lines file.",
  ),
  progress: row(
    z.boolean().optional(),
    undefined,
    "VOLLEY_PROGRESS",
    "Show a progress line on stderr. By default only on a terminal and outside of CI.",
  ),
  logLevel: row(
    z.enum(["silent", "error", "warn", "info", "debug"]),
    "warn",
    "VOLLEY_LOG_LEVEL",
    "What Volley says on stderr about itself.",
  ),
} as const satisfies Record<string, OptionRow<z.ZodType, unknown>>;

export type OptionName = keyof typeof OPTIONS;

/** What the table says; `VolleyOptions` is the same, written out for editors by `npm run docs`. */
type OptionsOfTable = { readonly [K in OptionName]?: z.infer<(typeof OPTIONS)[K]["schema"]> | undefined };
/** Fails to compile when the two differ. */
type Same<A, B> = [A, B] extends [B, A]
  ? keyof A extends keyof B
    ? keyof B extends keyof A
      ? true
      : never
    : never
  : never;
const _same: Same<VolleyOptions, OptionsOfTable> = true;
/** With defaults filled in. */
export type ResolvedOptions = {
  readonly [K in OptionName]: (typeof OPTIONS)[K]["default"] extends undefined
    ? z.infer<(typeof OPTIONS)[K]["schema"]> | undefined
    : z.infer<(typeof OPTIONS)[K]["schema"]>;
};
export type OptionSource = "call" | "environment" | "default";

/** Fills in environment and defaults; throws INVALID_OPTION. `env` is process.env in programs. */
export function resolveOptions(
  given: VolleyOptions,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedOptions {
  return Object.freeze(
    Object.fromEntries(explainOptions(given, env).map(({ name, value }) => [name, value])),
  ) as ResolvedOptions;
}

/** Every option with where its value comes from. */
export function explainOptions(
  given: VolleyOptions,
  env: Readonly<Record<string, string | undefined>>,
): readonly { readonly name: OptionName; readonly value: unknown; readonly source: OptionSource }[] {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new VolleyError("INVALID_OPTION", "options are given as an object");
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) throw unknownOption(name);
  }
  return (Object.keys(OPTIONS) as OptionName[]).map((name) => oneOption(name, given[name], env));
}

function oneOption(
  name: OptionName,
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): { name: OptionName; value: unknown; source: OptionSource } {
  const option: OptionRow<z.ZodType, unknown> = OPTIONS[name];
  if (value !== undefined)
    return { name, value: check(name, option.schema, value, `the option ${name}`), source: "call" };
  const text = option.env === undefined ? undefined : env[option.env];
  if (text !== undefined && text !== "")
    return {
      name,
      value: check(name, option.schema, valueOfText(option.schema, text), `the environment variable ${option.env}`),
      source: "environment",
    };
  return { name, value: option.default, source: "default" };
}

function check(name: OptionName, schema: z.ZodType, value: unknown, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const shown = name === "secret" || name === "tls" ? "" : ` (it is ${shorten(value)})`;
  throw new VolleyError(
    "INVALID_OPTION",
    `${what} is not valid: ${result.error.issues[0]?.message ?? "wrong value"}${shown}`,
  );
}

function shorten(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** An environment variable as what its option is: a number, true or false, or text. */
function valueOfText(schema: z.ZodType, text: string): unknown {
  const base = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (base instanceof z.ZodNumber) return text.trim() === "" ? text : Number(text);
  if (base instanceof z.ZodBoolean)
    return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
  return text;
}

function unknownOption(name: string): VolleyError {
  const names = Object.keys(OPTIONS);
  const distances = names
    .map((candidate) => [editDistance(name.toLowerCase(), candidate.toLowerCase()), candidate] as const)
    .sort((a, b) => a[0] - b[0]);
  const [distance, nearest] = distances[0] as readonly [number, string];
  const hint =
    distance <= Math.max(2, nearest.length / 3) ? `; did you mean ${nearest}?` : `; there are ${names.join(", ")}`;
  return new VolleyError("INVALID_OPTION", `there is no option ${JSON.stringify(name.slice(0, 80))}${hint}`);
}
