/**
 * From a failure as data to the error with which an action rejects: at most REPORT_LINES_MAX lines that say what failed, in the user's own words first, at
 * which line of the user's, and on which record.
 */

import { isOwnFile, placeOfFrame } from "@volley/engine/rdd/call-site.js";
import { type ErrorDetails, type Failure, type UserPlace, VolleyError } from "@volley/engine/wire/errors.js";
import { stacksAreMapped } from "./closure/source-position.js";
import { codeFrame } from "./code-frame.js";
import { errorOfImage } from "./error-image.js";

export const REPORT_LINES_MAX = 12;
/** Of the user's own message; the whole of it is in `cause`. */
const MESSAGE_LINES_MAX = 3;
const MESSAGE_WIDTH_MAX = 400;
const RECORD_WIDTH_MAX = 160;
/** Operators named when it is not known which of them is to blame. */
const SUSPECTS_MAX = 4;

export interface ReportContext {
  /** Call site of the action: `collect at words.ts:12`. */
  readonly action: string;
  /** The stage's name and the user's function behind a site, when the stage is known. */
  readonly stage?:
    | {
        readonly name: string;
        readonly site: (index: number) => { readonly operator: string; readonly place: UserPlace };
        readonly functions?: readonly { readonly operator: string; readonly place: UserPlace }[] | undefined;
      }
    | undefined;
  /** Compiled place to the user's own (source maps). Without it places stay as they are. */
  readonly mapPlace?: ((place: UserPlace) => UserPlace) | undefined;
}

export function failureReport(failure: Failure, context: ReportContext): VolleyError {
  const suspects = diedSilently(failure) ? (context.stage?.functions ?? []) : [];
  // The only function there is must have been it.
  const only = suspects.length === 1 ? suspects[0] : undefined;
  const site = failure.details.site === undefined ? only : context.stage?.site(failure.details.site);
  const mapPlace = context.mapPlace ?? ((place) => place);
  const place = placeOf(failure, site?.place, mapPlace);
  const details: ErrorDetails = { ...failure.details, place, operator: failure.details.operator ?? site?.operator };
  const cause =
    failure.cause === undefined ? undefined : errorOfImage(failure.cause, (stack) => mapStack(stack, mapPlace));
  const error = new VolleyError(
    failure.code,
    messageOf(failure, details, context, only === undefined ? suspects : []),
    {
      ...(cause === undefined ? {} : { cause }),
      details,
    },
  );
  // Where the driver made this error says nothing to the user; where the user's function threw does.
  const frames = cause?.stack === undefined ? [] : framesOf(cause.stack);
  error.stack = [`VolleyError [${error.code}]: ${error.message}`, ...frames].join("\n");
  return error;
}

