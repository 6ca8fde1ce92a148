import { Alert, Badge, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowRight, IconMessages, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
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
  const number = /^[+\d][\d\s().-]{5,}$/.test(text.trim()) ? text.trim() : "";
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
      state: "" as const,
      doing: "",
      color: "",
    })),
  ];
  const shown: Option[] = number
    ? [{ kind: "outside", to: number, name: number, state: "", doing: "", color: "" }]
    : all.filter((one) => folded(one.name).includes(folded(text.trim())));
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
            <Group gap="xs" wrap="nowrap" style={{ flex: 1, minWidth: 0 }}>
              <Text fw={600} truncate>
                {option.name}
              </Text>
              {option.state && <Badge color={option.color}>{option.doing}</Badge>}
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
              disabled={busy || option.state === "off"}
              onClick={() => go("blind", option)}
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
