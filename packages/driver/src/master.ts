import { availableParallelism } from "node:os";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { editDistance } from "./edit-distance.js";

/** Of a master's text in a message. */
const TEXT_MAX = 80;
/** Letters that may be wrong in the master that is suggested instead. */
const TYPOS_MAX = 2;
const FORMS = /^local(?:\[(?:\*|[1-9]\d{0,2})\])?$|^local-cluster\[[1-9]\d{0,2},[1-9]\d{0,2},[1-9]\d{0,6}\]$/;
/** More worker threads or processes than this on one machine is a typing error. */
const SLOTS_MAX = 1024;

export type Master =
  /** One executor process on this machine with `slots` slots. */
  | { readonly kind: "local"; readonly slots: number }
  /** Several executor processes on this machine. */
  | { readonly kind: "local-cluster"; readonly executors: number; readonly slots: number; readonly memoryMiB: number }
  /** Masters of a cluster, tried in order. */
  | { readonly kind: "cluster"; readonly addresses: readonly { readonly host: string; readonly port: number }[] };

/** Reads a master's text; throws INVALID_MASTER. `local` has one slot, `local[*]` one for each core. */
export function parseMaster(text: string): Master {
  if (text === "local") return { kind: "local", slots: 1 };
  const local = /^local\[\s*(\*|\d+)\s*\]$/.exec(text);
  if (local !== null)
    return { kind: "local", slots: local[1] === "*" ? availableParallelism() : positive(text, local[1], SLOTS_MAX) };
  const cluster = /^local-cluster\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]$/.exec(text);
  if (cluster !== null) {
    return {
      kind: "local-cluster",
      executors: positive(text, cluster[1], SLOTS_MAX),
      slots: positive(text, cluster[2], SLOTS_MAX),
      memoryMiB: positive(text, cluster[3], 1 << 24),
    };
  }
  if (text.startsWith("volley://"))
    return {
      kind: "cluster",
      addresses: text
        .slice("volley://".length)
        .split(",")
        .map((part) => address(text, part)),
    };
  throw invalid(text, hint(text));
}

function address(text: string, part: string): { host: string; port: number } {
  const found = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(part.trim());
  if (found === null) throw invalid(text, `; ${JSON.stringify(part)} is no host:port`);
  return { host: found[1] as string, port: positive(text, found[2], 65535) };
}

function positive(text: string, digits: string | undefined, max: number): number {
  const value = Number(digits);
  if (value >= 1 && value <= max) return value;
  throw invalid(text, `; ${digits} is not between 1 and ${max}`);
}

/** The master that was probably meant: its kind may be mistyped, or its brackets. */
function hint(text: string): string {
  const [, kind = "", rest = ""] = /^([a-z_-]*)\s*[[({]?([^\])}]*)/i.exec(text.slice(0, TEXT_MAX)) ?? [];
  const near = ["local", "local-cluster"].find((known) => editDistance(kind.toLowerCase(), known) <= TYPOS_MAX);
  if (near === undefined) return "";
  const meant = rest === "" ? near : `${near}[${rest}]`;
  // A suggestion that is refused too would be worse than none.
  return meant !== text && FORMS.test(meant) ? `; did you mean ${meant}?` : "";
}

function invalid(text: string, why: string): VolleyError {
  return new VolleyError(
    "INVALID_MASTER",
    `the master ${JSON.stringify(text.slice(0, TEXT_MAX))} is none of local, local[n], local[*], local-cluster[executors,coresEach,memoryMiBEach], volley://host:port[,host2:port2]${why}`,
  );
}
