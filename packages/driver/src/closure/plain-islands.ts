/**
 * Islands: containers below which there is nothing but data, and nothing that the rest of the graph refers to. An island is one node,
 * encoded as rows are. What is inside is no node, so an island is given up as soon as anything inside is reached from elsewhere: then it
 * is expanded as all values are, and identity holds.
 */

import { NODE } from "@volley/engine/closure/envelope-format.js";
import { encodePlain } from "@volley/engine/closure/plain-data.js";
import type { CaptureRun } from "./capture-run.js";
import { globalRoot } from "./globals.js";
import type { GraphNode, Referent } from "./graph.js";
import { type NamedProperties, scanPlain } from "./plain-scan.js";

/** Of fewer values an island is not worth while. */
const VALUES_MIN = 256;
/** Objects that may be looked at in vain, and islands that may be given up, before no more are looked for: both cost time. */
const WASTED_MAX = 4_000_000;
const GIVEN_UP_MAX = 16;

/** An object whose parts are being looked at. */
interface Frame {
  readonly value: object;
  readonly parts: readonly object[];
  at: number;
}

interface Found {
  readonly members: Set<object>;
  /** Primitives and objects, roughly. */
  readonly isTree: boolean;
}

export class PlainIslands {
  readonly #run: CaptureRun;
  readonly #named: NamedProperties;
  readonly #memberToIsland = new Map<object, GraphNode>();
  readonly #islandToMembers = new Map<GraphNode, ReadonlySet<object>>();
  /** Known to be below none, or too small to be worth it. */
  readonly #settled = new Set<object>();
  #wasted = 0;
  #givenUp = 0;
  #isOff = false;

  constructor(run: CaptureRun) {
    this.#run = run;
    this.#named = (value) => run.inspector.namedProperties(value);
    run.graph.onAdded = (value) => this.#reachedInside(value);
  }

  /** Makes an island of a node's value where that can be. */
  take(node: GraphNode): boolean {
    const value = node.value as object;
    if (this.#isOff || this.#settled.has(value) || isNumbers(value)) return false;
    const found = this.#explore(value);
    if (found === undefined) return false;
    for (const member of found.members) this.#memberToIsland.set(member, node);
    this.#islandToMembers.set(node, found.members);
    node.description = () => ({ kind: NODE.plain, bytes: encodePlain(value, found.isTree) });
    return true;
  }

  /** Gives up all islands and makes no more: something asks of which objects are captured. */
  switchOff(): void {
    this.#isOff = true;
    for (const island of [...this.#islandToMembers.keys()]) this.#giveUp(island);
  }

  #reachedInside(value: Referent): void {
    if (this.#memberToIsland.size === 0) return;
    const island = this.#memberToIsland.get(value as object);
    if (island === undefined || island.value === value) return;
    this.#giveUp(island);
    if (++this.#givenUp > GIVEN_UP_MAX) this.#isOff = true;
  }

  #giveUp(island: GraphNode): void {
    for (const member of this.#islandToMembers.get(island) ?? []) this.#memberToIsland.delete(member);
    this.#islandToMembers.delete(island);
    this.#settled.add(island.value as object);
    island.description = undefined;
    this.#run.graph.again(island);
  }

  /** Depth first, with a stack of its own: what stands on it when something is not plain is below no island either. */
  #explore(root: object): Found | undefined {
    const members = new Set<object>([root]);
    let isTree = true;
    const weigh = { values: 0 };
    const first = this.#frame(root, weigh);
    if (first === undefined) {
      this.#settled.add(root);
      return undefined;
    }
    const stack: Frame[] = [first];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const part = frame.parts[frame.at++];
      if (part === undefined) {
        stack.pop();
        continue;
      }
      const isKnown = members.has(part);
      // Objects that stand in two places are told apart by the encoder; buffers below views are not.
      if (isKnown && !(part instanceof ArrayBuffer)) {
        isTree = false;
        continue;
      }
      members.add(part);
      const next = isKnown || this.#isForeign(part) ? undefined : this.#frame(part, weigh);
      if (next === undefined) {
        for (const { value } of stack) this.#settled.add(value);
        this.#waste(members.size);
        return undefined;
      }
      if (next.parts.length > 0) stack.push(next);
    }
    if (weigh.values >= VALUES_MIN) return { members, isTree };
    for (const member of members) this.#settled.add(member);
    return undefined;
  }

  #waste(count: number): void {
    this.#wasted += count;
    if (this.#wasted > WASTED_MAX) this.#isOff = true;
  }

  #isForeign(value: object): boolean {
    return (
      this.#settled.has(value) ||
      this.#run.graph.has(value) ||
      this.#memberToIsland.has(value) ||
      globalRoot(value) !== undefined ||
      this.#run.options.known(value) !== undefined
    );
  }

  #frame(value: object, weigh: { values: number }): Frame | undefined {
    const parts: object[] = [];
    if (!scanPlain(value, parts, this.#named)) return undefined;
    weigh.values += 1 + sizeOf(value);
    return { value, parts, at: 0 };
  }
}

/** Elements or properties. */
function sizeOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 0;
  return Object.keys(value).length;
}

/** An array of numbers alone has a node of its own kind. */
function isNumbers(value: object): boolean {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) if (typeof value[index] !== "number") return false;
  return true;
}
