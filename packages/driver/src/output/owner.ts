/**
 * Who makes an output: a process, named so that another one can tell whether it still lives. The name is that of the job's own folder in
 * `_temporary`, not the content of a file in it: a name is there whole or not at all.
 */

import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isProcessAlive, processStart } from "../process-identity.js";

/** Letters, digits and "-" only: `<pid>-<start>-<host>-<nonce>`. */
export type OwnerName = string;

const OWNER_NAME = /^(\d+)-([0-9a-f]+)-([0-9a-f]{8})-([0-9a-f]{12})$/;

export interface Owner {
  readonly pid: number;
  /** When that process began, with the machine's boot: a process id is used again, this pair is not. "0" where the system does not tell. */
  readonly start: string;
  readonly host: string;
}

/** A name for one output job of this process. */
export function newOwnerName(): OwnerName {
  return `${process.pid}-${processStart(process.pid)}-${hostKey()}-${randomBytes(6).toString("hex")}`;
}

export function parseOwnerName(name: string): Owner | undefined {
  const found = OWNER_NAME.exec(name);
  if (found === null) return undefined;
  return { pid: Number(found[1]), start: found[2] as string, host: found[3] as string };
}

/** False only when it is certain that the process is gone: one of another host counts as alive. */
export function isOwnerAlive({ pid, start, host }: Owner): boolean {
  if (host !== hostKey()) return true;
  return isProcessAlive(pid, start);
}

function hostKey(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
