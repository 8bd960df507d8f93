/**
 * Large broadcasts, fetched in pieces from wherever the driver says (itself, or executors that have them already), and offered piece by piece to
 * others while they come. Each piece is checked when it arrives.
 */

import { setTimeout as delay } from "node:timers/promises";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { PiecesReply } from "@volley/engine/wire/messages.js";
import { allocateShared } from "../blocks/shared-memory.js";
import type { BlockClient } from "./block-client.js";
import type { DriverClient } from "./driver-client.js";

/** Pieces on their way at one time: one from the driver, the others from executors, if all goes well. */
const FETCHES_MAX = 3;
/** Until it is asked again when all that is missing is on its way to others: about what a piece takes, and longer each time. */
const WAIT_MS = 10;
const WAIT_MS_MAX = 40;

type PieceAssignment = PiecesReply["assignment"] & { kind: "piece" };

export interface BroadcastFetcherParts {
  readonly executorId: string;
  readonly epoch: () => number;
  readonly driver: DriverClient;
  readonly client: BlockClient;
}

export class BroadcastFetcher {
  readonly #parts: BroadcastFetcherParts;
  readonly #arriving = new Map<number, ArrivingBroadcast>();

  constructor(parts: BroadcastFetcherParts) {
    this.#parts = parts;
  }

  /** The whole, on shared memory. What has come of it is offered to others until `keep` is done with it. */
  async fetch(broadcastId: number, keep: (bytes: Uint8Array) => Promise<void>): Promise<Uint8Array> {
    const arriving = new ArrivingBroadcast(broadcastId, this.#parts);
    this.#arriving.set(broadcastId, arriving);
    try {
      const bytes = await arriving.arrive();
      await keep(bytes);
      return bytes;
    } finally {
      arriving.close();
      this.#arriving.delete(broadcastId);
    }
  }

  /** Bytes of one that is on its way; undefined when they have not arrived. */
  part(broadcastId: number, from: number, until: number): Uint8Array | undefined {
    return this.#arriving.get(broadcastId)?.part(from, until);
  }
}

class ArrivingBroadcast {
  readonly #broadcastId: number;
  readonly #parts: BroadcastFetcherParts;
  #bytes: Uint8Array | undefined;
  #pieceBytes = 0;
  readonly #has = new Set<number>();
  readonly #fetching = new Map<number, string | undefined>();
  readonly #distrusts = new Set<string>();
  /** Questions go one after the other: each says what came of the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(broadcastId: number, parts: BroadcastFetcherParts) {
    this.#broadcastId = broadcastId;
    this.#parts = parts;
  }

  async arrive(): Promise<Uint8Array> {
    await Promise.all(Array.from({ length: FETCHES_MAX }, () => this.#work()));
    const bytes = this.#bytes;
    if (bytes === undefined || this.#has.size * this.#pieceBytes < bytes.byteLength)
      throw new VolleyError("BLOCK_LOST", `broadcast ${this.#broadcastId} could not be fetched whole`);
    return bytes;
  }

  close(): void {
    this.#closed = true;
  }

  part(from: number, until: number): Uint8Array | undefined {
    const bytes = this.#bytes;
    if (bytes === undefined || !(from < until) || until > bytes.byteLength) return undefined;
    for (let piece = Math.floor(from / this.#pieceBytes); piece * this.#pieceBytes < until; piece++)
      if (!this.#has.has(piece)) return undefined;
    return bytes.subarray(from, until);
  }

  async #work(): Promise<void> {
    for (let waits = 1; !this.#closed; ) {
      const assignment = await this.#next();
      if (assignment.kind === "done") return;
      if (assignment.kind === "piece") {
        waits = 1;
        await this.#fetch(assignment);
      } else await delay(Math.min(WAIT_MS * waits++, WAIT_MS_MAX));
    }
  }

  #next(): Promise<PiecesReply["assignment"]> {
    const next = this.#turn.then(() => this.#ask());
    // Whoever asked hears of a failure; the next in turn asks anew.
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #ask(): Promise<PiecesReply["assignment"]> {
    const { driver, executorId, epoch } = this.#parts;
    const { bytes, pieceBytes, assignment } = await driver.pieces({
      executorId,
      epoch: epoch(),
      broadcastId: this.#broadcastId,
      has: [...this.#has],
      fetching: [...this.#fetching].map(([piece, from]) => (from === undefined ? { piece } : { piece, from })),
      distrusts: [...this.#distrusts],
    });
    if (this.#bytes === undefined) {
      this.#bytes = allocateShared(bytes);
      this.#pieceBytes = pieceBytes;
    }
    if (this.#bytes.byteLength !== bytes || this.#pieceBytes !== pieceBytes)
      throw new VolleyError("BLOCK_LOST", `broadcast ${this.#broadcastId} has become another`);
    if (assignment.kind !== "piece") return assignment;
    if (assignment.piece * pieceBytes >= bytes)
      throw new VolleyError("PROTOCOL", `broadcast ${this.#broadcastId} has no piece ${assignment.piece}`);
    this.#fetching.set(assignment.piece, assignment.from?.executorId);
    return assignment;
  }

  async #fetch({ piece, from, crc32 }: PieceAssignment): Promise<void> {
    const bytes = this.#bytes as Uint8Array;
    const range = [piece * this.#pieceBytes, Math.min((piece + 1) * this.#pieceBytes, bytes.byteLength)] as const;
    // A piece that does not arrive whole leaves something there, which nobody reads.
    const target = bytes.subarray(...range);
    const path = `/v1/blocks/broadcast_${this.#broadcastId}?range=${range[0]}-${range[1]}`;
    const { client, driver } = this.#parts;
    try {
      if (from === undefined) await driver.part(path, target, crc32);
      else await client.part(from, path, target, crc32);
      this.#has.add(piece);
    } catch (error) {
      if (from === undefined || !VolleyError.is(error)) throw error;
      this.#distrusts.add(from.executorId);
    } finally {
      this.#fetching.delete(piece);
    }
  }
}
