/** One thing that a rule objects to. `line` is 1-based; findings about a whole file have none. */
export interface Finding {
  readonly rule: string;
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

export function printFinding(finding: Finding): string {
  const place = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
  return `${place}  ${finding.rule}: ${finding.message}`;
}
