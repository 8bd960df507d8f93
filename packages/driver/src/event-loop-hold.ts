import { assert } from "@volley/engine/lib/assert.js";

/** A timer that never fires in practice: what matters is that it is there. */
const FOREVER_MS = 2 ** 31 - 1;

/** One reference on Node's event loop while somebody holds it, none otherwise: sockets and child processes of a driver hold none. */
export class EventLoopHold {
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  acquire(): void {
    if (this.#holders++ === 0) this.#timer = setInterval(() => {}, FOREVER_MS);
  }

  release(): void {
    assert(this.#holders > 0, "a hold is released as often as it is acquired");
    if (--this.#holders === 0) clearInterval(this.#timer);
  }
}
