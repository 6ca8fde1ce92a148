import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useNow } from "@/components/now";
import { clockTime, dayIn, shifted, shortDay } from "@/format";
import { useLivePart } from "@/live/hooks";
import { queries } from "./queries";
import { useClinic, useZone } from "./session";

/** That it opens on ``day`` at ``time``; ``today`` is the reader's, "" where theirs is another. */
export function opensOn(
  t: TFunction,
  language: string,
  day: string,
  today: string,
  time: string,
): string {
  if (day === today) return t("closed.today", { time });
  if (today && day === shifted(today, 1)) return t("closed.tomorrow", { time });
  return t("closed.later", { time, day: shortDay(day, language) });
}

/** Which of the user's branches nobody can be put through to now, and until when. */
export function ClosedNotice() {
  const { t, i18n } = useTranslation();
  const { branches } = useClinic();
  const here = useZone();
  const opening = useQuery(queries.opening).data;
  const skew = useLivePart((state) => state.skew);
  const now = useNow(60_000, skew);
  const closed = branches.flatMap((branch) => {
    const found = opening?.branches.find((one) => one.branch_id === branch.id);
    return found && !found.open ? [{ ...branch, opens: found.changes_at }] : [];
  });
  if (closed.length === 0) return null;
  const until = ({ opens, zone }: (typeof closed)[number]) => {
    if (!opens) return t("closed.notSoon");
    const today = dayIn(zone, new Date(now));
    const sameDay = today === dayIn(here, new Date(now));
    const day = dayIn(zone, new Date(opens));
    const there = clockTime(opens, zone, i18n.language);
    const time =
      there === clockTime(opens, here, i18n.language) ? there : t("closed.there", { time: there });
    return opensOn(t, i18n.language, day, sameDay ? today : "", time);
  };
  const ways = new Set(closed.map(until));
  const [way = ""] = ways;
  const places = closed.map((one) => t("closed.place", { name: one.name, until: until(one) }));
  return (
    <div className="banner quiet" role="status">
      {closed.length === branches.length && ways.size === 1
        ? t("closed.all", { until: way })
        : t("closed.some", { places })}
    </div>
  );
}
