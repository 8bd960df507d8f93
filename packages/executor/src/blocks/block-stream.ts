import { constants, createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { BlockPlace } from "../task/slot-messages.js";

/** The bytes of a block, or of a part of one, that lies on disk. */
export function streamOf(place: BlockPlace & { at: "disk" }): Readable {
  if (place.length === 0) return Readable.from([]);
  // A number where the types know names only: a planted link is not followed.
  const flags = (constants.O_RDONLY | constants.O_NOFOLLOW) as unknown as string;
  return createReadStream(place.path, { flags, start: place.offset, end: place.offset + place.length - 1 });
}
