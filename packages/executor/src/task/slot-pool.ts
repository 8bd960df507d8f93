/**
 * Gives tasks to slots, and ends them: the executor's only owner of worker threads.
 *
 * Ending a task goes in steps, since a thread in native code cannot be stopped: the flag it looks at, then `terminate`, then (when
 * even that does not return) `stuck`, at which the process must go. A slot that ended, however, is replaced; its task fails.
 */

import type { TaskMetrics } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { type Failure, VolleyError } from "@volley/engine/wire/errors.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";
import { memoryStory, siteThatHeld } from "@volley/engine/wire/memory-story.js";
import { TaskTable } from "../core/task-table.js";
import { failureOf } from "./failure.js";
import type { ProgramStore } from "./program-store.js";
import type { FromSlot, SlotAnswer, SlotRequest, TaskSuccess } from "./slot-messages.js";
import { type SlotEvents, type SlotOptions, SlotThread } from "./slot-thread.js";

export type TaskEnding =
  | {
      readonly outcome: "succeeded";
      readonly success: TaskSuccess;
      readonly metrics: TaskMetrics;
      readonly runMs: number;
    }
  | {
      readonly outcome: "failed";
      readonly failure: Failure;
      readonly metrics?: TaskMetrics | undefined;
      readonly runMs: number;
    }
  | { readonly outcome: "killed" };

export interface SlotPoolHost {
  taskEnded(task: TaskSpec, ending: TaskEnding): void;
  serve(slotId: number, task: TaskSpec, request: SlotRequest): SlotAnswer | Promise<SlotAnswer>;
  closeStream(slotId: number, stream: number): void;
  /** A cached partition's file turned out to be gone or damaged. */
  lostBlock(name: string): void;
  /** No task runs in this slot any more: what was opened for it goes. */
  release(slotId: number): void;
  /** What holds the executor's memory now. */
  words(): LastWords;
  /** The pool cannot go on: a thread does not end, or none starts. The process must end. */
  stuck(failure: Failure): void;
}

export interface SlotPoolOptions extends SlotOptions {
  readonly slots: number;
  /** Of them, how many start at once. */
  readonly startedFirst: number;
  /** From the flag to terminate(). */
  readonly killGraceMs: number;
  /** From terminate() to giving the process up. */
  readonly terminateLimitMs: number;
}

/** Threads that end before they are ready, in a row, until the executor gives up. */
const FAILED_STARTS_MAX = 3;

/** Of the process's memory: a slot that is known to hold so much is the one that hoards. */
const HOARD_SHARE = 0.3;

interface Slot {
  readonly thread: SlotThread;
  state: "starting" | "idle" | "busy" | "ending";
  task: TaskSpec | undefined;
  run: number;
}

export class SlotPool {
  readonly #options: SlotPoolOptions;
  readonly #programs: ProgramStore;
  readonly #tasks = new TaskTable();
  readonly #slots = new Map<number, Slot>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #host: SlotPoolHost | undefined;
  #failedStarts = 0;
  #stopped = false;

  /** Starts the threads at once; they have no work before `attach`. */
  constructor(options: SlotPoolOptions, programs: ProgramStore) {
    this.#options = options;
    this.#programs = programs;
    // More threads than cores would only slow each other's start; the others come with the first tasks that wait.
    const first = Math.min(options.slots, options.startedFirst);
    for (let count = 0; count < first; count++) this.#startSlot();
  }

  attach(host: SlotPoolHost): void {
    this.#host = host;
    this.#dispatch();
  }

  /** Tasks that are here already are left as they are. */
  launch(tasks: readonly TaskSpec[]): void {
    for (const task of tasks) this.#tasks.add(task);
    this.#dispatch();
  }

  kill(taskId: number, reason: string): void {
    const state = this.#tasks.stateOf(taskId);
    if (state?.kind === "queued") {
      const task = this.#tasks.taskOf(taskId);
      this.#tasks.move(taskId, { kind: "ended" });
      this.#host?.taskEnded(task, { outcome: "killed" });
    } else if (state?.kind === "running") {
      this.#tasks.move(taskId, { ...state, kind: "stopping", reason });
      const slot = this.#slots.get(state.slotId) as Slot;
      slot.thread.cancel(state.run);
      this.#after(this.#options.killGraceMs, () => this.#endIfStillIn(slot, state.run, reason));
    }
  }

