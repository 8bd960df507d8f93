/** Why something cannot travel, said so that the user finds it: variable, path, line, cure. */

import type { CaptureOptions } from "@volley/engine/closure/types.js";
import type { ErrorCode, UserPlace } from "@volley/engine/wire/errors.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { GraphNode } from "./graph.js";
import { isPackageFile } from "./module-refs.js";
import { mapPosition } from "./source-position.js";

export interface Refused {
  readonly code?: ErrorCode;
  /** What it is: "a promise", "a Socket (node:net)". */
  readonly what: string;
  /** One sentence. */
  readonly cure: string;
  readonly cause?: unknown;
}

/** The error for a node that cannot travel. */
export function refusal(node: GraphNode, refused: Refused, options: CaptureOptions): VolleyError {
  const trail = trailOf(node);
  const site = options.describe(trail.root);
  const place = trail.owner === undefined ? undefined : placeOf(trail.owner);
  const where: UserPlace = place ?? { file: site.file, line: site.line, column: site.column };
  const own =
    trail.ownerName === undefined || trail.isRootFunction
      ? `the function given to ${site.operator}`
      : `\`${trail.ownerName}\` (used by the function given to ${site.operator})`;
  const given = `what was given to ${site.operator}`;
  const subject = trail.path === "" ? given : `\`${trail.path}\`${trail.owner === undefined ? ` of ${given}` : ""}`;
  const within = trail.within === undefined ? "which" : `whose ${trail.within}`;
  const at = where.file === "" ? "" : ` at ${where.file}:${where.line}:${where.column}`;
  const cure = cureByMember(trail) ?? refused.cure;
  const message =
    trail.path === "" || trail.owner === undefined
      ? `${subject} is ${refused.what} and cannot travel to an executor${at}. ${cure}`
      : `${own}${at} captures ${subject}, ${within} is ${refused.what} and cannot travel to an executor. ${cure}`;
  return new VolleyError(refused.code ?? "CLOSURE_CAPTURE", message, {
    ...(refused.cause === undefined ? {} : { cause: refused.cause }),
    details: {
      operator: site.operator,
      ...(where.file === "" ? {} : { place: where }),
      ...(trail.variable === undefined ? {} : { variable: trail.variable }),
      ...(trail.path === "" ? {} : { path: trail.path }),
    },
  });
}

interface Trail {
  readonly root: number;
  readonly variable: string | undefined;
  readonly path: string;
  readonly owner: GraphNode | undefined;
  readonly ownerName: string | undefined;
  readonly isRootFunction: boolean;
  /** Where in a package's function the value lies, when the user's variable holds such a function. */
  readonly within: string | undefined;
}

/** From the user's function that captures the variable to the value. */
function trailOf(node: GraphNode): Trail {
  let path = "";
  let variable: string | undefined;
  let owner: GraphNode | undefined;
  let within: string | undefined;
  let root = 0;
  for (let at: GraphNode | undefined = node; at !== undefined; at = at.from) {
    if (at.step.kind === "root") root = at.step.index;
    if (owner !== undefined) continue;
    path = stepText(at.step) + path;
    if (at.step.kind !== "variable") continue;
    variable = at.step.name;
    if (at.from !== undefined && isPackageFile(at.from.fn?.place.file ?? "") && at.from.step.kind !== "root") {
      within ??= `\`${path}\` (${placeText(at.from)})`;
      path = "";
    } else {
      owner = at.from;
    }
  }
  const fn = owner?.fn?.fn;
  return {
    root,
    variable,
    path,
    owner,
    ownerName: fn?.name || undefined,
    isRootFunction: owner?.step.kind === "root",
    within,
  };
}

/** A function that only reads `req.id` takes all of `req` along, unless what it reads stands in a variable of its own. */
function cureByMember({ owner, variable, path, within }: Trail): string | undefined {
  if (variable === undefined || within !== undefined || path.length === variable.length) return undefined;
  const { free, facts } = owner?.fn?.analysis ?? {};
  const read =
    variable === "this"
      ? facts?.thisMembers
      : free?.names.get(variable)?.map((use) => (use.memberCalled ? undefined : use.member));
  const culprit = /^\.([\p{L}_$#][\p{L}\p{N}_$]*)/u.exec(path.slice(variable.length))?.[1];
  if (read === undefined || read.length === 0 || culprit === undefined) return undefined;
  if (read.some((member) => member === undefined || String(member) === culprit)) return undefined;
  const [first = ""] = read;
  const shown = typeof first === "number" ? `${variable}[${first}]` : `${variable}.${first}`;
  return `The function reads \`${shown}\` only: put that in a variable outside, and use the variable.`;
}

function placeText(node: GraphNode): string {
  const place = placeOf(node);
  return place === undefined ? "of a package" : `at ${place.file}:${place.line}:${place.column}`;
}

function stepText(step: GraphNode["step"]): string {
  switch (step.kind) {
    case "variable":
      return step.name;
    case "property":
      return propertyText(step.key);
    case "element":
      return `[${step.index}]`;
    case "entry":
      return `.get(${keyText(step.key)})`;
    default:
      return "";
  }
}

function propertyText(key: PropertyKey): string {
  if (typeof key === "symbol") return `[${String(key)}]`;
  return /^[\p{L}_$#][\p{L}\p{N}_$]*$/u.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
}

function keyText(key: unknown): string {
  return typeof key === "string"
    ? JSON.stringify(key)
    : typeof key === "object" || typeof key === "function"
      ? "..."
      : String(key);
}

function placeOf(node: GraphNode): UserPlace | undefined {
  const place = node.fn?.place;
  if (place === undefined || place.file === "") return undefined;
  return mapPosition(place.file, place.line + 1, place.column + 1);
}
