/** UTF-8 that can also say lone surrogates, three bytes each (https://simonsapin.github.io/wtf-8/). */

/** Writes `text` from `start` on; there must be room for three bytes a unit. Returns the end, negative when there is a lone surrogate. */
export function encodeWtf8(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  let isBroken = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 63);
    } else {
      const low = unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        i++;
        const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 63);
        bytes[at++] = 0x80 | ((point >> 6) & 63);
        bytes[at++] = 0x80 | (point & 63);
      } else {
        isBroken ||= unit >= 0xd800 && unit <= 0xdfff;
        bytes[at++] = 0xe0 | (unit >> 12);
        bytes[at++] = 0x80 | ((unit >> 6) & 63);
        bytes[at++] = 0x80 | (unit & 63);
      }
    }
  }
  return isBroken ? -at : at;
}

/** The text that `encodeWtf8` wrote into [start, end). */
export function decodeWtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; ) {
    const first = bytes[at] as number;
    const next = (index: number): number => (bytes[at + index] as number) & 63;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      at++;
    } else if (first < 0xe0) {
      text += String.fromCharCode(((first & 31) << 6) | next(1));
      at += 2;
    } else if (first < 0xf0) {
      text += String.fromCharCode(((first & 15) << 12) | (next(1) << 6) | next(2));
      at += 3;
    } else {
      text += String.fromCodePoint(((first & 7) << 18) | (next(1) << 12) | (next(2) << 6) | next(3));
      at += 4;
    }
  }
  return text;
}
