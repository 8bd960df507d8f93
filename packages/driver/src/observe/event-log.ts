import { assert } from "@volley/engine/lib/assert.js";
import type { EventBody, VolleyEvent } from "./events.js";

/** Events kept for late readers: at about 300 bytes each, some tens of MB. Subscribers have seen what is dropped. */
export const EVENTS_KEPT_MAX = 1 << 17;

/**
 * What happened, in order. Appending costs microseconds and never waits: a subscriber that must (a file) keeps a queue of its own. One that
 * throws is reported once and taken off, it does not reach the job.
 */
export class EventLog {
  readonly #ring: VolleyEvent[] = [];
  readonly #keptMax: number;
  readonly #clock: () => number;
  readonly #subscribers = new Set<(event: VolleyEvent) => void>();
  readonly #onDefect: (error: unknown) => void;
  #nextSeq = 0;

  /** `clock` gives wall-clock milliseconds. `onDefect` hears what a subscriber threw. */
  constructor(clock: () => number, onDefect: (error: unknown) => void, keptMax: number = EVENTS_KEPT_MAX) {
    assert(keptMax > 0, "an event log keeps something");
    this.#clock = clock;
    this.#onDefect = onDefect;
    this.#keptMax = keptMax;
  }

  append(body: EventBody): void {
    const event = body as VolleyEvent;
    event.seq = this.#nextSeq++;
    event.timeMs = this.#clock();
    this.#ring[event.seq % this.#keptMax] = event;
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(event);
      } catch (error) {
        this.#subscribers.delete(subscriber);
        this.#onDefect(error);
      }
    }
  }

  /** Calls for every event from now on. Returns what ends that. */
  subscribe(subscriber: (event: VolleyEvent) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  /** Events from `fromSeq` on that are still kept, oldest first. */
  *since(fromSeq: number): Iterable<VolleyEvent> {
    const end = this.#nextSeq;
    for (let seq = Math.max(fromSeq, end - this.#keptMax, 0); seq < end; seq++) {
      const event = this.#ring[seq % this.#keptMax];
      if (event !== undefined && event.seq === seq) yield event;
    }
  }

  /** The number that the next event will have. */
  get nextSeq(): number {
    return this.#nextSeq;
  }
}
