/** A column of strings from its bytes: decoded as a whole, then cut. Cuts of 13 characters and more share the whole's memory in V8. */
import { corruptBlock } from "./flatbuffer-reader.js";

/** Larger columns are decoded value by value: V8's strings end at 2^29 characters. */
const WHOLE_BYTES_MAX = 1 << 28;

interface NodeBuffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}
const nodeBuffer = Buffer.prototype as unknown as NodeBuffer;

/** Checks `count + 1` offsets into `byteLength` bytes: in order, from 0 on, none beyond. */
export function checkOffsets(offsets: Int32Array, count: number, byteLength: number): void {
  let last = 0;
  for (let i = 0; i <= count; i++) {
    const offset = offsets[i] as number;
    if (offset < last) throw corruptBlock("offsets out of order");
    last = offset;
  }
  if (last > byteLength) throw corruptBlock("offsets beyond the bytes");
}

/** The strings between `offsets`; `bytes` starts at a multiple of 8 in its buffer. Offsets must have been checked. */
export function decodeStrings(bytes: Uint8Array, offsets: Int32Array, count: number): string[] {
  const texts = new Array<string>(count);
  const start = offsets[0] as number;
  const end = offsets[count] as number;
  if (end - start > WHOLE_BYTES_MAX) return decodeEach(bytes, offsets, count, texts);
  if (!isAscii(bytes, start, end)) return decodeWide(bytes, offsets, count, texts);
  const whole = nodeBuffer.latin1Slice.call(bytes as never, start, end);
  let from = 0;
  for (let i = 0; i < count; i++) {
    const to = (offsets[i + 1] as number) - start;
    texts[i] = whole.substring(from, to);
    from = to;
  }
  return texts;
}

function decodeEach(bytes: Uint8Array, offsets: Int32Array, count: number, texts: string[]): string[] {
  for (let i = 0; i < count; i++)
    texts[i] = nodeBuffer.utf8Slice.call(bytes as never, offsets[i] as number, offsets[i + 1] as number);
  return texts;
}

/** Cuts by characters: a byte begins one unless it continues one, and those of four bytes are two units. */
function decodeWide(bytes: Uint8Array, offsets: Int32Array, count: number, texts: string[]): string[] {
  const start = offsets[0] as number;
  const whole = nodeBuffer.utf8Slice.call(bytes as never, start, offsets[count] as number);
  let at = start;
  let from = 0;
  for (let i = 0; i < count; i++) {
    const end = offsets[i + 1] as number;
    let to = from;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if ((byte & 0xc0) !== 0x80) to += byte >= 0xf0 ? 2 : 1;
    }
    texts[i] = whole.substring(from, to);
    from = to;
  }
  return texts;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  const firstWord = Math.ceil(start / 4);
  const lastWord = Math.floor(end / 4);
  let high = 0;
  if (lastWord > firstWord) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, lastWord);
    for (let i = firstWord; i < lastWord; i++) high |= words[i] as number;
    for (let i = start; i < firstWord * 4; i++) high |= bytes[i] as number;
    for (let i = lastWord * 4; i < end; i++) high |= bytes[i] as number;
  } else {
    for (let i = start; i < end; i++) high |= bytes[i] as number;
  }
  return (high & 0x80808080) === 0;
}
