/**
 * The script that chaos befalls: runs one workload and says on stdout, a JSON line each, what an onlooker needs to know. Started with a JSON argument.
 */

import { VolleyContext, VolleyError } from "volley";
import { digestOf, type VictimLine, type VictimOptions } from "./victim-lines.js";
import { WORKLOADS } from "./workloads.js";

function say(line: VictimLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(options: VictimOptions): Promise<void> {
  const { workload, folder, ...rest } = options;
  const vc = await VolleyContext.create({ ...rest, progress: false, logLevel: "error" });
  let executors = 0;
  const wanted = Number(/\[(\d+)/.exec(options.master)?.[1]);
  const awake = setInterval(() => {}, 1e6);
  await new Promise<void>((resolve) => {
    vc.addListener({
      onExecutorAdded() {
        say({ kind: "executors", pids: vc.driver.executors().map(({ pid }) => pid) });
        if (++executors === wanted) resolve();
      },
      onTaskStart: () => say({ kind: "tick" }),
      onTaskEnd: () => say({ kind: "tick" }),
      onEvent: (event) =>
        event.kind === "mapOutputLost" && say({ kind: "outputsLost", count: event.mapPartitions.length }),
      onExecutorRemoved: ({ executorId, reason }) => say({ kind: "lost", executorId, reason }),
    });
  });
  clearInterval(awake);
  try {
    say({ kind: "answer", digest: digestOf(await WORKLOADS[workload].run(vc, folder)) });
  } catch (error) {
    say({
      kind: "error",
      code: VolleyError.is(error) ? error.code : undefined,
      message: error instanceof Error ? error.message : String(error),
    });
  }
  await vc.stop();
}

await main(JSON.parse(process.argv[2] as string) as VictimOptions);
