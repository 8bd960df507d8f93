/**
 * The core's clock: monotonic milliseconds that leave out the time in which this process could not listen. The driver shares its event
 * loop with the user's script; when that blocks it for a minute, or stops in a debugger, the executors' heartbeats wait unread in their sockets, and
 * nobody may be declared lost for it.
 *
 * The shell reads the clock at least once every TICK_MS. Between two readings it moves on by at most `stepMaxMs`: whatever is beyond
 * that was lag.
 */
export class LagFreeClock {
  readonly #read: () => number;
  readonly #stepMaxMs: number;
  #lastRead: number;
  #now = 0;
  #lagMs = 0;

  /** `read` gives monotonic milliseconds. */
  constructor(read: () => number, stepMaxMs: number) {
    this.#read = read;
    this.#stepMaxMs = stepMaxMs;
    this.#lastRead = read();
  }

  now(): number {
    const read = this.#read();
    const passed = read - this.#lastRead;
    // Whatever the source does: here time does not go back.
    const counted = Math.max(0, Math.min(passed, this.#stepMaxMs));
    this.#lastRead = read;
    this.#now += counted;
    this.#lagMs += passed - counted;
    return this.#now;
  }

  /** Milliseconds left out so far. */
  get lagMs(): number {
    return this.#lagMs;
  }
}
