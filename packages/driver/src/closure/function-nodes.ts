/** Functions and classes as nodes of the graph: by reference where a module or the language has them, else by value. */

import type { ClassOutline } from "@volley/engine/closure/class-text.js";
import { classOutline } from "@volley/engine/closure/class-text.js";
import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { EnvelopeWriter, NodeDescription, SpecialDescription } from "@volley/engine/closure/envelope-writer.js";
import { analyzeFunction } from "@volley/engine/closure/facts.js";
import { bindNames } from "./bindings.js";
import type { CaptureRun } from "./capture-run.js";
import { isUnchanged, parentOf, type SourceMember, sourceMembers } from "./class-nodes.js";
import { closedness, ownProperties } from "./data-nodes.js";
import type { ClassDetails, FunctionCapture, FunctionExtras } from "./function-capture.js";
import { describeFunction, setDependencies } from "./function-descriptions.js";
import { classAround, homeOfArrow } from "./function-homes.js";
import { lookAt, ownNameIsAnother } from "./function-look.js";
import { foreignPath, globalPath, globalRoot } from "./globals.js";
import type { GraphNode, Step } from "./graph.js";
import { isReferent } from "./graph.js";
import { builtinRef, isPackageFile, packageRef } from "./module-refs.js";
import { promisedFunction } from "./promised-function.js";
import type { Script } from "./scripts.js";
import { scriptOf } from "./scripts.js";
import { isNative, unfitFunction, unfitInstance } from "./unfit.js";

const toText = Function.prototype.toString;

export class FunctionCapturer {
  readonly #run: CaptureRun;
  readonly #extras = new Map<GraphNode, FunctionExtras>();
  readonly #homes = new Map<Function, object>();
  readonly #members = new Map<Function, NonNullable<FunctionCapture["member"]>>();
  readonly #prototypeToInner = new Map<object, string | null>();

  constructor(run: CaptureRun) {
    this.#run = run;
  }

