/**
 * Captures user functions and data: whatever the roots reach becomes one envelope. The values are read now; what the user changes
 * afterwards is not seen.
 *
 * The work: *expand* each value that is reached, from a list (a chain of 20,000 objects needs no stack); *share* variables that functions
 * assign to; *order* the nodes so that they can be made again; *write*.
 */

import { types } from "node:util";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { NodeDescription } from "@volley/engine/closure/envelope-writer.js";
import { EnvelopeWriter } from "@volley/engine/closure/envelope-writer.js";
import { wellKnownSymbol } from "@volley/engine/closure/global-paths.js";
import type { CaptureOptions } from "@volley/engine/closure/types.js";
import { assert } from "@volley/engine/lib/assert.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { CaptureRun } from "./capture-run.js";
import { type CaptureWarning, captureWarnings } from "./capture-warnings.js";
import { closedness, kindOf, ownProperties } from "./data-nodes.js";
import { FunctionCapturer } from "./function-nodes.js";
import { foreignPath, globalPath, globalRoot } from "./globals.js";
import type { GraphNode } from "./graph.js";
import { isReferent } from "./graph.js";
import { InstancePrivates } from "./instance-privates.js";
import { describeWholeModule } from "./module-nodes.js";
import { builtinRef } from "./module-refs.js";
import { memberNames } from "./module-values.js";
import { PlainIslands } from "./plain-islands.js";
import { isNative, unfit } from "./unfit.js";
import { shareVariables } from "./variable-cells.js";

export interface CapturedEnvelope {
  readonly bytes: Uint8Array;
  readonly rootCount: number;
  /** What works, but not as its author may think: a counter that only changes on executors. */
  readonly warnings: readonly CaptureWarning[];
}

/** @throws VolleyError CLOSURE_CAPTURE (or what `options.handle` throws) naming variable, path and place of what cannot travel. */
export function captureEnvelope(roots: readonly unknown[], options: CaptureOptions): CapturedEnvelope {
  const run = new CaptureRun(options);
  try {
    return new Capture(run).capture(roots);
  } finally {
    run.close();
  }
}

class Capture {
  readonly #run: CaptureRun;
  readonly #functions: FunctionCapturer;
  readonly #privates: InstancePrivates;
  readonly #islands: PlainIslands;
  readonly #weakMaps: { readonly node: GraphNode; readonly slots: unknown[] }[] = [];

  constructor(run: CaptureRun) {
    this.#run = run;
    this.#functions = new FunctionCapturer(run);
    this.#privates = new InstancePrivates(run, this.#functions);
    this.#islands = new PlainIslands(run);
  }

  capture(roots: readonly unknown[]): CapturedEnvelope {
    const { graph } = this.#run;
    for (const [index, root] of roots.entries()) graph.reach(root, undefined, { kind: "root", index });
    do {
      this.#expandAll();
      this.#functions.findHomes();
      this.#reachWeakEntries();
    } while (graph.hasPending);
    shareVariables(graph, () => this.#run.inspector);
    this.#expandAll();
    this.#functions.finish();
    const order = graph.inOrder();
    const writer = new EnvelopeWriter((value) => graph.numberOf(value), this.#run.options.keepApart);
    for (const node of order) writer.node(this.#describe(node, writer));
    return {
      bytes: writer.finish(roots),
      rootCount: roots.length,
      warnings: captureWarnings(order, this.#run.options),
    };
  }

  #describe(node: GraphNode, writer: EnvelopeWriter): NodeDescription {
    if (node.fn !== undefined) return this.#functions.describe(node, writer);
    const { description } = node;
    assert(description !== undefined, "every node was expanded");
    return typeof description === "function" ? description() : description;
  }

  #expandAll(): void {
    const { graph } = this.#run;
    for (let node = graph.next(); node !== undefined; node = graph.next())
      if (node.description === undefined) this.#expand(node);
  }

  #expand(node: GraphNode): void {
    const { value } = node;
    if (typeof value === "symbol") {
      node.description = symbolNode(value);
      return;
    }
    const name = this.#run.options.known(value);
    if (name !== undefined) {
      node.description = { kind: NODE.known, texts: [name] };
      return;
    }
    const path = globalRoot(value) ?? prototypePath(value);
    if (path !== undefined) {
      node.description = { kind: NODE.global, texts: path };
      return;
    }
    if (this.#expandHandle(node, value)) return;
    if (typeof value === "function") this.#functions.expand(node, value);
    else this.#expandObject(node, value);
  }

  #expandHandle(node: GraphNode, value: object): boolean {
    if (isPlainData(value)) return false;
    const handle = this.#handleOf(node, value);
    if (handle === undefined) return false;
    const data = Object.entries(handle.data as object);
    for (const [, item] of data) this.#run.graph.reach(item, node, { kind: "silent" });
    node.description = {
      kind: NODE.handle,
      texts: [handle.type, ...data.map(([key]) => key)],
      slots: data.map(([, item]) => item),
    };
    node.hard = data.map(([, item]) => item).filter(isReferent);
    return true;
  }

  #handleOf(node: GraphNode, value: object): { readonly type: string; readonly data: unknown } | undefined {
    try {
      return this.#run.options.handle(value);
    } catch (error) {
      if (!VolleyError.is(error)) throw error;
      const refused = this.#run.refuse(node, { code: error.code, what: "not for executors", cure: "" });
      throw new VolleyError(error.code, `${error.message} (${refused.details.path ?? "it"}${placeText(refused)})`, {
        cause: error.cause,
        details: refused.details,
      });
    }
  }

