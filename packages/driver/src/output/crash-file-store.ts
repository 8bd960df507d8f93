/**
 * A file store in memory that loses power: for tests of what must survive a crash. Each operation is a record in a journal; a record
 * becomes durable when the folder (entries) or file (bytes) it touched is synced. `crash` gives the store as it stands after the machine
 * came back.
 *
 * Harsher than real file systems, which keep the order of renames: entries that were not synced survive or are lost one by one.
 */

import { basename, dirname, sep } from "node:path";
import { assert } from "@volley/engine/lib/assert.js";
import { type FileStat, type FileStore, fileError } from "../io/file-store.js";

interface FileNode {
  bytes: Uint8Array;
  /** What a crash cannot take. */
  durable: Uint8Array;
}

interface FolderNode {
  readonly entries: Map<string, Node>;
  /** The entries as last synced. */
  durable: ReadonlyMap<string, Node>;
}

type Node = FileNode | FolderNode;

/** One change of entries, all of it or nothing: a rename takes a name away in one folder and gives it in another. */
interface Change {
  readonly edits: readonly { readonly folder: FolderNode; readonly name: string; readonly node: Node | undefined }[];
}

/**
 * - kept: all that was done survives (the process was killed, the machine went on)
 * - lost: only what was synced survives
 * - torn: of the rest, each change survives or not, and a file's unsynced bytes survive in part
 */
export type CrashModel = "kept" | "lost" | "torn";

/** The world has stopped: thrown by the operation at which it does, and by each after it. */
export class Stopped extends Error {}

const isFolder = (node: Node): node is FolderNode => "entries" in node;

export class CrashFileStore implements FileStore {
  readonly #root: FolderNode;
  /** Changes of entries not synced yet, oldest first. */
  #journal: Change[] = [];
  /** Operations that change something, done so far. */
  operations = 0;
  /** Stops the world before the operation of this number (from 0). */
  stopAt = Number.POSITIVE_INFINITY;
  /** Rejects the operation of this number with this code, once. */
  failAt: { readonly operation: number; readonly code: string } | undefined;

  constructor(root: FolderNode = newFolder()) {
    this.#root = root;
  }

