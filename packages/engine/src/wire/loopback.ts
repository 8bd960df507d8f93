/** Does a server on this address hear nobody but its own machine? */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Is it every address of the machine? */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
