/**
 * A program that runs one task: its message of frames on stdin, the reply on stdout. It knows no driver, no executor and no network
 * (wire/stage-process.ts), so that other clusters' workers can host stages. Status 0 whenever a reply was written, failures included.
 */

import { readFileSync, writeSync } from "node:fs";
import { assert } from "@volley/engine/lib/assert.js";
import { parseBlockName } from "@volley/engine/task/block-id.js";
import { createStageRunner } from "@volley/engine/task/create-stage-runner.js";
import type { TaskOutcome } from "@volley/engine/task/stage-runner.js";
import { decodeFrames, encodeFrames } from "@volley/engine/wire/frames.js";
import {
  type StageProcessReply,
  type StageProcessRequest,
  StageProcessRequestSchema,
} from "@volley/engine/wire/stage-process.js";
import { createCodeHost } from "../task/code-host.js";
import { failureOf } from "../task/failure.js";
import { processTaskIo } from "./process-task-io.js";

const STDIN = 0;
const STDOUT = 1;

async function main(): Promise<void> {
  const { json, frames } = decodeFrames(readFileSync(STDIN));
  const request = StageProcessRequestSchema.parse(JSON.parse(json));
  // What user code prints must not get between the frames.
  console.log = console.error;
  const { reply, out } = await run(request, frames);
  for (const bytes of encodeFrames(JSON.stringify(reply), out)) writeAll(bytes);
}

async function run(
  request: StageProcessRequest,
  frames: readonly Uint8Array[],
): Promise<{ reply: StageProcessReply; out: Uint8Array[] }> {
  const frame = (index: number): Uint8Array => {
    const bytes = frames[index];
    assert(bytes !== undefined, `frame ${index} is in the message`);
    // On memory of its own: columns want an alignment that a frame need not have.
    return new Uint8Array(bytes);
  };
  const envelopes = new Map(request.envelopes.map((item) => [item.envelopeId, item.frame]));
  const { task } = request;
  const io = processTaskIo(task, {
    blocks: new Map(request.blocks.map(({ name, frame: at }) => [checkedName(name), frame(at)])),
    segments: new Map(request.segments.map(({ shuffleId, frames: parts }) => [shuffleId, parts.map(frame)])),
  });
  try {
    const runner = createStageRunner(request.stage, (id) => frame(envelopes.get(id) ?? -1), createCodeHost());
    return replyOf(await runner.run(task, io));
  } catch (error) {
    return { reply: { outcome: "failed", failure: failureOf(error) }, out: [] };
  } finally {
    io.dispose();
  }
}

function checkedName(name: string): string {
  assert(parseBlockName(name) !== undefined, `${name} names a block`);
  return name;
}

function replyOf({ result, mapOutput, accumulators }: TaskOutcome): { reply: StageProcessReply; out: Uint8Array[] } {
  const out: Uint8Array[] = [];
  const add = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : out.push(bytes) - 1);
  const written = mapOutput && {
    // This host has no files for map outputs.
    frame: out.push(mapOutput.bytes as Uint8Array) - 1,
    offsets: [...mapOutput.offsets],
    rows: [...mapOutput.rows],
  };
  const reply: StageProcessReply = {
    outcome: "succeeded",
    result: add(result),
    mapOutput: written,
    accumulators: add(accumulators),
  };
  return { reply, out };
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      // A pipe that is full for now.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
