/**
 * Calls on abort, with one listener for each signal however many actions share it: Node warns of a leak at eleven listeners.
 */
interface Fan {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

const signalToFan = new WeakMap<AbortSignal, Fan>();

/** Calls `onAbort` once when the signal aborts. Returns what takes that back. */
export function onceAborted(signal: AbortSignal, onAbort: () => void): () => void {
  let fan = signalToFan.get(signal);
  if (fan === undefined) {
    const calls = new Set<() => void>();
    const listener = () => {
      signalToFan.delete(signal);
      for (const call of [...calls]) call();
    };
    fan = { calls, listener };
    signalToFan.set(signal, fan);
    signal.addEventListener("abort", listener, { once: true });
  }
  const { calls, listener } = fan;
  calls.add(onAbort);
  return () => {
    calls.delete(onAbort);
    if (calls.size > 0 || signalToFan.get(signal)?.calls !== calls) return;
    signalToFan.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}
