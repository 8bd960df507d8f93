/** Reads FlatBuffers that may be damaged: every position is checked before it is used, and what is wrong throws BLOCK_CORRUPT. */
import { VolleyError } from "../wire/errors.js";

export function corruptBlock(what: string): VolleyError {
  return new VolleyError("BLOCK_CORRUPT", `a block does not make sense: ${what}`);
}

export class FlatbufferReader {
  readonly #view: DataView;
  readonly #end: number;

  /** `bytes`: one flatbuffer, starting with its root reference. */
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  root(): number {
    return this.#refer(0);
  }

  /** Position of a table's field, or 0 when the table does not have it. */
  field(table: number, slot: number, size: number): number {
    const vtable = table - this.#int32(table);
    const vtableSize = this.#uint16(vtable);
    const entry = 4 + slot * 2;
    if (entry + 2 > vtableSize) return 0;
    const offset = this.#uint16(vtable + entry);
    if (offset === 0) return 0;
    this.#check(table + offset, size);
    return table + offset;
  }

  uint8(table: number, slot: number, otherwise: number): number {
    const at = this.field(table, slot, 1);
    return at === 0 ? otherwise : this.#view.getUint8(at);
  }

  int16(table: number, slot: number, otherwise: number): number {
    const at = this.field(table, slot, 2);
    return at === 0 ? otherwise : this.#view.getInt16(at, true);
  }

  int32(table: number, slot: number, otherwise: number): number {
    const at = this.field(table, slot, 4);
    return at === 0 ? otherwise : this.#view.getInt32(at, true);
  }

  /** A field of type long, which must be a safe integer from 0 on. */
  long(table: number, slot: number): number {
    const at = this.field(table, slot, 8);
    return at === 0 ? 0 : this.longAt(at);
  }

  longAt(at: number): number {
    this.#check(at, 8);
    const high = this.#view.getInt32(at + 4, true);
    if (high < 0 || high >= 0x200000) throw corruptBlock("a length out of range");
    return high * 4294967296 + this.#view.getUint32(at, true);
  }

  /** A table, string or vector that a field refers to, or 0. */
  reference(table: number, slot: number): number {
    const at = this.field(table, slot, 4);
    return at === 0 ? 0 : this.#refer(at);
  }

  /** Number of elements of `size` bytes of the vector at `vector`; the elements begin 4 bytes on. */
  vectorLength(vector: number, size: number): number {
    const length = this.#uint32(vector);
    this.#check(vector + 4, length * size);
    return length;
  }

  /** Position of an element of a vector of references. */
  element(vector: number, index: number): number {
    return this.#refer(vector + 4 + index * 4);
  }

  string(at: number): string {
    const length = this.vectorLength(at, 1);
    const start = this.#view.byteOffset + at + 4;
    return Buffer.from(this.#view.buffer as ArrayBuffer, start, length).toString("utf8");
  }

  #refer(at: number): number {
    return at + this.#uint32(at);
  }

  #check(at: number, size: number): void {
    if (at < 0 || size < 0 || at + size > this.#end) throw corruptBlock("metadata points outside itself");
  }

  #int32(at: number): number {
    this.#check(at, 4);
    return this.#view.getInt32(at, true);
  }

  #uint32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, true);
  }

  #uint16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, true);
  }
}
