/**
 * The script that saves and is killed: saves lines as text or as a checkpoint and says on stdout, a JSON line each, how far it is. Its first task is slow where it is tried first, so that
 * a second attempt runs beside it.
 */

import { closeSync, openSync } from "node:fs";
import { VolleyContext, VolleyError } from "volley";
import type { SaveLine, SaveOptions } from "./save-lines.js";
import { lineOf, PARTITIONS, ROWS } from "./save-lines.js";

function say(line: SaveLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main({ kind, folder, slow, alsoRead }: SaveOptions): Promise<void> {
  const vc = await VolleyContext.create({ master: "local-cluster[2,2,256]", progress: false, logLevel: "error" });
  vc.addListener({
    onExecutorAdded: () => say({ kind: "executors", pids: vc.driver.executors().map(({ pid }) => pid) }),
  });
  const marker = `${folder}/first-try-${process.pid}`;
  const lines = vc.range(0, ROWS, 1, PARTITIONS).map((index) => {
    if (slow && index === 0) {
      let isFirst = true;
      try {
        closeSync(openSync(marker, "wx"));
      } catch {
        // Another attempt of this task made it.
        isFirst = false;
      }
      if (isFirst) {
        const until = Date.now() + 4_000;
        while (Date.now() < until);
      }
    }
    return lineOf(index);
  });
  for (const path of alsoRead) say({ kind: "read", lines: await vc.objectFile<string>(path).collect(), path });
  say({ kind: "saving" });
  try {
    if (kind === "text") await lines.saveAsTextFile(`${folder}/saved`);
    else {
      vc.setCheckpointDir(`${folder}/saved`);
      lines.checkpoint();
      await lines.count();
      say({ kind: "read", lines: await lines.collect(), path: lines.getCheckpointFile() });
    }
    say({ kind: "saved" });
  } catch (error) {
    say({ kind: "error", code: VolleyError.is(error) ? error.code : String(error) });
  }
  await vc.stop();
}

await main(JSON.parse(process.argv[2] as string) as SaveOptions);
