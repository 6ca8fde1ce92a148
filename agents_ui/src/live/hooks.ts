import { useEffect, useSyncExternalStore } from "react";
import type { StreamEvent } from "@/api/types";
import { LiveConnection } from "./connection";
import type { LiveState } from "./state";

/** The console's connection; started when somebody is logged in. */
export const live = new LiveConnection();

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, live.current);
}

export function useLiveEvents(watcher: (event: StreamEvent) => void): void {
  useEffect(() => live.watch(watcher), [watcher]);
}
