/**
 * One executor process on this machine. It leads a process group of its own: a Ctrl-C in the terminal reaches the driver only, which ends its
 * executors in order, and whatever user code started in there dies with its group.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { ExecutorDeath, ExecutorWatch } from "@volley/driver/executor-source.js";
import { type ExecutorConfig, FromExecutorSchema, type ToExecutor } from "@volley/engine/wire/executor-config.js";
import { executorDeath } from "./executor-death.js";
import { executorEnvironment, executorNodeFlags } from "./node-flags.js";

/** Budgets above it have room for the holes that freed buffers leave. */
const SMALL_BUDGET_MIB = 512;
/** Most columns of a batch are larger: holes of the smaller ones cost little. */
const OWN_PAGES_SMALL_BYTES = 32 << 10;
const OWN_PAGES_BYTES = 32 << 20;

/**
 * For glibc's allocator: by default each thread has arenas of its own, and buffers of up to 32 MiB come to lie in them, where freed ones leave holes
 * (a quarter of an executor's memory in a large sort). So: few arenas, and where memory is short buffers by themselves, to be given back when they are
 * freed. That costs: each new one is made of fresh pages, which took half as long again in aggregations of a million keys.
 * Whoever sets these for the driver means the executors too.
 */
function allocatorSettings(memoryMiB: number): Readonly<Record<string, string>> {
  const isSmall = memoryMiB <= SMALL_BUDGET_MIB;
  return {
    MALLOC_ARENA_MAX: "2",
    MALLOC_MMAP_THRESHOLD_: String(isSmall ? OWN_PAGES_SMALL_BYTES : OWN_PAGES_BYTES),
    MALLOC_TRIM_THRESHOLD_: String((isSmall ? 1 : 64) << 20),
  };
}

export class ExecutorProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  #watch: ExecutorWatch | undefined;
  /** Set before `watch` was. */
  #endedWith: ExecutorDeath | undefined;
  #localDir: string | undefined;

  /** Starts a Node process that runs `entry`; it waits for its configuration. `applicationDir`: what it removes, if it is empty, should nobody be there to configure it. */
  constructor(entry: string, applicationDir: string, memoryMiB: number) {
    this.#child = spawn(process.execPath, [...executorNodeFlags(), entry, applicationDir], {
      detached: true,
      // What user code prints is no output of the script: it goes to stderr.
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "json",
      env: { ...allocatorSettings(memoryMiB), ...executorEnvironment(process.env) },
    });
    this.#child.unref();
    this.#child.channel?.unref();
    this.ended = new Promise((resolve) => {
      const end = (death: ExecutorDeath) => {
        this.killGroup();
        this.#ended(death);
        resolve();
      };
      this.#child.once("exit", (code, signal) => end(executorDeath(code, signal, this.#localDir)));
      // Without a process there is no exit: it could not be started.
      this.#child.once("error", (error) => {
        if (this.#child.pid === undefined) end({ detail: error.message, isOutOfMemory: false });
      });
    });
    this.#child.on("message", (message) => this.#hear(message));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  configure(config: ExecutorConfig, watch: ExecutorWatch): void {
    this.#watch = watch;
    this.#localDir = config.localDir;
    if (this.#endedWith !== undefined) watch.exited(this.#endedWith);
    else this.#send({ type: "config", config });
  }

  /** Asks it to end. */
  stop(reason: string): void {
    this.#send({ type: "stop", reason });
  }

  terminate(): void {
    this.#signalGroup("SIGTERM");
  }

  killGroup(): void {
    this.#signalGroup("SIGKILL");
  }

  #send(message: ToExecutor): void {
    if (!this.#child.connected) return;
    // A channel that closes meanwhile means that the process is ending: its exit is what counts.
    this.#child.send(message, () => {});
  }

  #hear(message: unknown): void {
    const parsed = FromExecutorSchema.safeParse(message);
    if (parsed.success) this.#watch?.failed(parsed.data.code, parsed.data.message);
  }

  #ended(death: ExecutorDeath): void {
    if (this.#endedWith !== undefined) return;
    this.#endedWith = death;
    this.#watch?.exited(death);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // ESRCH: nobody is left in the group. EPERM: only what has changed its user, which is not ours to end.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}
