import { useEffect, useSyncExternalStore } from "react";
import type { Board, StreamEvent } from "@/api/types";
import { LiveConnection } from "./connection";
import type { LiveState } from "./state";

/** The console's connection; started when somebody is logged in. */
export const live = new LiveConnection();

/**
 * A part of the live state; what asks for one is drawn again only when that part is another.
 * ``select`` gives the same object for the same state.
 */
export function useLivePart<T>(select: (state: LiveState) => T): T {
  return useSyncExternalStore(live.subscribe, () => select(live.current()));
}

/** The wallboard as last sent; the server sends it to the screens that show it. */
export function useBoard(): Board | null {
  useEffect(live.watchBoard, []);
  return useLivePart((state) => state.board);
}

export function useLiveEvents(watcher: (event: StreamEvent) => void): void {
  useEffect(() => live.watch(watcher), [watcher]);
}
