/**
 * How a job gets its target folder for itself. Two ways, each decided by one atomic rename, so that of two writers one wins:
 *
 * - nothing is there: the folder is made beside it, with the owner's folder in it, and renamed into place. So a target is never seen
 *   without its owner.
 * - a save that died is there: its owner's folder is renamed to the new owner's. The one who does it cleans up.
 *
 * When changing this: think of a stop after each operation. Whatever then stands there must be told apart from a user's data by its
 * owner's name, and be taken over by the next job.
 */

import { dirname, join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { errorCode, type FileStore } from "../io/file-store.js";
import { SUCCESS_NAME, TEMPORARY_NAME } from "./manifest.js";
import { hiddenSibling, isOutputName, jobFolder, ownerOfSibling } from "./output-names.js";
import { type Owner, type OwnerName, parseOwnerName } from "./owner.js";
import { removeTree } from "./remove-tree.js";

export interface ClaimTools {
  readonly store: FileStore;
  readonly isAlive: (owner: Owner) => boolean;
}

/** Resolves with the folders over the target that had to be made, outermost first. Rejects with OUTPUT_EXISTS; having rejected, it leaves nothing. */
export async function claimTarget(target: string, owner: OwnerName, tools: ClaimTools): Promise<readonly string[]> {
  const { store } = tools;
  const made: string[] = [];
  try {
    await removeDeadSiblings(target, tools);
    if (await store.occupied(target)) await takeOver(target, owner, tools);
    else {
      await makeParents(target, made, store);
      await appear(target, owner, store);
    }
    return made;
  } catch (error) {
    await releaseTarget(target, owner, made, store);
    throw error;
  }
}

/** Removes the target, if it is still this owner's, with all that is in it, and the folders that were made for it. */
export async function releaseTarget(
  target: string,
  owner: OwnerName,
  made: readonly string[],
  store: FileStore,
): Promise<void> {
  const hidden = hiddenSibling(target, owner);
  if (await store.occupied(jobFolder(target, owner))) {
    // In one step: half a removal would leave something that no longer tells whose it is.
    await store.rename(target, hidden);
    await store.syncFolder(dirname(target));
  }
  await removeTree(hidden, store);
  await removeFolders(made, store);
}

/** What a job that died left beside the target. */
async function removeDeadSiblings(target: string, { store, isAlive }: ClaimTools): Promise<void> {
  const parent = dirname(target);
  if ((await store.stat(parent))?.kind !== "folder") return;
  for (const name of await store.list(parent)) {
    const owner = ownerOfSibling(target, name);
    if (owner !== undefined && !isAlive(owner)) await removeTree(join(parent, name), store);
  }
}

async function makeParents(target: string, made: string[], store: FileStore): Promise<void> {
  const missing: string[] = [];
  for (let folder = dirname(target); !(await store.occupied(folder)); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    try {
      await store.mkdir(folder);
      made.push(folder);
    } catch (error) {
      // Another job made it meanwhile: not ours to remove.
      if (errorCode(error) !== "EEXIST") throw error;
    }
    await store.syncFolder(dirname(folder));
  }
}

async function appear(target: string, owner: OwnerName, store: FileStore): Promise<void> {
  const hidden = hiddenSibling(target, owner);
  await store.mkdir(hidden);
  await store.mkdir(join(hidden, TEMPORARY_NAME));
  await store.mkdir(jobFolder(hidden, owner));
  await store.syncFolder(join(hidden, TEMPORARY_NAME));
  await store.syncFolder(hidden);
  try {
    await store.rename(hidden, target);
  } catch (error) {
    if (await store.occupied(target)) throw exists(target, "another job has just begun to write it");
    throw error;
  }
  await store.syncFolder(dirname(target));
}

async function takeOver(target: string, owner: OwnerName, tools: ClaimTools): Promise<void> {
  const { store } = tools;
  if ((await store.stat(target))?.kind !== "folder") throw exists(target, "it is no folder");
  const names = await store.list(target);
  const dead = names.includes(TEMPORARY_NAME) ? await deadOwner(target, tools) : undefined;
  if (names.includes(SUCCESS_NAME)) {
    // A save that died just after it was done: its answer stands, its leftovers go.
    if (dead !== undefined) await removeTree(join(target, TEMPORARY_NAME), store);
    throw exists(target);
  }
  if (dead === undefined || dead === "none" || !names.every(isOutputName)) throw exists(target);
  try {
    await store.rename(jobFolder(target, dead), jobFolder(target, owner));
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw exists(target, "another job has just begun to write it");
    throw error;
  }
  for (const name of await store.list(jobFolder(target, owner)))
    await removeTree(join(jobFolder(target, owner), name), store);
  for (const name of names) if (name !== TEMPORARY_NAME) await removeTree(join(target, name), store);
}

/** The one dead owner in `_temporary`, "none" when it is empty, undefined when it is not ours. Rejects when an owner lives. */
async function deadOwner(target: string, { store, isAlive }: ClaimTools): Promise<OwnerName | "none" | undefined> {
  const temporary = join(target, TEMPORARY_NAME);
  if ((await store.stat(temporary))?.kind !== "folder") return undefined;
  const names = await store.list(temporary);
  const owners = names.map(parseOwnerName);
  const alive = owners.find((each) => each !== undefined && isAlive(each));
  if (alive !== undefined) throw exists(target, `process ${alive.pid} is writing it`);
  if (names.length === 0) return "none";
  return names.length === 1 && owners[0] !== undefined ? names[0] : undefined;
}

/** Removes folders that were made, innermost first, as far as they are empty. */
async function removeFolders(made: readonly string[], store: FileStore): Promise<void> {
  for (const folder of made.toReversed()) {
    try {
      await store.removeFolder(folder);
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOENT") return;
      throw error;
    }
  }
}

function exists(target: string, why?: string): VolleyError {
  const reason = why === undefined ? "" : `: ${why}`;
  return new VolleyError(
    "OUTPUT_EXISTS",
    `the output folder ${target} exists already${reason}; remove it or save to another one`,
    {
      details: { path: target },
    },
  );
}
