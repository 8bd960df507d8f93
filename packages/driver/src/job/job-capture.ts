/**
 * All that the functions of a job capture, read at the moment when the action is called (Spark's rule: later changes do not count). One
 * envelope for the whole job, so that two functions that share a variable share it on the executors too.
 */

import { operatorOf } from "@volley/engine/operators/define-operator.js";
import type { Sink } from "@volley/engine/operators/operator.js";
import { parentsFirst } from "@volley/engine/plan/lineage.js";
import type { CallSite } from "@volley/engine/rdd/call-site.js";
import type { RddNode } from "@volley/engine/rdd/node.js";

type Owner = RddNode | Sink;

/** Makes an envelope of values; `siteOf` says for each root whose it is. */
export type CaptureValues = (roots: readonly unknown[], siteOf: (root: number) => CallSite) => number;

export class JobCapture {
  readonly #capture: CaptureValues;
  readonly #actionSite: CallSite;
  /** Envelope and first root of each owner's bindings. */
  readonly #places = new Map<Owner, readonly [number, number]>();
  readonly envelopeIds = new Set<number>();

  /** `goesUp` says whether the parents of a node are to be captured too: not where their shuffle is written already. */
  constructor(
    root: RddNode,
    sink: Sink,
    site: CallSite,
    goesUp: (node: RddNode) => readonly RddNode[],
    capture: CaptureValues,
  ) {
    this.#capture = capture;
    this.#actionSite = site;
    this.#take([...parentsFirst([root], goesUp), sink]);
  }

  /** [envelope, root] of a binding. What was not captured with the job (a sampling sink's own) is captured now. */
  place(owner: Owner, index: number): readonly [number, number] {
    let place = this.#places.get(owner);
    if (place === undefined) {
      this.#take([owner]);
      place = this.#places.get(owner) as readonly [number, number];
    }
    return [place[0], place[1] + index];
  }

  /** Values found since the action was called: plain data. */
  captureLate(values: readonly unknown[]): readonly (readonly [number, number])[] {
    const id = this.#envelope(values, () => this.#actionSite);
    return values.map((_, root) => [id, root] as const);
  }

  #take(owners: readonly Owner[]): void {
    const roots: unknown[] = [];
    const sites: CallSite[] = [];
    const starts: [Owner, number][] = [];
    for (const owner of owners) {
      if (this.#places.has(owner)) continue;
      starts.push([owner, roots.length]);
      const isNode = "inputs" in owner;
      const bindings = isNode ? operatorOf(owner).bindings?.(owner.params) : owner.operator.bindings?.(owner.params);
      for (const value of bindings ?? []) {
        roots.push(value);
        sites.push(isNode ? owner.site : this.#actionSite);
      }
    }
    const id = roots.length === 0 ? 0 : this.#envelope(roots, (root) => sites[root] as CallSite);
    for (const [owner, start] of starts) this.#places.set(owner, [id, start]);
  }

  #envelope(roots: readonly unknown[], siteOf: (root: number) => CallSite): number {
    const id = this.#capture(roots, siteOf);
    this.envelopeIds.add(id);
    return id;
  }
}
