import { Alert, Badge, Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaEntry } from "@/api/types";
import { SendConfirmation } from "@/components/confirmation";
import { TextLink } from "@/components/links";
import { StoredFile } from "@/components/patient";
import { useCodes } from "@/components/texts";
import { clockTime, professionalName } from "@/format";
import type { Change, Changes } from "./changes";
import { movable } from "./scale";

/** What can become of an appointment. */
function EntryActions({
  entry,
  changes,
  close,
}: {
  entry: AgendaEntry;
  changes: Changes;
  close: () => void;
}) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const button = (what: Change, color: string) => (
    <Button
      key={what}
      size="compact-sm"
      variant="light"
      color={color}
      loading={changes.busy}
      onClick={() => changes.change({ id: entry.id, what })}
    >
      {t(`agenda.change.${what}`)}
    </Button>
  );
  const offered: [Change, string][] = [];
  if (entry.status === "booked") offered.push(["confirm", "teal"]);
  if (movable(entry.status)) offered.push(["arrive", "violet"], ["miss", "gray"]);
  if (entry.status === "arrived") offered.push(["complete", "teal"]);
  if (entry.status === "no_show") offered.push(["arrive", "violet"]);
  return (
    <>
      <Group gap={6}>
        {offered.map(([what, color]) => button(what, color))}
        {movable(entry.status) && !asked && (
          <Button size="compact-sm" variant="light" color="red" onClick={() => setAsked(true)}>
            {t("agenda.change.cancel")}
          </Button>
        )}
      </Group>
      {movable(entry.status) && (
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
                changes.change({ id: entry.id, what: "cancel" });
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
  changes,
  close,
}: {
  entry: AgendaEntry | undefined;
  column: AgendaColumn | undefined;
  zone: string;
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
          <Title order={2} px="md" className="num">
            {clockTime(entry.starts_at, zone, i18n.language)}–
            {clockTime(entry.ends_at, zone, i18n.language)}
          </Title>
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
            <EntryActions key={entry.id} entry={entry} changes={changes} close={close} />
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
              <StoredFile id={entry.patient_id} zone={zone} />
            </div>
          )}
        </>
      )}
    </Drawer>
  );
}
