/** What every refusal must be: a VolleyError with a code, a message that says what to do, the caller's line where there is one, and nothing lost. */

import { afterEach, expect, it } from "vitest";
import type { ErrorCode, VolleyContext } from "volley";
import { VolleyError } from "volley";
import { onEveryMaster } from "../kit/masters.ts";

/** A message longer than this many lines is a wall. */
const LINES_MAX = 12;
const LINE_WIDTH_MAX = 600;

export interface Refusal {
  readonly code: ErrorCode;
  /** What the message must say. */
  readonly says: RegExp;
  /** Where the error points: the test's own file, in its stack, in `details.place`, or nowhere (the machine's fault). */
  readonly points?: "stack" | "place" | "nowhere";
}

/** Runs a call that must be refused, at once or by its promise, and returns the error. */
export async function refusalOf(call: () => unknown): Promise<VolleyError> {
  try {
    await call();
  } catch (error) {
    if (VolleyError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

export function checkRefusal(error: VolleyError, { code, says, points = "stack" }: Refusal, file: string): void {
  if (process.env["SHOW_REFUSALS"] !== undefined) console.log(`${error.code}: ${error.message}`);
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(says) });
  const lines = error.message.split("\n");
  expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(LINE_WIDTH_MAX);
  if (points === "place") {
    expect(error.details.place?.file).toBe(file);
    expect(error.message).toContain(`${file}:${error.details.place?.line}`);
  }
  if (points === "stack") expect(error.stack).toContain(file);
}

export type Refuse = (name: string, refusal: Refusal, call: (vc: VolleyContext) => unknown) => void;

/** A suite of refusals on each master; after each of them the context must answer as before. */
export function refusals(
  name: string,
  file: string,
  suite: (refuses: Refuse, context: () => VolleyContext) => void,
  masters?: readonly string[],
): void {
  onEveryMaster(
    name,
    (context) => {
      afterEach(async () => {
        expect(
          await context()
            .range(0, 10, 1, 3)
            .map((x) => x + 1)
            .sum(),
        ).toBe(55);
      });
      suite((title, refusal, call) => {
        it(title, async () => {
          checkRefusal(await refusalOf(() => call(context())), refusal, file);
        });
      }, context);
    },
    masters,
  );
}
