/** A driver with executors on this machine: what `VolleyContext.create` starts for `local`, `local[n]` and `local-cluster[...]`. */

import { randomBytes } from "node:crypto";
import { tmpdir, totalmem } from "node:os";
import { Driver, type DriverConfig } from "@volley/driver/driver.js";
import type { Master } from "@volley/driver/master.js";
import { checkBind } from "@volley/driver/net/check-bind.js";
import { readTls } from "@volley/driver/net/read-tls.js";
import { makeSecrets } from "@volley/driver/net/secrets.js";
import { Observers } from "@volley/driver/observe/observers.js";
import type { ResolvedOptions } from "@volley/driver/options.js";
import { guardProcess } from "@volley/driver/process-guard.js";
import type { SchedulerCore } from "@volley/driver/scheduler-core.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { isLoopback } from "@volley/engine/wire/loopback.js";
import { executorEntry } from "./entries.js";
import { LocalSource } from "./local-source.js";

const MEMORY_MIB_MAX = 4096;
const MEMORY_MIB_MIN = 256;

export type LocalMaster = Exclude<Master, { kind: "cluster" }>;

export interface StartLocalOptions {
  readonly options: ResolvedOptions;
  readonly master: LocalMaster;
  readonly core: SchedulerCore;
  readonly mapPlace?: DriverConfig["mapPlace"];
  /** Called when the context is ended by something else than the user: the script's end, a signal. */
  readonly stop?: ((reason: string) => Promise<void>) | undefined;
}

export interface LocalDriver {
  readonly driver: Driver;
  readonly source: LocalSource;
  /** Ends everything; safe to call again. */
  stop(reason?: string): Promise<void>;
}

/** Resolves as soon as the driver listens; executors register while the script goes on. */
export async function startLocal(start: StartLocalOptions): Promise<LocalDriver> {
  const { options, master, core } = start;
  checkOptions(options);
  const tls = options.tls === undefined ? undefined : readTls(options.tls);
  checkBind(options.driverHost, tls !== undefined, options.insecure);
  const executors = master.kind === "local" ? 1 : master.executors;
  const memoryMiB = master.kind === "local" ? (options.executorMemoryMiB ?? defaultMemoryMiB()) : master.memoryMiB;
  const source = new LocalSource(
    {
      entry: executorEntry(),
      slots: master.slots,
      memoryMiB,
      decommissionMs: options.decommissionTimeoutMs,
      // Whatever the driver listens on: nobody else has business with this machine's own executors.
      host: isLoopback(options.driverHost) ? options.driverHost : "127.0.0.1",
      tls,
      parentDir: options.localDir ?? tmpdir(),
    },
    executors,
  );
  let local: LocalDriver | undefined;
  const unguard = guardProcess({
    appName: options.appName,
    stop: async (reason) => {
      if (local === undefined) source.killNow();
      else await (start.stop ?? local.stop)(reason);
    },
    killNow: () => source.killNow(),
  });
  const applicationId = `app-${Date.now().toString(36)}-${randomBytes(4).toString("hex")}`;
  try {
    const driver = await Driver.start({
      applicationId,
      appName: options.appName,
      master: options.master,
      host: options.driverHost,
      port: options.driverPort,
      core,
      source,
      initialExecutors: executors,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      maxResultBytes: options.maxResultSizeMiB * (1 << 20),
      secrets: makeSecrets(options.secret),
      tls,
      insecure: options.insecure,
      observers: makeObservers(options, applicationId),
      mapPlace: start.mapPlace,
    });
    local = {
      driver,
      source,
      stop: async (reason) => {
        await driver.stop(reason);
        unguard();
      },
    };
    return local;
  } catch (error) {
    source.killNow();
    unguard();
    throw error;
  }
}

function makeObservers(options: ResolvedOptions, applicationId: string): Observers {
  return new Observers({
    applicationId,
    eventLogDir: options.eventLogDir,
    progress: options.progress ?? (process.stderr.isTTY === true && process.env.CI === undefined),
    logLevel: options.logLevel,
    onDefect: (error) => process.emitWarning(error instanceof Error ? error : String(error), { code: "VOLLEY_DEFECT" }),
  });
}

/** What is not there yet is not taken in silence. */
function checkOptions({ uiPort }: ResolvedOptions): void {
  if (uiPort !== undefined) throw new VolleyError("INVALID_OPTION", "uiPort: there is no web UI yet; leave it out");
}

/** Half of what the machine or the container has. */
function defaultMemoryMiB(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.max(MEMORY_MIB_MIN, Math.min(MEMORY_MIB_MAX, Math.floor(total / 2 / (1 << 20))));
}
