/** Rows as lines to a program, and its lines back. */

import type { TaskIo } from "./task-io.js";
import { lineOf } from "./text-output.js";

/** Characters handed to the program at once. */
const CHUNK_CHARACTERS = 64 * 1024;

export function* pipeLines(
  io: TaskIo,
  rows: Iterator<unknown>,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Generator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (const chunk of io.runProcess(command, env, encoded(rows))) {
    io.checkCancelled();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function* encoded(rows: Iterator<unknown>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let lines = "";
  for (let next = rows.next(); next.done !== true; next = rows.next()) {
    lines += `${lineOf(next.value)}\n`;
    if (lines.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(lines);
    lines = "";
  }
  if (lines !== "") yield encoder.encode(lines);
}
