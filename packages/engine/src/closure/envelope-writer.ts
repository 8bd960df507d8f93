/** Writes an envelope. The caller numbers the nodes (see `envelope-format.ts`) and writes them in the order of their numbers. */

import { assert } from "../lib/assert.js";
import { ByteWriter } from "./byte-writer.js";
import type { NodeKind, Template } from "./envelope-format.js";
import { ATTRIBUTE, BYTES, hasBytes, MAGIC, PART, SLOT } from "./envelope-format.js";

/** The number of an object's, function's or symbol's node. */
export type NumberOf = (value: object | symbol) => number;

export interface SpecialDescription {
  readonly key: string | symbol;
  readonly attributes: number;
  readonly value: unknown;
  readonly set: unknown;
}

/**
 * One node as the writer takes it; values are JavaScript values, objects among them become numbers.
 *
 * | kind | texts | numbers | slots |
 * |---|---|---|---|
 * | object | | | |
 * | array | | | elements (HOLE where there is none) |
 * | numbers (an array of nothing else) | | | bytes: float64s |
 * | plain (data and nothing but data) | | | bytes: see `plain-data.ts` |
 * | part | | index in the plain node's array, -1 for the whole | the plain node |
 * | sparseArray | | length | index, value, ... |
 * | date | | time | |
 * | regexp | source, flags | | lastIndex |
 * | map, weakMap | | | key, value, ... |
 * | set, weakSet | | | elements |
 * | error | constructor's name | | |
 * | boxed | | | the primitive |
 * | buffer | | shared (0 or 1), maximum length or -1 | |
 * | view | constructor's name | byte offset, length or -1 | buffer |
 * | symbol | | | description |
 * | global | the path | | |
 * | symbolFor | key | | |
 * | module | specifier, file, path | class id or -1 | |
 * | known | name | | |
 * | handle | type, keys | | values |
 * | function | | template | values by the template's names |
 * | class | | template, class id, count of private statics | values by the template's names, then private statics |
 * | nested | | index, values taken late | class, values |
 * | member | | which (MEMBER), static (0 or 1) | class, key |
 * | prototypeOf | | | function |
 * | bound | | | target, this, arguments |
 * | called | specifier, path | | arguments of the module's function |
 * | weakRef | | | target |
 * | require, importer | file | | |
 * | importMeta | url, filename, dirname | | |
 * | cell | | | value |
 * | construct | path of the constructor, names of options | steps of the path | arguments, values of options (primitives) |
 */
export interface NodeDescription {
  readonly kind: NodeKind;
  readonly texts?: readonly string[];
  readonly numbers?: readonly number[];
  readonly slots?: readonly unknown[];
  readonly bytes?: Uint8Array;
  /** Set where the prototype is not the kind's own; null is a prototype. */
  readonly prototype?: object | null;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly special?: readonly SpecialDescription[];
  readonly privates?: readonly { readonly owner: object; readonly values: readonly unknown[] }[];
  /** One of CLOSED. */
  readonly closed?: number;
}

/** Stands for an array's hole in `slots`. */
export const HOLE_MARK: unique symbol = Symbol("hole");

/** A text that is used again and again is written once; longer ones are rarely equal. */
const SHARED_TEXT_MAX = 48;

export class EnvelopeWriter {
  readonly #body = new ByteWriter();
  readonly #offsets: number[] = [];
  readonly #strings = new Map<string, number>();
  readonly #templates = new Map<string, number>();
  readonly #templateList: Template[] = [];
  readonly #numberOf: NumberOf;
  readonly #keepApart: (bytes: Uint8Array) => number | undefined;

  /** `keepApart` may take the bytes of a node for a block of its own, and gives its number. */
  constructor(numberOf: NumberOf, keepApart: (bytes: Uint8Array) => number | undefined = () => undefined) {
    this.#numberOf = numberOf;
    this.#keepApart = keepApart;
    this.#body.uint32(MAGIC);
    this.#body.uint32(0);
    this.#body.uint32(0);
  }

