import type { ReactNode, Ref } from "react";

/** A named region that scrolls, by keyboard too (WCAG 2.1.1). */
export function Scroll({
  label,
  className = "",
  log = false,
  onScroll,
  ref,
  children,
}: {
  label: string;
  className?: string;
  /** New content at its end is read out. */
  log?: boolean;
  onScroll?: () => void;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}) {
  return (
    <section
      ref={ref}
      className={`scroll ${className}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take the keyboard
      tabIndex={0}
      aria-label={label}
      aria-live={log ? "polite" : undefined}
      onScroll={onScroll}
    >
      {children}
    </section>
  );
}
