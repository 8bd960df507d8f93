import { join } from "node:path";
import { errorCode, type FileStore } from "../io/file-store.js";

/** How often a folder that fills again while it is emptied (a task that was told to stop) is emptied anew. */
const PASSES_MAX = 5;

/** Removes a file or folder with all that is in it. Nothing there: nothing to do. A link is removed, not followed. */
export async function removeTree(path: string, store: FileStore): Promise<void> {
  // By trying, not by looking: what a link points at must not decide.
  try {
    return await store.removeFile(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return;
    // Linux says EISDIR of a folder, others EPERM.
    if (code !== "EISDIR" && code !== "EPERM") throw error;
  }
  for (let pass = 1; ; pass++) {
    for (const name of await listOrNothing(path, store)) await removeTree(join(path, name), store);
    try {
      return await store.removeFolder(path);
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT") return;
      if ((code !== "ENOTEMPTY" && code !== "EEXIST") || pass === PASSES_MAX) throw error;
    }
  }
}

async function listOrNothing(path: string, store: FileStore): Promise<readonly string[]> {
  try {
    return await store.list(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
