import {
  ActionIcon,
  Button,
  Group,
  Loader,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCalendarSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FreeSlot, SlotSearch } from "@/api/types";
import { queries, type SlotWish } from "@/app/queries";
import { useClinic } from "@/app/session";
import { PatientPicker, type Picked } from "@/components/patient-picker";
import { Scroll } from "@/components/scroll";
import { Failed } from "@/components/states";
import { clockTime, courteous, professionalName, shortDate } from "@/format";
import type { Changes } from "./changes";

const PARTS = {
  morning: { time_to: "13:59:00" },
  afternoon: { time_from: "14:00:00" },
} as const;

type Part = keyof typeof PARTS;

function useWish(branch: number | undefined) {
  const [text, setText] = useState("");
  const [service, setService] = useState<string | null>(null);
  const [professional, setProfessional] = useState<string | null>(null);
  const [part, setPart] = useState<Part | null>(null);
  const [from, setFrom] = useState("");
  const [said] = useDebouncedValue(text.trim(), 300);
  const asked = said.length > 2 || service !== null;
  const wish: SlotWish | null = asked
    ? {
        text: said || undefined,
        branch_id: branch,
        service_id: service ? Number(service) : undefined,
        professional_id: professional ? Number(professional) : undefined,
        date_from: from || undefined,
        ...(part ? PARTS[part] : {}),
        limit: 12,
      }
    : null;
  return {
    wish,
    text,
    setText,
    service,
    setService,
    professional,
    setProfessional,
    part,
    setPart,
    from,
    setFrom,
  };
}

/** The last time given, and the list it was chosen from: that stays where it was. */
interface Given {
  about: string;
  slots: FreeSlot[];
  slot: FreeSlot;
}

/** What the words were taken for, in a line. */
function Heard({ search }: { search: SlotSearch }) {
  const { t, i18n } = useTranslation();
  const { services, professionals } = useClinic();
  if (!search.understood) return <Text size="sm">{t("finder.notUnderstood")}</Text>;
  const day = (text: string) => shortDate(`${text}T12:00:00Z`, "UTC", i18n.language);
  const person = professionals.find((one) => one.id === search.professional_id);
  const parts = [
    services.find((one) => one.id === search.service_id)?.name,
    person && professionalName(person),
    search.date_from &&
      (search.date_to === search.date_from
        ? day(search.date_from)
        : [day(search.date_from), search.date_to && day(search.date_to)].join(" – ")),
    search.time_from && t("finder.from", { time: search.time_from.slice(0, 5) }),
    search.time_to && t("finder.to", { time: search.time_to.slice(0, 5) }),
  ].filter(Boolean);
  return (
    <Text size="sm" c="dimmed">
      {search.service_id === null
        ? t("finder.whichService")
        : t("finder.understood", { what: parts.join(" · ") })}
    </Text>
  );
}

