import { Alert, Badge, Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaEntry } from "@/api/types";
import { SendConfirmation } from "@/components/confirmation";
import { TextLink } from "@/components/links";
import { StoredFile } from "@/components/patient";
import { useCodes } from "@/components/texts";
import { clockTime, dateTime, dayIn, professionalName } from "@/format";
import type { Change, Changes } from "./changes";
import { movable } from "./scale";

/** What can become of an appointment. */
function EntryActions({
  entry,
  zone,
  now,
  changes,
  close,
}: {
  entry: AgendaEntry;
  zone: string;
  now: number;
  changes: Changes;
  close: () => void;
}) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const { id, status } = entry;
  const button = (what: Change, color: string) => (
    <Button
      key={what}
      size="compact-sm"
      variant="light"
      color={color}
      loading={changes.busy}
      onClick={() => changes.change(what === "restore" ? { id, what } : { id, what, was: status })}
    >
      {t(`agenda.change.${what}`)}
    </Button>
  );
  const day = dayIn(zone, new Date(entry.starts_at)) <= dayIn(zone, new Date(now));
  const begun = Date.parse(entry.starts_at) <= now;
  const offered: [Change, string][] = [];
  if (status === "booked") offered.push(["confirm", "teal"]);
  if (movable(status) && day) offered.push(["arrive", "violet"]);
  if (movable(status) && begun) offered.push(["miss", "gray"]);
  if (status === "arrived") offered.push(["complete", "teal"]);
  if (status === "no_show") offered.push(["arrive", "violet"]);
  if (["arrived", "completed", "no_show"].includes(status)) offered.push(["restore", "gray"]);
  return (
    <>
      <Group gap={6}>
        {offered.map(([what, color]) => button(what, color))}
        {movable(status) && !asked && (
          <Button size="compact-sm" variant="light" color="red" onClick={() => setAsked(true)}>
            {t("agenda.change.cancel")}
          </Button>
        )}
      </Group>
      {movable(status) && (
        <Text size="xs" c="dimmed">
          {t("agenda.moveHint")}
        </Text>
      )}
      {asked && (
        <Alert color="red" p="sm" role="alert" title={t("agenda.cancelTitle")}>
          <Group justify="flex-end" gap={8}>
            <Button size="xs" variant="default" autoFocus onClick={() => setAsked(false)}>
              {t("agenda.keep")}
            </Button>
            <Button
              size="xs"
              color="red.9"
              onClick={() => {
                changes.change({ id, what: "cancel", was: status });
                close();
              }}
            >
              {t("agenda.cancelYes")}
            </Button>
          </Group>
        </Alert>
      )}
    </>
  );
}

/** An appointment and the file of its patient, from the side. */
export function EntryDrawer({
  entry,
  column,
  zone,
  now,
  changes,
  close,
}: {
  entry: AgendaEntry | undefined;
  column: AgendaColumn | undefined;
  zone: string;
  now: number;
  changes: Changes;
  close: () => void;
}) {
  const { t, i18n } = useTranslation();
  const codes = useCodes();
  return (
    <Drawer
      opened={!!entry}
      onClose={close}
      position="right"
      size={400}
      padding={0}
      closeButtonProps={{ "aria-label": t("app.close"), mr: "md" }}
      styles={{ body: { height: "calc(100% - 60px)", display: "flex", flexDirection: "column" } }}
      title={
        entry && (
          <Text fw={650} px="md" className="num">
            {dateTime(entry.starts_at, zone, i18n.language)}–
            {clockTime(entry.ends_at, zone, i18n.language)}
          </Text>
        )
      }
    >
      {entry && (
        <>
          <Stack gap={6} px="md" pb="md">
            <Text fw={600}>{entry.service}</Text>
            {column && (
              <Text size="sm" c="dimmed">
                {professionalName(column.professional)}
              </Text>
            )}
            <Group gap={6}>
              <Badge>{codes.status(entry.status)}</Badge>
              {entry.call_id && (
                <Badge color="blue" leftSection={<IconPhone size={12} aria-hidden />}>
                  {t("agenda.byPhone")}
                </Badge>
              )}
              {entry.reference && (
                <Badge color="gray" className="num">
                  {t("agenda.reference")} {entry.reference}
                </Badge>
              )}
            </Group>
            {entry.notes && <Text size="sm">{entry.notes}</Text>}
            <EntryActions
              key={entry.id}
              entry={entry}
              zone={zone}
              now={now}
              changes={changes}
              close={close}
            />
            <SendConfirmation visitId={entry.id} zone={zone} callId={changes.callId} />
            {entry.call_id && (
              <TextLink
                to="/registro/$callId"
                params={{ callId: entry.call_id }}
                c="teal"
                size="sm"
                fw={550}
              >
                {t("agenda.openCall")}
              </TextLink>
            )}
          </Stack>
          {entry.patient_id && (
            <div
              style={{
                minHeight: 0,
                flex: 1,
                display: "flex",
                flexDirection: "column",
                borderTop: "1px solid var(--au-line)",
              }}
            >
              <StoredFile id={entry.patient_id} zone={zone} besideVisit={entry.id} />
            </div>
          )}
        </>
      )}
    </Drawer>
  );
}
