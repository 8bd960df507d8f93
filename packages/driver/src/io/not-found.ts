/** The error for input that is not there: names the path, the nearest folder that is there, and names in it that look alike. */

import { basename, dirname, join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { editDistance } from "../edit-distance.js";
import type { FileStore } from "./file-store.js";
import { expandBraces, isGlob, namePattern } from "./glob.js";
import { isHidden } from "./glob-walk.js";

const SUGGESTIONS_MAX = 3;
/** More names than this are not looked through for similar ones. */
const NAMES_MAX = 5_000;

/** `path` is absolute. */
export async function fileNotFound(path: string, written: string, store: FileStore): Promise<VolleyError> {
  const [folder, missing] = await nearestFolder(path, store);
  const what = isGlob(path) ? `no file matches ${path}` : `there is no file or folder ${path}`;
  const from = written === path ? "" : ` (written as ${JSON.stringify(written)})`;
  const similar = await similarNames(folder, missing, store);
  const hint = similar.length === 0 ? "" : `; there is ${similar.map((name) => join(folder, name)).join(", ")}`;
  const nearest = folder === dirname(path) ? "" : `; the nearest folder that exists is ${folder}`;
  const passedOver = await hiddenText(folder, missing, store);
  return new VolleyError("FILE_NOT_FOUND", what + from + nearest + hint + passedOver, { details: { path } });
}

/** The deepest existing folder over a path, and the first name that is missing in it. */
async function nearestFolder(path: string, store: FileStore): Promise<readonly [string, string]> {
  let [folder, missing] = [dirname(path), basename(path)];
  while (folder !== dirname(folder) && (isGlob(folder) || (await store.stat(folder))?.kind !== "folder")) {
    [folder, missing] = [dirname(folder), basename(folder)];
  }
  return [folder, missing];
}

async function namesIn(folder: string, store: FileStore): Promise<readonly string[]> {
  try {
    const names = await store.list(folder);
    return names.length > NAMES_MAX ? [] : names;
  } catch {
    // The folder may not be listed: the error is about the missing path, and does without the hint.
    return [];
  }
}

/** A pattern that only hidden names match finds nothing, and its author sees the files there. */
async function hiddenText(folder: string, pattern: string, store: FileStore): Promise<string> {
  if (!isGlob(pattern)) return "";
  const patterns = expandBraces(pattern).map(namePattern);
  const names = (await namesIn(folder, store)).filter(
    (name) => isHidden(name) && patterns.some(({ matches }) => matches(name)),
  );
  if (names.length === 0) return "";
  const which = names.length === 1 ? `${names[0]} begins` : `${names.length} that match begin`;
  return `; ${which} with _ or . and ${names.length === 1 ? "is" : "are"} passed over, as Hadoop does: a file that is named outright is read`;
}

async function similarNames(folder: string, name: string, store: FileStore): Promise<string[]> {
  if (isGlob(name)) return [];
  const names = await namesIn(folder, store);
  const bound = Math.max(1, Math.floor(name.length / 3));
  return names
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance || (a.other < b.other ? -1 : 1))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ other }) => other);
}
