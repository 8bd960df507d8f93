/**
 * What a `_SUCCESS` file of ours says: the files of a saved folder. It is written last, so a folder that has one is whole; readers check
 * the folder against it. Spark's own `_SUCCESS` is empty and says nothing.
 */

import { VolleyError } from "@volley/engine/wire/errors.js";

export const SUCCESS_NAME = "_SUCCESS";
export const TEMPORARY_NAME = "_temporary";

/** A manifest line is under 200 bytes: room for half a million parts, and a bound on what a reader loads. */
export const MANIFEST_BYTES_MAX = 100 * 1024 * 1024;

const FORMAT = "volley-output/1";

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
  readonly rows: number;
}

export interface Manifest {
  readonly files: readonly ManifestFile[];
  readonly rows: number;
  readonly bytes: number;
}

export function encodeManifest(files: readonly ManifestFile[]): Uint8Array {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const lines = files.map((file) => `    ${JSON.stringify(file)}`);
  const text = `{\n  "format": "${FORMAT}",\n  "rows": ${rows},\n  "bytes": ${bytes},\n  "files": [\n${lines.join(",\n")}\n  ]\n}\n`;
  return Buffer.from(text, "utf8");
}

/** Undefined for a `_SUCCESS` that is not ours; INPUT_INCOMPLETE for one that is ours and damaged. */
export function decodeManifest(bytes: Uint8Array, path: string): Manifest | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!text.includes('"format": "volley-output/')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, cause);
  }
  if (!isRecord(value) || !Array.isArray(value["files"]) || !value["files"].every(isManifestFile)) throw damaged(path);
  const { format, rows, bytes: total } = value;
  if (format !== FORMAT)
    throw new VolleyError(
      "VERSION_MISMATCH",
      `${path} is of a format that this version does not know: ${String(format)}`,
    );
  if (!isCount(rows) || !isCount(total)) throw damaged(path);
  return { files: value["files"], rows, bytes: total };
}

function isManifestFile(value: unknown): value is ManifestFile {
  if (!isRecord(value) || typeof value["name"] !== "string") return false;
  return isCount(value["bytes"]) && isCount(value["rows"]) && isCount(value["crc32"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function damaged(path: string, cause?: unknown): VolleyError {
  return new VolleyError("INPUT_INCOMPLETE", `${path} is damaged; the folder must be saved again`, { cause });
}
