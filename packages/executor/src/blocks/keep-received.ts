/** What becomes of blocks that other executors give to this one. */

import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import type { StorageLevel } from "@volley/engine/task/storage-level.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { MapOutputIndex } from "@volley/engine/wire/messages.js";
import type { IncomingServices, Received } from "../net/incoming-blocks.js";
import type { BlockManager } from "./block-manager.js";

/** `limits`: whether it takes any, and how many bytes. */
export function keepReceived(
  blocks: BlockManager,
  limits: Pick<IncomingServices, "takesBlocks" | "incoming" | "cachedBytesMax">,
): IncomingServices {
  return {
    ...limits,
    cached: (id, bytes, level) => keepCached(blocks, id, bytes, level),
    hasOutput: (id) => blocks.mapOutput(blockName(id)) !== undefined,
    output: (id, index, bytes) => keepOutput(blocks, id, index, bytes),
  };
}

async function keepCached(
  blocks: BlockManager,
  id: BlockId & { kind: "rdd" },
  bytes: Uint8Array,
  level: StorageLevel,
): Promise<Received> {
  const there = blocks.place(blockName(id));
  if (there === undefined) return (await blocks.putCached(id, bytes, level)) ? "kept" : "full";
  const isSame = there.at === "memory" ? Buffer.compare(there.bytes, bytes) === 0 : there.length === bytes.byteLength;
  return isSame ? "kept" : "differs";
}

async function keepOutput(
  blocks: BlockManager,
  id: BlockId & { kind: "shuffle" },
  index: MapOutputIndex,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Received> {
  try {
    if (bytes instanceof Uint8Array) await blocks.putMapOutput(id, { bytes, ...indexOf(index) });
    else await blocks.writeMapOutput(id, bytes, indexOf(index));
    return "kept";
  } catch (error) {
    if (VolleyError.is(error)) throw error;
    // Memory is short, and the disk does not take it.
    return "full";
  }
}

function indexOf({ offsets, checksums, chunks }: MapOutputIndex) {
  const typed = (part: { offsets: readonly number[]; checksums: readonly number[] }) => ({
    offsets: Float64Array.from(part.offsets),
    checksums: Uint32Array.from(part.checksums),
  });
  return { ...typed({ offsets, checksums }), chunks: chunks && typed(chunks) };
}
