import { resolve } from "node:path";
import { plainPath } from "../io/input-paths.js";
import { localFileStore } from "../io/local-file-store.js";
import type { ClaimTools } from "./claim-target.js";
import { OutputJob } from "./output-job.js";
import { isOwnerAlive, newOwnerName } from "./owner.js";

/** A save into a folder of this machine (a path or file URL), not yet begun. Throws INVALID_ARGUMENT for a URL of something else. */
export function openOutput(
  path: string,
  tools: ClaimTools = { store: localFileStore, isAlive: isOwnerAlive },
): OutputJob {
  return new OutputJob({ ...tools, target: resolve(plainPath(path)), owner: newOwnerName() });
}
