/**
 * Envelopes become values again. An envelope is opened once for a stage and revived once for each task: each time with fresh copies of
 * what was captured, so that tasks do not see each other, but with the same compiled code. Code without state is made once (`kept-code.ts`).
 *
 * Revival has two passes over the nodes that the wanted roots reach, in the order of their numbers: *make* (every object exists, empty;
 * functions and classes have their captured values) and *fill* (properties, elements, values that functions take late).
 */

import { assert } from "../lib/assert.js";
import { Cell, rememberCaptured, rememberLate, rememberReaderParams, rememberStrict } from "./captured-values.js";
import type { ClassImage, Template } from "./envelope-format.js";
import { ATTRIBUTE, ATTRIBUTE_PLAIN, BLOCK_HANDLE, NODE } from "./envelope-format.js";
import type { NodeRecord, Slot, SpecialProperty } from "./envelope-reader.js";
import { EnvelopeReader, HOLE, NodeRef } from "./envelope-reader.js";
import { compiledFactory, type Factory, givesStrictCode } from "./factories.js";
import { resolveGlobalPath } from "./global-paths.js";
import { KeptCode } from "./kept-code.js";
import { makeBuiltin } from "./revive-builtins.js";
import { makeInstance, makeMember, remembered } from "./revive-classes.js";
import { addElement, close, define, importMeta, memberOf, setEntry } from "./revive-parts.js";
import type { ReviveHost } from "./types.js";

type SetLate = (values: readonly unknown[]) => void;

/** Orders of revival that are kept for an envelope: a stage asks for the same roots in each task. */
const ORDERS_MAX = 64;

/** Opens an envelope's bytes (they are not copied, and must not change). */
export function openEnvelope(bytes: Uint8Array): Envelope {
  return new Envelope(bytes);
}

export class Envelope {
  readonly #reader: EnvelopeReader;
  readonly #factories: (Factory | undefined)[] = [];
  readonly #orders = new Map<string, Uint32Array>();

  constructor(bytes: Uint8Array) {
    this.#reader = new EnvelopeReader(bytes);
  }

  get rootCount(): number {
    return this.#reader.roots.length;
  }

