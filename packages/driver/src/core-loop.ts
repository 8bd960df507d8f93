import { VolleyError } from "@volley/engine/wire/errors.js";
import type { CoreEvent, Instruction } from "./core/events.js";
import type { SchedulerCore } from "./scheduler-core.js";
import type { AcceptableEnd } from "./task-end.js";

export interface QueuedEvent {
  readonly event: CoreEvent;
  /** What a task that ended brought with it. */
  readonly end?: AcceptableEnd | undefined;
  /** The same of the tasks in a batch. */
  readonly ends?: readonly AcceptableEnd[] | undefined;
  /** Called when the event has been carried out, with what it sent to executors. */
  readonly done?: ((sent: readonly Promise<void>[]) => void) | undefined;
}

export interface CoreLoopHost {
  perform(instruction: Instruction): void;
  /** After the last of the events that were there: what was ordered may go out. */
  turnEnded(): void;
  /** The core contradicted itself: nothing that runs can be trusted to end. */
  broke(error: VolleyError): void;
}

/**
 * One queue of events into the core. Whoever posts while a step is carried out is served after it; nothing in here waits. After the first
 * defect the core is asked nothing more.
 */
export class CoreLoop {
  /** What tasks brought that are neither accepted nor discarded: those of a barrier stage wait for its last one. */
  readonly #ends = new Map<number, AcceptableEnd>();
  #decided: number[] = [];
  readonly #core: SchedulerCore;
  readonly #host: CoreLoopHost;
  readonly #queue: QueuedEvent[] = [];
  #sent: Promise<void>[] = [];
  #draining = false;
  #broken: VolleyError | undefined;

  constructor(core: SchedulerCore, host: CoreLoopHost) {
    this.#core = core;
    this.#host = host;
  }

  get broken(): VolleyError | undefined {
    return this.#broken;
  }

  /** What a task brought that the core has not decided about. */
  end(taskId: number): AcceptableEnd | undefined {
    return this.#ends.get(taskId);
  }

  /** It is decided: forgotten after the present step, whose notes may still speak of it. */
  forgetEnd(taskId: number): void {
    this.#decided.push(taskId);
  }

  /** No job runs: whatever is left came too late to be decided about. */
  forgetEnds(): void {
    this.#ends.clear();
  }

  post(event: CoreEvent, end?: AcceptableEnd): void {
    this.postAll([{ event, end }]);
  }

  postAll(events: readonly QueuedEvent[]): void {
    for (const queued of events) this.#queue.push(queued);
    this.#drain();
  }

  /** Many as one step: tasks are handed out when all have been told, so that an executor gets one launch. */
  postBatch(events: readonly QueuedEvent[]): void {
    if (events.length < 2) return this.postAll(events);
    const ends = events.flatMap(({ end }) => (end === undefined ? [] : [end]));
    this.postAll([{ event: { type: "batch", events: events.map(({ event }) => event) }, ends }]);
  }

  /** Resolves when the event has been carried out and what it sent has arrived. */
  async postAndSend(event: CoreEvent): Promise<void> {
    const sent = await new Promise<readonly Promise<void>[]>((done) => this.postAll([{ event, done }]));
    await Promise.all(sent);
  }

  /** Something that the present step sent. */
  sending(promise: Promise<void>): void {
    this.#sent.push(promise);
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let at = 0; at < this.#queue.length; at++) this.#carryOut(this.#queue[at] as QueuedEvent);
    this.#queue.length = 0;
    this.#draining = false;
    this.#host.turnEnded();
  }

  #carryOut({ event, end, ends, done }: QueuedEvent): void {
    if (end !== undefined) this.#ends.set(end.taskId, end);
    for (const one of ends ?? []) this.#ends.set(one.taskId, one);
    this.#sent = [];
    if (this.#broken === undefined) {
      try {
        for (const instruction of this.#core.step(event)) this.#host.perform(instruction);
      } catch (error) {
        this.#broken = new VolleyError(
          "INTERNAL",
          `a defect in the scheduler: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
        this.#host.broke(this.#broken);
      }
    }
    for (const taskId of this.#decided) this.#ends.delete(taskId);
    this.#decided = [];
    done?.(this.#sent);
  }
}
