/** Errors as data and back, on both sides of a slot. */

import { TaskFetchError } from "@volley/engine/task/task-io.js";
import {
  ERROR_FIELDS_MAX,
  type ErrorCode,
  type ErrorImage,
  type Failure,
  VolleyError,
} from "@volley/engine/wire/errors.js";

/** Characters of a message or stack that travel: what the wire's schema allows. */
const TEXT_MAX = 1 << 16;
/** Causes that are followed: more than anybody reads. */
const CAUSES_MAX = 8;

export function failureOf(error: unknown, code: ErrorCode = "INTERNAL"): Failure {
  if (!VolleyError.is(error)) {
    return { code, message: cut(messageOf(error)), details: {}, cause: imageOf(error) };
  }
  const cause = error.cause === undefined ? undefined : imageOf(error.cause);
  const fetch = (error as Partial<TaskFetchError>).fetch;
  return {
    code: error.code,
    message: cut(error.message),
    details: error.details,
    ...(cause === undefined ? {} : { cause }),
    ...(fetch === undefined ? {} : { fetch }),
  };
}

/** The error that a failure stands for, to be thrown in a slot. */
export function errorOf(failure: Failure): VolleyError {
  if (failure.code === "FETCH_FAILED" && failure.fetch !== undefined) {
    return new TaskFetchError(failure.fetch, failure.message, failure.details);
  }
  const cause = failure.cause;
  return new VolleyError(failure.code, failure.message, {
    details: failure.details,
    ...(cause === undefined ? {} : { cause: Object.assign(new Error(cause.message), { name: cause.name }) }),
  });
}

function imageOf(error: unknown, depth = 0): ErrorImage {
  const from = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const name = read(from, "name");
  const stack = read(from, "stack");
  const code = read(from, "code");
  const cause = depth < CAUSES_MAX ? readAny(from, "cause") : undefined;
  const fields = fieldsOf(from);
  return {
    name: (name === "Error" ? classNameOf(from) : typeof name === "string" ? name : "Error").slice(0, 200),
    message: cut(messageOf(error)),
    ...(typeof stack === "string" ? { stack: cut(stack) } : {}),
    ...(typeof code === "string" ? { code: code.slice(0, 200) } : {}),
    ...(cause === undefined || cause === null ? {} : { cause: imageOf(cause, depth + 1) }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

/** `class HttpError extends Error` that sets no `name`. */
function classNameOf(error: Record<string, unknown>): string {
  const { name } = (readAny(error, "constructor") ?? {}) as { name?: unknown };
  return typeof name === "string" && name !== "" ? name : "Error";
}

const TOLD_APART = new Set(["name", "message", "stack", "code", "cause"]);
const FIELD_TEXT_MAX = 200;

function fieldsOf(error: Record<string, unknown>): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {};
  let count = 0;
  for (const key of readKeys(error)) {
    if (TOLD_APART.has(key) || key === "__proto__" || key.length > FIELD_TEXT_MAX) continue;
    const value = readAny(error, key);
    const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (!isPlain || count++ >= ERROR_FIELDS_MAX) continue;
    fields[key] = typeof value === "string" ? value.slice(0, FIELD_TEXT_MAX) : (value as number | boolean);
  }
  return fields;
}

function readKeys(error: Record<string, unknown>): string[] {
  try {
    return Object.keys(error);
  } catch {
    // A proxy of the user's whose traps throw has no fields to tell.
    return [];
  }
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null) {
    const message = read(error as Record<string, unknown>, "message");
    if (typeof message === "string") return message;
  }
  try {
    return String(error);
  } catch {
    // A user's object may have no way to become text; that it was thrown is still worth telling.
    return "a value that cannot be shown";
  }
}

function read(from: Record<string, unknown>, key: string): unknown {
  const value = readAny(from, key);
  return typeof value === "string" ? value : undefined;
}

function readAny(from: Record<string, unknown>, key: string): unknown {
  try {
    return from[key];
  } catch {
    // A getter of the user's error threw: the image goes without this field.
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text;
}
