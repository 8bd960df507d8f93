/**
 * Lineage as frozen data. A transformation makes a new node; nothing is computed, read or started by that. What an operator of a
 * `kind` means (its partitions, its code) stands in its own file under `operators/`.
 */

import type { CallSite } from "./call-site.js";
import type { Partitioner } from "./partitioner.js";

export interface RddNode<P = unknown> {
  /** The RDD's id, unique in the application. An exchange's id is its shuffle id too. */
  readonly id: number;
  /** Which operator: a key of the operator table. */
  readonly kind: string;
  /** Parents, in the operator's order. */
  readonly inputs: readonly RddNode[];
  /** The operator's own parameters: user functions, numbers, paths. */
  readonly params: P;
  readonly site: CallSite;
  /** How its rows are placed by key, when that is known. */
  readonly partitioner: Partitioner | undefined;
}

export interface NodeOptions {
  readonly partitioner?: Partitioner | undefined;
}

/** Makes nodes; the context numbers them. */
export type NodeFactory = <P>(kind: string, inputs: readonly RddNode[], params: P, options?: NodeOptions) => RddNode<P>;
