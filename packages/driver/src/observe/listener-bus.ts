import type { EventOf, VolleyEvent } from "./events.js";

/** Events that may wait for a user's listeners; beyond it the newest are dropped and counted, as Spark's listener bus does. */
const WAITING_MAX = 10_000;

/** What `vc.addListener` takes: any of these methods. Called after the fact and outside of the scheduler; what one throws is reported and goes nowhere else. */
export interface VolleyListener {
  /** Every event, after the method of its own. */
  onEvent?(event: VolleyEvent): void;
  /** The driver has begun. */
  onApplicationStart?(event: EventOf<"applicationStart">): void;
  /** The context was stopped. */
  onApplicationEnd?(event: EventOf<"applicationEnd">): void;
  /** A job was submitted. */
  onJobStart?(event: EventOf<"jobStart">): void;
  /** A job has succeeded, failed or been cancelled. */
  onJobEnd?(event: EventOf<"jobEnd">): void;
  /** A stage has begun. */
  onStageSubmitted?(event: EventOf<"stageSubmitted">): void;
  /** A stage has ended. */
  onStageCompleted?(event: EventOf<"stageCompleted">): void;
  /** A task was launched on an executor. */
  onTaskStart?(event: EventOf<"taskStart">): void;
  /** An attempt of a task has ended. */
  onTaskEnd?(event: EventOf<"taskEnd">): void;
  /** An executor has registered. */
  onExecutorAdded?(event: EventOf<"executorAdded">): void;
  /** An executor is lost or was stopped. */
  onExecutorRemoved?(event: EventOf<"executorRemoved">): void;
  /** A block was cached, moved or dropped. */
  onBlockUpdated?(event: EventOf<"blockUpdated">): void;
}

/** Hands events of the log to a user's listeners, in order, from a microtask: user code never runs inside a step of the scheduler. */
export class ListenerBus {
  readonly #listeners = new Set<VolleyListener>();
  readonly #onDefect: (error: unknown) => void;
  #waiting: VolleyEvent[] = [];
  #scheduled = false;
  /** Events that no listener saw, because they came faster than listeners took them. */
  dropped = 0;

  constructor(onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
  }

  addListener(listener: VolleyListener): void {
    this.#listeners.add(listener);
  }

  removeListener(listener: VolleyListener): void {
    this.#listeners.delete(listener);
  }

  /** The log's subscriber. */
  add(event: VolleyEvent): void {
    if (this.#listeners.size === 0) return;
    if (this.#waiting.length >= WAITING_MAX) {
      this.dropped++;
      return;
    }
    this.#waiting.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    const events = this.#waiting;
    this.#waiting = [];
    for (const event of events) {
      const method = `on${event.kind.charAt(0).toUpperCase()}${event.kind.slice(1)}` as keyof VolleyListener;
      for (const listener of this.#listeners) {
        this.#call(listener, method, event);
        this.#call(listener, "onEvent", event);
      }
    }
  }

  #call(listener: VolleyListener, method: keyof VolleyListener, event: VolleyEvent): void {
    try {
      (listener[method] as ((event: VolleyEvent) => void) | undefined)?.call(listener, event);
    } catch (error) {
      this.#onDefect(error);
    }
  }
}
