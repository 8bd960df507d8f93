/** What a successful task brought, until the core accepts it or not. */
export interface AcceptableEnd {
  readonly taskId: number;
  /** A result stage's block. */
  readonly result?: Uint8Array | undefined;
  readonly accumulators?: Uint8Array | undefined;
  readonly runMs: number;
  readonly metrics: Readonly<Record<string, number>>;
}