  #expandObject(node: GraphNode, value: object): void {
    if (types.isProxy(value)) {
      throw this.#run.refuse(node, { what: "a Proxy", cure: "Capture the object behind it." });
    }
    if (types.isModuleNamespaceObject(value)) {
      this.#expandNamespace(node, value);
      return;
    }
    if (types.isWeakMap(value) || types.isWeakSet(value)) {
      // Entries of weak maps travel whose keys are nodes.
      this.#islands.switchOff();
      const slots: unknown[] = [];
      node.description = { kind: types.isWeakMap(value) ? NODE.weakMap : NODE.weakSet, slots };
      this.#weakMaps.push({ node, slots });
      return;
    }
    const constructor = prototypeOwner(value);
    if (constructor !== undefined) {
      this.#functions.expandPrototype(node, value, constructor);
      return;
    }
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype !== Object.prototype && prototype !== null) {
      const refused = unfit(value);
      if (refused !== undefined) throw this.#run.refuse(node, refused);
    }
    // Functions are what tells a module from data, and no island has any.
    if (this.#islands.take(node)) return;
    if (prototype === Object.prototype && this.#expandBuiltinModule(node, value)) return;
    this.#expandData(node, value, prototype);
  }

  #expandBuiltinModule(node: GraphNode, value: object): boolean {
    const hasFunctions = Reflect.ownKeys(value).some(
      (key) => typeof Reflect.getOwnPropertyDescriptor(value, key)?.value === "function",
    );
    const ref = hasFunctions ? builtinRef(value) : undefined;
    if (ref === undefined) return false;
    this.#run.describeAsModule(node, ref);
    return true;
  }

  #expandNamespace(node: GraphNode, value: object): void {
    const ref = builtinRef(value);
    if (ref !== undefined) this.#run.describeAsModule(node, ref);
    else describeWholeModule(this.#run, node, memberNames(value));
  }

  #expandData(node: GraphNode, value: object, prototype: object | null): void {
    const { graph } = this.#run;
    const reach = (item: unknown, step: GraphNode["step"]): void => graph.reach(item, node, step);
    const kind = kindOf(value, reach, (array) => this.#run.inspector.namedProperties(array));
    const isMadeByCall = kind.own.kind === NODE.construct && prototype === kind.prototype;
    const privates = isMadeByCall ? [] : this.#privates.of(node, value);
    const hasOwnPrototype = prototype !== kind.prototype && !isForeign(prototype, kind.prototype);
    if (hasOwnPrototype) {
      if (prototype !== null) this.#functions.refuseInnerInstance(node, prototype);
      graph.reach(prototype, node, { kind: "silent" });
    }
    const skip =
      kind.skip === undefined
        ? never
        : (key: string | symbol): boolean => typeof key === "string" && kind.skip?.(key) === true;
    const properties = ownProperties(value, reach, skip, kind.keys);
    for (const property of properties.special ?? []) this.#functions.noteHome(property.value, property.set, value);
    for (const item of properties.values ?? []) this.#functions.noteHome(item, undefined, value);
    const closed = closedness(value);
    node.description = {
      ...kind.own,
      ...properties,
      ...(hasOwnPrototype ? { prototype } : {}),
      ...(privates.length > 0 ? { privates } : {}),
      ...(closed === undefined ? {} : { closed }),
    };
    const needed = [
      ...privates.map(({ owner }) => owner),
      ...(kind.own.kind === NODE.view ||
      kind.own.kind === NODE.boxed ||
      kind.own.kind === NODE.weakRef ||
      kind.own.kind === NODE.construct
        ? (kind.own.slots ?? [])
        : []),
    ];
    if (hasOwnPrototype && prototype !== null) needed.push(prototype);
    node.hard = needed.filter(isReferent);
  }

  /** Entries of weak maps whose keys travel. */
  #reachWeakEntries(): void {
    const { graph } = this.#run;
    for (const { node, slots } of this.#weakMaps) {
      const isMap = types.isWeakMap(node.value);
      const carried = new Set(isMap ? slots.filter((_, index) => index % 2 === 0) : slots);
      let left = 0;
      for (const [key, value] of this.#weakEntries(node.value as object, isMap)) {
        if (carried.has(key)) continue;
        if (!graph.has(key)) {
          left++;
          continue;
        }
        slots.push(...(isMap ? [key, value] : [key]));
        graph.reach(value, node, { kind: "entry", key: "..." });
      }
      if (left > 0 && slots.length === 0 && !graph.hasPending && isOnlyLookedUp(node, graph.nodes())) {
        throw this.#run.refuse(node, {
          what: `a ${isMap ? "WeakMap" : "WeakSet"} whose keys are not captured`,
          cure: "Use a Map with keys that can be compared by value (an id), or a field of the objects.",
        });
      }
    }
  }

  #weakEntries(weak: object, isMap: boolean): (readonly [object, unknown])[] {
    const [entries] = this.#run.inspector.internal(weak, "[[Entries]]") as [ArrayLike<{ key: object; value: unknown }>];
    return Array.from(entries ?? []).map((entry) =>
      isMap ? [entry.key, entry.value] : [entry.value as object, undefined],
    );
  }
}

