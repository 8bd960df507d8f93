/** Envelope bytes as records: parsed when first reached, then kept. */

import { assert } from "../lib/assert.js";
import { ByteReader } from "./byte-reader.js";
import type { NodeKind, Template } from "./envelope-format.js";
import { ATTRIBUTE, BYTES, hasBytes, MAGIC, PART, SLOT } from "./envelope-format.js";

/** A slot that holds a node. */
export class NodeRef {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

/** An array's hole. */
export const HOLE: unique symbol = Symbol("hole");

/** A primitive, a NodeRef or HOLE. */
export type Slot = unknown;

export interface SpecialProperty {
  readonly key: Slot;
  readonly attributes: number;
  /** The value, or [get, set]. */
  readonly value: Slot;
  readonly set: Slot;
}

/** One node. What `texts`, `numbers` and `slots` mean is said beside each kind in `EnvelopeWriter`. */
export interface NodeRecord {
  readonly kind: NodeKind;
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
  readonly slots: readonly Slot[];
  readonly bytes: Uint8Array | undefined;
  /** The number of the block that has the bytes; undefined where they are here, or none. */
  readonly block: number | undefined;
  readonly prototype: Slot;
  readonly hasPrototype: boolean;
  readonly keys: readonly string[];
  readonly values: readonly Slot[];
  readonly special: readonly SpecialProperty[];
  readonly privates: readonly { readonly classSlot: Slot; readonly values: readonly Slot[] }[];
  /** One of CLOSED, 0 for an object that is open. */
  readonly closed: number;
  /** All nodes that this one names. */
  readonly refs: readonly number[];
  /** No slot of `slots` or `values` is a node or a hole. */
  readonly isFlat: boolean;
}

const NONE: readonly never[] = [];

export class EnvelopeReader {
  readonly #bytes: Uint8Array;
  readonly #strings: string[] = [];
  readonly templates: Template[] = [];
  readonly nodeCount: number;
  readonly roots: readonly Slot[];
  readonly #offsetsAt: number;
  readonly #records: (NodeRecord | undefined)[];
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const reader = new ByteReader(bytes);
    assert(reader.uint32() === MAGIC, "these bytes are an envelope of this version");
    this.nodeCount = reader.uint32();
    const headAt = reader.uint32();
    this.#offsetsAt = headAt;
    this.#records = new Array<NodeRecord | undefined>(this.nodeCount);
    reader.at = headAt + this.nodeCount * 4;
    const stringCount = reader.varint();
    for (let index = 0; index < stringCount; index++) this.#strings.push(reader.text());
    const templateCount = reader.varint();
    for (let index = 0; index < templateCount; index++) this.templates.push(this.#template(reader));
    const roots: Slot[] = [];
    const rootCount = reader.varint();
    for (let index = 0; index < rootCount; index++) roots.push(this.#slot(reader));
    this.roots = roots;
  }

  record(id: number): NodeRecord {
    let record = this.#records[id];
    if (record === undefined) {
      assert(id < this.nodeCount, `node ${id} is in the envelope`);
      record = this.#record(new ByteReader(this.#bytes, this.#view.getUint32(this.#offsetsAt + id * 4, true)));
      this.#records[id] = record;
    }
    return record;
  }

  #string(reader: ByteReader): string {
    return this.#strings[reader.varint()] as string;
  }

  #template(reader: ByteReader): Template {
    const text = this.#string(reader);
    const file = this.#string(reader);
    const line = reader.varint();
    const column = reader.double();
    const flags = reader.byte();
    const kind = (flags & 1) !== 0 ? "class" : "function";
    const assignsNothing = (flags & 2) !== 0;
    const bodyStart = reader.varint();
    const bodyEnd = reader.varint();
    const lateCount = reader.varint();
    const names: string[] = [];
    for (let rest = reader.varint(); rest > 0; rest--) names.push(this.#string(reader));
    const readerParams = this.#string(reader);
    return { text, file, line, column, kind, bodyStart, bodyEnd, lateCount, names, readerParams, assignsNothing };
  }

  #slot(reader: ByteReader): Slot {
    switch (reader.byte()) {
      case SLOT.undefined:
        return undefined;
      case SLOT.null:
        return null;
      case SLOT.true:
        return true;
      case SLOT.false:
        return false;
      case SLOT.int:
        return reader.varint();
      case SLOT.negativeInt:
        return -reader.varint();
      case SLOT.double:
        return reader.double();
      case SLOT.string:
        return this.#string(reader);
      case SLOT.text:
        return reader.text();
      case SLOT.bigint:
        return BigInt(reader.text());
      case SLOT.node:
        return new NodeRef(reader.varint());
      default:
        return HOLE;
    }
  }

  #record(reader: ByteReader): NodeRecord {
    const kind = reader.byte() as NodeKind;
    const texts: string[] = [];
    for (let rest = reader.varint(); rest > 0; rest--) texts.push(this.#string(reader));
    const numbers: number[] = [];
    for (let rest = reader.varint(); rest > 0; rest--) numbers.push(reader.double());
    const refs: number[] = [];
    let isFlat = true;
    const slot = (): Slot => {
      const value = this.#slot(reader);
      if (value instanceof NodeRef) refs.push(value.id);
      return value;
    };
    const many = (count: number): Slot[] => {
      const found: Slot[] = new Array(count);
      for (let index = 0; index < count; index++) {
        const value = slot();
        if (value === HOLE || value instanceof NodeRef) isFlat = false;
        found[index] = value;
      }
      return found;
    };
    const slots = many(reader.varint());
    const place = hasBytes(kind) ? reader.byte() : undefined;
    const bytes = place === BYTES.here ? reader.raw() : undefined;
    const block = place === BYTES.block ? reader.varint() : undefined;
    const parts = reader.byte();
    const prototype = (parts & PART.prototype) === 0 ? undefined : slot();
    const keys: string[] = [];
    let values: readonly Slot[] = NONE;
    if ((parts & PART.plain) !== 0) {
      const count = reader.varint();
      for (let index = 0; index < count; index++) keys.push(this.#string(reader));
      values = many(count);
    }
    const special = (parts & PART.special) === 0 ? NONE : this.#special(reader, slot);
    const privates: { classSlot: Slot; values: Slot[] }[] = [];
    if ((parts & PART.privates) !== 0) {
      for (let rest = reader.varint(); rest > 0; rest--)
        privates.push({ classSlot: slot(), values: many(reader.varint()) });
    }
    return {
      kind,
      texts,
      numbers,
      slots,
      bytes,
      block,
      prototype,
      hasPrototype: (parts & PART.prototype) !== 0,
      keys,
      values,
      special,
      privates,
      closed: (parts & PART.closed) === 0 ? 0 : reader.byte(),
      refs,
      isFlat,
    };
  }

  #special(reader: ByteReader, slot: () => Slot): SpecialProperty[] {
    const found: SpecialProperty[] = [];
    for (let rest = reader.varint(); rest > 0; rest--) {
      const key = slot();
      const attributes = reader.byte();
      const value = slot();
      const set = (attributes & ATTRIBUTE.accessor) === 0 ? undefined : slot();
      found.push({ key, attributes, value, set });
    }
    return found;
  }
}
