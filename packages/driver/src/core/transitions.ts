/**
 * The transition tables of the core's state machines, and the memory of what was done. Every change of a state goes through `move`;
 * one that stands in no table is a defect and throws with the story of the thing.
 */

import { HISTORY_SIZE } from "./limits.js";

/** From each state: where it may go. */
const TABLES = {
  /** A job lives from its submission to one end. */
  job: { new: ["active"], active: ["finished", "failed"], finished: [], failed: [] },
  /**
   * A stage, as often as its output is wanted: `dormant` nobody wants it, `waiting` for parents' outputs, `running` tasks may start,
   * `done` its output is whole. Outputs get lost, so `done` is no end; `gone` is: no job refers to it.
   */
  stage: {
    dormant: ["waiting", "running", "done", "gone"],
    waiting: ["running", "done", "dormant"],
    running: ["waiting", "done", "dormant"],
    done: ["waiting", "running", "dormant", "gone"],
    gone: [],
  },
  /** One try. `killing`: told to stop, and whatever it says no longer counts. */
  attempt: {
    new: ["launched"],
    launched: ["succeeded", "failed", "lost", "killing"],
    killing: ["killed", "ignored", "lost"],
    succeeded: [],
    failed: [],
    killed: [],
    ignored: [],
    lost: [],
  },
  executor: {
    new: ["alive"],
    alive: ["excluded", "decommissioning", "lost"],
    excluded: ["alive", "decommissioning", "lost"],
    decommissioning: ["lost"],
    lost: [],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type Machine = keyof typeof TABLES;
export type StateOf<M extends Machine> = keyof (typeof TABLES)[M] & string;

export type JobState = StateOf<"job">;
export type StageState = StateOf<"stage">;
export type AttemptState = StateOf<"attempt">;
export type ExecutorState = StateOf<"executor">;

/** Told of every transition; the simulator counts them. */
export type TransitionProbe = (machine: Machine, from: string, to: string) => void;

/** All transitions of the tables as `machine: from -> to`. */
export function allTransitions(): string[] {
  const all: string[] = [];
  for (const [machine, table] of Object.entries(TABLES)) {
    for (const [from, targets] of Object.entries(table))
      for (const to of targets) all.push(`${machine}: ${from} -> ${to}`);
  }
  return all;
}

interface Entry {
  step: number;
  machine: Machine;
  id: number | string;
  from: string;
  to: string;
}

/** Checks transitions and remembers the last ones of all things in one ring: constant memory, however many tasks there are. */
export class Transitions {
  readonly #ring: Entry[] = [];
  #next = 0;
  readonly #probe: TransitionProbe | undefined;

  constructor(probe?: TransitionProbe) {
    this.#probe = probe;
  }

  /** Returns `to`; throws with the thing's story when the table does not allow it. */
  move<M extends Machine, T extends StateOf<M>>(
    machine: M,
    id: number | string,
    from: StateOf<M>,
    to: T,
    step: number,
  ): T {
    const targets = (TABLES[machine] as Record<string, readonly string[]>)[from];
    if (targets === undefined || !targets.includes(to)) {
      throw new Error(
        `assertion failed: ${machine} ${id} cannot go from ${from} to ${to} (step ${step})\n${this.story(machine, id)}`,
      );
    }
    const entry = this.#ring[this.#next];
    if (entry === undefined) this.#ring.push({ step, machine, id, from, to });
    else {
      entry.step = step;
      entry.machine = machine;
      entry.id = id;
      entry.from = from;
      entry.to = to;
    }
    this.#next = (this.#next + 1) % HISTORY_SIZE;
    this.#probe?.(machine, from, to);
    return to;
  }

  /** What is remembered of one thing, oldest first, a line each. */
  story(machine: Machine, id: number | string): string {
    const lines: string[] = [];
    for (let offset = 0; offset < this.#ring.length; offset++) {
      const entry = this.#ring[(this.#next + offset) % this.#ring.length] as Entry;
      if (entry.machine === machine && entry.id === id)
        lines.push(`  step ${entry.step}: ${entry.from} -> ${entry.to}`);
    }
    return lines.length === 0 ? "  nothing is remembered of it" : lines.join("\n");
  }
}
