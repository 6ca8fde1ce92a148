import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { clockTime, courteous, dateTime } from "@/format";
import type { Changes } from "./changes";

/** Somebody was faster, or nobody works then: what can be done instead. */
export function HitchDialog({ changes, zone }: { changes: Changes; zone: string }) {
  const { t, i18n } = useTranslation();
  const { hitch, forget, place, busy } = changes;
  if (!hitch) return null;
  const { wanted, next, why, clash } = hitch;
  const time = clockTime(wanted.place.starts_at, zone, i18n.language);
  return (
    <Modal
      opened
      onClose={forget}
      title={<Text fw={650}>{t(`agenda.hitch.${why}`, { time })}</Text>}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <Stack gap="sm" role="alert">
        <Text size="sm">
          {clash
            ? t("agenda.hitch.clash", {
                minutes: clash.minutes,
                from: clockTime(clash.entry.starts_at, zone, i18n.language),
                to: clockTime(clash.entry.ends_at, zone, i18n.language),
              })
            : t(`agenda.hitch.${why}Hint`)}
        </Text>
        {next ? (
          <Button
            h="auto"
            py={10}
            styles={{ label: { whiteSpace: "normal" } }}
            loading={busy}
            onClick={() =>
              place({
                ...wanted,
                free: true,
                place: {
                  professional_id: next.professional_id,
                  branch_id: next.branch_id,
                  starts_at: next.starts_at,
                },
              })
            }
          >
            {t("agenda.hitch.next", {
              when: dateTime(next.starts_at, next.zone, i18n.language),
              who: courteous(next.professional),
            })}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {t("agenda.hitch.none")}
          </Text>
        )}
        <Group justify="flex-end">
          {why === "outside_hours" && (
            <Button
              variant="light"
              color="orange"
              loading={busy}
              onClick={() => place({ ...wanted, place: { ...wanted.place, any_hour: true } })}
            >
              {t("agenda.hitch.anyway", { time })}
            </Button>
          )}
          <Button variant="default" data-autofocus onClick={forget}>
            {t("app.cancel")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
