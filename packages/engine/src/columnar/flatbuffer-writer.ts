/**
 * Writes FlatBuffers (the framing of Arrow's metadata) front to back: a table with room for its references, then what it refers to.
 * Only what Arrow's messages need; made once a schema, never once a batch.
 */

/** A field of a table: `slot` is its number in the schema of the table. */
export type TableField =
  | { readonly slot: number; readonly size: 1 | 2 | 4; readonly value: number }
  | { readonly slot: number; readonly size: 8; readonly value: number }
  /** Room for a reference; `write` writes the thing and returns its position. */
  | { readonly slot: number; readonly write: () => number };

function sizeOf(field: TableField): number {
  return "write" in field ? 4 : field.size;
}

export class FlatbufferWriter {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 4; // the root reference

  /** The finished buffer whose root is the table at `root`, padded with zeros to a multiple of 8 bytes. */
  finish(root: number): Uint8Array {
    this.#align(8);
    this.#view.setUint32(0, root, true);
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes a table and all it refers to; returns its position. */
  table(fields: readonly TableField[]): number {
    const bySize = [...fields].sort((a, b) => sizeOf(b) - sizeOf(a));
    const slots = fields.reduce((most, field) => Math.max(most, field.slot + 1), 0);
    const vtable = this.#take(4 + slots * 2, 2);
    const hasWide = bySize.some((field) => sizeOf(field) === 8);
    const table = this.#take(4, hasWide ? 8 : 4);
    const references: { at: number; write: () => number }[] = [];
    for (const field of bySize) {
      const at = this.#take(sizeOf(field), sizeOf(field));
      this.#view.setUint16(vtable + 4 + field.slot * 2, at - table, true);
      if ("write" in field) references.push({ at, write: field.write });
      else this.#scalar(at, field.size, field.value);
    }
    this.#view.setUint16(vtable, 4 + slots * 2, true);
    this.#view.setUint16(vtable + 2, this.#length - table, true);
    this.#view.setInt32(table, table - vtable, true);
    for (const { at, write } of references) this.#refer(at, write());
    return table;
  }

  #scalar(at: number, size: number, value: number): void {
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setInt16(at, value, true);
    else if (size === 4) this.#view.setInt32(at, value, true);
    else this.#view.setBigInt64(at, BigInt(value), true);
  }

  /** A vector of references to what the functions write. */
  references(items: readonly (() => number)[]): number {
    const vector = this.#take(4 + items.length * 4, 4);
    this.#view.setUint32(vector, items.length, true);
    for (const [index, write] of items.entries()) this.#refer(vector + 4 + index * 4, write());
    return vector;
  }

  int32s(values: readonly number[]): number {
    const vector = this.#take(4 + values.length * 4, 4);
    this.#view.setUint32(vector, values.length, true);
    for (const [index, value] of values.entries()) this.#view.setInt32(vector + 4 + index * 4, value, true);
    return vector;
  }

  string(text: string): number {
    const bytes = new TextEncoder().encode(text);
    const at = this.#take(4 + bytes.length + 1, 4);
    this.#view.setUint32(at, bytes.length, true);
    this.#bytes.set(bytes, at + 4);
    return at;
  }

  #refer(at: number, target: number): void {
    this.#view.setUint32(at, target - at, true);
  }

  #align(alignment: number): void {
    this.#take(0, alignment);
  }

  /** Room for `size` zero bytes at a multiple of `alignment`; returns its position. */
  #take(size: number, alignment: number): number {
    const at = Math.ceil(this.#length / alignment) * alignment;
    const end = at + size;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = end;
    return at;
  }
}
