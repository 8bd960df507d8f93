/**
 * One save into one target folder (Hadoop's OutputCommitter): begun, then committed or aborted, once. Tasks write files into `folder` under names that no two
 * attempts share; which of them count is decided by the driver, which names them to `commit`.
 *
 * The order in `commit` is what makes a crash harmless (trust: durability). Parts first, then the folder's entries to the disk, then
 * `_SUCCESS` whole and last. Before that the owner's folder in `_temporary` tells that the target is not done.
 */

import { join } from "node:path";
import { assert } from "@volley/engine/lib/assert.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { mapBounded } from "../io/bounded.js";
import { errorCode } from "../io/file-store.js";
import { type ClaimTools, claimTarget, releaseTarget } from "./claim-target.js";
import { encodeManifest, SUCCESS_NAME, TEMPORARY_NAME } from "./manifest.js";
import { isPartName, jobFolder } from "./output-names.js";
import type { OwnerName } from "./owner.js";
import { removeTree } from "./remove-tree.js";

/** What an accepted attempt wrote. */
export interface PartFile {
  /** Its name in the job's folder. */
  readonly file: string;
  /** Its name in the target: part-00000, part-00000.gz. */
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
  readonly rows: number;
}

/** Operations under way at once. */
const OPERATIONS_MAX = 16;

export interface OutputJobParts extends ClaimTools {
  /** Absolute. */
  readonly target: string;
  readonly owner: OwnerName;
}

type State = "new" | "beginning" | "open" | "committing" | "committed" | "aborted";

export class OutputJob {
  readonly #parts: OutputJobParts;
  /** Where tasks write; absolute. Known before `begin`, there after it. */
  readonly folder: string;
  #state: State = "new";
  /** Folders over the target that were made for it, outermost first. */
  #madeParents: readonly string[] = [];

  /** Does nothing yet. */
  constructor(parts: OutputJobParts) {
    this.#parts = parts;
    this.folder = jobFolder(parts.target, parts.owner);
  }

  /**
   * Makes the target and claims it. Rejects with OUTPUT_EXISTS when anything is there, an empty folder too (as Spark does), unless it is
   * what a save left whose process died: that is cleaned up first. Rejects with OUTPUT_FAILED when it cannot be made. Having rejected, it
   * leaves nothing.
   */
  async begin(): Promise<void> {
    assert(this.#state === "new", `an output is begun once (it is ${this.#state})`);
    this.#state = "beginning";
    await this.#step(async () => {
      this.#madeParents = await claimTarget(this.#parts.target, this.#parts.owner, this.#parts);
    });
    this.#state = "open";
  }

  /**
   * Makes the parts the target's content, whole or not at all. Rejects with OUTPUT_FAILED; then call `abort`.
   * Resolves with the failure of removing what is no longer needed, if there was one: the output is whole all the same.
   */
  async commit(files: readonly PartFile[]): Promise<{ readonly leftover: unknown }> {
    assert(this.#state === "open", `an output is committed once (it is ${this.#state})`);
    assert(
      files.every((file) => isPartName(file.name)),
      "parts are named part-00000 and so on",
    );
    assert(new Set(files.map((file) => file.name)).size === files.length, "no two parts share a name");
    this.#state = "committing";
    await this.#step(() => this.#publish(files));
    this.#state = "committed";
    try {
      await removeTree(join(this.#parts.target, TEMPORARY_NAME), this.#parts.store);
      return { leftover: undefined };
    } catch (leftover) {
      return { leftover };
    }
  }

  /** Removes all that the job made; nothing when it never began. Safe to call again. Rejects with OUTPUT_FAILED when something cannot be removed. */
  async abort(): Promise<void> {
    assert(this.#state !== "committed", "a committed output is not aborted");
    const isThere = this.#state === "open" || this.#state === "committing";
    this.#state = "aborted";
    if (!isThere) return;
    const { target, owner, store } = this.#parts;
    await this.#step(() => releaseTarget(target, owner, this.#madeParents, store));
  }

  async #publish(files: readonly PartFile[]): Promise<void> {
    const { store, target } = this.#parts;
    await mapBounded(files, OPERATIONS_MAX, (file) => this.#checkSize(file));
    await mapBounded(files, OPERATIONS_MAX, ({ file, name }) =>
      store.rename(join(this.folder, file), join(target, name)),
    );
    await this.#refuseStrangers(files);
    await store.syncFolder(target);
    const draft = join(this.folder, SUCCESS_NAME);
    await store.createExclusive(
      draft,
      encodeManifest(files.map(({ name, bytes, crc32, rows }) => ({ name, bytes, crc32, rows }))),
    );
    await store.syncFile(draft);
    await store.rename(draft, join(target, SUCCESS_NAME));
    await store.syncFolder(target);
  }

  async #checkSize({ file, bytes }: PartFile): Promise<void> {
    const path = join(this.folder, file);
    const stat = await this.#parts.store.stat(path);
    if (stat?.kind === "file" && stat.size === bytes) return;
    const found = stat === undefined ? "is not there" : `has ${stat.size} bytes`;
    throw new VolleyError(
      "OUTPUT_FAILED",
      `${path}, of which a task wrote ${bytes} bytes, ${found}: do all executors share that folder?`,
    );
  }

  /** What somebody else put there meanwhile would be read as ours. */
  async #refuseStrangers(files: readonly PartFile[]): Promise<void> {
    const { store, target } = this.#parts;
    const own = new Set([TEMPORARY_NAME, ...files.map((file) => file.name)]);
    const stranger = (await store.list(target)).find((name) => !own.has(name));
    if (stranger === undefined) return;
    throw new VolleyError("OUTPUT_FAILED", `${join(target, stranger)} appeared while the folder was being written`);
  }

  /** A failed operation as the user's error. */
  async #step(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (cause) {
      if (VolleyError.is(cause) || errorCode(cause) === undefined) throw cause;
      const { target } = this.#parts;
      const why = (cause as Error).message;
      throw new VolleyError("OUTPUT_FAILED", `cannot write ${target}: ${why}`, { cause, details: { path: target } });
    }
  }
}
