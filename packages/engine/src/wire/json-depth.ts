import { VolleyError } from "./errors.js";
import { JSON_DEPTH_MAX } from "./limits.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Nesting of a JSON text in one pass without recursion; a text that is no JSON gives some number. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
    } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      if (++depth > deepest) deepest = depth;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      depth--;
    }
  }
  return deepest;
}

/** Index of the closing quote of the string that opens at `from`, or the text's length. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

/** JSON.parse of a message from another process: refuses with PROTOCOL what is no JSON or nests too deep for recursive code. */
export function parseBoundedJson(text: string): unknown {
  if (jsonDepth(text) > JSON_DEPTH_MAX)
    throw new VolleyError("PROTOCOL", `a message nests deeper than ${JSON_DEPTH_MAX}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new VolleyError("PROTOCOL", "a message is no JSON", { cause: error });
  }
}
