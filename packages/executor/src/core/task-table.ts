/**
 * What this executor knows of its tasks, from launch to report. Pure: who is told what stands in slot-pool.ts.
 *
 * A task is forgotten when it has ended; that a launch is not carried out twice is the work of SeqWindow.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";

export type TaskState =
  | { readonly kind: "queued" }
  | { readonly kind: "running"; readonly slotId: number; readonly run: number }
  /** Told to stop, and not yet known to have. */
  | { readonly kind: "stopping"; readonly slotId: number; readonly run: number; readonly reason: string }
  | { readonly kind: "ended" };
export type TaskStateKind = TaskState["kind"];

/** Which state may follow which. `running -> queued`: its slot would not run it (tainted intrinsics). */
const TRANSITIONS: Readonly<Record<TaskStateKind, readonly TaskStateKind[]>> = {
  queued: ["running", "ended"],
  running: ["stopping", "ended", "queued"],
  stopping: ["ended"],
  ended: [],
};

interface Entry {
  readonly task: TaskSpec;
  state: TaskState;
  readonly history: TaskStateKind[];
}

export class TaskTable {
  readonly #tasks = new Map<number, Entry>();
  /** Task ids in the order they came; killed ones are skipped when their turn comes. */
  #queue: number[] = [];
  #head = 0;
  #waiting = 0;

  /** False when the task is here already. */
  add(task: TaskSpec): boolean {
    if (this.#tasks.has(task.taskId)) return false;
    this.#tasks.set(task.taskId, { task, state: { kind: "queued" }, history: ["queued"] });
    this.#queue.push(task.taskId);
    this.#waiting++;
    return true;
  }

  /** The task that has waited longest, which the caller must then `move`. */
  takeNext(): TaskSpec | undefined {
    while (this.#head < this.#queue.length) {
      const taskId = this.#queue[this.#head++] as number;
      this.#compactQueue();
      const entry = this.#tasks.get(taskId);
      if (entry?.state.kind === "queued") return entry.task;
    }
    return undefined;
  }

  /** Puts a task that its slot gave back before all that wait. */
  requeueFirst(taskId: number): void {
    this.move(taskId, { kind: "queued" });
    this.#queue = [taskId, ...this.#queue.slice(this.#head)];
    this.#head = 0;
  }

  move(taskId: number, to: TaskState): void {
    const entry = this.#entry(taskId);
    const allowed = TRANSITIONS[entry.state.kind].includes(to.kind);
    assert(allowed, `task ${taskId} goes ${[...entry.history, to.kind].join(" -> ")}`);
    if (entry.state.kind === "queued") this.#waiting--;
    if (to.kind === "queued") this.#waiting++;
    entry.state = to;
    entry.history.push(to.kind);
    if (to.kind === "ended") this.#tasks.delete(taskId);
  }

  stateOf(taskId: number): TaskState | undefined {
    return this.#tasks.get(taskId)?.state;
  }

  taskOf(taskId: number): TaskSpec {
    return this.#entry(taskId).task;
  }

  /** Ids of all that wait or run: what a heartbeat says. */
  ids(): number[] {
    return [...this.#tasks.keys()];
  }

  /** Tasks that wait for a slot. */
  get waitingCount(): number {
    return this.#waiting;
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Throws when the table contradicts itself. */
  validate(): void {
    const waiting = new Set(this.#queue.slice(this.#head));
    const slots = new Set<number>();
    let queued = 0;
    for (const [taskId, entry] of this.#tasks) {
      assert(entry.state.kind !== "ended", `ended task ${taskId} is forgotten`);
      assert(entry.history.at(-1) === entry.state.kind, `the history of task ${taskId} ends in its state`);
      if (entry.state.kind === "queued") {
        assert(waiting.has(taskId), `queued task ${taskId} is in the queue`);
        queued++;
        continue;
      }
      assert(!slots.has(entry.state.slotId), `slot ${entry.state.slotId} has one task`);
      slots.add(entry.state.slotId);
    }
    assert(queued === this.#waiting, "waiting tasks are counted");
  }

  #entry(taskId: number): Entry {
    const entry = this.#tasks.get(taskId);
    assert(entry !== undefined, `task ${taskId} is here`);
    return entry;
  }

  #compactQueue(): void {
    if (this.#head < 1024 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
