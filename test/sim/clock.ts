/** Virtual time in ticks of 100 ms: what is to happen when, in the order in which it was asked for. */

import { LagFreeClock } from "@volley/driver/lag-free-clock.js";

export const TICK_MS = 100;
/** As the driver's. */
const CLOCK_STEP_MAX_MS = 500;

export class Clock {
  tick = 0;
  readonly #due = new Map<number, (() => void)[]>();

  /** What the clock of the driver's machine is wrong by. */
  #jumpedMs = 0;
  readonly #driverClock = new LagFreeClock(() => this.tick * TICK_MS + this.#jumpedMs, CLOCK_STEP_MAX_MS);

  /** Milliseconds, as the core is told. */
  get now(): number {
    return this.#driverClock.now();
  }

  /** The machine's clock goes forward or back. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** `ticks` from now, 1 or more. */
  after(ticks: number, action: () => void): void {
    const at = this.tick + Math.max(1, ticks);
    const actions = this.#due.get(at);
    if (actions === undefined) this.#due.set(at, [action]);
    else actions.push(action);
  }

  /** Goes on by one tick. */
  advance(): void {
    this.tick++;
    const actions = this.#due.get(this.tick);
    if (actions === undefined) return;
    this.#due.delete(this.tick);
    for (const action of actions) action();
  }
}
