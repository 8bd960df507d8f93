/** A small cluster of real executor processes, and what tests of their coming and going wait for. */
import { afterEach } from "vitest";
import { VolleyContext } from "volley";

const contexts: VolleyContext[] = [];
afterEach(async () => {
  for (const vc of contexts.splice(0)) await vc.stop();
});

/** A context on `executors` processes of one slot each, all of which have come. It is stopped after the test. */
export async function startCluster(options: object = {}, executors = 2): Promise<VolleyContext> {
  const master = `local-cluster[${executors},1,256]`;
  const vc = await VolleyContext.create({ master, progress: false, ...options });
  contexts.push(vc);
  // All executors have come when all have run something.
  await vc
    .range(0, executors, 1, executors)
    .barrier()
    .mapPartitions((rows) => rows)
    .count();
  return vc;
}

export const pidsOf = (vc: VolleyContext) => vc.driver.executors().map(({ pid }) => pid);

/** The next executor that is given up: why, and how many ms from now. */
export const removed = (vc: VolleyContext) =>
  new Promise<{ reason: string; detail: string; after: number }>((resolve) => {
    const startedAt = performance.now();
    vc.addListener({
      onExecutorRemoved: ({ reason, detail }) => resolve({ reason, detail, after: performance.now() - startedAt }),
    });
  });

/** The next executor that comes. */
export const added = (vc: VolleyContext) =>
  new Promise<void>((resolve) => vc.addListener({ onExecutorAdded: () => resolve() }));
