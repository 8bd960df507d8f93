/** Texts of a key table as a column: their bytes are copied as they lie, and no string is made unless the column turns out to be of kind any. */
import type { ColumnPlan } from "./column-plan.js";
import type { KeyBytes } from "./key-bytes.js";

class TextPlan implements ColumnPlan {
  readonly type = { kind: "utf8", nulls: "none" } as const;
  readonly nullCount = 0;
  readonly children: readonly ColumnPlan[] = [];
  readonly hasObjects = false;
  readonly count: number;
  readonly offsets: Int32Array;
  readonly data: Uint8Array;
  readonly #texts: KeyBytes;
  readonly #slots: Uint32Array;

  constructor(texts: KeyBytes, slots: Uint32Array, byteLength: number) {
    this.#texts = texts;
    this.#slots = slots;
    this.count = slots.length;
    this.offsets = new Int32Array(slots.length + 1);
    this.data = new Uint8Array(byteLength);
    texts.copyTexts(slots, this.data, this.offsets);
  }

  get values(): readonly unknown[] {
    return Array.from(this.#slots, (slot) => this.#texts.textAt(slot));
  }
}

/** Columns of the texts with these slots, of at most so many rows and about so many bytes each. None of the texts may have a lone surrogate. */
export function* textPlans(
  texts: KeyBytes,
  slots: Uint32Array,
  rowsMax: number,
  bytesMax: number,
): Generator<ColumnPlan> {
  for (let from = 0; from < slots.length; ) {
    let [until, byteLength] = [from, 0];
    while (until < slots.length && until - from < rowsMax && (byteLength < bytesMax || until === from))
      byteLength += texts.lengthOf(slots[until++] as number);
    yield new TextPlan(texts, slots.subarray(from, until), byteLength);
    from = until;
  }
}
