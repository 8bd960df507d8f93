/** Executors of a local master: processes on this machine, one folder for them all, and an end that leaves neither. */

import { join } from "node:path";
import {
  applicationFolderName,
  makeApplicationFolder,
  removeApplicationFolder,
  removeStaleFolders,
} from "@volley/driver/application-folder.js";
import type { ExecutorOrder, ExecutorSource, ExecutorWatch } from "@volley/driver/executor-source.js";
import type { Tls } from "@volley/engine/wire/tls.js";
import { ExecutorProcess } from "./executor-process.js";

/** How long an executor may take to end by itself when it is asked, then when it gets SIGTERM: with the kill after that, stop() takes less than two seconds. */
const STOP_MS = 900;
const TERMINATE_MS = 400;
const KILL_MS = 500;

export interface LocalSourceOptions {
  /** Path of an executor's program. */
  readonly entry: string;
  readonly slots: number;
  readonly memoryMiB: number;
  readonly decommissionMs: number;
  /** Loopback address that executors listen on. */
  readonly host: string;
  readonly tls?: Tls | undefined;
  /** Where the application's folder is made. */
  readonly parentDir: string;
}

export class LocalSource implements ExecutorSource {
  readonly folder: string;
  readonly #options: LocalSourceOptions;
  readonly #running = new Map<string, ExecutorProcess>();
  /** Started before the driver could say what for. */
  readonly #waiting: ExecutorProcess[] = [];
  #hasFolder = false;

  /** Starts `prestarted` processes at once: they load while the driver's server does. */
  constructor(options: LocalSourceOptions, prestarted: number) {
    this.#options = options;
    this.folder = join(options.parentDir, applicationFolderName());
    try {
      for (let index = 0; index < prestarted; index++)
        this.#waiting.push(new ExecutorProcess(options.entry, this.folder, options.memoryMiB));
      removeStaleFolders(options.parentDir);
    } catch (error) {
      this.killNow();
      throw error;
    }
  }

  start(order: ExecutorOrder, watch: ExecutorWatch): void {
    this.#makeFolder();
    const { entry, slots, memoryMiB, decommissionMs, host, tls } = this.#options;
    const started = this.#waiting.shift() ?? new ExecutorProcess(entry, this.folder, memoryMiB);
    this.#running.set(order.executorId, started);
    void started.ended.then(() => {
      if (this.#running.get(order.executorId) === started) this.#running.delete(order.executorId);
    });
    started.configure(
      {
        driverUrl: order.driverUrl,
        applicationId: order.applicationId,
        secret: order.secret,
        executorId: order.executorId,
        incarnation: order.incarnation,
        slots,
        memoryBytes: memoryMiB * (1 << 20),
        host,
        ...(tls === undefined ? {} : { tls }),
        decommissionMs,
        localDir: join(this.folder, `executor-${order.executorId}`),
        applicationDir: this.folder,
      },
      watch,
    );
  }

  /** Should this process be killed, the executors remove it: those that it holds nothing of yet too, since they know its name from the start. */
  #makeFolder(): void {
    if (this.#hasFolder) return;
    makeApplicationFolder(this.folder);
    this.#hasFolder = true;
  }

  end(executorId: string): void {
    this.#running.get(executorId)?.killGroup();
  }

  async stopAll(reason: string): Promise<void> {
    const all = this.#all();
    for (const each of all) each.stop(reason);
    const gone = Promise.all(all.map((each) => each.ended));
    if (!(await within(gone, STOP_MS))) {
      for (const each of this.#all()) each.terminate();
      if (!(await within(gone, TERMINATE_MS))) {
        for (const each of this.#all()) each.killGroup();
        await within(gone, KILL_MS);
      }
    }
    removeApplicationFolder(this.folder);
  }

  /** For the end of the process: kills and removes before it returns. */
  killNow(): void {
    for (const each of this.#all()) each.killGroup();
    removeApplicationFolder(this.folder);
  }

  /** Process ids of the executors, for tests and `volley doctor`. */
  pids(): readonly number[] {
    return this.#all().flatMap((each) => each.pid ?? []);
  }

  #all(): readonly ExecutorProcess[] {
    return [...this.#running.values(), ...this.#waiting];
  }
}

/** True when the work is done in time. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
