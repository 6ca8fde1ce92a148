import { Avatar, Button, Group, Skeleton, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconUserPlus, IconUserQuestion, IconUsers } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { PatientHit } from "@/api/types";
import { age, dayIn, initials, numberOf } from "@/format";
import type { CallOnAir } from "@/live/call";
import { useFileShown } from "@/phone/file-first";
import { useParts } from "./parts";
import { FileView, StoredFile } from "./patient";
import { PatientForm } from "./patient-form";
import { birthText } from "./patient-parts";
import { PatientPicker } from "./patient-picker";
import { Empty, useFailureText } from "./states";
import "./patient.css";

function Family({
  patients,
  pick,
  children,
}: {
  patients: PatientHit[];
  pick: (id: number) => void;
  children?: ReactNode;
}) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <div className="file-head">
        <IconUsers size={30} aria-hidden />
        <div>
          <Title order={2} fz="md">
            {t("patient.which")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("patient.whichHint")}
          </Text>
        </div>
      </div>
      <Stack gap={0} p="sm" className="scroll">
        {patients.map((patient) => {
          const name = `${patient.given} ${patient.family}`.trim();
          return (
            <UnstyledButton className="person" key={patient.id} onClick={() => pick(patient.id)}>
              <Avatar radius="xl" size={34} aria-hidden>
                {initials(name)}
              </Avatar>
              <div>
                <Text fw={550}>{name}</Text>
                {patient.birth_date && (
                  <Text size="sm" c="dimmed">
                    {t("patient.years", { count: age(patient.birth_date, dayIn("UTC")) })} ·{" "}
                    {birthText(patient.birth_date, i18n.language)}
                  </Text>
                )}
              </div>
            </UnstyledButton>
          );
        })}
        {children}
      </Stack>
    </>
  );
}

/** Tells the server who is on the line; the file follows by itself. */
function useIdentify(callId: string) {
  const failureText = useFailureText();
  return useMutation({
    mutationFn: (patientId: number) =>
      unwrap(
        api.PUT("/api/v1/calls/{call_id}/patient", {
          params: { path: { call_id: callId } },
          body: { patient_id: patientId },
        }),
      ),
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
}

/** The file of somebody who probably calls: reception has to make sure. */
function LikelyFile({
  id,
  zone,
  call,
  back,
}: {
  id: number;
  zone: string;
  call: CallOnAir;
  back?: () => void;
}) {
  const { t } = useTranslation();
  const identify = useIdentify(call.id);
  return (
    <>
      <div className="file-unsure" role="note">
        {t("patient.unconfirmed")}
        <Group gap={6} wrap="nowrap">
          <Button
            size="compact-xs"
            loading={identify.isPending}
            onClick={() => identify.mutate(id)}
          >
            {t("patient.itIs")}
          </Button>
          {back && (
            <Button size="compact-xs" variant="default" onClick={back}>
              {t("patient.others")}
            </Button>
          )}
        </Group>
      </div>
      <StoredFile id={id} zone={zone} callId={call.id} />
    </>
  );
}

/** Finds who it is, or opens a file for them. */
function WhoElse({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  const identify = useIdentify(call.id);
  const [creating, form] = useDisclosure(false);
  return (
    <>
      <Stack gap="sm" w="100%" mt="sm">
        <PatientPicker hidden label={t("patient.search")} pick={({ id }) => identify.mutate(id)} />
        <Button
          variant="light"
          leftSection={<IconUserPlus size={18} aria-hidden />}
          onClick={form.open}
        >
          {t("patient.new")}
        </Button>
      </Stack>
      {creating && (
        <PatientForm
          number={numberOf(call)}
          close={form.close}
          saved={(file) => identify.mutate(file.patient.id)}
        />
      )}
    </>
  );
}

/** Nobody known by that number. */
function Unknown({ call }: { call: CallOnAir }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={IconUserQuestion}
      title={t("patient.unknown")}
      hint={t(numberOf(call) ? "patient.unknownHint" : "patient.withheld")}
    >
      <WhoElse call={call} />
    </Empty>
  );
}

/** Who calls instead of the person it was taken for; the file follows the choice. */
function Another({ call, known, keep }: { call: CallOnAir; known: number; keep: () => void }) {
  const { t } = useTranslation();
  const identify = useIdentify(call.id);
  const others = call.caller?.patients.filter((one) => one.id !== known) ?? [];
  const rest = (
    <>
      <WhoElse call={call} />
      <Button mt="sm" variant="subtle" color="gray" onClick={keep}>
        {t("patient.keepIt")}
      </Button>
    </>
  );
  if (others.length === 0) {
    return (
      <Empty icon={IconUserQuestion} title={t("patient.whoThen")}>
        {rest}
      </Empty>
    );
  }
  return (
    <Family patients={others} pick={identify.mutate}>
      {rest}
    </Family>
  );
}

/** The file beside a call: of the patient, of whoever has that number, or of nobody yet. */
export function PatientPanel({ call, zone }: { call: CallOnAir; zone: string }) {
  const { t } = useTranslation();
  const parts = useParts(2);
  useFileShown(parts > 1 ? call.id : undefined);
  return (
    <aside className="panel" aria-label={t("calls.file")}>
      {parts > 1 && <FileOf call={call} zone={zone} />}
    </aside>
  );
}

function FileOf({ call, zone }: { call: CallOnAir; zone: string }): ReactNode {
  const { t } = useTranslation();
  const [picked, setPicked] = useState<number | null>(null);
  const [doubted, setDoubted] = useState<number | null>(null);
  const caller = call.caller;
  const patients = caller?.patients ?? [];
  const known = caller?.file?.patient.id ?? call.patient_id;
  if (known) {
    if (doubted === known) {
      return <Another call={call} known={known} keep={() => setDoubted(null)} />;
    }
    return (
      <>
        <div className="file-known">
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDoubted(known)}>
            {t("patient.itIsNot")}
          </Button>
        </div>
        {caller?.file ? (
          <FileView file={caller.file} zone={zone} callId={call.id} />
        ) : (
          <StoredFile id={known} zone={zone} callId={call.id} />
        )}
      </>
    );
  }
  const likely =
    patients.length === 1 ? patients[0]?.id : patients.find((p) => p.id === picked)?.id;
  if (likely !== undefined) {
    const back = patients.length > 1 ? () => setPicked(null) : undefined;
    return <LikelyFile id={likely} zone={zone} call={call} back={back} />;
  }
  if (patients.length) return <Family patients={patients} pick={setPicked} />;
  if (numberOf(call) && !caller) {
    return (
      <Group p="md" role="status" aria-label={t("patient.loading")}>
        <Skeleton circle height={46} />
        <Skeleton height={14} w={160} />
      </Group>
    );
  }
  return <Unknown call={call} />;
}
