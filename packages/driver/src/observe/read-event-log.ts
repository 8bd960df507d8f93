import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { EventSchema, type VolleyEvent } from "./events.js";

/** A longer line is no event. */
const LINE_CHARS_MAX = 1 << 20;

export interface ReadLog {
  readonly events: readonly VolleyEvent[];
  /** Lines that are no event of this version: unknown kinds, damaged or cut lines. */
  readonly skipped: number;
}

/** Reads a file that EventLogFile wrote. What it does not understand it skips and counts; a log is data from elsewhere and nothing in it is trusted. */
export async function readEventLog(path: string): Promise<ReadLog> {
  const events: VolleyEvent[] = [];
  let skipped = 0;
  for await (const line of createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const event = eventOfLine(line);
    if (event === undefined) skipped++;
    else events.push(event);
  }
  return { events, skipped };
}

function eventOfLine(line: string): VolleyEvent | undefined {
  if (line.length > LINE_CHARS_MAX) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return undefined;
  }
  const result = EventSchema.safeParse(data);
  return result.success ? result.data : undefined;
}
