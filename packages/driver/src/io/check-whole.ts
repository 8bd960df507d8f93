/** Refuses a folder of saved output that is not whole: a short answer without an error would be the worst of all. */

import { basename, join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { decodeManifest, MANIFEST_BYTES_MAX, type Manifest, SUCCESS_NAME, TEMPORARY_NAME } from "../output/manifest.js";
import { isOwnerAlive, parseOwnerName } from "../output/owner.js";
import { errorCode, type FileStore } from "./file-store.js";
import type { InputFile } from "./splits.js";

const NAMED_MAX = 3;

/** `names` are all names in the folder, `files` those that will be read. Rejects with INPUT_INCOMPLETE. */
export async function checkWhole(
  folder: string,
  names: readonly string[],
  files: readonly InputFile[],
  store: FileStore,
): Promise<void> {
  if (names.includes(SUCCESS_NAME)) {
    const manifest = await readManifest(join(folder, SUCCESS_NAME), store);
    if (manifest !== undefined) compare(folder, manifest, files);
  } else if (names.includes(TEMPORARY_NAME)) {
    await refuseUnfinished(folder, store);
  }
}

/** Undefined when the file is not ours. */
async function readManifest(path: string, store: FileStore): Promise<Manifest | undefined> {
  try {
    return decodeManifest(await store.read(path, MANIFEST_BYTES_MAX), path);
  } catch (error) {
    // A folder of that name, or a file too large to be a manifest of ours.
    if (errorCode(error) === "EISDIR" || errorCode(error) === "EFBIG") return undefined;
    throw error;
  }
}

function compare(folder: string, manifest: Manifest, files: readonly InputFile[]): void {
  const nameToBytes = new Map(manifest.files.map((file) => [file.name, file.bytes]));
  const problems: string[] = [];
  for (const { path, size } of files) {
    const name = basename(path);
    const bytes = nameToBytes.get(name);
    if (bytes === undefined) problems.push(`${name} is not part of it`);
    else if (bytes !== size) problems.push(`${name} has ${size} bytes instead of ${bytes}`);
    nameToBytes.delete(name);
  }
  for (const name of nameToBytes.keys()) problems.push(`${name} is missing`);
  if (problems.length === 0) return;
  const more = problems.length > NAMED_MAX ? `; and ${problems.length - NAMED_MAX} more` : "";
  throw new VolleyError(
    "INPUT_INCOMPLETE",
    `${folder} is not as it was saved: ${problems.slice(0, NAMED_MAX).join("; ")}${more}. ` +
      `To read its files as they are, name them with a pattern such as ${join(folder, "*")}`,
    { details: { path: folder } },
  );
}

async function refuseUnfinished(folder: string, store: FileStore): Promise<void> {
  const temporary = join(folder, TEMPORARY_NAME);
  if ((await store.stat(temporary))?.kind !== "folder") return;
  const owner = (await store.list(temporary)).map(parseOwnerName).find((each) => each !== undefined);
  if (owner === undefined) return;
  const state = isOwnerAlive(owner)
    ? `process ${owner.pid} is still writing it`
    : "the process that wrote it ended before it was done";
  throw new VolleyError("INPUT_INCOMPLETE", `${folder} is not finished: ${state}`, { details: { path: folder } });
}
