import { type ReactNode, useLayoutEffect, useRef } from "react";
import "./dock.css";

const FIRST = ":is(button, textarea):not(:disabled)";
/** Where the phone's own dialogs stand: above forms, below the dock. */
export const OVER_FORMS = 250;

/** Buttons that leave the keyboard where somebody types, unless it is asked to follow. */
const KEEPS_FOCUS = ":is(.agent-call, .handed-call) button:not([aria-expanded])";

/**
 * Escape for what is open over everything else: not also for the dialogs beneath, which listen
 * each for itself. ``take`` answers whether it was meant for it.
 */
export function useEscape(take: () => boolean): void {
  const latest = useRef(take);
  latest.current = take;
  // Ahead of the dialogs, whose listeners come with effects that are not of the layout.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.isComposing && latest.current()) {
        event.stopImmediatePropagation();
      }
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, []);
}

function inDock(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>(".dock") ?? null;
}

let before: HTMLElement | null = null;

function back(): void {
  const there = before?.isConnected ? before : document.getElementById("main");
  there?.focus();
}

/** The keyboard goes into the dock, or back to where it was; false when the dock is empty. */
export function toggleDock(): boolean {
  const first = document.querySelector<HTMLElement>(`.dock ${FIRST}`);
  if (!first) return false;
  if (inDock(document.activeElement)) back();
  else first.focus();
  return true;
}

/**
 * The corner where the phone stands: above dialogs too, and everything makes room for it
 * (`--dock-height`). What had the keyboard before it went in there has it again afterwards.
 */
export function Dock({ children }: { children: ReactNode }) {
  const dock = useRef<HTMLDivElement>(null);
  useEscape(() => {
    if (!inDock(document.activeElement)) return false;
    back();
    return true;
  });
  useLayoutEffect(() => {
    const there = dock.current;
    if (!there) return;
    const { style } = document.documentElement;
    let within: HTMLElement | null = null;
    const focused = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      within = there.contains(target) ? target : null;
      if (!within) before = target;
    };
    const clicked = (event: MouseEvent) => {
      if ((event.target as Element).closest(KEEPS_FOCUS)) event.preventDefault();
    };
    const changed = new MutationObserver(() => {
      if (!within || within.isConnected) return;
      within = null;
      if (document.activeElement === document.body) back();
    });
    const measured = new ResizeObserver(() => {
      const height = Math.ceil(there.getBoundingClientRect().height);
      if (height) style.setProperty("--dock-height", `${height}px`);
      else style.removeProperty("--dock-height");
    });
    document.addEventListener("focusin", focused);
    there.addEventListener("mousedown", clicked);
    changed.observe(there, { childList: true, subtree: true });
    measured.observe(there);
    return () => {
      document.removeEventListener("focusin", focused);
      there.removeEventListener("mousedown", clicked);
      changed.disconnect();
      measured.disconnect();
      style.removeProperty("--dock-height");
    };
  }, []);
  return (
    <div ref={dock} className="dock">
      {children}
    </div>
  );
}
