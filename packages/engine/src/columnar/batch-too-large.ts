/** Thrown inside a block writer when a batch's columns would overflow their offsets: the writer halves the batch. Never leaves it. */
export class BatchTooLarge extends Error {
  constructor() {
    super("a batch is too large for its columns");
  }
}
