/** An action that writes a folder: tasks write files, the driver commits those of the accepted attempts. */

import { assert } from "@volley/engine/lib/assert.js";
import type { JobRequest, SaveRequest } from "@volley/engine/rdd/rdd-context.js";
import { acceptedOutputName } from "@volley/engine/task/output-name.js";
import { openOutput } from "./open-output.js";
import type { OutputJob, PartFile } from "./output-job.js";

/** Runs a job; one array of rows a partition. */
export type RunJob = (request: JobRequest) => Promise<readonly (readonly unknown[])[]>;

/**
 * Resolves when the folder is whole and on the disk. Rejects with OUTPUT_EXISTS before any task runs, OUTPUT_FAILED, or the job's error; then
 * nothing is left of it.
 */
export async function saveOutput(
  { node, path, sink, site, options }: SaveRequest,
  runJob: RunJob,
  output: OutputJob = openOutput(path),
): Promise<void> {
  const begun = output.begin();
  try {
    // The job is submitted in this very turn, so that captured variables are read now; it waits for the folder itself.
    const results = await runJob({ node, sink: sink(output.folder), site, options, after: begun });
    await begun;
    const { leftover } = await output.commit(results.map(partFile));
    if (leftover !== undefined)
      process.emitWarning(`${path} is saved, but its ${output.folder} cannot be removed: ${messageOf(leftover)}`);
  } catch (error) {
    await undo(output, begun);
    throw error;
  }
}

/** The caller has an error to report already: one more while cleaning up becomes a warning. */
async function undo(output: OutputJob, begun: Promise<void>): Promise<void> {
  const [start] = await Promise.allSettled([begun]);
  if (start.status === "rejected") return;
  try {
    await output.abort();
  } catch (error) {
    process.emitWarning(`what a failed save left cannot be removed: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function partFile(rows: readonly unknown[]): PartFile {
  const row = rows[0];
  assert(
    rows.length === 1 && Array.isArray(row) && row.length === 4,
    "an output task gives one row [file, bytes, crc32, rows]",
  );
  const [file, bytes, crc32, count] = row as [string, number, number, number];
  return { file, name: acceptedOutputName(file), bytes, crc32, rows: count };
}
