/** Which values of a column are a text, without decoding them. */
import type { TextColumn } from "./types.js";
import { encodeStrings } from "./utf8-encode.js";

/** 1 for each value that is `text`, 0 for the others. */
export function textMatches({ bytes, offsets, count }: TextColumn, text: string): Uint8Array {
  const matches = new Uint8Array(count);
  // A column of UTF-8 has no text with a lone surrogate.
  const wanted = encodeStrings([text], 1)?.bytes;
  if (wanted === undefined) return matches;
  const { length } = wanted;
  let start = offsets[0] as number;
  for (let i = 0; i < count; i++) {
    const end = offsets[i + 1] as number;
    if (end - start === length) matches[i] = isAt(bytes, start, wanted) ? 1 : 0;
    start = end;
  }
  return matches;
}

function isAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let j = 0; j < wanted.length; j++) if (bytes[start + j] !== wanted[j]) return false;
  return true;
}

/** The same for values of any kind. */
export function valueMatches(values: ArrayLike<unknown>, text: string): Uint8Array {
  const matches = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if (values[i] === text) matches[i] = 1;
  return matches;
}
