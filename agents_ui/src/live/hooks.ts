import { useEffect, useSyncExternalStore } from "react";
import type { StreamEvent } from "@/api/types";
import { LiveConnection } from "./connection";
import type { LiveState } from "./state";

/** The console's connection; started when somebody is logged in. */
export const live = new LiveConnection();

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.current);
}

/**
 * A part of the live state; what asks for one is drawn again only when that part is another.
 * ``select`` gives the same object for the same state.
 */
export function useLivePart<T>(select: (state: LiveState) => T): T {
  return useSyncExternalStore(live.subscribe, () => select(live.current()));
}

export function useLiveEvents(watcher: (event: StreamEvent) => void): void {
  useEffect(() => live.watch(watcher), [watcher]);
}