  /** Fresh values of these roots. What two of them share is shared in this call's answer, and with no other call's. */
  revive(rootIndexes: readonly number[], host: ReviveHost): unknown[] {
    const run = new Revival(this.#reader, host, (index) => this.#factory(index, host));
    run.revive(this.#order(rootIndexes));
    return rootIndexes.map((index) => {
      assert(index < this.rootCount, `root ${index} is in the envelope`);
      return run.resolve(this.#reader.roots[index]);
    });
  }

  #factory(index: number, host: ReviveHost): Factory {
    let factory = this.#factories[index];
    if (factory === undefined) {
      factory = compiledFactory(this.#reader.templates[index] as Template, host);
      this.#factories[index] = factory;
    }
    return factory;
  }

  /** Numbers of all nodes that these roots reach, ascending. */
  #order(rootIndexes: readonly number[]): Uint32Array {
    const key = rootIndexes.length <= ORDERS_MAX ? rootIndexes.join() : undefined;
    const known = key === undefined ? undefined : this.#orders.get(key);
    if (known !== undefined) return known;
    const reached = new Uint8Array(this.#reader.nodeCount);
    const pending: number[] = [];
    let count = 0;
    const reach = (id: number): void => {
      if (reached[id] === 1) return;
      reached[id] = 1;
      count++;
      pending.push(id);
    };
    for (const index of rootIndexes) {
      const root = this.#reader.roots[index];
      if (root instanceof NodeRef) reach(root.id);
    }
    for (let id = pending.pop(); id !== undefined; id = pending.pop())
      for (const ref of this.#reader.record(id).refs) reach(ref);
    const order = new Uint32Array(count);
    let at = 0;
    for (let id = 0; id < reached.length; id++) if (reached[id] === 1) order[at++] = id;
    if (key !== undefined) {
      if (this.#orders.size >= ORDERS_MAX) this.#orders.clear();
      this.#orders.set(key, order);
    }
    return order;
  }
}

/** One call of `revive`. */
class Revival {
  readonly #reader: EnvelopeReader;
  readonly #host: ReviveHost;
  readonly #factoryOf: (template: number) => Factory;
  readonly #made: unknown[] = [];
  readonly #late = new Map<number, SetLate>();
  readonly #images = new Map<object, ClassImage>();
  readonly #kept = new KeptCode();

  constructor(reader: EnvelopeReader, host: ReviveHost, factoryOf: (template: number) => Factory) {
    this.#reader = reader;
    this.#host = host;
    this.#factoryOf = factoryOf;
  }

  revive(order: Uint32Array): void {
    for (const id of order) this.#made[id] = this.#make(id, this.#reader.record(id));
    for (const id of order) this.#fill(id, this.#reader.record(id));
    // Last, since an object that may not be extended takes nothing more.
    for (const id of order) close(this.#made[id], this.#reader.record(id).closed);
    this.#kept.settle();
  }

  resolve(slot: Slot): unknown {
    return slot instanceof NodeRef ? this.#made[slot.id] : slot;
  }

  #resolveAll(slots: readonly Slot[]): unknown[] {
    const values: unknown[] = new Array(slots.length);
    for (let index = 0; index < slots.length; index++) values[index] = this.resolve(slots[index]);
    return values;
  }

  #make(id: number, record: NodeRecord): unknown {
    switch (record.kind) {
      case NODE.object:
        return this.#makeObject(record);
      case NODE.array:
        return this.#withPrototype(record.isFlat ? record.slots.slice() : new Array(record.slots.length), record);
      case NODE.function: {
        const fn = this.#makeFunction(id, record);
        if (record.hasPrototype) Object.setPrototypeOf(fn, this.resolve(record.prototype) as object | null);
        const classId = record.numbers[1] as number;
        if (classId >= 0) this.#host.registerClass(classId, fn as Function);
        return fn;
      }
      case NODE.class:
        return this.#makeClass(id, record);
      case NODE.nested:
        return this.#makeNested(id, record);
      case NODE.member:
        return makeMember(
          this.resolve(record.slots[0]) as Function,
          this.resolve(record.slots[1]) as PropertyKey,
          record.numbers,
        );
      case NODE.prototypeOf: {
        const { prototype } = this.resolve(record.slots[0]) as { prototype: object };
        if (record.hasPrototype) Object.setPrototypeOf(prototype, this.resolve(record.prototype) as object | null);
        return prototype;
      }
      case NODE.bound: {
        const [target, self, ...args] = this.#resolveAll(record.slots);
        return Function.prototype.bind.call(target as Function, self, ...args);
      }
      case NODE.global:
        return resolveGlobalPath(record.texts);
      case NODE.module:
        return this.#makeModule(record);
      case NODE.called:
        return (this.#member("", record.texts) as Function)(...this.#resolveAll(record.slots));
      case NODE.known:
        return this.#host.known(record.texts[0] as string);
      case NODE.handle:
        return this.#makeHandle(record);
      case NODE.require:
        return this.#host.requireFrom(record.texts[0] as string);
      case NODE.importMeta:
        return importMeta(record.texts, this.#host);
      case NODE.importer:
        return this.#host.importFrom(record.texts[0] as string);
      case NODE.cell:
        return new Cell();
      default:
        return this.#stamped(makeBuiltin(this.#withBytes(record), (slot) => this.resolve(slot)) as object, record);
    }
  }

  /** A record whose bytes are a block's, with the bytes. */
  #withBytes(record: NodeRecord): NodeRecord {
    if (record.block === undefined) return record;
    return { ...record, bytes: this.#host.handle(BLOCK_HANDLE, { id: record.block }) as Uint8Array };
  }

  #makeObject(record: NodeRecord): object {
    if (record.privates.length > 0) return this.#stamped({}, record);
    if (!record.hasPrototype) return {};
    return Object.create(this.resolve(record.prototype) as object | null) as object;
  }

  #withPrototype(value: object, record: NodeRecord): object {
    return record.hasPrototype || record.privates.length > 0 ? this.#stamped(value, record) : value;
  }

  #stamped(value: object, record: NodeRecord): object {
    let made = value;
    if (record.privates.length > 0) {
      const owners = record.privates.map(
        ({ classSlot }) => this.#images.get(this.resolve(classSlot) as object) as ClassImage,
      );
      made = makeInstance(value, owners);
    }
    if (record.hasPrototype) Object.setPrototypeOf(made, this.resolve(record.prototype) as object | null);
    return made;
  }

  #makeFunction(id: number, record: NodeRecord): object {
    const index = record.numbers[0] as number;
    const { lateCount, readerParams } = this.#reader.templates[index] as Template;
    const fn = lateCount === 0 ? this.#makeAtOnce(index, record) : this.#makeWithLate(id, index, record);
    if (readerParams !== "") rememberReaderParams(fn as Function, readerParams);
    return fn;
  }

  #makeAtOnce(index: number, record: NodeRecord): object {
    const { names, assignsNothing } = this.#reader.templates[index] as Template;
    const factory = this.#factoryOf(index);
    const values = this.#resolveAll(record.slots);
    const isBare = assignsNothing && isAsWritten(record) && record.numbers[1] === -1;
    const kept = isBare ? this.#kept.find(factory, values) : undefined;
    if (kept !== undefined) return kept as object;
    // The usual cases without an array.
    const fn =
      values.length === 1
        ? factory(values[0])
        : values.length === 2
          ? factory(values[0], values[1])
          : factory(...values);
    if (values.length > 0) rememberCaptured(fn as Function, names, values);
    if (givesStrictCode(factory)) rememberStrict(fn as Function);
    if (isBare) this.#kept.keep(factory, values, fn, fn as Function);
    return fn as object;
  }

  #makeWithLate(id: number, index: number, { slots }: NodeRecord): object {
    const { lateCount } = this.#reader.templates[index] as Template;
    const early = this.#resolveAll(slots.slice(0, slots.length - lateCount));
    const [made, setLate] = this.#factoryOf(index)(...early) as [Function, SetLate];
    this.#late.set(id, setLate);
    rememberLate(made);
    return made;
  }

