/**
 * Runs a bundled CommonJS file through V8's code cache. Compiling the bundle anew costs 30 to 60 ms a process, and a job starts three programs (the
 * script's own process, the executor, its slots); from the cache it costs a third of that. Node 20 has no cache for modules of its own.
 *
 * The cache lies beside the code, so whoever could write it could write the code as well; where the folder is read-only there is none. A file's
 * name says the code's hash and V8's tag (version, flags, processor), its first bytes are a checksum: V8 itself checks little of what it is given.
 *
 * Bundled into each entry by `scripts/bundle.mjs`; only `node:` builtins.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { isMainThread } from "node:worker_threads";
import * as zlib from "node:zlib";
import { bundledError } from "./bundled-error.ts";

const CHECKSUM_BYTES = 4;
/** Versions of Node, and sizes of heap, that one installation keeps caches for, for each program. */
const CACHES_KEPT_MAX = 8;
/** A thread that has lived so long has run its first tasks, or waits for them. */
const WORKER_WRITES_AFTER_MS = 300;

/** What a bundled file is when it has been evaluated: `scripts/bundle.mjs` writes this function's head and tail around the code. */
type Program = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  file: string,
  folder: string,
  /** What `import.meta` means in the code: the entry's, so that entries beside it are found. */
  entryMeta: ImportMeta,
  /** Whose `setTimeout` and its like the code keeps, so that a test's fake timers do not stop its jobs. */
  timersOf: object,
) => void;

/** Runs the bundled file at `path`, relative to the entry, and answers its exports. `hash` is that of its text. */
export function loadCode(entryMeta: ImportMeta, path: string, hash: string): object {
  const file = fileURLToPath(new URL(path, entryMeta.url));
  const text = codeText(file);
  const main = new Script("globalThis").runInThisContext() as typeof globalThis;
  const run = (program: unknown): object => {
    const module = { exports: {} };
    (program as Program)(module.exports, createRequire(file), module, file, dirname(file), entryMeta, main);
    return module.exports;
  };
  // Some test runners (jest) give each test file a context of its own, with another `Array` and another `Error`. The code belongs there, or its
  // answers are no arrays to the test: that context's Function puts it there, without the cache.
  if (main.Array !== Array) return run(new Function(`return ${text}\n//# sourceURL=${file}`)());
  const cacheFolder = join(dirname(file), "../.code-cache");
  const name = basename(file, ".cjs");
  const tag = cachedDataVersionTag();
  const cacheFile = join(cacheFolder, `${name}-${hash}-${tag}.bin`);
  const enabled = process.env["VOLLEY_CODE_CACHE"] !== "off" && zlib.crc32 !== undefined;
  const cachedData = enabled ? readCache(cacheFile) : undefined;
  const script = new Script(text, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const missed = cachedData === undefined || script.cachedDataRejected === true;
  if (missed && enabled) {
    const write = (): void => {
      if (hasTag(tag)) writeCache(cacheFolder, name, cacheFile, script);
    };
    // At the end, when what is used has been compiled: the cache holds just that. A worker thread is terminated, without an end of its own.
    if (isMainThread) process.once("exit", write);
    else setTimeout(write, WORKER_WRITES_AFTER_MS).unref();
  }
  return run(script.runInThisContext());
}

/** The bundler writes ASCII only. */
function codeText(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? bundledError(error) : error;
  }
}

function readCache(path: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    // None yet, or not for us to read: compiling anew is always right.
    return undefined;
  }
  const data = bytes.subarray(CHECKSUM_BYTES);
  return checksum(data).equals(bytes.subarray(0, CHECKSUM_BYTES)) ? data : undefined;
}

/**
 * Does V8 have the flags of the start? A cache is good under the flags that it was made under only. The executor's threads switch `gc` on while they run; at the
 * end of the main thread it can be switched off again.
 */
function hasTag(tag: number): boolean {
  if (cachedDataVersionTag() !== tag && isMainThread) setFlagsFromString("--no-expose-gc");
  return cachedDataVersionTag() === tag;
}

function writeCache(folder: string, name: string, path: string, script: Script): void {
  try {
    const data = script.createCachedData();
    mkdirSync(folder, { recursive: true });
    removeOld(folder, name);
    const scratch = `${path}.${process.pid}-${process.hrtime.bigint()}`;
    writeFileSync(scratch, Buffer.concat([checksum(data), data]), { mode: 0o600 });
    renameSync(scratch, path);
  } catch {
    // A folder that cannot be written (a read-only installation, a full disk) means no cache, and no word at the end of somebody's script.
  }
}

function removeOld(folder: string, name: string): void {
  const own = readdirSync(folder).filter((file) => file.startsWith(`${name}-`));
  if (own.length < CACHES_KEPT_MAX) return;
  for (const file of own) rmSync(join(folder, file), { force: true });
}

function checksum(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(CHECKSUM_BYTES);
  bytes.writeUInt32LE(zlib.crc32(data));
  return bytes;
}
