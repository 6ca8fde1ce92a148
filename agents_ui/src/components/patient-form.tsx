import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import type { FileForm, PatientFile } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useClinic, useMe } from "@/app/session";
import { phone } from "@/format";
import { birthOf, birthWritten } from "./birth";
import { Reasons } from "./duplicates";
import { useFailureText } from "./states";
import { useThrowAway } from "./throw-away";

const CHANNELS = ["call", "whatsapp", "sms", "email"] as const;

/** What the server says of one field, shown beside it. */
const FIELD_REFUSED = [
  "wrong_number",
  "wrong_document",
  "wrong_address",
  "born_in_future",
] as const;

function begun(file: PatientFile | undefined, number: string, home: number | null): FileForm {
  return {
    given: file?.patient.given ?? "",
    family: file?.patient.family ?? "",
    birth_date: file?.patient.birth_date ?? null,
    document: file?.document ?? "",
    numbers: [...(file?.numbers ?? (number ? [number] : []))],
    email: file?.email ?? "",
    language: file?.language ?? "es-ES",
    preferred_channel:
      CHANNELS.find((channel) => channel === file?.preferred_channel) ?? CHANNELS[0],
    warnings: file?.warnings ?? "",
    notes: file?.notes ?? "",
    balance_cents: file?.balance_cents ?? 0,
    pending_documents: [...(file?.pending_documents ?? [])],
    home_branch_id: file ? file.home_branch_id : home,
  };
}

