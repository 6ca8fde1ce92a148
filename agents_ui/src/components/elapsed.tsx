import { useSyncExternalStore } from "react";
import { duration } from "@/format";
import { useLivePart } from "@/live/hooks";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const one of listeners) one();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Seconds since `since`, by the server's clock, ticking. What asks is drawn each second. */
export function useSecondsSince(since: string | null): number {
  const skew = useLivePart((state) => state.skew);
  const begun = since ? Date.parse(since) : Number.NaN;
  return useSyncExternalStore(everySecond, () =>
    Number.isNaN(begun) ? 0 : Math.max(0, Math.floor((Date.now() + skew - begun) / 1000)),
  );
}

/** The time going by since `since`; what it stands in is not drawn again for it. */
export function Elapsed({ since }: { since: string }) {
  return duration(useSecondsSince(since));
}
