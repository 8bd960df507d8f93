/** Which transitions of the core's state machines happened in runs with which kinds of faults. */

import { allTransitions, type TransitionProbe } from "@volley/driver/core/transitions.js";
import { FAULT_KINDS, type FaultKind } from "./faults.js";

export class Coverage {
  readonly #met = new Set<string>();

  /** For a run with those faults; `add` once it is over. */
  start(): RunCoverage {
    return new RunCoverage();
  }

  add(run: RunCoverage, faults: ReadonlySet<FaultKind>): void {
    for (const transition of run.transitions()) for (const kind of faults) this.#met.add(`${transition} under ${kind}`);
  }

  get met(): number {
    return this.#met.size;
  }

  unmet(): string[] {
    return allTransitions().flatMap((transition) =>
      FAULT_KINDS.map((kind) => `${transition} under ${kind}`).filter((pair) => !this.#met.has(pair)),
    );
  }
}

/** The transitions of one run. */
export class RunCoverage {
  /** Machine, from, to; nested maps, for this is called at every step. */
  readonly #seen = new Map<string, Map<string, Set<string>>>();

  readonly probe: TransitionProbe = (machine, from, to) => {
    let machines = this.#seen.get(machine);
    if (machines === undefined) {
      machines = new Map();
      this.#seen.set(machine, machines);
    }
    const targets = machines.get(from);
    if (targets === undefined) machines.set(from, new Set([to]));
    else targets.add(to);
  };

  *transitions(): Generator<string> {
    for (const [machine, states] of this.#seen) {
      for (const [from, targets] of states) for (const to of targets) yield `${machine}: ${from} -> ${to}`;
    }
  }
}