/** A new file, or one to complete; whoever it may be already is shown while typing. */
export function PatientForm({
  file,
  number = "",
  close,
  saved,
}: {
  file?: PatientFile;
  number?: string;
  close: () => void;
  saved: (file: PatientFile) => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const { branches, currency, language } = useClinic();
  const failureText = useFailureText();
  const home = me.branch_id ?? branches[0]?.id ?? null;
  const [form, setForm] = useState<FileForm>(() => ({
    ...begun(file, number, home),
    ...(file ? {} : { language }),
  }));
  const [birth, setBirth] = useState(() => birthWritten(form.birth_date));
  const [touched, setTouched] = useState(false);
  const [leave, throwAway] = useThrowAway(touched, close);
  const set = (part: Partial<FileForm>) => {
    setTouched(true);
    setForm((before) => ({ ...before, ...part }));
  };
  const [draft] = useDebouncedValue(
    {
      given: form.given,
      family: form.family,
      birth_date: form.birth_date ?? undefined,
      document: form.document ?? "",
      number: form.numbers?.[0] ?? "",
    },
    350,
  );
  const likely = useQuery({ ...queries.likely(draft), enabled: !file && !!draft.family });
  const save = useMutation({
    mutationFn: () =>
      file
        ? unwrap(
            api.PUT("/api/v1/patients/{patient_id}", {
              params: { path: { patient_id: file.patient.id } },
              body: form,
            }),
          )
        : unwrap(api.POST("/api/v1/patients", { body: form })),
    onSuccess: (written) => {
      client.setQueryData(queries.patient(written.patient.id).queryKey, written);
      client.invalidateQueries({ queryKey: ["patients"] });
      notifications.show({ message: t("patient.saved"), color: "teal" });
      saved(written);
      close();
    },
  });
  const [missing, setMissing] = useState(false);
  const noDay = birthOf(birth) === null;
  const [birthLeft, setBirthLeft] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form.given.trim() && form.family.trim() && !noDay) save.mutate();
    else setMissing(true);
  };
  const use = useMutation({
    mutationFn: (id: number) => client.fetchQuery(queries.patient(id)),
    onSuccess: (found) => {
      saved(found);
      close();
    },
  });
  const why = save.error instanceof Failure ? save.error.code : "";
  const refused = FIELD_REFUSED.find((code) => code === why);
  const refusal = (code: (typeof FIELD_REFUSED)[number]) =>
    refused === code && failureText(save.error);
  const required = (value: string) => missing && !value.trim() && t("app.required");
  const failure = refused ? use.error : (save.error ?? use.error);
  return (
    <Modal
      opened
      onClose={leave}
      size={720}
      title={<Text fw={650}>{t(file ? "patient.edit" : "patient.new")}</Text>}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form noValidate onSubmit={submit}>
        <Stack gap="sm">
          <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
            <TextInput
              label={t("patient.given")}
              required
              data-autofocus
              error={required(form.given)}
              value={form.given}
              onChange={(event) => set({ given: event.currentTarget.value })}
            />
            <TextInput
              label={t("patient.family")}
              required
              error={required(form.family)}
              value={form.family}
              onChange={(event) => set({ family: event.currentTarget.value })}
            />
            <TextInput
              label={t("patient.birth")}
              placeholder={t("patient.birthForm")}
              inputMode="numeric"
              autoComplete="off"
              error={
                noDay && (birthLeft || missing) ? t("patient.noDay") : refusal("born_in_future")
              }
              value={birth}
              onBlur={() => setBirthLeft(true)}
              onChange={(event) => {
                setBirth(event.currentTarget.value);
                setBirthLeft(false);
                set({ birth_date: birthOf(event.currentTarget.value) || null });
              }}
            />
            <TextInput
              label={t("patient.document")}
              error={refusal("wrong_document")}
              value={form.document}
              onChange={(event) => set({ document: event.currentTarget.value })}
            />
            <TagsInput
              label={t("patient.phones")}
              description={t("patient.severalHint")}
              error={refusal("wrong_number")}
              value={form.numbers}
              onChange={(numbers) => set({ numbers })}
              maxTags={6}
              acceptValueOnBlur
            />
            <TextInput
              label={t("patient.email")}
              description=" "
              type="email"
              error={refusal("wrong_address")}
              value={form.email}
              onChange={(event) => set({ email: event.currentTarget.value })}
            />
            <Select
              label={t("patient.channel")}
              allowDeselect={false}
              value={form.preferred_channel}
              data={CHANNELS.map((value) => ({ value, label: t(`patient.channels.${value}`) }))}
              onChange={(value) =>
                set({ preferred_channel: CHANNELS.find((one) => one === value) ?? "call" })
              }
            />
            <Select
              label={t("agenda.branch")}
              allowDeselect={false}
              value={form.home_branch_id ? String(form.home_branch_id) : null}
              data={branches.map((branch) => ({ value: String(branch.id), label: branch.name }))}
              onChange={(value) => set({ home_branch_id: value ? Number(value) : null })}
            />
            <NumberInput
              label={`${t("patient.balance")} (${currency})`}
              min={0}
              max={100_000}
              decimalScale={2}
              decimalSeparator=","
              value={(form.balance_cents ?? 0) / 100}
              onChange={(value) => set({ balance_cents: Math.round(Number(value || 0) * 100) })}
            />
            <TagsInput
              label={t("patient.pendingDocuments")}
              value={form.pending_documents}
              onChange={(documents) => set({ pending_documents: documents })}
              maxTags={12}
              acceptValueOnBlur
            />
          </SimpleGrid>
          <TextInput
            label={t("patient.warnings")}
            value={form.warnings}
            onChange={(event) => set({ warnings: event.currentTarget.value })}
          />
          <Textarea
            label={t("patient.notes")}
            classNames={{ input: "growing" }}
            rows={2}
            value={form.notes}
            onChange={(event) => set({ notes: event.currentTarget.value })}
          />
          {!!likely.data?.length && (
            <Alert
              color="yellow"
              icon={<IconUsers size={20} aria-hidden />}
              title={t("duplicate.maybe")}
              role="status"
            >
              <Stack gap={8}>
                {likely.data.map((one) => (
                  <Group key={one.patient.id} gap="sm" justify="space-between" wrap="nowrap">
                    <div>
                      <Text size="sm" fw={600}>
                        {one.patient.given} {one.patient.family} ·{" "}
                        <span className="num">{one.numbers.map(phone).join(" · ")}</span>
                      </Text>
                      <Reasons likely={one} />
                    </div>
                    <Button
                      size="xs"
                      variant="default"
                      loading={use.isPending && use.variables === one.patient.id}
                      onClick={() => use.mutate(one.patient.id)}
                    >
                      {t("duplicate.useThis")}
                    </Button>
                  </Group>
                ))}
              </Stack>
            </Alert>
          )}
          {failure && (
            <Alert color="red" role="alert">
              {failureText(failure)}
            </Alert>
          )}
          {throwAway}
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              {t("app.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("app.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
