/**
 * How an executor's Node is started.
 *
 * Executors run built JavaScript and revive user functions from their text: they need none of the loaders that the driver's process may run
 * under (tsx, vitest, coverage, a debugger), and each would slow every start. So flags are taken over by an allow-list: those that
 * decide how packages resolve and how the network and cryptography behave. None of them sizes the heap: `--max-old-space-size` would hold for the
 * worker threads too, whatever limits of their own they are given, and the slots' limits are the executor's to set.
 */

const FLAGS_WITH_VALUE = [
  "--conditions",
  "--dns-result-order",
  "--tls-cipher-list",
  "--icu-data-dir",
  "--openssl-config",
  "--stack-trace-limit",
  // To see where executors spend their time: a profile for each process and thread.
  "--cpu-prof-dir",
  "--cpu-prof-interval",
];
const FLAGS = [
  "--cpu-prof",
  "--perf-basic-prof",
  "--interpreted-frames-native-stack",
  "--preserve-symlinks",
  "--preserve-symlinks-main",
  "--use-openssl-ca",
  "--use-bundled-ca",
  "--use-system-ca",
  "--no-warnings",
  "--no-deprecation",
  "--enable-fips",
  "--force-fips",
];

export function executorNodeFlags(execArgv: readonly string[] = process.execArgv): string[] {
  return allowed(execArgv);
}

/** The driver's environment, so that user code sees it, with NODE_OPTIONS reduced to what an executor takes over. */
export function executorEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: options, NODE_V8_COVERAGE: _coverage, ...rest } = env;
  const kept = options === undefined ? "" : allowed(options.split(/\s+/)).join(" ");
  return kept === "" ? rest : { ...rest, NODE_OPTIONS: kept };
}

function allowed(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const name = arg.split("=", 1)[0] as string;
    if (FLAGS.includes(arg) || (arg !== name && FLAGS_WITH_VALUE.includes(name))) {
      kept.push(arg);
    } else if (FLAGS_WITH_VALUE.includes(arg)) {
      const value = args[++index];
      if (value !== undefined) kept.push(`${arg}=${value}`);
    }
  }
  return kept;
}