  #stringIndex(text: string): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
    }
    return index;
  }

  /** The number of a template; equal ones are one. */
  template(template: Template): number {
    const key = `${template.file}\n${template.line}:${template.column}\n${template.lateCount}\n${template.names.join()}\n${template.text}`;
    let index = this.#templates.get(key);
    if (index === undefined) {
      index = this.#templateList.push(template) - 1;
      this.#templates.set(key, index);
    }
    return index;
  }

  node(description: NodeDescription): void {
    const {
      kind,
      texts = [],
      numbers = [],
      slots = [],
      keys = [],
      values = [],
      special = [],
      privates = [],
    } = description;
    const body = this.#body;
    this.#offsets.push(body.length);
    body.byte(kind);
    body.varint(texts.length);
    for (const text of texts) body.varint(this.#stringIndex(text));
    body.varint(numbers.length);
    for (const number of numbers) body.double(number);
    body.varint(slots.length);
    for (const value of slots) this.#slot(value);
    if (hasBytes(kind)) this.#bytes(description.bytes as Uint8Array);
    const hasPrototype = description.prototype !== undefined;
    body.byte(
      (hasPrototype ? PART.prototype : 0) |
        (keys.length > 0 ? PART.plain : 0) |
        (special.length > 0 ? PART.special : 0) |
        (privates.length > 0 ? PART.privates : 0) |
        (description.closed === undefined ? 0 : PART.closed),
    );
    if (hasPrototype) this.#slot(description.prototype);
    if (keys.length > 0) {
      body.varint(keys.length);
      for (const key of keys) body.varint(this.#stringIndex(key));
      for (const value of values) this.#slot(value);
    }
    if (special.length > 0) this.#special(special);
    if (privates.length > 0) this.#privates(privates);
    if (description.closed !== undefined) body.byte(description.closed);
  }

  #bytes(bytes: Uint8Array): void {
    const blockId = this.#keepApart(bytes);
    this.#body.byte(blockId === undefined ? BYTES.here : BYTES.block);
    if (blockId === undefined) this.#body.raw(bytes);
    else this.#body.varint(blockId);
  }

  #special(special: readonly SpecialDescription[]): void {
    this.#body.varint(special.length);
    for (const property of special) {
      this.#slot(property.key);
      this.#body.byte(property.attributes);
      this.#slot(property.value);
      if ((property.attributes & ATTRIBUTE.accessor) !== 0) this.#slot(property.set);
    }
  }

  #privates(privates: NonNullable<NodeDescription["privates"]>): void {
    this.#body.varint(privates.length);
    for (const { owner, values } of privates) {
      this.#slot(owner);
      this.#body.varint(values.length);
      for (const value of values) this.#slot(value);
    }
  }

  #slot(value: unknown, body = this.#body): void {
    switch (typeof value) {
      case "undefined":
        body.byte(SLOT.undefined);
        return;
      case "boolean":
        body.byte(value ? SLOT.true : SLOT.false);
        return;
      case "number":
        writeNumber(value, body);
        return;
      case "string":
        if (value.length <= SHARED_TEXT_MAX) {
          body.byte(SLOT.string);
          body.varint(this.#stringIndex(value));
        } else {
          body.byte(SLOT.text);
          body.text(value);
        }
        return;
      case "bigint":
        body.byte(SLOT.bigint);
        body.text(value.toString());
        return;
      default:
        if (value === null) {
          body.byte(SLOT.null);
        } else if (value === HOLE_MARK) {
          body.byte(SLOT.hole);
        } else {
          body.byte(SLOT.node);
          body.varint(this.#numberOf(value as object));
        }
    }
  }

  finish(roots: readonly unknown[]): Uint8Array {
    const body = this.#body;
    // Root slots and templates may name strings that no node did: they are written first, and stand behind the table of strings.
    const rootBytes = new ByteWriter();
    for (const root of roots) this.#slot(root, rootBytes);
    const templates = new ByteWriter();
    for (const template of this.#templateList) this.#writeTemplate(templates, template);
    const headAt = body.length;
    for (const offset of this.#offsets) body.uint32(offset);
    body.varint(this.#strings.size);
    for (const text of this.#strings.keys()) body.text(text);
    body.varint(this.#templateList.length);
    body.append(templates.take());
    body.varint(roots.length);
    body.append(rootBytes.take());
    assert(body.length < 2 ** 32, "an envelope is smaller than 4 GiB");
    body.patchUint32(4, this.#offsets.length);
    body.patchUint32(8, headAt);
    return body.take();
  }

  #writeTemplate(head: ByteWriter, template: Template): void {
    head.varint(this.#stringIndex(template.text));
    head.varint(this.#stringIndex(template.file));
    head.varint(template.line);
    head.double(template.column);
    head.byte((template.kind === "class" ? 1 : 0) | (template.assignsNothing ? 2 : 0));
    head.varint(template.bodyStart);
    head.varint(template.bodyEnd);
    head.varint(template.lateCount);
    head.varint(template.names.length);
    for (const name of template.names) head.varint(this.#stringIndex(name));
    head.varint(this.#stringIndex(template.readerParams));
  }
}

function writeNumber(value: number, body: ByteWriter): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0) && Math.abs(value) < 2 ** 42) {
    body.byte(value < 0 ? SLOT.negativeInt : SLOT.int);
    body.varint(Math.abs(value));
  } else {
    body.byte(SLOT.double);
    body.double(value);
  }
}
