import { Badge, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { AgendaColumn, AgendaEntry } from "@/api/types";
import { TextLink } from "@/components/links";
import { StoredFile } from "@/components/patient";
import { useCodes } from "@/components/texts";
import { clockTime, professionalName } from "@/format";

/** An appointment and the file of its patient, from the side. */
export function EntryDrawer({
  entry,
  column,
  zone,
  close,
}: {
  entry: AgendaEntry | undefined;
  column: AgendaColumn | undefined;
  zone: string;
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