function never(): boolean {
  return false;
}

function placeText(error: VolleyError): string {
  const { place } = error.details;
  return place === undefined ? "" : `, captured at ${place.file}:${place.line}:${place.column}`;
}

/**
 * A weak map whose entries the travelling code only looks up, while no key travels: it would find nothing. One that it also fills (a
 * cache, or the private fields of compiled classes, whose other instances may stay behind) starts empty.
 */
function isOnlyLookedUp({ value, step, from }: GraphNode, nodes: Iterable<GraphNode>): boolean {
  if (step.kind !== "variable") return false;
  const isGivenAway = from?.step.kind !== "root";
  for (const { fn } of nodes) {
    for (const binding of fn?.bindings ?? []) {
      if (binding.value !== value) continue;
      for (const { member } of fn?.analysis.free?.names.get(binding.name) ?? []) {
        if (member === "get" || member === "has") continue;
        if (member !== undefined || isGivenAway) return false;
      }
    }
  }
  return true;
}

function isPlainData(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = typeof value === "object" ? (Object.getPrototypeOf(value) as object | null) : undefined;
  return prototype === Object.prototype || prototype === null;
}

/** The same kind's prototype in another context. */
function isForeign(prototype: object | null, own: object | null): boolean {
  if (prototype === null || own === null) return false;
  const path = foreignPath(prototype);
  return path !== undefined && path.join(".") === globalPath(own, false)?.join(".");
}

/** The path of `Map.prototype` and its like. */
function prototypePath(value: object): readonly string[] | undefined {
  const owner = prototypeOwner(value);
  if (owner === undefined || (globalRoot(owner) === undefined && !isNative(owner))) return undefined;
  return globalPath(value, false) ?? foreignPath(value);
}

/** The function whose `prototype` this object is. */
function prototypeOwner(value: object): Function | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  if (typeof constructor !== "function") return undefined;
  return Object.getOwnPropertyDescriptor(constructor, "prototype")?.value === value ? constructor : undefined;
}

function symbolNode(symbol: symbol): NodeDescription {
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return { kind: NODE.symbolFor, texts: [`=${key}`] };
  const { description } = symbol;
  const name = description?.startsWith("Symbol.") === true ? description.slice("Symbol.".length) : undefined;
  if (name !== undefined && wellKnownSymbol(name) === symbol) return { kind: NODE.symbolFor, texts: [`@@${name}`] };
  return { kind: NODE.symbol, slots: [description] };
}
