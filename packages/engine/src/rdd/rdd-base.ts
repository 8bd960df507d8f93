/** What every group of RDD methods stands on: the lineage node, the context, and how a new handle is made. */

import type { CallSite } from "./call-site.js";
import type { NodeFactory, RddNode } from "./node.js";
import type { RDD } from "./rdd.js";
import type { RddContext } from "./rdd-context.js";

export abstract class RddBase {
  /**
   * The context that made this RDD and runs its actions.
   *
   * @see Spark's RDD.context
   */
  readonly context: RddContext;
  /** @internal The lineage behind this handle: frozen data. */
  readonly node: RddNode;

  /** @internal RDDs are made by a context's sources and by transformations. */
  constructor(context: RddContext, node: RddNode) {
    this.context = context;
    this.node = node;
  }
}

type RddConstructor = new (context: RddContext, node: RddNode) => unknown;

/**
 * A handle for a node made from `from`'s. The class comes from the handle at hand: the files of the method groups need not import it, and
 * so do not import each other in a circle.
 */
export function derive<U>(
  from: unknown,
  site: CallSite,
  make: (make: NodeFactory, parent: RddNode) => RddNode,
): RDD<U> {
  const { context, node } = from as RddBase;
  context.assertRunning();
  return new ((from as RddBase).constructor as RddConstructor)(context, make(context.makeAt(site), node)) as RDD<U>;
}

/** The handle itself where `this` is a conditional type. */
export function baseOf(rdd: unknown): RddBase {
  return rdd as RddBase;
}

/** Gives a class the methods of others. The types follow from an interface of the same name. */
export function mixIn(target: { readonly prototype: object }, groups: readonly { readonly prototype: object }[]): void {
  for (const group of groups) {
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(group.prototype) as Record<
      string | symbol,
      PropertyDescriptor
    >;
    Object.defineProperties(target.prototype, members);
  }
}
