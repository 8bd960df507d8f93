/**
 * A program beside a task (`pipe`). The main thread runs it, because a process can only be fed and read at the same time by an event
 * loop; the slot hands over a chunk of input and takes what output there is in one call, so neither side can block the other and
 * nothing is held but a bounded queue on each side.
 */

import type { SlotChannel } from "../task/slot-channel.js";

export function* runProcess(
  channel: SlotChannel,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  input: Iterable<Uint8Array>,
): Generator<Uint8Array> {
  const { stream } = channel.ask({ op: "startProcess", command, env });
  const chunks = input[Symbol.iterator]();
  let done = false;
  try {
    let next = chunks.next();
    while (!done) {
      channel.checkCancelled();
      const ended = next.done === true;
      const step = channel.ask({ op: "stepProcess", stream, ended, input: ended ? undefined : next.value });
      done = step.done;
      yield* step.chunks;
      if (step.taken && !ended) next = chunks.next();
    }
  } finally {
    if (!done) channel.post({ type: "closeStream", stream });
    chunks.return?.();
  }
}
