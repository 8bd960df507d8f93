/** Large broadcasts go out in pieces, and from executor to executor: what the driver knows of each (core/swarm.ts decides who fetches what from whom). */

import { crc32 } from "node:zlib";
import { blockName } from "@volley/engine/task/block-id.js";
import { BROADCAST_PIECE_BYTES } from "@volley/engine/wire/limits.js";
import type { PiecesReply, PiecesRequest } from "@volley/engine/wire/messages.js";
import { type Assignment, Swarm } from "./core/swarm.js";
import type { DriverBlocks } from "./driver-blocks.js";
import type { ExecutorRoster } from "./executor-roster.js";
import { RefusedRequest } from "./net/refused-request.js";

interface Spreading {
  readonly bytes: Uint8Array;
  readonly swarm: Swarm;
  /** crc32 of each piece, once somebody was to fetch it. */
  readonly checksums: (number | undefined)[];
}

export class Broadcasts {
  readonly #blocks: DriverBlocks;
  readonly #roster: ExecutorRoster;
  readonly #now: () => number;
  readonly #spreading = new Map<number, Spreading>();

  constructor(blocks: DriverBlocks, roster: ExecutorRoster, now: () => number) {
    this.#blocks = blocks;
    this.#roster = roster;
    this.#now = now;
  }

  /** Is it to be fetched in pieces? One executor alone gets it in one go. */
  isSpread(bytes: Uint8Array): boolean {
    return bytes.byteLength > BROADCAST_PIECE_BYTES && this.#roster.count > 1;
  }

  pieces({ broadcastId, ...told }: PiecesRequest): PiecesReply {
    const spreading = this.#of(broadcastId);
    const { bytes, swarm } = spreading;
    let assignment = swarm.next(told, this.#now());
    while (assignment.kind === "piece" && !this.#isThere(assignment.from)) {
      swarm.forget(assignment.from as string);
      assignment = swarm.next(told, this.#now());
    }
    return {
      bytes: bytes.byteLength,
      pieceBytes: BROADCAST_PIECE_BYTES,
      assignment: assignment.kind === "piece" ? this.#addressed(spreading, assignment) : assignment,
    };
  }

  /** Its copies are removed: nobody has anything of it to offer. */
  forget(broadcastId: number): void {
    this.#spreading.delete(broadcastId);
  }

  #of(broadcastId: number): Spreading {
    let spreading = this.#spreading.get(broadcastId);
    if (spreading === undefined) {
      const bytes = this.#blocks.get({ kind: "broadcast", broadcastId });
      if (bytes === undefined)
        throw new RefusedRequest(
          404,
          "BLOCK_LOST",
          `the driver has no ${blockName({ kind: "broadcast", broadcastId })}`,
        );
      const pieces = Math.max(1, Math.ceil(bytes.byteLength / BROADCAST_PIECE_BYTES));
      spreading = { bytes, swarm: new Swarm(pieces), checksums: new Array<number | undefined>(pieces).fill(undefined) };
      this.#spreading.set(broadcastId, spreading);
    }
    return spreading;
  }

  #isThere(executorId: string | undefined): boolean {
    return executorId === undefined || this.#roster.get(executorId) !== undefined;
  }

  #addressed(
    { bytes, checksums }: Spreading,
    { piece, from }: Assignment & { kind: "piece" },
  ): PiecesReply["assignment"] {
    const start = piece * BROADCAST_PIECE_BYTES;
    checksums[piece] ??= crc32(bytes.subarray(start, start + BROADCAST_PIECE_BYTES));
    const link = from === undefined ? undefined : this.#roster.get(from);
    if (link === undefined) return { kind: "piece", piece, crc32: checksums[piece] };
    const { executorId, host, port } = link.identity;
    return { kind: "piece", piece, crc32: checksums[piece], from: { executorId, host, port } };
  }
}
