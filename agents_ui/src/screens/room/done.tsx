import { Button, Drawer, Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { QueueNow, SupervisorDone } from "@/api/types";
import { type DoneFilters, queries } from "@/app/queries";
import { toldApart, useClinic, useColleague, useZone } from "@/app/session";
import { DayRange } from "@/components/day-range";
import { TextLink } from "@/components/links";
import { Failed, Loading } from "@/components/states";
import { type DeskState, useStateName } from "@/desk/state";
import { dateTime, phone } from "@/format";

const KNOWN = [
  "agent.state",
  "queue.move_up",
  "queue.skill",
  "call.listen",
  "call.whisper",
  "call.barge",
  "call.take_over",
  "place.cancelled",
  "place.waiting",
];

/** What was changed, in the words the screens have for it. */
function useDetail(queues: QueueNow[]): (one: SupervisorDone) => string {
  const { t } = useTranslation();
  const nameOf = useStateName();
  const titled = (name: string) => queues.find((queue) => queue.name === name)?.title ?? name;
  return ({ action, detail }) => {
    const [first = "", second = ""] = detail.split(" ");
    switch (action) {
      case "agent.state":
        return nameOf(first as DeskState, second);
      case "queue.skill": {
        const level = second === "-" ? t("room.notIn") : t("room.level", { level: second });
        return `${titled(first)}, ${level.toLowerCase()}`;
      }
      case "queue.move_up":
      case "place.cancelled":
      case "place.waiting":
        return titled(first);
      default:
        return detail;
    }
  };
}

function Filters({
  filters,
  change,
}: {
  filters: DoneFilters;
  change: (next: DoneFilters) => void;
}) {
  const { t, i18n } = useTranslation();
  const { colleagues } = useClinic();
  const say = i18n.t as (key: string) => string;
  return (
    <Group gap="xs" mb="md">
      <Select
        placeholder={t("room.doneBy")}
        aria-label={t("room.doneBy")}
        clearable
        searchable
        value={filters.by ?? null}
        onChange={(by) => change({ ...filters, by: by ?? undefined })}
        data={colleagues.map((one) => ({
          value: one.username,
          label: toldApart(one, colleagues),
        }))}
        w={180}
      />
      <Select
        placeholder={t("room.doneWhat")}
        aria-label={t("room.doneWhat")}
        clearable
        value={filters.action ?? null}
        onChange={(action) => change({ ...filters, action: action ?? undefined })}
        data={KNOWN.map((action) => ({
          value: action,
          label: say(`room.act.${action.replace(".", "_")}`),
        }))}
        w={180}
      />
      <DayRange
        clearable
        from={filters.day_from}
        to={filters.day_to}
        change={(day_from, day_to) => change({ ...filters, day_from, day_to })}
        valueFormat="D MMM"
        w={180}
      />
    </Group>
  );
}

/** What supervisors did, newest first. */
export function Done({
  opened,
  close,
  queues,
  filters,
  change,
}: {
  opened: boolean;
  close: () => void;
  queues: QueueNow[];
  filters: DoneFilters;
  change: (next: DoneFilters) => void;
}) {
  const { t, i18n } = useTranslation();
  const zone = useZone();
  const colleague = useColleague();
  const detailOf = useDetail(queues);
  const log = useQuery({ ...queries.roomLog(filters), enabled: opened });
  const say = i18n.t as (key: string, values: object) => string;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      title={t("room.logTitle")}
      position="right"
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <Filters filters={filters} change={change} />
      {filtered && (
        <Button variant="subtle" size="compact-sm" mb="sm" onClick={() => change({})}>
          {t("log.clear")}
        </Button>
      )}
      {log.isPending ? (
        <Loading rows={4} />
      ) : log.isError ? (
        <Failed error={log.error} again={() => log.refetch()} />
      ) : log.data.length === 0 ? (
        <Text c="dimmed">{t(filtered ? "room.logNone" : "room.logEmpty")}</Text>
      ) : (
        <ul className="done">
          {log.data.map((one) => (
            <li key={`${one.at} ${one.action} ${one.agent}`}>
              <Text size="xs" c="dimmed" className="num">
                {dateTime(one.at, zone, i18n.language)}
              </Text>
              <Text size="sm">
                {say(
                  KNOWN.includes(one.action)
                    ? `room.did.${one.action.replace(".", "_")}`
                    : "room.did.other",
                  { by: one.by, agent: colleague(one.agent), detail: detailOf(one) },
                )}
              </Text>
              {one.call_id && (
                <TextLink to="/registro/$callId" params={{ callId: one.call_id }} size="sm">
                  {one.who ? phone(one.who) : t("calls.hidden")}
                </TextLink>
              )}
              {one.note && (
                <Text size="sm" c="dimmed">
                  «{one.note}»
                </Text>
              )}
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  );
}
