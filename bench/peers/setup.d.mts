/** The command that runs a workload on Spark, or undefined when the peers are not set up. */
export function sparkCommand(workload: string, runs: number): string[] | undefined;
