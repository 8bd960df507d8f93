/**
 * Volley's own classes and functions that users' functions refer to and users' values are instances of: both ends load this file, so they travel by name.
 * Asking here instead of `known.ts` is what makes sure that they have been defined.
 */

import { addToRegisters, estimateDistinct, mergeRegisters, newRegisters } from "../lib/hyper-log-log.js";
import { KeyMap, KeySet } from "../lib/key-map.js";
import { Accumulator, CollectionAccumulator, DoubleAccumulator, LongAccumulator } from "../rdd/accumulator.js";
import { Broadcast } from "../rdd/broadcast.js";
import { Buckets } from "../rdd/buckets.js";
import { LateHashPartitioner } from "../rdd/late-hash-partitioner.js";
import { HashPartitioner, Partitioner, RangePartitioner } from "../rdd/partitioner.js";
import { StatCounter } from "../rdd/stat-counter.js";
import { StorageLevel } from "../task/storage-level.js";
import { VolleyError } from "../wire/errors.js";
import { defineKnown, knownName, knownValue } from "./known.js";

const KNOWN: Readonly<Record<string, object>> = {
  Partitioner,
  HashPartitioner,
  LateHashPartitioner,
  RangePartitioner,
  KeyMap,
  KeySet,
  StatCounter,
  Buckets,
  newRegisters,
  addToRegisters,
  mergeRegisters,
  estimateDistinct,
  Accumulator,
  LongAccumulator,
  DoubleAccumulator,
  CollectionAccumulator,
  Broadcast,
  VolleyError,
  StorageLevel,
};

for (const [name, value] of Object.entries(KNOWN)) defineKnown(name, value);
for (const [name, level] of Object.entries(StorageLevel)) defineKnown(`StorageLevel.${name}`, level);

/** The name by which a value of Volley's own travels; undefined for all others. */
export function knownNameOf(value: object): string | undefined {
  return knownName(value);
}

/** What a name stands for here. */
export function knownValueOf(name: string): object {
  return knownValue(name);
}
