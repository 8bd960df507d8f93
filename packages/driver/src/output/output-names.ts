/** Names in and beside a target folder. */

import { basename, dirname, join } from "node:path";
import { SUCCESS_NAME, TEMPORARY_NAME } from "./manifest.js";
import { type Owner, type OwnerName, parseOwnerName } from "./owner.js";

/** What tasks write to: `<target>/_temporary/<owner>`. */
export function jobFolder(target: string, owner: OwnerName): string {
  return join(target, TEMPORARY_NAME, owner);
}

/** Where a target is made before it appears, and where it goes before it is removed: both happen in one rename. */
export function hiddenSibling(target: string, owner: OwnerName): string {
  return join(dirname(target), `${siblingPrefix(target)}${owner}`);
}

/** The owner of a hidden sibling of this target; undefined for any other name. */
export function ownerOfSibling(target: string, name: string): Owner | undefined {
  const prefix = siblingPrefix(target);
  return name.startsWith(prefix) ? parseOwnerName(name.slice(prefix.length)) : undefined;
}

function siblingPrefix(target: string): string {
  return `.${basename(target)}.volley-`;
}

/** True for what a save puts into its target. */
export function isOutputName(name: string): boolean {
  return name === SUCCESS_NAME || name === TEMPORARY_NAME || isPartName(name);
}

/** `part-00000`, `part-00000.gz`: the number has five digits or more. */
export function isPartName(name: string): boolean {
  return /^part-\d{5,}(\.[a-z0-9]+)*$/.test(name);
}