/** Where the user's code threw, if its stack says so; else where the function was handed to an operator. */
function placeOf(
  failure: Failure,
  site: UserPlace | undefined,
  mapPlace: (place: UserPlace) => UserPlace,
): UserPlace | undefined {
  // Call sites are of the driver's own stacks; only an executor's always name code as it runs.
  const mapSite = stacksAreMapped() ? (at: UserPlace) => at : mapPlace;
  if (failure.details.place !== undefined) return mapSite(failure.details.place);
  // Outside of any user function the stack is Volley's own; but a thread that user code ended tells where.
  const isUsers = failure.details.site !== undefined || failure.code === "SLOT_LOST";
  const stack = isUsers ? failure.cause?.stack : undefined;
  for (const line of stack?.split("\n") ?? []) {
    const place = isFrame(line) ? placeOfFrame(line) : undefined;
    if (place?.file.startsWith("/") && !place.file.includes("/node_modules/") && !isOwnFile(place.file))
      return mapPlace(place);
  }
  return site === undefined || site.file === "" ? undefined : mapSite(site);
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/** A thread or process that was killed, or ran out of memory, cannot say what it was at. */
function diedSilently({ code, details, cause }: Failure): boolean {
  if (details.site !== undefined || details.place !== undefined) return false;
  return code === "OUT_OF_MEMORY" || code === "EXECUTOR_LOST" || (code === "SLOT_LOST" && cause?.stack === undefined);
}

function messageOf(
  failure: Failure,
  details: ErrorDetails,
  context: ReportContext,
  suspects: readonly { readonly operator: string; readonly place: UserPlace }[],
): string {
  const { place } = details;
  const head = headOf(failure, details);
  const lines = [...cut(head), ...where(details, context)];
  if (suspects.length > 0) lines.push(`  which ran ${listed(suspects)}`);
  if (place !== undefined) lines.push(`  at ${place.file}:${place.line}:${place.column}`);
  if (details.record !== undefined)
    lines.push(`  record: ${shorten(details.record.replaceAll("\n", "\\n"), RECORD_WIDTH_MAX)}`);
  const rest = REPORT_LINES_MAX - lines.length - 1;
  const frame = place === undefined ? [] : codeFrame(place.file, place.line, place.column);
  if (frame.length > 0 && frame.length <= rest) lines.push(...frame.map((line) => `  ${line}`));
  return lines.join("\n");
}

function headOf(failure: Failure, details: ErrorDetails): string {
  if (failure.code !== "USER_FUNCTION_FAILED") return failure.message;
  const thrown = failure.cause === undefined ? failure.message : `${failure.cause.name}: ${failure.cause.message}`;
  return details.operator === undefined
    ? `a function threw ${thrown}`
    : `the function given to ${details.operator} threw ${thrown}`;
}

function listed(suspects: readonly { readonly operator: string; readonly place: UserPlace }[]): string {
  const shown = suspects
    .slice(0, SUSPECTS_MAX)
    .map(({ operator, place }) => `${operator} at ${nameOf(place.file)}:${place.line}`);
  const more = suspects.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function where(details: ErrorDetails, context: ReportContext): readonly string[] {
  const parts: string[] = [];
  if (details.stageId !== undefined)
    parts.push(`stage ${details.stageId}${context.stage === undefined ? "" : ` (${context.stage.name})`}`);
  if (details.partition !== undefined) parts.push(`partition ${details.partition}`);
  if (details.attempt !== undefined) parts.push(`attempt ${details.attempt + 1}`);
  if (details.executorId !== undefined) parts.push(`executor ${details.executorId}`);
  const lines = parts.length === 0 ? [] : [`  in ${parts.join(", ")}`];
  if (context.action !== "") lines.push(`  during ${context.action}`);
  return lines;
}

function cut(text: string): readonly string[] {
  const lines = text.split("\n");
  const kept = lines.slice(0, MESSAGE_LINES_MAX).map((line) => shorten(line, MESSAGE_WIDTH_MAX));
  if (lines.length > MESSAGE_LINES_MAX)
    kept[kept.length - 1] = `${kept[kept.length - 1]} ... (${lines.length - MESSAGE_LINES_MAX} more lines)`;
  return kept;
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function framesOf(stack: string): readonly string[] {
  return stack.split("\n").filter(isFrame);
}

/** Each frame of a stack with its place mapped; those of the stage program, of Volley itself and of what called it left out. */
function mapStack(stack: string, mapPlace: (place: UserPlace) => UserPlace): string {
  const lines = stack.split("\n").flatMap((line) => (isFrame(line) ? mapFrame(line, mapPlace) : line));
  while (/^\s+at .*node:internal\//.test(lines.at(-1) ?? "")) lines.pop();
  return lines.join("\n");
}

const PLACE_OF_FRAME = /(?:file:\/\/)?[^()\s]*:\d+:\d+(?=\)?$)/;

function mapFrame(line: string, mapPlace: (place: UserPlace) => UserPlace): readonly string[] {
  const place = placeOfFrame(line);
  if (place === undefined) return [line];
  if (isOwnFile(place.file) || place.file.startsWith("volley:")) return [];
  const { file, line: at, column } = mapPlace(place);
  return [line.replace(PLACE_OF_FRAME, `${file}:${at}:${column}`)];
}