  /** Gives back all that no slot has begun. */
  drain(): void {
    for (const taskId of this.#tasks.ids()) if (this.#tasks.stateOf(taskId)?.kind === "queued") this.kill(taskId, "");
  }

  forgetPrograms(stages: readonly number[], envelopes: readonly number[]): void {
    for (const slot of this.#slots.values()) if (slot.state !== "ending") slot.thread.forget(stages, envelopes);
  }

  /** Threads let go of the map outputs that they remember. */
  forgetOutputs(): void {
    for (const slot of this.#slots.values()) if (slot.state !== "ending") slot.thread.forgetOutputs();
  }

  get taskIds(): number[] {
    return this.#tasks.ids();
  }

  /** What the heaps of busy slots held when they last looked. */
  samples(): LastWords["slots"] {
    return [...this.#slots.values()].flatMap((slot) => sampleOf(slot) ?? []);
  }

  get heapLimitBytes(): number {
    return this.#options.heapMiB * 2 ** 20;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const why = failureOf(new VolleyError("EXECUTOR_LOST", "the executor stops"));
    await Promise.all([...this.#slots.values()].map((slot) => slot.thread.leave(why)));
  }

  validate(): void {
    this.#tasks.validate();
  }

  #startSlot(): void {
    const events: SlotEvents = {
      message: (thread, message) => this.#receive(this.#slots.get(thread.id) as Slot, message),
      call: (thread, request) => {
        const slot = this.#slots.get(thread.id) as Slot;
        return (this.#host as SlotPoolHost).serve(thread.id, slot.task as TaskSpec, request);
      },
      gone: (thread, failure) => this.#gone(this.#slots.get(thread.id) as Slot, failure),
    };
    const thread = new SlotThread(this.#options, events);
    this.#slots.set(thread.id, { thread, state: "starting", task: undefined, run: 0 });
  }

  #receive(slot: Slot, message: Exclude<FromSlot, { type: "call" }>): void {
    switch (message.type) {
      case "ready":
        this.#failedStarts = 0;
        if (slot.state === "starting") slot.state = "idle";
        return this.#dispatch();
      case "closeStream":
        return this.#host?.closeStream(slot.thread.id, message.stream);
      case "lostBlock":
        return this.#host?.lostBlock(message.name);
      case "exiting":
        return;
      case "lateError":
        return this.#lateError(slot, message.failure);
      case "tainted":
        return this.#tainted(slot, message.run, message.what);
      default:
        return this.#ended(slot, message);
    }
  }

  #ended(slot: Slot, message: FromSlot & { run: number }): void {
    if (slot.run !== message.run || slot.state !== "busy") return;
    if (message.type === "succeeded") {
      const { outcome, metrics, runMs } = message;
      this.#finish(slot, { outcome: "succeeded", success: outcome, metrics, runMs });
    } else if (message.type === "failed") {
      const { failure, metrics, runMs } = message;
      this.#finish(slot, { outcome: "failed", failure, metrics, runMs });
    } else {
      this.#finish(slot, { outcome: "killed" });
    }
    slot.state = "idle";
    this.#dispatch();
  }

  /** The slot's task is over; what becomes of the slot is the caller's. */
  #finish(slot: Slot, ending: TaskEnding): void {
    const task = slot.task;
    if (task === undefined) return;
    const told = this.#tasks.stateOf(task.taskId)?.kind === "stopping";
    slot.task = undefined;
    this.#tasks.move(task.taskId, { kind: "ended" });
    this.#host?.release(slot.thread.id);
    // What a task that was told to stop dies of is nobody's failure.
    this.#host?.taskEnded(task, told && ending.outcome === "failed" ? { outcome: "killed" } : ending);
  }

  #lateError(slot: Slot, failure: Failure): void {
    if (slot.state === "ending") return;
    this.#finish(slot, { outcome: "failed", failure, runMs: 0 });
    this.#end(slot, failure);
  }

  #tainted(slot: Slot, run: number, what: string): void {
    if (slot.run !== run || slot.task === undefined) return;
    const task = slot.task;
    slot.task = undefined;
    if (this.#tasks.stateOf(task.taskId)?.kind === "stopping") {
      this.#tasks.move(task.taskId, { kind: "ended" });
      this.#host?.taskEnded(task, { outcome: "killed" });
    } else {
      this.#tasks.requeueFirst(task.taskId);
    }
    this.#end(slot, failureOf(new VolleyError("SLOT_LOST", `user code changed ${what}`)));
    this.#dispatch();
  }

  #gone(slot: Slot, failure: Failure): void {
    if (slot.state === "starting" && ++this.#failedStarts >= FAILED_STARTS_MAX) return this.#stuck(failure);
    slot.state = "ending";
    this.#slots.delete(slot.thread.id);
    const told = failure.code === "OUT_OF_MEMORY" ? this.#outOfMemory(slot, failure.message) : { ...failure };
    this.#finish(slot, { outcome: "failed", failure: told, runMs: 0 });
    if (!this.#stopped) this.#startSlot();
  }

  #outOfMemory(slot: Slot, what: string): Failure {
    const words = (this.#host as SlotPoolHost).words();
    const sample = sampleOf(slot);
    const site = siteThatHeld(sample);
    return {
      code: "OUT_OF_MEMORY",
      message: `${what}: ${memoryStory(words, sample)}`,
      details: site === undefined ? {} : { site },
    };
  }

  /** The process holds more memory than it may: the task goes that has the most of it, or that has been deep in one call for the longest. */
  relieve(words: LastWords): void {
    const slots = [...this.#slots.values()];
    // What one that is on its way out holds is not free yet.
    if (slots.some(({ state }) => state === "ending")) return;
    const busy = slots.filter(({ state, task }) => state === "busy" && task !== undefined);
    const sizeOf = (slot: Slot) => {
      const { heapUsedBytes, externalBytes } = slot.thread.sample();
      return heapUsedBytes + externalBytes;
    };
    const largest = busy.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
    const deepest = busy.toSorted((a, b) => b.thread.sample().ageMs - a.thread.sample().ageMs)[0];
    if (largest === undefined || deepest === undefined) return;
    const slot = sizeOf(largest) >= words.rssBytes * HOARD_SHARE ? largest : deepest;
    const failure = this.#outOfMemory(slot, "the task's process held more memory than it may, and the task was ended");
    this.#finish(slot, { outcome: "failed", failure, runMs: 0 });
    this.#end(slot, failure);
  }

  #endIfStillIn(slot: Slot, run: number, reason: string): void {
    if (slot.run !== run || slot.task === undefined || slot.state !== "busy") return;
    this.#end(slot, failureOf(new VolleyError("CANCELLED", reason)));
  }

  #end(slot: Slot, why: Failure): void {
    slot.state = "ending";
    const late = () =>
      this.#stuck(failureOf(new VolleyError("EXECUTOR_LOST", "a worker thread in native code did not end")));
    const timer = this.#after(this.#options.terminateLimitMs, late);
    slot.thread.terminate(why).then(
      () => this.#clear(timer),
      (error: unknown) => this.#stuck(failureOf(error)),
    );
  }

  #stuck(failure: Failure): void {
    if (!this.#stopped) this.#host?.stuck(failure);
  }

  #dispatch(): void {
    if (this.#host === undefined || this.#stopped) return;
    for (const slot of this.#slots.values()) {
      if (slot.state !== "idle") continue;
      const task = this.#takeRunnable();
      if (task === undefined) return;
      slot.state = "busy";
      slot.task = task;
      slot.run = slot.thread.start(task, this.#programs.stage(task.stageKey), (id) => this.#programs.envelope(id));
      this.#tasks.move(task.taskId, { kind: "running", slotId: slot.thread.id, run: slot.run });
    }
    this.#grow();
  }

  /** The next task. One whose program the driver has had forgotten belongs to a job that is over. */
  #takeRunnable(): TaskSpec | undefined {
    for (;;) {
      const task = this.#tasks.takeNext();
      if (task === undefined || this.#programs.has(task.stageKey)) return task;
      this.#tasks.move(task.taskId, { kind: "ended" });
      this.#host?.taskEnded(task, { outcome: "killed" });
    }
  }

  /** A thread for each task that waits, as long as there may be more threads. */
  #grow(): void {
    let starting = 0;
    for (const slot of this.#slots.values()) if (slot.state === "starting") starting++;
    const missing = Math.min(this.#tasks.waitingCount - starting, this.#options.slots - this.#slots.size);
    for (let count = 0; count < missing; count++) this.#startSlot();
  }

  #after(ms: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

/** What the heap of a busy slot held when it last looked. */
function sampleOf({ thread, task }: Slot): LastWords["slots"][number] | undefined {
  if (task === undefined) return undefined;
  const { heapUsedBytes, heapBytes, externalBytes, ageMs, table } = thread.sample();
  return { taskId: task.taskId, heapUsedBytes, heapBytes, externalBytes, ageMs, ...(table && { table }) };
}
