/** A slot whose stages are JavaScript functions over TaskIo, so that the executor can be tested apart from the stage compiler: source 0 is `(task, io, envelope) => outcome`. */

import type { TaskOutcome } from "@volley/engine/task/stage-runner.js";
import type { TaskIo } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { startSlot } from "../task/slot.js";

type Script = (
  task: TaskSpec,
  io: TaskIo,
  envelope: (id: number) => Uint8Array,
  host: unknown,
) => TaskOutcome | Promise<TaskOutcome>;

startSlot((spec, envelope, host) => {
  const script = host.compile(spec.sources[0] as string, "/user/script.js", 0, 0) as Script;
  return { run: (task, io) => script(task, io, envelope, host) };
});
