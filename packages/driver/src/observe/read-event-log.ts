import { createReadStream } from "node:fs";
import { EventSchema, type VolleyEvent } from "./events.js";

/** A longer line is no event; nor is it ever held in memory. */
const LINE_BYTES_MAX = 1 << 20;
const NEWLINE = 0x0a;

export interface ReadLog {
  readonly events: readonly VolleyEvent[];
  /** Lines that are no event of this version: unknown kinds, damaged or cut lines. */
  readonly skipped: number;
}

/** Reads a file that EventLogFile wrote. What it does not understand it skips and counts; a log is data from elsewhere and nothing in it is trusted. */
export async function readEventLog(path: string): Promise<ReadLog> {
  const events: VolleyEvent[] = [];
  let skipped = 0;
  for await (const line of linesOf(createReadStream(path, { highWaterMark: LINE_BYTES_MAX }))) {
    const event = line === undefined ? undefined : eventOfLine(line);
    if (event === undefined) skipped++;
    else events.push(event);
  }
  return { events, skipped };
}

/** Undefined for one that is too long. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  const take = (piece: Buffer): void => {
    bytes += piece.byteLength;
    if (bytes <= LINE_BYTES_MAX) pieces.push(piece);
    else pieces = [];
  };
  const line = (): string | undefined => {
    const text = bytes > LINE_BYTES_MAX ? undefined : Buffer.concat(pieces).toString("utf8");
    pieces = [];
    bytes = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  // Every line ends with a newline; what comes after the last is one that was cut.
  if (bytes > 0) yield line();
}

function eventOfLine(line: string): VolleyEvent | undefined {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return undefined;
  }
  const result = EventSchema.safeParse(data);
  return result.success ? result.data : undefined;
}
