import { VolleyError } from "@volley/engine/wire/errors.js";
import type { CoreEvent, Instruction } from "./core/events.js";
import type { SchedulerCore } from "./scheduler-core.js";
import type { AcceptableEnd } from "./task-end.js";

export interface QueuedEvent {
  readonly event: CoreEvent;
  /** What a task that ended brought with it. */
  readonly end?: AcceptableEnd | undefined;
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
  /** Of the event that is being carried out. */
  currentEnd: AcceptableEnd | undefined;
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

  post(event: CoreEvent, end?: AcceptableEnd): void {
    this.postAll([{ event, end }]);
  }

  postAll(events: readonly QueuedEvent[]): void {
    for (const queued of events) this.#queue.push(queued);
    this.#drain();
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
    this.currentEnd = undefined;
    this.#draining = false;
    this.#host.turnEnded();
  }

  #carryOut({ event, end, done }: QueuedEvent): void {
    this.currentEnd = end;
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
    done?.(this.#sent);
  }
}