/** Finds free time in words or by choices, and books it in one click. */
export function Finder({
  branch,
  patient,
  choosePatient,
  changes,
  close,
  show,
  ref,
}: {
  branch: number | undefined;
  patient: Picked | null;
  choosePatient: (patient: Picked | null) => void;
  changes: Changes;
  close: () => void;
  /** Show the slot's day in the agenda. */
  show: (slot: FreeSlot) => void;
  ref: Ref<HTMLInputElement>;
}) {
  const { t, i18n } = useTranslation();
  const { services, professionals } = useClinic();
  const form = useWish(branch);
  const found = useQuery(queries.free(form.wish));
  const able = professionals.filter(
    (one) =>
      (!branch || one.branch_ids.includes(branch)) &&
      (!form.service || one.service_ids.includes(Number(form.service))),
  );
  const [given, setGiven] = useState<Given | null>(null);
  const about = JSON.stringify([form.wish, patient?.id]);
  const kept = given?.about === about ? given : null;
  const slots = kept?.slots ?? found.data?.slots ?? [];
  const panel = useRef<HTMLElement>(null);
  const question = useRef<HTMLDivElement>(null);
  const any = slots.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each question, once it has an answer
  useEffect(() => {
    // Beside a call the panel is low, and the times would stand under its edge.
    const [frame, first] = [panel.current, question.current];
    if (!any || !frame || !first) return;
    frame.scrollTop += first.getBoundingClientRect().top - frame.getBoundingClientRect().top - 8;
  }, [about, any]);
  const book = (slot: FreeSlot) => {
    if (!patient) return show(slot);
    const done = () => {
      setGiven({ about, slots, slot });
      show(slot);
    };
    changes.book(done, {
      kind: "book",
      free: true,
      place: {
        professional_id: slot.professional_id,
        branch_id: slot.branch_id,
        starts_at: slot.starts_at,
      },
      service_id: slot.service_id,
      patient_id: patient.id,
    });
  };
  return (
    <aside
      ref={panel}
      className="panel finder"
      aria-label={t("finder.title")}
      onKeyDown={(event) => {
        // A list that is open over it takes Escape for itself.
        const list = panel.current?.querySelector('[aria-expanded="true"]');
        if (event.key === "Escape" && !list) close();
      }}
    >
      <Group justify="space-between" px="md" pt="sm">
        <Title order={2} fz="md">
          {t("finder.title")}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label={t("app.close")} onClick={close}>
          <IconX size={18} />
        </ActionIcon>
      </Group>
      <Stack gap={8} px="md" py="sm">
        {patient ? (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm" lineClamp={1}>
              {t("finder.for")} <b>{patient.name}</b>
            </Text>
            <Button
              flex="none"
              size="compact-xs"
              variant="subtle"
              onClick={() => choosePatient(null)}
            >
              {t("agenda.otherPatient")}
            </Button>
          </Group>
        ) : (
          <PatientPicker hidden label={t("finder.whoFor")} pick={choosePatient} />
        )}
        <div ref={question}>
          <TextInput
            ref={ref}
            aria-label={t("finder.words")}
            lang="es"
            placeholder={t("finder.example")}
            leftSection={<IconCalendarSearch size={17} aria-hidden />}
            rightSection={found.isFetching ? <Loader size={15} /> : null}
            value={form.text}
            onChange={(event) => form.setText(event.currentTarget.value)}
          />
        </div>
        <SimpleGrid cols={2} spacing={8} verticalSpacing={8}>
          <Select
            size="xs"
            clearable
            searchable
            aria-label={t("agenda.service")}
            placeholder={t("agenda.service")}
            value={form.service}
            onChange={form.setService}
            data={services.map((one) => ({ value: String(one.id), label: one.name }))}
          />
          <Select
            size="xs"
            clearable
            searchable
            aria-label={t("finder.professional")}
            placeholder={t("finder.professional")}
            value={form.professional}
            onChange={form.setProfessional}
            data={able.map((one) => ({ value: String(one.id), label: professionalName(one) }))}
          />
          <Select
            size="xs"
            clearable
            aria-label={t("finder.part")}
            placeholder={t("finder.part")}
            value={form.part}
            onChange={(value) =>
              form.setPart(value === "morning" || value === "afternoon" ? value : null)
            }
            data={[
              { value: "morning", label: t("finder.morning") },
              { value: "afternoon", label: t("finder.afternoon") },
            ]}
          />
          <DatePickerInput
            size="xs"
            clearable
            aria-label={[t("finder.fromDay"), form.from.split("-").reverse().join("/")]
              .filter(Boolean)
              .join(": ")}
            placeholder={t("finder.fromDay")}
            valueFormat="DD/MM/YYYY"
            value={form.from || null}
            onChange={(day) => form.setFrom(day ?? "")}
          />
        </SimpleGrid>
        {found.data && form.wish && <Heard search={found.data} />}
      </Stack>
      <Scroll label={t("finder.results")}>
        {found.isError && <Failed error={found.error} again={() => found.refetch()} />}
        {!form.wish && (
          <Text size="sm" c="dimmed" px="md">
            {t("finder.hint")}
          </Text>
        )}
        {form.wish && found.data?.service_id && found.data.slots.length === 0 && (
          <Text size="sm" px="md" role="status">
            {t("finder.none")}
          </Text>
        )}
        <ul className="finder-slots">
          {form.wish &&
            slots.map((slot) => (
              <li key={`${slot.starts_at} ${slot.professional_id}`}>
                <button
                  type="button"
                  className="slot"
                  disabled={changes.busy || slot === kept?.slot}
                  onClick={() => book(slot)}
                >
                  <span className="num">
                    {shortDate(slot.starts_at, slot.zone, i18n.language)},{" "}
                    <b>{clockTime(slot.starts_at, slot.zone, i18n.language)}</b>
                  </span>
                  <Text span size="sm" c="dimmed" lineClamp={1}>
                    {courteous(slot.professional)}
                  </Text>
                  <span className="slot-book">
                    {t(
                      slot === kept?.slot
                        ? "finder.given"
                        : patient
                          ? "agenda.book"
                          : "finder.show",
                    )}
                  </span>
                </button>
              </li>
            ))}
        </ul>
      </Scroll>
    </aside>
  );
}
