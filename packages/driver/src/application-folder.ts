/**
 * The one folder of an application on this machine's disk: 0700, under the temporary folder, with a folder for each executor inside. Its
 * name says whose it is (process id and start time), so that a later application can tell and remove what a killed one left.
 */

import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";

const NAME = /^volley-(\d{1,10})-(\d{1,20})-[0-9a-f]{12}$/;

/** A name of its own for a folder of this process. */
export function applicationFolderName(): string {
  return `volley-${process.pid}-${startTime(process.pid) ?? "0"}-${randomBytes(6).toString("hex")}`;
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
    if (found === null || isAlive(Number(found[1]), found[2] as string)) continue;
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

function isAlive(pid: number, started: string): boolean {
  const now = startTime(pid);
  if (now !== undefined) return started === "0" || now === started;
  if (process.platform === "linux") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in the kernel's ticks; undefined when there is no such process or no such knowledge (only Linux tells). */
function startTime(pid: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses and may hold anything; the 22nd is the start time.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    // No such process.
    return undefined;
  }
}
