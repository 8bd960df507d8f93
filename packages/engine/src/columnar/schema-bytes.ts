import { encodeSchema } from "./arrow-schema.js";
import { type ColumnType, typeKey } from "./column-type.js";

/** Schemas kept by the types that made them: most blocks of a job have the same one. */
const SCHEMAS_MAX = 256;
const schemas = new Map<string, Uint8Array>();

/** The message with the schema of a block whose batches are of these row types. */
export function schemaBytes(variants: readonly ColumnType[], isFlat: boolean): Uint8Array {
  const key = variants.map(typeKey).join(";") + (isFlat ? "" : ";");
  let bytes = schemas.get(key);
  if (bytes === undefined) {
    bytes = encodeSchema({ variants, isFlat });
    if (schemas.size >= SCHEMAS_MAX) schemas.clear();
    schemas.set(key, bytes);
  }
  return bytes;
}
