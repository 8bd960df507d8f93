/**
 * Frees what executors hold for RDDs that the script no longer refers to: shuffle outputs, cached and source blocks (Spark's
 * ContextCleaner). A node is collected by JavaScript's own garbage collection; this only follows it.
 */

import type { RddNode } from "@volley/engine/rdd/node.js";

interface Held {
  readonly rddId: number;
  readonly isExchange: boolean;
  readonly isSource: boolean;
}

export class Cleaner {
  readonly #registry: FinalizationRegistry<Held>;
  #stopped = false;

  /** `free` is called some time after a node is gone. */
  constructor(free: (held: Held) => void) {
    this.#registry = new FinalizationRegistry((held) => {
      if (!this.#stopped) free(held);
    });
  }

  watch(node: RddNode, isExchange: boolean, isSource: boolean): void {
    this.#registry.register(node, { rddId: node.id, isExchange, isSource });
  }

  stop(): void {
    this.#stopped = true;
  }
}
