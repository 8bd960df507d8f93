/**
 * The few operations that listing input and committing output need of a file system: enough for a local disk, and small enough that a
 * test can put a faulty one in its place.
 *
 * Every operation rejects with an error that carries Node's `code` (ENOENT, EEXIST, EACCES, ENOTEMPTY, ...); callers compare codes.
 * Nothing is durable before `syncFile` or `syncFolder` resolved. Paths are absolute.
 */

export interface FileStat {
  readonly kind: "file" | "folder" | "other";
  /** Bytes; 0 for what is no file. */
  readonly size: number;
}

export interface FileStore {
  /** What stands at a path, links followed; undefined when nothing does (a link to nothing counts as nothing). */
  stat(path: string): Promise<FileStat | undefined>;
  /** True when the path names anything, a link to nothing too. */
  occupied(path: string): Promise<boolean>;
  /** Rejects (EACCES, EPERM) when the file or folder may not be read. */
  checkReadable(path: string): Promise<void>;
  /** The names in a folder, in no order. */
  list(folder: string): Promise<readonly string[]>;
  /** The whole of a small file; rejects with EFBIG when it is larger than `bytesMax`. */
  read(path: string, bytesMax: number): Promise<Uint8Array>;
  /** A new file with these bytes; rejects with EEXIST when the name is taken. Not yet durable. */
  createExclusive(path: string, bytes: Uint8Array): Promise<void>;
  /** A new folder; rejects with EEXIST when the name is taken, with ENOENT when its parent is missing. */
  mkdir(path: string): Promise<void>;
  /** Atomic. A file replaces a file; a folder replaces an empty folder at most (else ENOTEMPTY or EEXIST). */
  rename(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  /** Removes an empty folder; ENOTEMPTY otherwise. */
  removeFolder(path: string): Promise<void>;
  /** Makes a file's bytes durable. */
  syncFile(path: string): Promise<void>;
  /** Makes a folder's entries durable. */
  syncFolder(path: string): Promise<void>;
}

/** The `code` of a failed operation; undefined when the error has none. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** An error with a code, as Node's own file errors have it. */
export function fileError(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, path });
}
