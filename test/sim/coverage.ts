/** Which transitions of the core's state machines happened in runs with which kinds of faults. */

import { allTransitions, type TransitionProbe } from "@volley/driver/core/transitions.js";
import { FAULT_KINDS, type FaultKind } from "./faults.js";

export class Coverage {
  readonly #counts = new Map<string, number>();

  /** For a run with those faults. */
  probe(faults: ReadonlySet<FaultKind>): TransitionProbe {
    return (machine, from, to) => {
      for (const kind of faults) {
        const pair = `${machine}: ${from} -> ${to} under ${kind}`;
        this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + 1);
      }
    };
  }

  get met(): number {
    return this.#counts.size;
  }

  unmet(): string[] {
    return allTransitions().flatMap((transition) =>
      FAULT_KINDS.map((kind) => `${transition} under ${kind}`).filter((pair) => !this.#counts.has(pair)),
    );
  }
}