  /** What is there after the crash, as a new store. `random` gives numbers in [0, 1). */
  crash(model: CrashModel, random: () => number): CrashFileStore {
    if (model === "kept")
      return new CrashFileStore(
        copyFolder(
          this.#root,
          (file) => file.bytes,
          (folder) => folder.entries,
        ),
      );
    const survivors = model === "lost" ? [] : this.#journal.filter(() => random() < 0.5);
    const edited = new Map<FolderNode, Map<string, Node>>();
    for (const { edits } of survivors) {
      for (const { folder, name, node } of edits) {
        const entries = edited.get(folder) ?? new Map(folder.durable);
        edited.set(folder, entries);
        if (node === undefined) entries.delete(name);
        else entries.set(name, node);
      }
    }
    const bytesOf = (file: FileNode): Uint8Array => {
      if (model === "lost" || file.durable === file.bytes) return file.durable;
      return file.bytes.slice(0, Math.floor(random() * (file.bytes.byteLength + 1)));
    };
    return new CrashFileStore(copyFolder(this.#root, bytesOf, (folder) => edited.get(folder) ?? folder.durable));
  }

  /** All paths and their bytes as text; folders end in a slash. */
  dump(): Record<string, string> {
    const found: Record<string, string> = {};
    const visit = (folder: FolderNode, path: string): void => {
      for (const [name, node] of [...folder.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (isFolder(node)) {
          found[`${path}/${name}/`] = "";
          visit(node, `${path}/${name}`);
        } else found[`${path}/${name}`] = Buffer.from(node.bytes).toString("utf8");
      }
    };
    visit(this.#root, "");
    return found;
  }

  stat = async (path: string): Promise<FileStat | undefined> => {
    this.#refuseWhenStopped();
    const node = this.#find(path);
    if (node === undefined) return undefined;
    return isFolder(node) ? { kind: "folder", size: 0 } : { kind: "file", size: node.bytes.byteLength };
  };

  occupied = async (path: string): Promise<boolean> => (await this.stat(path)) !== undefined;

  checkReadable = async (path: string): Promise<void> => {
    if ((await this.stat(path)) === undefined) throw fileError("ENOENT", "access", path);
  };

  list = async (path: string): Promise<readonly string[]> => {
    this.#refuseWhenStopped();
    return [...this.#folder(path, "scandir").entries.keys()];
  };

  read = async (path: string, bytesMax: number): Promise<Uint8Array> => {
    this.#refuseWhenStopped();
    const bytes = this.#file(path, "read").bytes;
    if (bytes.byteLength > bytesMax) throw fileError("EFBIG", "read", path);
    return bytes;
  };

  createExclusive = async (path: string, bytes: Uint8Array): Promise<void> => {
    this.#begin("open", path);
    const folder = this.#folder(dirname(path), "open");
    if (folder.entries.has(basename(path))) throw fileError("EEXIST", "open", path);
    this.#change({ edits: [{ folder, name: basename(path), node: { bytes, durable: new Uint8Array(0) } }] });
  };

  mkdir = async (path: string): Promise<void> => {
    this.#begin("mkdir", path);
    const folder = this.#folder(dirname(path), "mkdir");
    if (folder.entries.has(basename(path))) throw fileError("EEXIST", "mkdir", path);
    this.#change({ edits: [{ folder, name: basename(path), node: newFolder() }] });
  };

  rename = async (from: string, to: string): Promise<void> => {
    this.#begin("rename", from);
    const node = this.#find(from);
    if (node === undefined) throw fileError("ENOENT", "rename", from);
    const target = this.#find(to);
    if (target !== undefined && isFolder(node) !== isFolder(target))
      throw fileError(isFolder(node) ? "ENOTDIR" : "EISDIR", "rename", to);
    if (target !== undefined && isFolder(target) && target.entries.size > 0) throw fileError("ENOTEMPTY", "rename", to);
    this.#change({
      edits: [
        { folder: this.#folder(dirname(from), "rename"), name: basename(from), node: undefined },
        { folder: this.#folder(dirname(to), "rename"), name: basename(to), node },
      ],
    });
  };

  removeFile = async (path: string): Promise<void> => {
    this.#begin("unlink", path);
    this.#file(path, "unlink");
    this.#change({ edits: [{ folder: this.#folder(dirname(path), "unlink"), name: basename(path), node: undefined }] });
  };

  removeFolder = async (path: string): Promise<void> => {
    this.#begin("rmdir", path);
    if (this.#folder(path, "rmdir").entries.size > 0) throw fileError("ENOTEMPTY", "rmdir", path);
    this.#change({ edits: [{ folder: this.#folder(dirname(path), "rmdir"), name: basename(path), node: undefined }] });
  };

  syncFile = async (path: string): Promise<void> => {
    this.#begin("fsync", path);
    const file = this.#file(path, "fsync");
    file.durable = file.bytes;
  };

  syncFolder = async (path: string): Promise<void> => {
    this.#begin("fsync", path);
    const folder = this.#folder(path, "fsync");
    const [synced, rest] = [[] as Change[], [] as Change[]];
    for (const change of this.#journal)
      (change.edits.some((edit) => edit.folder === folder) ? synced : rest).push(change);
    this.#journal = rest;
    // Both ends of a rename become durable with either.
    for (const { edits } of synced) for (const edit of edits) applyDurable(edit.folder, edit.name, edit.node);
  };

  #begin(operation: string, path: string): void {
    this.#refuseWhenStopped();
    const number = this.operations++;
    if (this.failAt?.operation === number) throw fileError(this.failAt.code, operation, path);
  }

  #refuseWhenStopped(): void {
    if (this.operations >= this.stopAt) throw new Stopped("the world has stopped");
  }

  #change(change: Change): void {
    this.#journal.push(change);
    for (const { folder, name, node } of change.edits) {
      if (node === undefined) folder.entries.delete(name);
      else folder.entries.set(name, node);
    }
  }

  #find(path: string): Node | undefined {
    assert(path.startsWith(sep), "paths are absolute");
    let node: Node | undefined = this.#root;
    for (const name of path.split(sep).filter((each) => each !== "")) {
      if (node === undefined || !isFolder(node)) return undefined;
      node = node.entries.get(name);
    }
    return node;
  }

  #folder(path: string, operation: string): FolderNode {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", operation, path);
    if (!isFolder(node)) throw fileError("ENOTDIR", operation, path);
    return node;
  }

  #file(path: string, operation: string): FileNode {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", operation, path);
    if (isFolder(node)) throw fileError("EISDIR", operation, path);
    return node;
  }
}

function newFolder(): FolderNode {
  return { entries: new Map(), durable: new Map() };
}

function applyDurable(folder: FolderNode, name: string, node: Node | undefined): void {
  const durable = new Map(folder.durable);
  if (node === undefined) durable.delete(name);
  else durable.set(name, node);
  folder.durable = durable;
}

/** A deep copy in which all that is there is durable. A node that two entries name (half a rename cannot be) would be copied twice. */
function copyFolder(
  folder: FolderNode,
  bytesOf: (file: FileNode) => Uint8Array,
  entriesOf: (folder: FolderNode) => ReadonlyMap<string, Node>,
): FolderNode {
  const entries = new Map<string, Node>();
  for (const [name, node] of entriesOf(folder)) {
    if (isFolder(node)) entries.set(name, copyFolder(node, bytesOf, entriesOf));
    else {
      const bytes = bytesOf(node);
      entries.set(name, { bytes, durable: bytes });
    }
  }
  return { entries, durable: new Map(entries) };
}
