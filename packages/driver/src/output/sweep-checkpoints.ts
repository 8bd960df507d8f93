/**
 * What applications that died while they wrote a checkpoint left in a checkpoint folder. Each application writes to a folder of its own, so nobody comes to the same target again, as it
 * is with a save: the next one to write there clears it away. Checkpoints that are whole stay, as in Spark.
 */

import { dirname, join } from "node:path";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { errorCode } from "../io/file-store.js";
import { localFileStore } from "../io/local-file-store.js";
import type { ClaimTools } from "./claim-target.js";
import { OutputJob } from "./output-job.js";
import { ownerOfSibling } from "./output-names.js";
import { isOwnerAlive, newOwnerName } from "./owner.js";
import { removeTree } from "./remove-tree.js";

const APPLICATION = /^app-[a-z0-9-]+$/;
const TARGET = /^rdd-\d+$/;

/** `root`: absolute. */
export async function sweepCheckpoints(
  root: string,
  tools: ClaimTools = { store: localFileStore, isAlive: isOwnerAlive },
): Promise<void> {
  const { store } = tools;
  if ((await store.stat(root))?.kind !== "folder") return;
  for (const application of (await store.list(root)).filter((name) => APPLICATION.test(name))) {
    const folder = join(root, application);
    if ((await store.stat(folder))?.kind !== "folder") continue;
    let isDead = false;
    for (const name of await store.list(folder)) {
      if (TARGET.test(name) ? await clearTarget(join(folder, name), tools) : await clearSibling(folder, name, tools))
        isDead = true;
    }
    if (isDead) await removeIfEmpty(folder, tools);
  }
}

/** Takes over what a dead application left at this target, as a new save there would, and gives it up again. False when it is whole or being written. */
async function clearTarget(target: string, tools: ClaimTools): Promise<boolean> {
  const job = new OutputJob({ ...tools, target, owner: newOwnerName() });
  try {
    await job.begin();
  } catch (error) {
    if (VolleyError.is(error, "OUTPUT_EXISTS")) return false;
    throw error;
  }
  await job.abort();
  return true;
}

/** A target that had not appeared yet, or was being removed. */
async function clearSibling(folder: string, name: string, { store, isAlive }: ClaimTools): Promise<boolean> {
  const target = /^\.(rdd-\d+)\.volley-/.exec(name)?.[1];
  const owner = target === undefined ? undefined : ownerOfSibling(target, name);
  if (owner === undefined || isAlive(owner)) return false;
  await removeTree(join(folder, name), store);
  return true;
}

async function removeIfEmpty(folder: string, { store }: ClaimTools): Promise<void> {
  try {
    await store.removeFolder(folder);
    await store.syncFolder(dirname(folder));
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}
