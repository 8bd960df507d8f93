/**
 * A copy of a string that keeps nothing else alive. V8 makes `substring` of 13 characters and more a slice of the whole, and columns of
 * strings are cut from one text: a table that keeps a key of each batch would keep the texts of all batches.
 */

/** Shorter cuts are copies already. */
const SLICE_MIN = 13;
const SCRATCH_BYTES = 1 << 13;

interface NodeBuffer {
  latin1Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Write(text: string, offset: number, length: number): number;
  ucs2Slice(start: number, end: number): string;
}

const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES) as unknown as NodeBuffer;

export function ownText(text: string): string {
  const length = text.length;
  if (length < SLICE_MIN) return text;
  const isShort = length * 2 <= SCRATCH_BYTES;
  const buffer = isShort ? scratch : (Buffer.allocUnsafeSlow(length * 2) as unknown as NodeBuffer);
  buffer.latin1Write(text, 0, length);
  const copy = buffer.latin1Slice(0, length);
  if (copy === text) return copy;
  buffer.ucs2Write(text, 0, length * 2);
  return buffer.ucs2Slice(0, length * 2);
}
