/**
 * Input paths to splits, as Spark's textFile and wholeTextFiles take them: files, folders (their files, one level deep), globs, file URLs,
 * lists, and several in one text separated by commas. The order of what was written holds; what a folder or glob stands for comes in the
 * order of names, by UTF-16 code units of the whole path.
 *
 * Where Hadoop and ease of use differ: an existing path that holds a comma or a bracket means itself, and a hidden file (`_x`, `.x`) that
 * is named outright is read.
 */

import { basename, join, resolve } from "node:path";
import type { ListOptions } from "@volley/engine/plan/prepare.js";
import type { FileSplit } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { mapBounded } from "./bounded.js";
import { checkWhole } from "./check-whole.js";
import { errorCode, type FileStat, type FileStore } from "./file-store.js";
import { isGlob } from "./glob.js";
import { isHidden, walkGlob } from "./glob-walk.js";
import { cutAtCommas, plainPath } from "./input-paths.js";
import { localFileStore } from "./local-file-store.js";
import { fileNotFound } from "./not-found.js";
import { codecOf, combineFiles, cutFiles, type InputFile } from "./splits.js";

/** Files looked at together: enough to keep the thread pool busy, few enough for any limit on open files. */
const LOOKUPS_MAX = 32;

/**
 * Splits grouped by partition. Rejects with FILE_NOT_FOUND, FILE_UNREADABLE (no permission, not a file, a folder inside a folder),
 * INPUT_INCOMPLETE (a saved folder that is not whole) or INVALID_ARGUMENT (no path, a bad pattern, a URL of something else).
 */
export async function listFiles(
  paths: readonly string[],
  options: ListOptions,
  store: FileStore = localFileStore,
): Promise<readonly (readonly FileSplit[])[]> {
  if (paths.length === 0) throw new VolleyError("INVALID_ARGUMENT", "the list of input paths is empty");
  const files: InputFile[] = [];
  for (const path of paths) {
    for (const found of await filesOf(path, options, store)) files.push(found);
  }
  const taken = options.raw === true ? files : files.map((file) => ({ ...file, codec: codecOf(file.path) }));
  if (options.combineSmall) return combineFiles(taken, options.minPartitions, options.openCostBytes);
  return cutFiles(taken, options.minPartitions);
}

/** Of one text that a user wrote. */
async function filesOf(written: string, options: ListOptions, store: FileStore): Promise<InputFile[]> {
  const isOne =
    !written.includes(",") || (await unreadable(written, store.stat(resolve(plainPath(written))))) !== undefined;
  const pieces = isOne ? [written] : cutAtCommas(written);
  const files: InputFile[] = [];
  for (const piece of pieces) {
    if (piece === "")
      throw new VolleyError("INVALID_ARGUMENT", `an input path is empty (in ${JSON.stringify(written)})`);
    for (const path of await pathsOf(piece, store)) {
      for (const file of await filesAt(path, options, store)) files.push(file);
    }
  }
  return files;
}

/** The existing files and folders that a path or pattern names. */
async function pathsOf(piece: string, store: FileStore): Promise<readonly string[]> {
  const plain = plainPath(piece);
  const path = resolve(plain);
  const standsThere = (): Promise<boolean> => unreadable(path, store.occupied(path));
  if (isGlob(plain)) {
    try {
      const found = await unreadable(path, walkGlob(plain, process.cwd(), store));
      if (found.length > 0) return found;
    } catch (error) {
      // No pattern, but perhaps a name: `data[1.txt`.
      if (!VolleyError.is(error, "INVALID_ARGUMENT") || !(await standsThere())) throw error;
    }
  }
  if (await standsThere()) return [path];
  throw await fileNotFound(path, piece, store);
}

async function filesAt(path: string, options: ListOptions, store: FileStore): Promise<InputFile[]> {
  const stat = await unreadable(path, store.stat(path));
  if (stat?.kind !== "folder") return [await inputFile(path, stat, store)];
  const names = [...(await unreadable(path, store.list(path)))].sort();
  const entries = names.filter((name) => !isHidden(name)).map((name) => join(path, name));
  const looked = await mapBounded(entries, LOOKUPS_MAX, (entry) => fileInFolder(entry, options, store));
  const files = looked.filter((file) => file !== undefined);
  await checkWhole(path, names, files, store);
  return files;
}

/** Undefined for what is left out: a folder (wholeTextFiles), or a file that went away since the folder was listed. */
async function fileInFolder(path: string, options: ListOptions, store: FileStore): Promise<InputFile | undefined> {
  const stat = await unreadable(path, store.stat(path));
  if (stat === undefined && !(await unreadable(path, store.occupied(path)))) return undefined;
  if (stat?.kind !== "folder") return inputFile(path, stat, store);
  if (options.combineSmall) return undefined;
  throw new VolleyError(
    "FILE_UNREADABLE",
    `${path} is a folder: folders are read one level deep. Name its files with a pattern such as ${join(path, "*")}`,
    { details: { path } },
  );
}

async function inputFile(path: string, stat: FileStat | undefined, store: FileStore): Promise<InputFile> {
  if (stat?.kind !== "file") {
    const why = stat === undefined ? "it is a link to nothing" : `${basename(path)} is no regular file`;
    throw new VolleyError("FILE_UNREADABLE", `cannot read ${path}: ${why}`, { details: { path } });
  }
  await unreadable(path, store.checkReadable(path));
  return { path, size: stat.size };
}

/** A failed look at the input as the user's error. */
async function unreadable<T>(path: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    const code = errorCode(cause);
    if (VolleyError.is(cause) || code === undefined) throw cause;
    const why = code === "EACCES" || code === "EPERM" ? "permission denied" : (cause as Error).message;
    throw new VolleyError("FILE_UNREADABLE", `cannot read ${path}: ${why}`, { cause, details: { path } });
  }
}
