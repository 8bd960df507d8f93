/** The file store of this machine. */

import { access, constants, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import { errorCode, type FileStat, type FileStore, fileError } from "./file-store.js";

export const localFileStore: FileStore = {
  async stat(path): Promise<FileStat | undefined> {
    const found = await unlessMissing(stat(path));
    if (found === undefined) return undefined;
    const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
    return { kind, size: kind === "file" ? found.size : 0 };
  },
  occupied: async (path) => (await unlessMissing(lstat(path))) !== undefined,
  checkReadable: (path) => access(path, constants.R_OK),
  list: (folder) => readdir(folder),
  async read(path, bytesMax) {
    const file = await open(path, "r");
    try {
      if ((await file.stat()).size > bytesMax) throw fileError("EFBIG", "read", path);
      return await file.readFile();
    } finally {
      await file.close();
    }
  },
  async createExclusive(path, bytes) {
    const file = await open(path, "wx", 0o644);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  },
  mkdir: (path) => mkdir(path),
  rename: (from, to) => rename(from, to),
  removeFile: (path) => unlink(path),
  removeFolder: (path) => rmdir(path),
  syncFile: (path) => sync(path, "r+"),
  async syncFolder(path) {
    // Windows has no handle on a folder that could be flushed; its file system journals renames by itself.
    if (process.platform !== "win32") await sync(path, "r");
  },
};

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** ENOTDIR: something on the way is no folder, so nothing can stand at the path. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
