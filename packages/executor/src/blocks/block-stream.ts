import { constants, createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { BlockPlace } from "../task/slot-messages.js";

/** A planted link is not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

type OnDisk = BlockPlace & { readonly at: "disk" };

/** The bytes of a block, or of a part of one, that lies on disk; of `file`, which it closes, when that is open already. */
export function streamOf(place: OnDisk, file?: FileHandle): Readable {
  const range = { start: place.offset, end: place.offset + place.length - 1 };
  if (place.length === 0) {
    void file?.close();
    return Readable.from([]);
  }
  if (file !== undefined) return createReadStream("", { fd: file, ...range });
  // A number where the types know names only.
  return createReadStream(place.path, { flags: FLAGS as unknown as string, ...range });
}

/** The file of a block, for who must know that it is there before he says so; undefined when it is gone, or something else is in its place. */
export async function openBlock(place: OnDisk): Promise<FileHandle | undefined> {
  try {
    return await open(place.path, FLAGS);
  } catch {
    // Whatever the reason is: these bytes cannot be had here.
    return undefined;
  }
}
