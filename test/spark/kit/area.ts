/**
 * Programs that Apache Spark has answered. Each stands here twice: as a Scala expression over `sc` and `t`, and as the same program for Volley.
 * `npm run spark:answers` asks Spark and writes `answers/<area>.json`; the test runs the other side and holds it against that file.
 */

import { createHash } from "node:crypto";
import type { VolleyContext } from "volley";
import type { Toolbox } from "./toolbox.ts";

/**
 * How two answers are held against each other. `exact`: alike, with order. `multiset`: the outer array in any order, where Spark promises none. `near`:
 * numbers within 1e-9 of each other.
 */
export type Mode = "exact" | "multiset" | "near";

export interface Program {
  readonly area: string;
  readonly name: string;
  /** The Scala expression whose value is the answer; an exception is an answer too. */
  readonly scala: string;
  readonly volley: (vc: VolleyContext, t: Toolbox) => unknown;
  readonly mode: Mode;
}

export type AddProgram = (name: string, scala: string, volley: Program["volley"], mode?: Mode) => void;

/** An area's programs, and how a file adds one. Names are unique in their area. */
export function area(name: string): { readonly programs: readonly Program[]; readonly program: AddProgram } {
  const programs: Program[] = [];
  return {
    programs,
    program(title, scala, volley, mode = "exact") {
      if (programs.some((other) => other.name === title)) throw new Error(`${name}: two programs are named ${title}`);
      programs.push({ area: name, name: title, scala: scala.trim(), volley, mode });
    },
  };
}

/** Tells whether an answer was given to this very text. */
export function stampOf(program: Program): string {
  return createHash("sha256").update(program.scala).digest("hex").slice(0, 12);
}
