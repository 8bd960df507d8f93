export interface SparkRun {
  readonly workload: string;
  readonly runs: number;
  readonly scale: number;
  readonly files: readonly string[];
  /** The most that the JVM's heap may be. */
  readonly memoryMiB?: number | undefined;
}

/** The command that runs a workload on Spark in Scala, or undefined when the peers are not set up. */
export function sparkCommand(run: SparkRun): string[] | undefined;

/** The same for PySpark. */
export function pysparkCommand(run: SparkRun): { command: string[]; env: Record<string, string> } | undefined;

/** The same for DuckDB and skale. */
export function nodePeerCommand(peer: "duckdb" | "skale", run: SparkRun): { command: string[] } | undefined;

/** Flags with which Spark starts a JVM of its own. */
export const JVM_FLAGS: readonly string[];

/** The folder of Spark's jars, or undefined when the peers are not set up. */
export function sparkJars(): string | undefined;
