/** What both sides of a program are handed beside the context. `kit/Answers.scala` has the same under the same names. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { VolleyError } from "volley";
import { encode } from "./encode.ts";

export class Toolbox {
  readonly #folder = mkdtempSync(join(tmpdir(), "volley-spark-"));

  /** A path in the program's own folder. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes a file into that folder; returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  gzip(text: string): Uint8Array {
    return gzipSync(text);
  }

  gunzip(path: string): string {
    return gunzipSync(readFileSync(path)).toString("utf8");
  }

  read(path: string): string {
    return readFileSync(path, "utf8");
  }

  /** Names in a folder, sorted, without Hadoop's checksums. */
  list(path: string): string[] {
    return readdirSync(path).sort();
  }

  /** Number of partitions of the partitioner; "none" where there is none. */
  partitionerOf(rdd: { readonly partitioner: { readonly numPartitions: number } | undefined }): number | "none" {
    return rdd.partitioner?.numPartitions ?? "none";
  }

  /** Whether the call ends in an error of Volley's. Any other error passes through. */
  async fails(call: () => unknown): Promise<boolean> {
    try {
      await call();
      return false;
    } catch (error) {
      if (error instanceof VolleyError) return true;
      throw error;
    }
  }

  /** Rows in an order of their own: numbers by size, all else by their text. */
  sorted<T>(rows: Iterable<T>): T[] {
    const keyed = [...rows].map((row) => [JSON.stringify(encode(row)), row] as const);
    const order = (a: readonly [string, T], b: readonly [string, T]) =>
      typeof a[1] === "number" && typeof b[1] === "number" ? a[1] - b[1] : a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
    return keyed.sort(order).map(([, row]) => row);
  }

  cleanUp(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
