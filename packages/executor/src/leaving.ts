/**
 * Leaves the application (Spark's decommissioning): no more tasks, those that run may end, cached partitions and map outputs go to other
 * executors, the driver hears where they are; and then this executor is not needed. All of it within a time, after which what is left is lost with it.
 *
 * What goes where is decided in core/departure.ts. Tasks that still run here go on reading from here: nothing is removed.
 */

import { Readable } from "node:stream";
import { crc32 as zlibCrc32 } from "node:zlib";
import { parseBlockName } from "@volley/engine/task/block-id.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { LocationsReply, MapOutputIndex as WireIndex } from "@volley/engine/wire/messages.js";
import type { BlockManager, MapOutputIndex } from "./blocks/block-manager.js";
import { streamOf } from "./blocks/block-stream.js";
import { Departure, type Push, type PushOutcome } from "./core/departure.js";
import type { BlockClient, ExecutorAddress, GivenBlock } from "./net/block-client.js";
import type { Reporter } from "./net/reporter.js";
import type { BlockPlace } from "./task/slot-messages.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

/** How often it is looked whether something has changed that nobody tells: a result that was fetched, an executor that came. */
const LOOK_MS = 100;
/** Peers are asked for anew when there is nobody to take what is left: a replacement takes a second to start. */
const ASK_AGAIN_MS = 300;
/** A piece of a block that goes out: the socket takes no more at a time, and nothing is copied. */
const PIECE_BYTES = 1 << 20;

export interface LeavingParts {
  readonly executorId: string;
  readonly graceMs: number;
  readonly blocks: BlockManager;
  readonly reporter: Reporter;
  readonly client: BlockClient;
  readonly ask: () => Promise<LocationsReply>;
  /** Tasks that have not ended, or whose end has not been put into words. */
  readonly taskCount: () => number;
}

export class Leaving {
  readonly #parts: LeavingParts;
  readonly #departure = new Departure();
  readonly #endsAt: number;
  #addresses = new Map<string, ExecutorAddress>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;
  #wake: () => void = () => undefined;
  #failure: unknown;

  constructor(parts: LeavingParts) {
    this.#parts = parts;
    this.#endsAt = performance.now() + parts.graceMs;
    parts.reporter.leaving(parts.graceMs);
  }

  /** Resolves when the executor may end: all is elsewhere and the driver knows it, or the time is over. */
  async run(): Promise<void> {
    while (performance.now() < this.#endsAt) {
      this.#look();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isDone()) break;
      await this.#changed(Math.min(LOOK_MS, this.#endsAt - performance.now()));
    }
    // A driver that does not answer is told by the process's end.
    await Promise.race([this.#parts.reporter.left(), delay(Math.max(LOOK_MS, this.#endsAt - performance.now()))]);
  }

  /** A task has ended. */
  poke(): void {
    this.#wake();
  }

  #isDone(): boolean {
    const { taskCount, blocks } = this.#parts;
    return taskCount() === 0 && !blocks.hasResults() && this.#departure.isSettled;
  }

  #look(): void {
    this.#departure.holds(this.#parts.blocks.movable());
    this.#askForPeers();
    for (let push = this.#departure.next(); push !== undefined; push = this.#departure.next()) this.#start(push);
  }

  #askForPeers(): void {
    const isWaiting = this.#departure.count("held") > 0 && this.#departure.count("pushing") === 0;
    if (this.#asking || !isWaiting || performance.now() < this.#askedAt + ASK_AGAIN_MS) return;
    this.#asking = true;
    this.#askedAt = performance.now();
    this.#parts
      .ask()
      .then(
        ({ executors }) => {
          const peers = executors.filter(({ executorId }) => executorId !== this.#parts.executorId);
          this.#addresses = new Map(peers.map((address) => [address.executorId, address]));
          this.#departure.knows(peers.map(({ executorId }) => executorId));
        },
        (error: unknown) => this.#note(error),
      )
      .finally(() => {
        this.#asking = false;
        this.#wake();
      });
  }

  #start(push: Push): void {
    this.#push(push)
      .catch((error: unknown): PushOutcome => {
        this.#note(error);
        return "failed";
      })
      .then((outcome) => {
        this.#departure.ended(push, outcome);
        this.#wake();
      });
  }

  /** Another executor or the driver that cannot be reached is no failure of this one. */
  #note(error: unknown): void {
    if (!VolleyError.is(error)) this.#failure ??= error;
  }

  async #push({ name, peerId }: Push): Promise<PushOutcome> {
    const { blocks, client, reporter } = this.#parts;
    const address = this.#addresses.get(peerId);
    const id = parseBlockName(name);
    const place = blocks.place(name);
    if (address === undefined) return "failed";
    if (place === undefined || id === undefined) return "gone";
    if (id.kind === "shuffle") {
      const index = blocks.outputIndex(name);
      if (index === undefined) return "gone";
      const text = Buffer.from(indexText(index));
      const outcome = outcomeOf(
        await client.give(address, `/v1/outputs/${name}?index=${text.byteLength}`, bodyOf(place, text)),
      );
      const { shuffleId, mapPartition, attempt } = id;
      if (outcome === "kept") reporter.moved({ shuffleId, mapPartition, attempt, toExecutorId: peerId });
      return outcome;
    }
    const level = blocks.levelOf(name);
    if (level === undefined) return "gone";
    return outcomeOf(await client.give(address, `/v1/blocks/${name}?level=${level.name}`, bodyOf(place)));
  }

  async #changed(ms: number): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
      delay(ms),
    ]);
  }
}

function indexText({ offsets, checksums, chunks }: MapOutputIndex): string {
  const plain = (part: { readonly offsets: Float64Array; readonly checksums: Uint32Array }) => ({
    offsets: Array.from(part.offsets),
    checksums: Array.from(part.checksums),
  });
  const index: WireIndex = {
    ...plain({ offsets, checksums }),
    ...(chunks === undefined ? {} : { chunks: plain(chunks) }),
  };
  return JSON.stringify(index);
}

/** The block's bytes after those of `head`. Without a head a checksum goes with them; the index of a map output has its own. */
function bodyOf(place: BlockPlace, head?: Uint8Array): GivenBlock {
  const length = (place.at === "memory" ? place.bytes.byteLength : place.length) + (head?.byteLength ?? 0);
  return {
    length,
    ...(head === undefined ? { crc32: place.at === "memory" ? crc32(place.bytes) : place.crc32 } : {}),
    open: () => Readable.from(piecesOf(place, head), { objectMode: false, highWaterMark: PIECE_BYTES }),
  };
}

async function* piecesOf(place: BlockPlace, head: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (head !== undefined) yield head;
  if (place.at === "memory") {
    const { bytes } = place;
    for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES)
      yield Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(PIECE_BYTES, bytes.byteLength - at));
    return;
  }
  try {
    yield* streamOf(place) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new VolleyError("BLOCK_LOST", "a block's file cannot be read", { cause });
  }
}

function outcomeOf(status: number): PushOutcome {
  switch (status) {
    case 200:
      return "kept";
    case 503:
      return "leaving";
    case 507:
    case 413:
      return "full";
    default:
      return "failed";
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms)).unref();
  });
}
