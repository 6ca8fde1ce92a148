import { Badge, Group, Text, Title } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queries } from "@/app/queries";
import { clockTime, phone } from "@/format";

/** Who hung up in the queue and is called by the system when it is their turn. */
export function Kept({ now }: { now: number }) {
  const { t, i18n } = useTranslation();
  const kept = useQuery(queries.keptPlaces);
  if (!kept.data?.length) return null;
  return (
    <section className="panel kept" aria-labelledby="kept-title">
      <Group gap={8}>
        <IconPhoneOutgoing size={18} aria-hidden />
        <Title order={2} size="h5" id="kept-title">
          {t("tickets.kept.title")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("tickets.kept.hint")}
        </Text>
      </Group>
      <ul>
        {kept.data.map((place) => {
          const time = (moment: string) => clockTime(moment, place.zone, i18n.language);
          return (
            <li key={place.id}>
              <Text fw={600} truncate>
                {place.who === place.number ? phone(place.number) : place.who}
              </Text>
              <Text size="sm" c="dimmed" className="num">
                {place.queue} · {t("tickets.kept.since", { time: time(place.waiting_since) })}
              </Text>
              {place.calling ? (
                <Badge color="green">{t("tickets.kept.calling")}</Badge>
              ) : place.attempts > 0 && Date.parse(place.next_at) > now ? (
                <Badge color="orange">
                  {t("tickets.kept.again", { time: time(place.next_at) })}
                </Badge>
              ) : (
                <Badge color="gray">{t("tickets.kept.waiting")}</Badge>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
