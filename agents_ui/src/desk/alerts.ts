import { useDocumentVisibility } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Ticket } from "@/api/types";
import { queries } from "@/app/queries";
import { useMe } from "@/app/session";
import { useNow } from "@/components/now";
import { useLivePart } from "@/live/hooks";

const LOOK_MS = 15_000;
const FLASH_MS = 1_000;
const BLANK = "☎ ☎ ☎";

/** Whether the browser may show what happens while the page is hidden. */
export function usePermission(): { state: NotificationPermission | "none"; ask: () => void } {
  const has = "Notification" in window;
  // Once: to read it takes the browser's answer, some milliseconds.
  const [state, setState] = useState<NotificationPermission | "none">(() =>
    has ? Notification.permission : "none",
  );
  return { state, ask: () => void Notification.requestPermission().then(setState) };
}

/** Calls to return whose time has come, of this user or of nobody yet. */
export function due(tickets: readonly Ticket[], userId: number, now: number): Ticket[] {
  return tickets.filter(
    (ticket) =>
      ticket.kind === "callback" &&
      ticket.status === "open" &&
      (ticket.owner_id === null || ticket.owner_id === userId) &&
      ticket.due_at !== null &&
      Date.parse(ticket.due_at) <= now,
  );
}

/** Nobody's data: a notification may be read on a locked screen. */
function show(
  title: string,
  body: string,
  tag: string,
  requireInteraction = false,
): Notification | null {
  if (!document.hidden || !("Notification" in window)) return null;
  if (Notification.permission !== "granted") return null;
  const shown = new Notification(title, {
    body,
    tag,
    icon: "/auricula.svg",
    requireInteraction,
  });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
  return shown;
}

/** Where no notification may be shown the tab blinks: its title comes and goes. */
function flash(): () => void {
  const title = document.title;
  const timer = setInterval(() => {
    document.title = document.title === title ? BLANK : title;
  }, FLASH_MS);
  return () => {
    clearInterval(timer);
    if (document.title === BLANK) document.title = title;
  };
}

/** The tab says how many wait for its user, and so does the browser while the page is hidden. */
export function useAlerts(): void {
  const { t } = useTranslation();
  const me = useMe();
  const skew = useLivePart((state) => state.skew);
  const now = useNow(LOOK_MS, skew);
  const tickets = useQuery(queries.tickets("open")).data ?? [];
  const ringing = useLivePart(
    ({ calls }) => [...calls.values()].find((call) => call.rings.includes(me.username))?.id,
  );
  const late = due(tickets, me.id, now);
  const hidden = useDocumentVisibility() === "hidden";
  const told = useRef(new Set<number>());

  const count = late.length + (ringing ? 1 : 0);
  useEffect(() => {
    const name = t("app.name");
    document.title = ringing
      ? `☎ ${t("alerts.ringing")} · ${name}`
      : count
        ? `(${count}) ${name}`
        : name;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon) icon.href = count ? "/auricula-alert.svg" : "/auricula.svg";
  }, [count, ringing, t]);

  useEffect(() => {
    if (!ringing || !hidden) return;
    const words = [t("alerts.ringing"), t("alerts.ringingHint"), `call-${ringing}`] as const;
    const shown = show(...words, true);
    if (shown) return () => shown.close();
    return flash();
  }, [ringing, hidden, t]);

  useEffect(() => {
    for (const ticket of late) {
      if (told.current.has(ticket.id)) continue;
      if (show(t("alerts.due"), t("alerts.dueHint"), `ticket-${ticket.id}`)) {
        told.current.add(ticket.id);
      }
    }
  }, [late, t]);
}
