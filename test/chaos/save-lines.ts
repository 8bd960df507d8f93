/** What a script that saves is told, what it says, and what it saves. */

export const ROWS = 4_000;
export const PARTITIONS = 8;

export const lineOf = (index: number): string => `${index} ${"abcdefghij".repeat(1 + (index % 7))}`;

export interface SaveOptions {
  readonly kind: "text" | "checkpoint";
  readonly folder: string;
  /** Is the first attempt of the first task slow, so that speculation starts another? */
  readonly slow: boolean;
  /** Checkpoints of earlier applications that are to be read too. */
  readonly alsoRead: readonly string[];
}

export type SaveLine =
  | { readonly kind: "executors"; readonly pids: readonly number[] }
  | { readonly kind: "saving" }
  /** A checkpoint, read back. */
  | { readonly kind: "read"; readonly lines: readonly string[]; readonly path: string | undefined }
  | { readonly kind: "saved" }
  | { readonly kind: "error"; readonly code: string };
