/** Where map outputs lie, as the driver said: kept until an output is lost, which the driver tells by a higher version of the shuffle. */

import { VolleyError } from "@volley/engine/wire/errors.js";
import type { LocationsReply, MapStatus } from "@volley/engine/wire/messages.js";
import type { ExecutorAddress } from "../net/block-client.js";

export interface ShuffleLocations {
  readonly complete: boolean;
  /** By map partition. */
  readonly outputs: readonly MapStatus[];
  readonly executors: ReadonlyMap<string, ExecutorAddress>;
}

/** Shuffles that are remembered: more than one job reads. The driver does not tell every executor when one is released. */
const SHUFFLES_MAX = 200;

interface Entry {
  /** The answer was asked for when this version was known, so it is of this version or a later one. */
  readonly version: number;
  readonly locations: Promise<ShuffleLocations>;
}

export class ShuffleLocationCache {
  readonly #entries = new Map<number, Entry>();
  readonly #changed: () => void;

  /** `changed` is called before anybody learns new locations: what was remembered of the old ones does not hold. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get(shuffleId: number, version: number): Promise<ShuffleLocations> | undefined {
    const entry = this.#entries.get(shuffleId);
    return entry !== undefined && entry.version >= version ? entry.locations : undefined;
  }

  set(shuffleId: number, version: number, locations: Promise<ShuffleLocations>): void {
    const entry = { version, locations };
    this.#entries.delete(shuffleId);
    this.#entries.set(shuffleId, entry);
    this.#changed();
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= SHUFFLES_MAX) break;
      this.#entries.delete(oldest);
    }
    const forget = () => {
      if (this.#entries.get(shuffleId) === entry) this.#entries.delete(shuffleId);
    };
    // What is not whole yet, or could not be had, is asked for again.
    locations.then(({ complete }) => (complete ? undefined : forget()), forget);
  }

  forget(shuffleIds: readonly number[]): void {
    for (const shuffleId of shuffleIds) this.#entries.delete(shuffleId);
  }
}

export function shuffleLocationsOf(reply: LocationsReply, shuffleId: number): ShuffleLocations {
  const shuffle = reply.shuffles.find((candidate) => candidate.shuffleId === shuffleId);
  if (shuffle === undefined) throw new VolleyError("PROTOCOL", `the driver knows no shuffle ${shuffleId}`);
  return {
    complete: shuffle.complete,
    outputs: [...shuffle.outputs].sort((a, b) => a.mapPartition - b.mapPartition),
    executors: new Map(reply.executors.map((address) => [address.executorId, address])),
  };
}
