import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { queries } from "@/app/queries";
import { useLivePart } from "@/live/hooks";
import type { LineCall } from "./line";

/** The longest a phone stays silent for the caller's file: the call matters more. */
const PATIENCE_MS = 1_500;

let shown = "";
const listeners = new Set<() => void>();

function show(id: string): void {
  shown = id;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The screen has the file of this conversation on it. */
export function useFileShown(id: string | undefined): void {
  useEffect(() => {
    show(id ?? "");
    return () => show("");
  }, [id]);
}

/**
 * Whether the phone may ring. The switch rings it over one socket and tells the page over
 * another, in any order; whoever hears it ring must already see who calls.
 */
export function useMayRing(call: LineCall | null): boolean {
  const there = useSyncExternalStore(subscribe, () => shown);
  const [late, setLate] = useState("");
  const comes = call?.kind === "call" && call.direction === "incoming" && call.stage === "ringing";
  const id = comes ? call.id : "";
  const own = useLivePart(({ calls }) => (comes ? calls.get(call.conversation) : undefined));
  const known = own?.caller?.patients ?? [];
  const patient = own?.caller?.file
    ? undefined
    : (own?.patient_id ?? (known.length === 1 ? known[0]?.id : undefined));
  const file = useQuery({
    ...queries.patient(patient ?? 0),
    enabled: comes && patient !== undefined,
  });
  useEffect(() => {
    if (!id) return;
    const timer = setTimeout(() => setLate(id), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [id]);
  if (!comes || late === id) return true;
  if (own?.sight !== "full" || there !== own.id || (own.ani && !own.caller)) return false;
  return patient === undefined || !file.isPending;
}
