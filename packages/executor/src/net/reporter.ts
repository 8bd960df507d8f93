/**
 * Tells the driver what happened: ends of tasks and changes of blocks, in the order in which they happened. A report leaves at once
 * when none is under way; what happens meanwhile goes together into the next. The same message, under the same number, is sent until
 * the driver has answered it.
 */

import { VolleyError } from "@volley/engine/wire/errors.js";
import type { BlockChange, OutputMove, ReportRequest, TaskEnd } from "@volley/engine/wire/messages.js";
import type { DriverClient } from "./driver-client.js";

/** Bytes of results in one report: a few large messages move as fast as one huge one, and both ends buffer them whole. */
const REPORT_FRAME_BYTES_MAX = 8 << 20;
const REPORT_TASKS_MAX = 5_000;
const RETRY_AFTER_MS = 100;

/** Numbers of frames in here count from 0 within the one task; the reporter moves them to the task's place in the report. */
export interface TaskReport {
  readonly end: TaskEnd;
  readonly frames: readonly Uint8Array[];
}

export interface ReporterIdentity {
  readonly executorId: string;
  readonly incarnation: string;
}

export interface ReporterHost {
  status(): NonNullable<ReportRequest["status"]>;
  /** The driver will have no more of this executor, or cannot be reached for too long. */
  driverGone(error: VolleyError): void;
}

export class Reporter {
  readonly #client: DriverClient;
  readonly #identity: ReporterIdentity;
  readonly #host: ReporterHost;
  /** How long the driver may be silent; undefined while its process is known to live. */
  readonly #silenceMaxMs: () => number | undefined;
  #tasks: TaskReport[] = [];
  #blocks: BlockChange[] = [];
  #moved: OutputMove[] = [];
  /** When this executor will be gone, by performance.now(). */
  #leavesAt: number | undefined;
  /** To be called when the driver knows that it goes now. */
  #hasLeft: (() => void) | undefined;
  #epoch: number | undefined;
  #seq = 0;
  #busy = false;
  #pumpPlanned = false;
  #heartbeatDue = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    client: DriverClient,
    identity: ReporterIdentity,
    host: ReporterHost,
    silenceMaxMs: () => number | undefined,
  ) {
    this.#client = client;
    this.#identity = identity;
    this.#host = host;
    this.#silenceMaxMs = silenceMaxMs;
  }

  /** The driver knows this executor from now on. */
  start(epoch: number, heartbeatIntervalMs: number): void {
    this.#epoch = epoch;
    this.#timer = setInterval(() => {
      this.#heartbeatDue = true;
      this.#pump();
    }, heartbeatIntervalMs);
    this.#pump();
  }

  task(report: TaskReport): void {
    this.#tasks.push(report);
    this.#pumpSoon();
  }

  block(change: BlockChange): void {
    this.#blocks.push(change);
    this.#pumpSoon();
  }

  /** The driver's slots for this executor are over; said in every report from now on. */
  leaving(graceMs: number): void {
    this.#leavesAt = performance.now() + graceMs;
    this.#heartbeatDue = true;
    this.#pump();
  }

  moved(move: OutputMove): void {
    this.#moved.push(move);
    this.#pumpSoon();
  }

  /** Resolves when the driver has been told of all there was to tell, and that this executor goes now. */
  left(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasLeft = resolve;
      this.#pump();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** With the end of this turn of the event loop: slots that finish together are reported together. */
  #pumpSoon(): void {
    if (this.#pumpPlanned) return;
    this.#pumpPlanned = true;
    setImmediate(() => {
      this.#pumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#busy || this.#stopped || this.#epoch === undefined) return;
    const isQuiet = this.#tasks.length + this.#blocks.length + this.#moved.length === 0;
    if (isQuiet && !this.#heartbeatDue && this.#hasLeft === undefined) return;
    this.#busy = true;
    this.#send(this.#epoch).then(
      () => {
        this.#busy = false;
        this.#pump();
      },
      (error: unknown) => {
        this.#busy = false;
        if (this.#stopped) return;
        const gone = VolleyError.is(error) ? error : new VolleyError("INTERNAL", String(error), { cause: error });
        this.#host.driverGone(gone);
      },
    );
  }

  async #send(epoch: number): Promise<void> {
    const { tasks, frames } = this.#takeTasks();
    const leavesAt = this.#leavesAt;
    const hasLeft = this.#hasLeft !== undefined && this.#tasks.length === 0;
    const request: ReportRequest = {
      ...this.#identity,
      epoch,
      seq: this.#seq++,
      tasks,
      blocks: this.#blocks,
      ...(this.#heartbeatDue ? { status: this.#host.status() } : {}),
      ...(this.#moved.length > 0 ? { moved: this.#moved } : {}),
      ...(leavesAt === undefined
        ? {}
        : { leaving: { graceMs: Math.max(0, Math.round(leavesAt - performance.now())), hasLeft } }),
    };
    this.#blocks = [];
    this.#moved = [];
    this.#heartbeatDue = false;
    const firstTry = performance.now();
    while (!this.#stopped) {
      try {
        await this.#client.report(request, frames);
        if (hasLeft) this.#leftWell();
        return;
      } catch (error) {
        const silence = this.#silenceMaxMs();
        const lasting = silence !== undefined && performance.now() - firstTry > silence;
        if (!VolleyError.is(error, "FETCH_FAILED") || lasting) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      }
    }
  }

  #leftWell(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#hasLeft?.();
  }

  #takeTasks(): { tasks: TaskEnd[]; frames: Uint8Array[] } {
    const tasks: TaskEnd[] = [];
    const frames: Uint8Array[] = [];
    let bytes = 0;
    let taken = 0;
    for (const report of this.#tasks) {
      if (tasks.length === REPORT_TASKS_MAX || (tasks.length > 0 && bytes > REPORT_FRAME_BYTES_MAX)) break;
      tasks.push(shiftFrames(report.end, frames.length));
      frames.push(...report.frames);
      for (const frame of report.frames) bytes += frame.byteLength;
      taken++;
    }
    this.#tasks = this.#tasks.slice(taken);
    return { tasks, frames };
  }
}

function shiftFrames(end: TaskEnd, by: number): TaskEnd {
  if (end.outcome !== "succeeded" || by === 0) return end;
  const { result, accumulators } = end;
  return {
    ...end,
    result: result.at === "frame" ? { at: "frame", frame: result.frame + by } : result,
    ...(accumulators === undefined ? {} : { accumulators: accumulators + by }),
  };
}
