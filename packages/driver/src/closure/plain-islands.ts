/**
 * Islands: containers below which there is nothing but data. An island is encoded in one piece, as rows are. What is inside is no node until
 * something outside refers to it too: then it becomes one more *root* of its island, and so does a container that shares something with
 * an island that is there. Each root is a node that takes its value out of the piece, so identity holds.
 */

import { NODE } from "@volley/engine/closure/envelope-format.js";
import { encodePlain } from "@volley/engine/closure/plain-data.js";
import { assert } from "@volley/engine/lib/assert.js";
import type { CaptureRun } from "./capture-run.js";
import { globalRoot } from "./globals.js";
import type { GraphNode } from "./graph.js";
import { type NamedProperties, scanPlain } from "./plain-scan.js";

/** Of fewer values an island is not worth while. */
const VALUES_MIN = 256;
/** Objects that may be looked at in vain before no more islands are looked for. */
const WASTED_MAX = 4_000_000;
/** Islands that may be given up before no more are made. */
const GIVEN_UP_MAX = 16;

/** An object whose parts are being looked at. */
interface Frame {
  readonly value: object;
  readonly parts: readonly object[];
  at: number;
}

interface Found {
  readonly members: Set<object>;
  readonly isTree: boolean;
  /** Islands that the value shares something with. */
  readonly met: Set<Island>;
}

interface Island {
  /** Stands for the piece in the graph. */
  readonly stand: object;
  readonly roots: GraphNode[];
  readonly members: Set<object>;
  /** No object stands in two places. */
  isTree: boolean;
}

export class PlainIslands {
  readonly #run: CaptureRun;
  readonly #named: NamedProperties;
  readonly #memberToIsland = new Map<object, Island>();
  readonly #islands = new Set<Island>();
  /** Known to be below none, or too small to be worth it. */
  readonly #settled = new Set<object>();
  #wasted = 0;
  #givenUp = 0;
  #isOff = false;

  constructor(run: CaptureRun) {
    this.#run = run;
    this.#named = (value) => run.inspector.namedProperties(value);
  }

  /** Makes a node's value a root of an island where that can be. */
  take(node: GraphNode): boolean {
    const value = node.value as object;
    const home = this.#memberToIsland.get(value);
    if (home !== undefined) {
      if (!(value instanceof ArrayBuffer)) return this.#addRoot(home, node);
      // A view's encoding makes a buffer of its own: one that something else refers to needs nodes.
      this.#giveUp(home);
      return false;
    }
    if (this.#isOff || this.#settled.has(value) || isNumbers(value)) return false;
    const found = this.#explore(value);
    if (found === undefined) return false;
    const [first, ...others] = found.met;
    const island = first ?? this.#newIsland(node);
    for (const other of others) this.#merge(other, island);
    this.#addMembers(island, found.members);
    island.isTree &&= found.isTree;
    return this.#addRoot(island, node);
  }

  /** Gives up all islands and makes no more: something asks which objects are captured. */
  switchOff(): void {
    this.#isOff = true;
    for (const island of [...this.#islands]) this.#giveUp(island);
  }

  #newIsland(from: GraphNode): Island {
    const { graph } = this.#run;
    const stand = graph.addMade({ kind: NODE.object }, from, { kind: "silent" });
    const island: Island = { stand, roots: [], members: new Set(), isTree: true };
    graph.node(stand).description = () => {
      const { roots, isTree } = island;
      const values = roots.map((root) => root.value as object);
      const bytes = values.length === 1 ? encodePlain(values[0] as object, isTree) : encodePlain(values, false);
      return { kind: NODE.plain, bytes };
    };
    this.#islands.add(island);
    return island;
  }

  #addMembers(island: Island, members: Iterable<object>): void {
    for (const member of members) {
      island.members.add(member);
      this.#memberToIsland.set(member, island);
    }
  }

  #addRoot(island: Island, node: GraphNode): true {
    const index = island.roots.push(node) - 1;
    node.description = () => ({
      kind: NODE.part,
      numbers: [island.roots.length === 1 ? -1 : index],
      slots: [island.stand],
    });
    node.hard = [island.stand];
    return true;
  }

  #merge(from: Island, into: Island): void {
    assert(from !== into, "islands that are met are different ones");
    this.#addMembers(into, from.members);
    into.isTree = false;
    this.#drop(from);
    for (const root of from.roots) this.#addRoot(into, root);
  }

  #giveUp(island: Island): void {
    if (++this.#givenUp > GIVEN_UP_MAX) this.#isOff = true;
    for (const member of island.members) this.#memberToIsland.delete(member);
    this.#drop(island);
    for (const root of island.roots) {
      this.#settled.add(root.value as object);
      root.description = undefined;
      root.hard = [];
      this.#run.graph.again(root);
    }
  }

  /** Its stand stays behind as an empty object that nothing refers to. */
  #drop(island: Island): void {
    this.#islands.delete(island);
    this.#run.graph.node(island.stand).description = { kind: NODE.object };
  }

  /** Depth first, with a stack of its own: what stands on it when something is not plain is below no island either. */
  #explore(root: object): Found | undefined {
    const members = new Set<object>([root]);
    const met = new Set<Island>();
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
      const home = isKnown ? undefined : this.#memberToIsland.get(part);
      if (home !== undefined && !(part instanceof ArrayBuffer)) {
        met.add(home);
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
    if (weigh.values >= VALUES_MIN) return { members, isTree: isTree && met.size === 0, met };
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
    const size = scanPlain(value, parts, this.#named);
    if (size === undefined) return undefined;
    weigh.values += 1 + size;
    return { value, parts, at: 0 };
  }
}

/** An array of numbers alone has a node of its own kind. */
function isNumbers(value: object): boolean {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) if (typeof value[index] !== "number") return false;
  return true;
}