  expand(node: GraphNode, fn: Function): void {
    const refused = unfitFunction(fn);
    if (refused !== undefined) throw this.#run.refuse(node, refused);
    const text = toText.call(fn);
    const analysis = analyzeFunction(text);
    if (analysis.facts.kind === "native") {
      this.#expandNative(node, fn);
      return;
    }
    const looked = lookAt(this.#run, fn, text, analysis);
    if (this.#expandReference(node, fn, looked.script)) return;
    if (analysis.facts.kind === "unknown") {
      throw this.#run.refuse(node, {
        what: "a function whose text is not JavaScript",
        cure: "Write it so that its source can be read.",
      });
    }
    const capture: FunctionCapture = {
      fn,
      text,
      analysis,
      ...looked,
      bindings: [],
      dropOwnName: false,
      home: undefined,
      member: undefined,
      nestedIn: undefined,
      isClass: analysis.facts.kind === "class",
    };
    node.fn = capture;
    capture.dropOwnName = ownNameIsAnother(capture);
    bindNames(this.#run, node, capture);
    this.#expandParts(node, capture);
  }

  #expandNative(node: GraphNode, fn: Function): void {
    const path = globalPath(fn, true) ?? foreignPath(fn);
    if (path !== undefined) {
      node.description = { kind: NODE.global, texts: path };
      return;
    }
    const ref = builtinRef(fn);
    if (ref !== undefined) {
      this.#run.describeAsModule(node, ref);
      return;
    }
    const [target, self, args] = this.#run.inspector.internal(
      fn,
      "[[TargetFunction]]",
      "[[BoundThis]]",
      "[[BoundArgs]]",
    );
    if (typeof target !== "function") {
      const cure =
        fn.name === ""
          ? "Capture the object that it was taken from (an Intl.Collator, say), and take it from there where it is used."
          : "Call it on the driver and capture its result, or make it again where it is used.";
      throw this.#run.refuse(node, {
        what: `${fn.name === "" ? "a native function without a name" : `the native function ${fn.name}`}, which belongs to this process`,
        cure,
      });
    }
    const slots = [target, self, ...Array.from(args as ArrayLike<unknown>)];
    for (const slot of slots) this.#run.graph.reach(slot, node, { kind: "silent" });
    node.description = { kind: NODE.bound, slots };
    node.hard = slots.filter(isReferent);
  }

  /** Node's own functions, and what packages export. */
  #expandReference(node: GraphNode, fn: Function, script: Script | undefined): boolean {
    const url = script?.url ?? "";
    if (!url.startsWith("node:") && !isPackageFile(url)) return false;
    const path = url.startsWith("node:") ? globalPath(fn, true) : undefined;
    if (path !== undefined) {
      node.description = { kind: NODE.global, texts: path };
      return true;
    }
    const ref = url.startsWith("node:") ? builtinRef(fn) : packageRef(fn, url);
    if (ref !== undefined) {
      this.#run.describeAsModule(node, ref);
      return true;
    }
    if (!url.startsWith("node:")) return false;
    const original = promisedFunction(fn, url, this.#run.inspector);
    if (original !== undefined) {
      this.#run.graph.reach(original, node, { kind: "silent" });
      node.description = { kind: NODE.called, texts: ["node:util", "promisify"], slots: [original] };
      node.hard = [original];
      return true;
    }
    throw this.#run.refuse(node, {
      what: `a function of Node's own (${fn.name || "anonymous"}, ${url}) that no module exports`,
      cure: "Make it where it is used.",
    });
  }

  /** True when a class or function travels as a module's export. */
  isByReference(fn: Function): boolean {
    const node = this.#run.graph.get(fn);
    if (node !== undefined && node.description !== undefined && node.fn === undefined) return true;
    const url = this.#urlOf(fn);
    return url.startsWith("node:") || (isPackageFile(url) && packageRef(fn, url) !== undefined);
  }

  /** "node:..." for Node's own and native functions. */
  #urlOf(fn: Function): string {
    const { location } = this.#run.inspector.functionImage(fn);
    if (location === undefined) return "node:";
    return scriptOf({ ...location, text: toText.call(fn) }, this.#run.inspector)?.url ?? "";
  }

  /** Names of the private fields that a class gives its instances; undefined for what is no class with anything private. */
  privateFieldsOf(constructor: Function): readonly string[] | undefined {
    const text = toText.call(constructor);
    if (!text.startsWith("class") || !text.includes("#") || globalRoot(constructor) !== undefined) return undefined;
    const analysis = analyzeFunction(text);
    if (analysis.facts.kind !== "class") return undefined;
    const outline = classOutline(analysis, text);
    return outline.stamps ? outline.privateFields : undefined;
  }

  /** Own properties, prototype, and for classes what belongs to them. */
  #expandParts(node: GraphNode, capture: FunctionCapture): void {
    const { fn, analysis, text } = capture;
    const { graph } = this.#run;
    const reach = (value: unknown, step: Step): void => graph.reach(value, node, step);
    let details: ClassDetails | undefined;
    if (capture.isClass) details = this.#expandClass(node, capture, classOutline(analysis, text));
    const members = details?.members ?? [];
    const skip = (key: string | symbol): boolean =>
      key === "length" ||
      key === "prototype" ||
      key === "arguments" ||
      key === "caller" ||
      (key === "name" && hasOwnName(capture)) ||
      isUnchanged(fn, key, members, true);
    const properties = ownProperties(fn, reach, skip);
    const special = [
      ...(properties.special ?? []),
      ...(properties.keys ?? []).map((key, index) => plainProperty(key, properties.values?.[index])),
    ];
    const prototype = Object.getPrototypeOf(fn) as object | null;
    const isOrdinary = prototype !== null && (details?.outline.hasHeritage === true || isFunctionPrototype(prototype));
    if (!isOrdinary) graph.reach(prototype, node, { kind: "silent" });
    this.#extras.set(node, {
      special: [...this.#prototypeProperty(node, capture, members), ...special],
      prototype: isOrdinary ? undefined : prototype,
      closed: closedness(fn),
      details,
    });
  }

  /**
   * A function's `prototype`: nothing where it is as the language made it. Else it is named even if it is the function's own, so that
   * what was put into it comes along where no instance does.
   */
  #prototypeProperty(
    node: GraphNode,
    { fn, ...capture }: FunctionCapture,
    members: readonly SourceMember[],
  ): SpecialDescription[] {
    const descriptor = Object.getOwnPropertyDescriptor(fn, "prototype");
    const prototype: unknown = descriptor?.value;
    if (typeof prototype !== "object" || prototype === null) return [];
    const isOwn = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value === fn;
    const keys = Reflect.ownKeys(prototype);
    const named = { key: "prototype", attributes: descriptor?.writable === true ? 1 : 0, value: prototype };
    if (capture.isClass) {
      this.#run.graph.reach(prototype, node, { kind: "silent" });
      const isAsMade = keys.every((key) => key === "constructor" || isUnchanged(prototype, key, members, false));
      return isAsMade ? [] : [{ ...named, set: undefined }];
    }
    if (
      keys.length === (isOwn ? 1 : 0) &&
      (isOwn ? Object.getPrototypeOf(prototype) === Object.prototype : capture.analysis.facts.isGenerator)
    )
      return [];
    this.#run.graph.reach(prototype, node, { kind: "property", key: "prototype" });
    return [{ ...named, set: undefined }];
  }

  #expandClass(node: GraphNode, capture: FunctionCapture, outline: ClassOutline): ClassDetails {
    const { fn } = capture;
    const { graph } = this.#run;
    const members = sourceMembers(fn, outline);
    for (const { fn: member, key, which, isStatic } of members) {
      this.#members.set(member, { owner: fn, key, which, isStatic });
      if (typeof key === "symbol") graph.reach(key, node, { kind: "silent" });
    }
    if (outline.hasHeritage) graph.reach(parentOf(fn), node, { kind: "silent" });
    const fields = outline.staticPrivateFields.length === 0 ? [] : this.#run.inspector.privateFields(fn);
    const staticPrivates = outline.staticPrivateFields.map(
      (name) => fields.find((field) => field.name === name)?.value,
    );
    for (const [index, value] of staticPrivates.entries()) {
      graph.reach(value, node, { kind: "property", key: outline.staticPrivateFields[index] as string });
    }
    return { outline, members, staticPrivates, nested: [] };
  }

  /** The `prototype` of a function that travels (or is referred to). */
  expandPrototype(node: GraphNode, prototype: object, constructor: Function): void {
    const { graph } = this.#run;
    this.#refuseBuiltinInstance(node, constructor);
    graph.reach(constructor, node, { kind: "silent" });
    node.hard = [constructor];
    node.description = { kind: NODE.prototypeOf, slots: [constructor] };
    if (this.#isReferenceNow(constructor)) return;
    const analysis = analyzeFunction(toText.call(constructor));
    const members =
      analysis.facts.kind === "class"
        ? sourceMembers(constructor, classOutline(analysis, toText.call(constructor)))
        : [];
    const reach = (value: unknown, step: Step): void => graph.reach(value, node, step);
    const properties = ownProperties(
      prototype,
      reach,
      (key) => key === "constructor" || isUnchanged(prototype, key, members, false),
    );
    for (const property of properties.special ?? []) this.noteHome(property.value, property.set, prototype);
    for (const item of properties.values ?? []) this.noteHome(item, undefined, prototype);
    const parent = Object.getPrototypeOf(prototype) as object | null;
    const isOrdinary = parent === Object.prototype || analysis.facts.kind === "class";
    if (!isOrdinary && isReferent(parent)) {
      graph.reach(parent, node, { kind: "silent" });
      node.hard = [constructor, parent];
    }
    node.description = () => ({
      kind: NODE.prototypeOf,
      slots: [constructor],
      ...properties,
      ...(isOrdinary ? {} : { prototype: parent }),
    });
  }

  #isReferenceNow(constructor: Function): boolean {
    return (
      globalRoot(constructor) !== undefined ||
      this.#run.options.known(constructor) !== undefined ||
      isNative(constructor) ||
      this.isByReference(constructor)
    );
  }

  /**
   * An instance of a class that a package keeps to itself, below one that it exports: the class would be copied, and the package's
   * functions, which are there by reference, know only their own by `instanceof`.
   */
  refuseInnerInstance(node: GraphNode, prototype: object): void {
    let inner = this.#prototypeToInner.get(prototype);
    if (inner === undefined) {
      inner = this.#innerClassOf(prototype) ?? null;
      this.#prototypeToInner.set(prototype, inner);
    }
    if (inner === null) return;
    throw this.#run.refuse(node, {
      what: `an instance of ${inner}, a class that its package keeps to itself,`,
      cure: "Make it where it is used: inside the function, or at the top of a module of yours that is imported there.",
    });
  }

  #innerClassOf(prototype: object): string | undefined {
    const [constructor, above] = [prototype, Object.getPrototypeOf(prototype) as object | null].map(
      (holder): unknown => holder && Object.getOwnPropertyDescriptor(holder, "constructor")?.value,
    );
    if (typeof constructor !== "function" || typeof above !== "function" || isNative(above)) return undefined;
    const url = this.#urlOf(constructor);
    if (!isPackageFile(url) || this.#urlOf(above) !== url) return undefined;
    return !this.isByReference(constructor) && this.isByReference(above) ? constructor.name || "a class" : undefined;
  }

  /** Sockets, timers, streams: their class is Node's, their state is not ours to copy. */
  #refuseBuiltinInstance(node: GraphNode, constructor: Function): void {
    if (
      node.step.kind !== "silent" ||
      node.from === undefined ||
      typeof node.from.value !== "object" ||
      node.from.description === undefined
    )
      return;
    if (globalRoot(constructor) !== undefined || this.#run.options.known(constructor) !== undefined) return;
    const url = this.#urlOf(constructor);
    const refused = url.startsWith("node:") ? unfitInstance(constructor) : undefined;
    if (refused !== undefined) throw this.#run.refuse(this.#instanceBelow(node.from), refused);
  }

  /** The object that the user sees: not a prototype of a prototype. */
  #instanceBelow(node: GraphNode): GraphNode {
    let at = node;
    while (at.step.kind === "silent" && at.from !== undefined) at = at.from;
    return at;
  }

  /** A method that uses `super` means the object (or class) it was written in. */
  noteHome(value: unknown, setter: unknown, home: object): void {
    for (const fn of [value, setter]) {
      if (typeof fn !== "function" || this.#homes.has(fn) || isNative(fn)) continue;
      const { facts } = analyzeFunction(toText.call(fn));
      if (!facts.usesSuper || facts.kind === "arrow") continue;
      this.#homes.set(fn, home);
      const node = this.#run.graph.get(home);
      if (node !== undefined) this.#run.graph.reach(Object.getPrototypeOf(home), node, { kind: "silent" });
    }
  }

  /** Methods find their class or home among what has been met; what `super` looks up is met with them. */
  findHomes(): void {
    for (const node of this.#run.graph.nodes()) {
      const capture = node.fn;
      if (capture === undefined) continue;
      capture.member = this.#members.get(capture.fn);
      this.#findOwner(node, capture);
      capture.home ??= this.#homes.get(capture.fn) ?? homeOfArrow(capture);
      if (capture.home !== undefined)
        this.#run.graph.reach(Object.getPrototypeOf(capture.home), node, { kind: "silent" });
    }
  }

  /** A function that uses private names of the class around it is made with that class. */
  #findOwner(node: GraphNode, capture: FunctionCapture): void {
    const { privateNames } = capture.analysis.free ?? { privateNames: new Set() };
    if (privateNames.size === 0 || capture.member !== undefined || capture.nestedIn !== undefined) return;
    const owner = classAround(this.#run, capture);
    if (owner === undefined || this.isByReference(owner)) return;
    capture.nestedIn = owner;
    this.#run.graph.reach(owner, node, { kind: "silent" });
  }

  /** When all is met: every function's dependencies. */
  finish(): void {
    for (const node of this.#run.graph.nodes()) {
      if (node.fn === undefined) continue;
      setDependencies(this.#run, node, node.fn, this.#extras.get(node));
      const { nestedIn } = node.fn;
      if (nestedIn !== undefined) this.#extras.get(this.#run.graph.node(nestedIn))?.details?.nested.push(node);
    }
  }

  describe(node: GraphNode, writer: EnvelopeWriter): NodeDescription {
    return describeFunction(this.#run, node, node.fn as FunctionCapture, (found) => this.#extras.get(found), writer);
  }
}

/** Its text (or, where that has no name, the factory) gives the function the name that it has. */
function hasOwnName({ fn, analysis, dropOwnName }: FunctionCapture): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(fn, "name");
  const written = dropOwnName ? undefined : analysis.parsed?.node.id?.name;
  if (written !== undefined && written !== descriptor?.value) return false;
  return typeof descriptor?.value === "string" && descriptor.configurable === true && descriptor.enumerable === false;
}

function plainProperty(key: string, value: unknown): SpecialDescription {
  return { key, attributes: 7, value, set: undefined };
}

function isFunctionPrototype(prototype: object): boolean {
  return (
    Object.hasOwn(prototype, "constructor") &&
    (prototype === Function.prototype ||
      /^(Async)?(Generator)?Function$/.test((prototype.constructor as Function).name))
  );
}
