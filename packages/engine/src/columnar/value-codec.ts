/** One value as bytes and back. Columns hold many such values in a row; see ValueEncoder and ValueDecoder. */
import type { ClassRegistry } from "./types.js";
import { ValueDecoder } from "./value-decoder.js";
import { ValueEncoder } from "./value-encoder.js";

/** The bytes of any value that can travel. Throws ROW_NOT_TRANSFERABLE. */
export function encodeValue(value: unknown, classes: ClassRegistry): Uint8Array {
  const encoder = new ValueEncoder(classes);
  encoder.encode(value);
  return encoder.sink.bytes.slice(0, encoder.sink.length);
}

/** The value of its bytes. Throws BLOCK_CORRUPT. */
export function decodeValue(bytes: Uint8Array, classes: ClassRegistry): unknown {
  const decoder = new ValueDecoder(classes);
  decoder.attach(bytes);
  return decoder.decode(0, bytes.length);
}