  #makeNested(id: number, record: NodeRecord): unknown {
    const [index, lateCount] = record.numbers as [number, number];
    const [owner, ...values] = this.#resolveAll(record.slots.slice(0, record.slots.length - lateCount));
    const made = this.#images.get(owner as object)?.nested?.[index]?.(...values);
    if (lateCount === 0) return made;
    const [fn, setLate] = made as [Function, SetLate];
    this.#late.set(id, setLate);
    return fn;
  }

  #makeClass(id: number, record: NodeRecord): unknown {
    const [index, classId, statics] = record.numbers as [number, number, number];
    const { lateCount, assignsNothing } = this.#reader.templates[index] as Template;
    const count = record.slots.length - statics - lateCount;
    const [factory, values] = [this.#factoryOf(index), this.#resolveAll(record.slots.slice(0, count))];
    const isBare = assignsNothing && isAsWritten(record) && lateCount === 0 && statics === 0;
    const kept = isBare ? (this.#kept.find(factory, values) as ClassImage | undefined) : undefined;
    const image = kept ?? remembered(factory(...values) as ClassImage);
    if (isBare && kept === undefined) this.#kept.keep(factory, values, image, image.made);
    this.#images.set(image.made, image);
    if (image.setLate !== undefined) this.#late.set(id, image.setLate);
    if (record.hasPrototype) Object.setPrototypeOf(image.made, this.resolve(record.prototype) as object | null);
    if (classId >= 0) this.#host.registerClass(classId, image.made);
    return image.made;
  }

  #makeModule(record: NodeRecord): unknown {
    const [specifier, file, ...path] = record.texts as [string, string, ...string[]];
    const value = this.#member(file, [specifier, ...path]);
    const classId = record.numbers[0] as number;
    if (classId >= 0) this.#host.registerClass(classId, value as Function);
    return value;
  }

  #member(file: string, [specifier = "", ...path]: readonly string[]): unknown {
    let value: unknown = this.#host.requireFrom(file)(specifier);
    for (const step of path) value = memberOf(value, step, specifier);
    return value;
  }

  #makeHandle(record: NodeRecord): object {
    const [type, ...keys] = record.texts as [string, ...string[]];
    const data = Object.fromEntries(keys.map((key, index) => [key, this.resolve(record.slots[index])]));
    return this.#host.handle(type, data);
  }

  #fill(id: number, record: NodeRecord): void {
    const made = this.#made[id];
    switch (record.kind) {
      case NODE.array:
        if (!record.isFlat) this.#fillArray(made as unknown[], record.slots);
        break;
      case NODE.sparseArray:
        for (let at = 0; at < record.slots.length; at += 2)
          (made as unknown[])[record.slots[at] as number] = this.resolve(record.slots[at + 1]);
        break;
      case NODE.map:
      case NODE.weakMap:
        for (let at = 0; at < record.slots.length; at += 2) {
          setEntry.call(
            made as Map<unknown, unknown>,
            this.resolve(record.slots[at]),
            this.resolve(record.slots[at + 1]),
          );
        }
        break;
      case NODE.set:
      case NODE.weakSet:
        for (const slot of record.slots) addElement.call(made as Set<unknown>, this.resolve(slot));
        break;
      case NODE.cell:
        (made as Cell).v = this.resolve(record.slots[0]);
        break;
      case NODE.function:
        this.#fillLate(id, record.slots);
        break;
      case NODE.nested:
        if (this.#late.has(id)) this.#setLate(id, record.slots, record.numbers[1] as number);
        break;
      case NODE.class:
        this.#fillClass(id, record);
        break;
      default:
    }
    this.#fillProperties(made as object, record);
  }

  #fillArray(array: unknown[], slots: readonly Slot[]): void {
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index];
      if (slot !== HOLE) array[index] = this.resolve(slot);
    }
  }

  #fillLate(id: number, slots: readonly Slot[]): void {
    if (!this.#late.has(id)) return;
    const { lateCount } = this.#reader.templates[this.#reader.record(id).numbers[0] as number] as Template;
    this.#setLate(id, slots, lateCount);
  }

  #setLate(id: number, slots: readonly Slot[], lateCount: number): void {
    this.#late.get(id)?.(this.#resolveAll(slots.slice(slots.length - lateCount)));
  }

  #fillClass(id: number, record: NodeRecord): void {
    const statics = record.numbers[2] as number;
    const end = record.slots.length - statics;
    this.#fillLate(id, record.slots.slice(0, end));
    if (statics > 0)
      this.#images.get(this.#made[id] as object)?.setStaticPrivate?.(this.#resolveAll(record.slots.slice(end)));
  }

  #fillProperties(object: object, record: NodeRecord): void {
    const { keys, values } = record;
    const target = object as Record<PropertyKey, unknown>;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      const value = this.resolve(values[index]);
      // An inherited setter or a read-only property of the prototype must not see what is an own property.
      if (key === "__proto__" || (record.hasPrototype && key in target)) define(target, key, value);
      else target[key] = value;
    }
    for (const property of record.special) this.#defineSpecial(object, property);
    for (const { classSlot, values: own } of record.privates) {
      this.#images.get(this.resolve(classSlot) as object)?.setPrivate?.(object, this.#resolveAll(own));
    }
  }

  #defineSpecial(object: object, property: SpecialProperty): void {
    const bits = property.attributes;
    const shared = {
      enumerable: (bits & ATTRIBUTE.enumerable) !== 0,
      configurable: (bits & ATTRIBUTE.configurable) !== 0,
    };
    const value = this.resolve(property.value);
    const isAccessor = (bits & ATTRIBUTE.accessor) !== 0;
    const descriptor: PropertyDescriptor = isAccessor
      ? { ...shared, get: value as () => unknown, set: this.resolve(property.set) as (value: unknown) => void }
      : { ...shared, value, writable: (bits & ATTRIBUTE.writable) !== 0 };
    Object.defineProperty(object, this.resolve(property.key) as PropertyKey, descriptor);
  }
}

/** Whether a function or class has nothing but what its text gives it, and properties that hold primitives and can be set anew. */
function isAsWritten({ hasPrototype, special, privates, closed, keys }: NodeRecord): boolean {
  const isPlain = ({ key, value, attributes }: SpecialProperty) =>
    attributes === ATTRIBUTE_PLAIN && !(key instanceof NodeRef) && !(value instanceof NodeRef);
  return !hasPrototype && keys.length + privates.length + closed === 0 && special.every(isPlain);
}
