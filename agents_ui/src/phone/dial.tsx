import { ActionIcon, Alert, Button, Group, Modal, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { phone as phoneText } from "@/format";
import { useCallActions } from "./actions";
import { useAgentPhone } from "./agent";

/** Whether this user's phone could call now. */
export function useCanDial(): boolean {
  const { wanted, line } = useAgentPhone();
  const idle = !line.call || line.call.stage === "ended";
  return wanted !== "off" && line.registered && idle;
}

/** A number that is called with a click: the own phone first, then the patient's. */
export function CallNumber({ number, patient }: { number: string; patient?: number | null }) {
  const { t } = useTranslation();
  const me = useMe();
  const able = useCanDial();
  const actions = useCallActions();
  const [busy, setBusy] = useState(false);
  if (!me.extension || !number) return null;
  const label = t("desk.dial.call", { number: phoneText(number) });
  const dial = async () => {
    setBusy(true);
    await actions.dial(number, patient ?? null);
    setBusy(false);
  };
  return (
    <Tooltip label={able ? label : t("desk.dial.notReady")}>
      <ActionIcon
        size={30}
        variant="subtle"
        color="teal"
        aria-label={label}
        disabled={!able || busy}
        onClick={dial}
      >
        <IconPhoneOutgoing size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Type a number and call it. */
export function DialDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const able = useCanDial();
  const actions = useCallActions();
  const [number, setNumber] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const done = await actions.dial(number);
    setBusy(false);
    if (done) {
      setNumber("");
      close();
    }
  };
  return (
    <Modal
      closeButtonProps={{ "aria-label": t("app.close") }}
      opened={opened}
      onClose={close}
      title={t("desk.dial.title")}
      centered
    >
      <form onSubmit={submit}>
        <Stack>
          {!able && <Alert color="orange">{t("desk.dial.notReady")}</Alert>}
          <TextInput
            label={t("desk.dial.number")}
            description={t("desk.dial.hint")}
            inputMode="tel"
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button
              type="submit"
              color="#18733b"
              loading={busy}
              disabled={!able || !/^\+?[\d\s().-]{3,}$/.test(number.trim())}
              leftSection={<IconPhoneOutgoing size={18} aria-hidden />}
            >
              {t("desk.dial.go")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
