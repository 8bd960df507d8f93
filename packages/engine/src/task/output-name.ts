/** The name under which an attempt's output file lies in its folder until the driver accepts the attempt and renames it to `name`. */
export function attemptOutputName(name: string, taskId: number): string {
  return `${name}.task-${taskId}`;
}

/** The name that an attempt's file gets when the attempt is accepted. */
export function acceptedOutputName(attemptName: string): string {
  return attemptName.replace(/\.task-\d+$/, "");
}
