/**
 * Who fetches which piece of a broadcast from whom (Spark's TorrentBroadcast): each piece leaves the driver about once, for whoever asks first,
 * and goes on from executor to executor.
 *
 * Each request of an executor says all there is to know of it (which pieces it has, which it is fetching and from whom), so that what was lost or
 * told twice, and a copy that was dropped meanwhile, mend themselves with the next one.
 */

import { assert } from "@volley/engine/lib/assert.js";

/** What one executor says with each request. */
export interface SwarmMember {
  readonly executorId: string;
  readonly has: readonly number[];
  /** `from` undefined: from the driver. */
  readonly fetching: readonly { readonly piece: number; readonly from?: string | undefined }[];
  /** Executors from which it could not fetch. */
  readonly distrusts: readonly string[];
}

export type Assignment =
  | { readonly kind: "piece"; readonly piece: number; readonly from: string | undefined }
  /** All that it lacks is on its way to somebody: soon there is more to choose from. */
  | { readonly kind: "wait" }
  /** It has all, or fetches the rest. */
  | { readonly kind: "done" };

/** Pieces on their way from one executor: its tasks have the network too. */
const UPLOADS_MAX = 3;
/** From the driver, which shares its thread with the script. */
const DRIVER_UPLOADS_MAX = 6;
/** A piece that was given to one executor and has not arrived there after so long is given to another too: the first may hang. */
const SEED_PATIENCE_MS = 3_000;
/** An executor that has not asked for so long has all, or is gone; what it has is still offered. */
const FETCHING_FORGOTTEN_MS = 10_000;

interface Fetch {
  readonly from: string | undefined;
  readonly since: number;
}

interface Member {
  has: Set<number>;
  fetching: Map<number, Fetch>;
  seenAt: number;
}

export class Swarm {
  readonly #pieces: number;
  readonly #members = new Map<string, Member>();
  /** Who comes later begins elsewhere, so that few want the same. */
  #arrivals = 0;
  readonly #firstPiece = new Map<string, number>();

  constructor(pieces: number) {
    assert(pieces >= 1, "a broadcast has a piece");
    this.#pieces = pieces;
  }

  /** What that executor is to fetch next. `now`: monotonic milliseconds. */
  next(told: SwarmMember, now: number): Assignment {
    const member = this.#hear(told, now);
    const distrusts = new Set(told.distrusts);
    const first = this.#firstOf(told.executorId);
    const loads = this.#loads(now);
    let isOnItsWay = false;
    let best: { readonly piece: number; readonly from: string; readonly load: number } | undefined;
    for (let offset = 0; offset < this.#pieces; offset++) {
      const piece = (first + offset) % this.#pieces;
      if (member.has.has(piece) || member.fetching.has(piece)) continue;
      const holder = this.#leastBusyHolder(piece, told.executorId, distrusts, loads);
      if (holder === undefined && !this.#isBeingSeeded(piece, now)) {
        if ((loads.get(undefined) ?? 0) < DRIVER_UPLOADS_MAX) return assign(member, piece, undefined, now);
        isOnItsWay = true;
      } else if (holder === undefined) isOnItsWay = true;
      else if (best === undefined || holder.load < best.load) best = { piece, ...holder };
    }
    if (best !== undefined && best.load < UPLOADS_MAX) return assign(member, best.piece, best.from, now);
    return { kind: best !== undefined || isOnItsWay ? "wait" : "done" };
  }

  /** It has nothing to offer any more. */
  forget(executorId: string): void {
    this.#members.delete(executorId);
  }

  #hear({ executorId, has, fetching }: SwarmMember, now: number): Member {
    const before = this.#members.get(executorId)?.fetching;
    const member: Member = {
      has: new Set(has.filter((piece) => piece < this.#pieces)),
      fetching: new Map(
        fetching.map(({ piece, from }) => [piece, { from, since: before?.get(piece)?.since ?? now }] as const),
      ),
      seenAt: now,
    };
    this.#members.set(executorId, member);
    return member;
  }

  #firstOf(executorId: string): number {
    let first = this.#firstPiece.get(executorId);
    if (first === undefined) {
      // The golden ratio's multiples spread evenly, however many come.
      first = Math.floor(((this.#arrivals++ * 0.618034) % 1) * this.#pieces);
      this.#firstPiece.set(executorId, first);
    }
    return first;
  }

  #leastBusyHolder(
    piece: number,
    asker: string,
    distrusts: ReadonlySet<string>,
    loads: ReadonlyMap<string | undefined, number>,
  ): { from: string; load: number } | undefined {
    let best: { from: string; load: number } | undefined;
    for (const [executorId, { has }] of this.#members) {
      if (executorId === asker || !has.has(piece) || distrusts.has(executorId)) continue;
      const load = loads.get(executorId) ?? 0;
      if (best === undefined || load < best.load) best = { from: executorId, load };
    }
    return best;
  }

  #isBeingSeeded(piece: number, now: number): boolean {
    for (const { fetching } of this.#members.values()) {
      const fetch = fetching.get(piece);
      if (fetch !== undefined && fetch.from === undefined && now - fetch.since < SEED_PATIENCE_MS) return true;
    }
    return false;
  }

  /** Pieces on their way from each; `undefined`: from the driver. */
  #loads(now: number): Map<string | undefined, number> {
    const loads = new Map<string | undefined, number>();
    for (const { fetching, seenAt } of this.#members.values()) {
      if (now - seenAt >= FETCHING_FORGOTTEN_MS) continue;
      for (const { from } of fetching.values()) loads.set(from, (loads.get(from) ?? 0) + 1);
    }
    return loads;
  }
}

function assign(member: Member, piece: number, from: string | undefined, now: number): Assignment {
  member.fetching.set(piece, { from, since: now });
  return { kind: "piece", piece, from };
}
