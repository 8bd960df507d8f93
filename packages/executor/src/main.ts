/**
 * Entry of an executor process, and the only reader of its surroundings. A local master starts it with an IPC channel and sends the
 * configuration, secrets included, as the first message.
 *
 * Start-up counts: the threads of the slots start as soon as their number is known, and what serves HTTP loads beside them.
 */

import { rmdirSync } from "node:fs";
import { availableParallelism, constants, totalmem } from "node:os";
import type { Failure } from "@volley/engine/wire/errors.js";
import type { ExecutorConfig, FromExecutor } from "@volley/engine/wire/executor-config.js";
import { rssLimit, slotHeap } from "./core/slot-heap.js";
import type { Executor } from "./executor.js";
import { failureOf } from "./task/failure.js";
import { ProgramStore } from "./task/program-store.js";
import { MEMORY_BYTES } from "./task/slot-messages.js";
import { SlotPool } from "./task/slot-pool.js";

/** Beside this file after bundling; this file must not become part of a shared chunk. */
const SLOT_ENTRY = new URL("./slot.js", import.meta.url);

const KILL_GRACE_MS = 1_000;
/** With the grace before and the executor's own end after it: what user code does is over five seconds after it was told to stop. */
const TERMINATE_LIMIT_MS = 2_500;
/** A parent that sends nothing for so long is not a master. */
const CONFIG_LIMIT_MS = 30_000;

let executor: Executor | undefined;
let started = false;

process.on("message", (message) => {
  const { type, config } = message as { type?: unknown; config?: unknown };
  if (type === "stop") return stopNow();
  if (type !== "config" || started) return;
  started = true;
  clearTimeout(patience);
  start(config as ExecutorConfig).catch((error: unknown) => fail(failureOf(error)));
});
const patience = setTimeout(() => leaveEarly(1), CONFIG_LIMIT_MS);

// The channel closes with the driver's process: in milliseconds, however it died.
process.on("disconnect", stopNow);
process.on("SIGTERM", () => (executor === undefined ? leaveEarly(0) : executor.leave()));
process.on("SIGHUP", stopNow);
// Ctrl-C is the driver's to handle; it ends its executors itself.
process.on("SIGINT", () => undefined);
// What it says is for people: an executor does not end because nobody is there to read it.
process.stderr.on("error", () => undefined);
process.on("uncaughtException", (error) => fail(failureOf(error)));
process.on("unhandledRejection", (error) => fail(failureOf(error)));

// A driver that died while this file was loading: its end was told before anybody listened.
if (process.send !== undefined && !process.connected) leaveEarly(0);
if (process.send === undefined) {
  process.stderr.write("volley: executors are started by a master; this program has no use on its own\n");
  process.exit(1);
}

async function start(config: ExecutorConfig): Promise<void> {
  const memoryCells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
  const programs = new ProgramStore();
  // Only the threads' number and place are needed to start them; the whole is checked before anything else is done with it.
  const pool = new SlotPool(
    {
      entry: SLOT_ENTRY,
      executorId: String(config.executorId),
      localDir: String(config.localDir),
      slots: Math.min(Math.max(1, Math.trunc(Number(config.slots))), 4_096),
      startedFirst: availableParallelism(),
      memory: memoryCells,
      ...slotHeap(Number(config.slots), Number(config.memoryBytes), machineBytes(), config.slotHeapMiB),
      killGraceMs: KILL_GRACE_MS,
      terminateLimitMs: TERMINATE_LIMIT_MS,
    },
    programs,
  );
  const { ExecutorConfigSchema } = await import("@volley/engine/wire/executor-config.js");
  const checked = ExecutorConfigSchema.parse(config);
  const { Executor } = await import("./executor.js");
  executor = new Executor({
    config: checked,
    pool,
    programs,
    memoryCells,
    rssLimitBytes: rssLimit(checked.slots, checked.memoryBytes, pool.heapLimitBytes, machineBytes()),
    driverLives: () => process.connected,
    ended,
  });
  if (!process.connected) return executor.stop();
  await executor.start();
}

/** What the machine or the container has. */
function machineBytes(): number {
  const constrained = process.constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function stopNow(): void {
  if (executor === undefined) leaveEarly(0);
  else executor.stop();
}

/** Before there is an executor that cleans up: the driver may have made the application's folder and died at once. */
function leaveEarly(status: number): never {
  const [, , applicationDir] = process.argv;
  try {
    if (applicationDir !== undefined) rmdirSync(applicationDir);
  } catch {
    // It was not made, or other executors have something in it: the last one removes it.
  }
  process.exit(status);
}

function fail(failure: Failure): void {
  if (executor === undefined) ended(failure, true);
  else executor.stop(failure);
}

function ended(failure: Failure | undefined, threadsEnded: boolean): void {
  const leave = () => {
    // process.exit would wait for a thread in native code.
    if (threadsEnded) process.exit(failure === undefined ? 0 : 1);
    process.kill(process.pid, constants.signals.SIGKILL);
  };
  if (failure === undefined || !process.connected || process.send === undefined) return leave();
  const message: FromExecutor = { type: "failed", code: failure.code, message: failure.message };
  process.send(message, undefined, undefined, leave);
}
