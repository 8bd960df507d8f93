/**
 * What an executor that leaves does with the blocks it holds: which goes where, in which order, how many at once; and when there is nothing left to
 * do. Pure: leaving.ts carries it out and tells what came of it.
 *
 * A block is `held`, then `pushing` to one peer, then `moved`; or `stuck`, when every peer has refused it: another peer that comes may take it
 * still. What is not moved when the time is over is lost with the executor, and computed again.
 */

import { assert } from "@volley/engine/lib/assert.js";
import { hashKey } from "@volley/engine/lib/hash.js";

export interface Push {
  readonly name: string;
  readonly peerId: string;
}

/** `full`: that peer has no room for this block. `leaving`: it takes none at all. `failed`: it cannot be reached, or the bytes arrived damaged. `gone`: the block is here no more. */
export type PushOutcome = "kept" | "full" | "leaving" | "failed" | "gone";

/** Under way at one time: enough to keep the network busy, few enough that each peer gets one or two. */
const PUSHES_MAX = 4;

type BlockState = "held" | "pushing" | "moved" | "stuck";

interface Entry {
  state: BlockState;
  readonly refusedBy: Set<string>;
}

const TRANSITIONS: Readonly<Record<BlockState, readonly BlockState[]>> = {
  held: ["pushing", "stuck"],
  pushing: ["moved", "held"],
  moved: [],
  stuck: ["held"],
};

export class Departure {
  readonly #entries = new Map<string, Entry>();
  #peers: readonly string[] = [];
  readonly #leaving = new Set<string>();
  #pushing = 0;

  /** What is here now: new ones are to be moved, those that went are forgotten. */
  holds(names: Iterable<string>): void {
    const here = new Set(names);
    for (const name of here)
      if (!this.#entries.has(name)) this.#entries.set(name, { state: "held", refusedBy: new Set() });
    for (const [name, { state }] of this.#entries)
      if (state !== "pushing" && !here.has(name)) this.#entries.delete(name);
  }

  /** Who else there is. */
  knows(peerIds: readonly string[]): void {
    this.#peers = peerIds;
    for (const entry of this.#entries.values())
      if (entry.state === "stuck" && this.#choices(entry).length > 0) move(entry, "held");
  }

  /** The next block to push, which is then under way; undefined when there is none for now. */
  next(): Push | undefined {
    // With nobody who stays, blocks wait for somebody who comes.
    if (this.#pushing >= PUSHES_MAX || this.#peers.every((peerId) => this.#leaving.has(peerId))) return undefined;
    for (const [name, entry] of this.#entries) {
      if (entry.state !== "held") continue;
      const choices = this.#choices(entry);
      if (choices.length === 0) {
        move(entry, "stuck");
        continue;
      }
      move(entry, "pushing");
      this.#pushing++;
      // By the block's name, so that the blocks spread over the peers.
      return { name, peerId: choices[hashKey(name) % choices.length] as string };
    }
    return undefined;
  }

  ended({ name, peerId }: Push, outcome: PushOutcome): void {
    const entry = this.#entries.get(name);
    assert(entry?.state === "pushing", `${name} was on its way`);
    this.#pushing--;
    move(entry, outcome === "kept" ? "moved" : "held");
    if (outcome === "gone") this.#entries.delete(name);
    else if (outcome === "leaving") this.#leaving.add(peerId);
    else if (outcome !== "kept") entry.refusedBy.add(peerId);
  }

  /** Nothing is on its way, and all that somebody would take is elsewhere. Not as long as there is nobody to ask. */
  get isSettled(): boolean {
    if (this.#pushing > 0) return false;
    for (const { state } of this.#entries.values()) if (state === "held") return false;
    return true;
  }

  count(state: BlockState): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.state === state) count++;
    return count;
  }

  validate(): void {
    assert(this.count("pushing") === this.#pushing, "blocks on their way are counted");
    assert(this.#pushing <= PUSHES_MAX, "no more are on their way than may be");
  }

  #choices(entry: Entry): string[] {
    return this.#peers.filter((peerId) => !this.#leaving.has(peerId) && !entry.refusedBy.has(peerId));
  }
}

function move(entry: Entry, to: BlockState): void {
  assert(TRANSITIONS[entry.state].includes(to), `a block goes from ${entry.state} to ${to}`);
  entry.state = to;
}
