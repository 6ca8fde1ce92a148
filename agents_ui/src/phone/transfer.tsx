import { Alert, Badge, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowRight, IconMessages, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { OVER_FORMS } from "@/components/dock";
import { Failed, Loading } from "@/components/states";
import { useStateName } from "@/desk/state";
import type { TargetKind, useCallActions } from "./actions";

interface Option {
  kind: TargetKind;
  to: string;
  name: string;
  state: "free" | "busy" | "off" | "";
  doing: string;
  color: string;
}

/** Whether a patient who is handed on there may be left with nobody: asked about first. */
function riskOf({ kind, state }: Option): "queue" | "outside" | null {
  if (kind === "outside") return kind;
  return kind === "queue" && state === "off" ? kind : null;
}

const COLORS = { free: "green", busy: "orange", off: "gray" } as const;
const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Where to, and whether to ask there first. */
export function TransferDialog({
  opened,
  close,
  actions,
}: {
  opened: boolean;
  close: () => void;
  actions: ReturnType<typeof useCallActions>;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      closeButtonProps={{ "aria-label": t("app.close") }}
      opened={opened}
      onClose={close}
      title={t("desk.transfer.title")}
      size="lg"
      zIndex={OVER_FORMS}
      centered
    >
      {opened && <Choice close={close} actions={actions} />}
    </Modal>
  );
}

function Choice({
  close,
  actions,
}: {
  close: () => void;
  actions: ReturnType<typeof useCallActions>;
}) {
  const { t } = useTranslation();
  const stateName = useStateName();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<Option | null>(null);
  const targets = useQuery({
    queryKey: ["targets"],
    queryFn: () => unwrap(api.GET("/api/v1/me/call/targets")),
    staleTime: 0,
  });
  const go = async (how: "blind" | "warm", option: Option) => {
    setBusy(true);
    const done = await actions.transfer(how, option.kind, option.to);
    setBusy(false);
    if (done) close();
  };
  const number = /^[+\d][\d\s().-]{2,}$/.test(text.trim()) ? text.trim() : "";
  const all: Option[] = [
    ...(targets.data?.colleagues ?? []).map((one) => ({
      kind: "agent" as const,
      to: one.username,
      name: one.name,
      state: one.phone,
      ...(one.phone === "free" && one.state !== "available"
        ? { doing: stateName(one.state, one.reason), color: "yellow" }
        : { doing: t(`desk.transfer.${one.phone}`), color: COLORS[one.phone] }),
    })),
    ...(targets.data?.queues ?? []).map((queue) => ({
      kind: "queue" as const,
      to: queue.name,
      name: t("desk.transfer.queue", { name: queue.title }),
      state: queue.phone,
      doing: queue.phone === "off" ? t("desk.transfer.unstaffed") : "",
      color: COLORS.off,
    })),
  ];
  const shown: Option[] = number
    ? [{ kind: "outside", to: number, name: number, state: "", doing: "", color: "" }]
    : all.filter((one) => folded(one.name).includes(folded(text.trim())));
  const risk = asked && riskOf(asked);
  if (asked && risk) {
    return (
      <Stack gap="md">
        <Text>{t(`desk.transfer.sure_${risk}`, { name: asked.name })}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setAsked(null)} data-autofocus>
            {t("app.cancel")}
          </Button>
          <Button color="red.9" loading={busy} onClick={() => go("blind", asked)}>
            {t("desk.transfer.sure")}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <TextInput
        label={t("desk.transfer.search")}
        placeholder={t("desk.transfer.placeholder")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Text size="sm" c="dimmed">
        {t("desk.transfer.hint")}
      </Text>
      {targets.isPending && <Loading rows={3} height={52} />}
      {targets.isError && <Failed error={targets.error} again={() => targets.refetch()} />}
      {targets.data && shown.length === 0 && (
        <Alert color="gray">{t("desk.transfer.nobody")}</Alert>
      )}
      <ul className="targets">
        {shown.map((option) => (
          <li key={`${option.kind}-${option.to}`}>
            <Group gap="2px 10px" style={{ flex: 1, minWidth: 0 }}>
              <Text fw={600} truncate>
                {option.name}
              </Text>
              {option.doing && <Badge color={option.color}>{option.doing}</Badge>}
            </Group>
            <Button
              size="xs"
              leftSection={<IconMessages size={16} aria-hidden />}
              disabled={busy || option.state === "off"}
              onClick={() => go("warm", option)}
              aria-label={`${t("desk.transfer.warm")}: ${option.name}`}
            >
              {t("desk.transfer.warm")}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconArrowRight size={16} aria-hidden />}
              disabled={busy || (option.kind === "agent" && option.state === "off")}
              onClick={() => (riskOf(option) ? setAsked(option) : go("blind", option))}
              aria-label={`${t("desk.transfer.blind")}: ${option.name}`}
            >
              {t("desk.transfer.blind")}
            </Button>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
