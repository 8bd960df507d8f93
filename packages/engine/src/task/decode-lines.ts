/** Whole lines of UTF-8 bytes to strings. */

import { VolleyError } from "../wire/errors.js";
import { firstInvalidUtf8 } from "./utf8.js";

/**
 * The lines of `bytes`, which begin where a line begins and end where one ends, or at the end of the file. `start` is the place in the
 * file, for the byte order mark and for errors. Throws FILE_NOT_TEXT.
 */
export function decodeLines(bytes: Uint8Array, path: string, start: number): string[] {
  const marked = start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = decode(marked ? bytes.subarray(3) : bytes, path, marked ? 3 : start);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return text.includes("\r") ? withoutCarriageReturns(lines) : lines;
}

/** Faster than splitting by a regular expression: nearly all files with \r have it before each \n and nowhere else. */
function withoutCarriageReturns(pieces: string[]): string[] {
  if (pieces.every((piece) => piece.indexOf("\r") === piece.length - 1 && piece !== ""))
    return pieces.map((piece) => piece.slice(0, -1));
  return pieces.flatMap((piece) => (piece.endsWith("\r") ? piece.slice(0, -1) : piece).split("\r"));
}

function decode(bytes: Uint8Array, path: string, start: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(bytes)) return buffer.toString("latin1");
  const text = buffer.toString("utf8");
  // A replacement character is either the file's own or stands for damage: only then are the bytes looked at.
  if (text.includes("\ufffd")) refuseInvalid(bytes, path, start);
  return text;
}

/** Four bytes at a time. */
function isAscii(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes;
  // Words begin at multiples of four of the buffer.
  const head = Math.min(byteLength, -byteOffset & 3);
  const wordCount = (byteLength - head) >>> 2;
  const tail = head + wordCount * 4;
  if (!areAsciiBytes(bytes, 0, head) || !areAsciiBytes(bytes, tail, byteLength)) return false;
  return wordCount === 0 || areAsciiWords(new Uint32Array(buffer, byteOffset + head, wordCount));
}

function areAsciiBytes(bytes: Uint8Array, from: number, until: number): boolean {
  for (let index = from; index < until; index++) if ((bytes[index] as number) > 127) return false;
  return true;
}

function areAsciiWords(words: Uint32Array): boolean {
  let index = 0;
  for (const eightsEnd = words.length - 7; index < eightsEnd; index += 8) {
    const first =
      (words[index] as number) |
      (words[index + 1] as number) |
      (words[index + 2] as number) |
      (words[index + 3] as number);
    const last =
      (words[index + 4] as number) |
      (words[index + 5] as number) |
      (words[index + 6] as number) |
      (words[index + 7] as number);
    if (((first | last) & 0x80808080) !== 0) return false;
  }
  for (; index < words.length; index++) if (((words[index] as number) & 0x80808080) !== 0) return false;
  return true;
}

function refuseInvalid(bytes: Uint8Array, path: string, start: number): void {
  const at = firstInvalidUtf8(bytes);
  if (at < 0) return;
  const value = (bytes[at] as number).toString(16).padStart(2, "0");
  const isUtf16 =
    start + at === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
  const advice = isUtf16
    ? "it is UTF-16: convert it to UTF-8 first"
    : "convert it to UTF-8 first, or read it with binaryFiles";
  throw new VolleyError("FILE_NOT_TEXT", `${path} is no UTF-8 text at byte ${start + at} (0x${value}); ${advice}`, {
    details: { path },
  });
}
