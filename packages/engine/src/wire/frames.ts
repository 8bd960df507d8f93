/**
 * The body of a message that carries bytes beside its JSON: `[u32 n][u32 length of each of the n frames][frames]`, little-endian.
 * The first is the UTF-8 JSON; the others are raw bytes that the JSON refers to by their index in the `frames` that `encodeFrames` takes and
 * `decodeFrames` gives (the JSON not counted). Content type: FRAMES_TYPE.
 */
import { VolleyError } from "./errors.js";

export const FRAMES_TYPE = "application/x-volley-frames";
/** A message of more frames than this is refused: no real one comes near. */
export const FRAMES_MAX = 1 << 20;

export function encodeFrames(json: string, frames: readonly Uint8Array[]): Uint8Array[] {
  const text = new TextEncoder().encode(json);
  const head = new Uint32Array(2 + frames.length);
  head[0] = frames.length + 1;
  head[1] = text.byteLength;
  frames.forEach((frame, index) => {
    head[index + 2] = frame.byteLength;
  });
  return [new Uint8Array(head.buffer), text, ...frames];
}

/** Splits a body without copying. Throws PROTOCOL for anything that does not add up. */
export function decodeFrames(body: Uint8Array): { json: string; frames: Uint8Array[] } {
  const refuse = (why: string): never => {
    throw new VolleyError("PROTOCOL", `malformed frames: ${why}`);
  };
  if (body.byteLength < 8) refuse("shorter than its header");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const count = view.getUint32(0, true);
  if (count < 1 || count > FRAMES_MAX || 4 + count * 4 > body.byteLength) refuse(`${count} frames`);
  let at = 4 + count * 4;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(4 + index * 4, true);
    if (at + length > body.byteLength) refuse("cut short");
    parts.push(body.subarray(at, at + length));
    at += length;
  }
  if (at !== body.byteLength) refuse("bytes left over");
  const [text, ...frames] = parts as [Uint8Array, ...Uint8Array[]];
  return { json: new TextDecoder("utf-8", { fatal: true }).decode(text), frames };
}
