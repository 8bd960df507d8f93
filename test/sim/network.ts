/** A network that loses, doubles and delays messages, and falls apart. Nodes are executors' process numbers; the driver is node 0. */

import type { Clock } from "./clock.js";
import type { Faults } from "./faults.js";

export const DRIVER = 0;

export class Network {
  readonly #clock: Clock;
  readonly #faults: Faults;
  /** Pairs that cannot reach each other, `low * 2^20 + high`, until a tick. */
  readonly #cuts = new Map<number, number>();

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Returns whether the message will arrive at all. It may do so twice, and after later ones. */
  send(from: number, to: number, deliver: () => void): boolean {
    if (!this.reaches(from, to) || this.#faults.strikes("loss", 0.3)) return false;
    this.#clock.after(this.#delay(), deliver);
    if (this.#faults.strikes("duplication", 0.5)) this.#clock.after(this.#delay(), deliver);
    return true;
  }

  reaches(a: number, b: number): boolean {
    if (this.#cuts.size === 0) return true;
    const until = this.#cuts.get(pair(a, b));
    return until === undefined || until <= this.#clock.tick;
  }

  cut(a: number, b: number, ticks: number): void {
    this.#cuts.set(pair(a, b), this.#clock.tick + ticks);
  }

  heal(): void {
    this.#cuts.clear();
  }

  #delay(): number {
    return this.#faults.strikes("delay", 0.8) ? this.#faults.draw("delay", 2, 100) : 1;
  }
}

function pair(a: number, b: number): number {
  return Math.min(a, b) * 2 ** 20 + Math.max(a, b);
}
