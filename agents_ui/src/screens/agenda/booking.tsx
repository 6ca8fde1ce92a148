import { Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Professional } from "@/api/types";
import { useClinic } from "@/app/session";
import { PatientPicker, type Picked } from "@/components/patient-picker";
import { clockOf, dateTime, dayIn, minutesIn, momentAt, professionalName } from "@/format";
import type { Changes, Place } from "./changes";

/** Books the time that was clicked on. */
export function BookingDialog({
  at: proposed,
  professional,
  zone,
  patient: known,
  changes,
  close,
}: {
  at: Place;
  professional: Professional;
  zone: string;
  patient: Picked | null;
  changes: Changes;
  close: () => void;
}) {
  const { t, i18n } = useTranslation();
  const { services, professionals } = useClinic();
  const able = professionals.find((one) => one.id === professional.id)?.service_ids ?? [];
  const offered = services.filter((service) => able.includes(service.id));
  const [patient, setPatient] = useState(known);
  const [service, setService] = useState<string | null>(
    offered.length === 1 ? String(offered[0]?.id) : null,
  );
  const [notes, setNotes] = useState("");
  const [clock, setClock] = useState(() => clockOf(minutesIn(proposed.starts_at, zone)));
  const [hour = 0, minute = 0] = clock.split(":").map(Number);
  const day = dayIn(zone, new Date(proposed.starts_at));
  const at: Place = clock
    ? { ...proposed, starts_at: momentAt(day, hour * 60 + minute, zone) }
    : proposed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!patient || !service) return;
    changes.place({
      kind: "book",
      place: at,
      service_id: Number(service),
      patient_id: patient.id,
      notes,
    });
    close();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={
        <Text fw={650}>
          {t("agenda.bookAt", { when: dateTime(at.starts_at, zone, i18n.language) })}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {professionalName(professional)}
          </Text>
          {patient ? (
            <Group justify="space-between">
              <Text fw={600}>{patient.name}</Text>
              <Button size="compact-sm" variant="subtle" onClick={() => setPatient(null)}>
                {t("agenda.otherPatient")}
              </Button>
            </Group>
          ) : (
            <PatientPicker label={t("patient.search")} pick={setPatient} />
          )}
          <TextInput
            type="time"
            label={t("agenda.time")}
            value={clock}
            onChange={(event) => setClock(event.currentTarget.value)}
          />
          <Select
            label={t("agenda.service")}
            searchable
            data-autofocus={!!patient}
            value={service}
            onChange={setService}
            data={offered.map((one) => ({
              value: String(one.id),
              label: t("agenda.serviceMinutes", { name: one.name, minutes: one.minutes }),
            }))}
          />
          <TextInput
            label={t("patient.notes")}
            value={notes}
            maxLength={500}
            onChange={(event) => setNotes(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("app.cancel")}
            </Button>
            <Button type="submit" disabled={!patient || !service || !clock}>
              {t("agenda.book")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
