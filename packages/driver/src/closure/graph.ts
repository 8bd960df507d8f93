/**
 * The graph of what a capture has met. A node is an object, a function or a symbol; it remembers from where it was first reached, so
 * that a refusal can name the path. Primitives are no nodes.
 */

import type { NodeDescription } from "@volley/engine/closure/envelope-writer.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { FunctionCapture } from "./function-capture.js";

export type Referent = object | symbol;

/** How a value was reached from the one before it. */
export type Step =
  | { readonly kind: "root"; readonly index: number }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "property"; readonly key: PropertyKey }
  | { readonly kind: "element"; readonly index: number }
  | { readonly kind: "entry"; readonly key: unknown }
  /** Not worth a word: an object's class, a class's prototype. */
  | { readonly kind: "silent" };

export interface GraphNode {
  readonly value: Referent;
  readonly from: GraphNode | undefined;
  readonly step: Step;
  /** What is written; a function for what is known only when all is met. */
  description: NodeDescription | (() => NodeDescription) | undefined;
  /** Must exist before this one is made. */
  hard: readonly Referent[];
  /** Had better exist before: else this one takes them later. */
  soft: readonly Referent[];
  fn: FunctionCapture | undefined;
  /** Called when the value is reached once more: a module of which only members were wanted may be wanted whole. */
  onReached: (() => void) | undefined;
  /** Place in the order in which nodes can be made. */
  number: number;
  state: "new" | "open" | "numbered";
}

const NOTHING: readonly Referent[] = [];

export function isReferent(value: unknown): value is Referent {
  return typeof value === "symbol" || typeof value === "function" || (typeof value === "object" && value !== null);
}

export class CaptureGraph {
  readonly #nodes = new Map<Referent, GraphNode>();
  readonly #pending: GraphNode[] = [];
  #nextPending = 0;

  /** Notes that `value` is reached; primitives are nothing to note. */
  reach(value: unknown, from: GraphNode | undefined, step: Step): void {
    if (!isReferent(value)) return;
    const known = this.#nodes.get(value);
    if (known === undefined) this.add(value, from, step);
    else known.onReached?.();
  }

  add(value: Referent, from: GraphNode | undefined, step: Step): GraphNode {
    const node: GraphNode = {
      value,
      from,
      step,
      description: undefined,
      hard: NOTHING,
      soft: NOTHING,
      fn: undefined,
      onReached: undefined,
      number: -1,
      state: "new",
    };
    this.#nodes.set(value, node);
    this.#pending.push(node);
    return node;
  }

  /** Puts a node back among those that have not been looked at. */
  again(node: GraphNode): void {
    this.#pending.push(node);
  }

  /** A value that stands for something without a value of its own here: a cell, a file's `require`. */
  addMade(description: NodeDescription, from: GraphNode | undefined, step: Step): object {
    const stand = Object.freeze({ madeBy: "capture" });
    this.add(stand, from, step).description = description;
    return stand;
  }

  get(value: Referent): GraphNode | undefined {
    return this.#nodes.get(value);
  }

  has(value: unknown): boolean {
    return isReferent(value) && this.#nodes.has(value);
  }

  node(value: Referent): GraphNode {
    const node = this.#nodes.get(value);
    assert(node !== undefined, "the value was reached");
    return node;
  }

  /** The next node that has not been looked at. */
  next(): GraphNode | undefined {
    return this.hasPending ? this.#pending[this.#nextPending++] : undefined;
  }

  get hasPending(): boolean {
    return this.#nextPending < this.#pending.length;
  }

  nodes(): Iterable<GraphNode> {
    return this.#nodes.values();
  }

  numberOf(value: Referent): number {
    return this.node(value).number;
  }

  /**
   * Numbers the nodes so that each stands behind its hard dependencies and, where that can be, behind its soft ones. Depth first, with a
   * stack of its own. A hard dependency on something that is still open can only be met by giving up the soft step that led here.
   */
  inOrder(): GraphNode[] {
    const order: GraphNode[] = [];
    for (const start of this.#nodes.values()) {
      if (start.state !== "new") continue;
      if (start.hard.length + start.soft.length === 0) number(start, order);
      else this.#numberFrom(start, order);
    }
    return order;
  }

  #numberFrom(start: GraphNode, order: GraphNode[]): void {
    const stack: { node: GraphNode; at: number; viaSoft: boolean }[] = [{ node: start, at: 0, viaSoft: true }];
    start.state = "open";
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const { node } = frame;
      const index = frame.at++;
      const isHard = index < node.hard.length;
      const needed = isHard ? node.hard[index] : node.soft[index - node.hard.length];
      if (needed === undefined) {
        stack.pop();
        number(node, order);
        continue;
      }
      const target = this.node(needed);
      if (target.state === "new") {
        target.state = "open";
        stack.push({ node: target, at: 0, viaSoft: !isHard });
      } else if (target.state === "open" && isHard) {
        this.#giveUp(stack, target);
      }
    }
  }

  #giveUp(stack: { node: GraphNode; viaSoft: boolean }[], target: GraphNode): void {
    for (;;) {
      const frame = stack.pop();
      assert(frame !== undefined && frame.node !== target, "prototypes and parents form no cycle");
      frame.node.state = "new";
      if (frame.viaSoft) return;
    }
  }
}

function number(node: GraphNode, order: GraphNode[]): void {
  node.state = "numbered";
  node.number = order.push(node) - 1;
}
