/**
 * The one folder of an application on this machine's disk: 0700, under the temporary folder, with a folder for each executor inside. Its
 * name says whose it is (process id and start time), so that a later application can tell and remove what a killed one left.
 */

import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { isProcessAlive, processStart } from "./process-identity.js";

const NAME = /^volley-(\d{1,10})-([0-9a-f]{1,24})-[0-9a-f]{12}$/;

/** A name of its own for a folder of this process. */
export function applicationFolderName(): string {
  return `volley-${process.pid}-${processStart(process.pid)}-${randomBytes(6).toString("hex")}`;
}

/** Makes it. */
export function makeApplicationFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw new VolleyError(
      "INVALID_OPTION",
      `the application's temporary folder cannot be made: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

export function removeApplicationFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 2 });
}

/** Removes the folders of this user's applications whose process is gone. Returns their paths. */
export function removeStaleFolders(parent: string): readonly string[] {
  const removed: string[] = [];
  for (const name of namesIn(parent)) {
    const found = NAME.exec(name);
    if (found === null || isProcessAlive(Number(found[1]), found[2] as string)) continue;
    const path = join(parent, name);
    if (!isOwnFolder(path)) continue;
    removeApplicationFolder(path);
    removed.push(path);
  }
  return removed;
}

function namesIn(parent: string): readonly string[] {
  try {
    return readdirSync(parent);
  } catch (error) {
    throw new VolleyError(
      "INVALID_OPTION",
      `the folder for temporary files cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Not a link that somebody planted, and not another user's. */
function isOwnFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid());
}
