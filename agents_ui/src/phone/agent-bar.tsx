import { Button, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAdjustments,
  IconCoffee,
  IconFileDescription,
  IconKeyboard,
  IconPhone,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPlayerPlay,
  IconSchool,
  IconSoup,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type PauseReason, phone, useAgentPhone } from "./agent";
import { DialDialog } from "./dial";
import { AudioSettings } from "./settings";
import { ShortcutSheet } from "./shortcuts";

const REASONS: [PauseReason, typeof IconCoffee][] = [
  ["break", IconCoffee],
  ["lunch", IconSoup],
  ["paperwork", IconFileDescription],
  ["training", IconSchool],
];

/** The agent's state, and the way to change it. */
export function AgentBar() {
  const { t } = useTranslation();
  const { wanted, reason, failed, line } = useAgentPhone();
  const [audio, audioDialog] = useDisclosure(false);
  const [dial, dialDialog] = useDisclosure(false);
  const [keys, keysDialog] = useDisclosure(false);
  if (wanted === "off") {
    return (
      <Button
        size="sm"
        variant="default"
        leftSection={<IconPhone size={17} aria-hidden />}
        onClick={() => phone.want("available")}
      >
        {t(failed ? "desk.failed" : "desk.on")}
      </Button>
    );
  }
  const talking = line.call && line.call.stage !== "ended";
  const text = !line.registered
    ? t("desk.connecting")
    : talking
      ? t(line.call?.stage === "ringing" ? "desk.ringing" : "desk.talking")
      : wanted === "paused"
        ? `${t("desk.paused")}: ${t(`desk.reasons.${reason}`).toLowerCase()}`
        : t("desk.available");
  const color = !line.registered
    ? "#8a97a6"
    : talking
      ? "#3b82c4"
      : wanted === "paused"
        ? "#e69b16"
        : "#22a06b";
  return (
    <>
      <AudioSettings opened={audio} close={audioDialog.close} />
      <DialDialog opened={dial} close={dialDialog.close} />
      <ShortcutSheet opened={keys} close={keysDialog.close} />
      <Menu position="bottom-end" width={250} shadow="md">
        <Menu.Target>
          <Button
            size="sm"
            variant="default"
            leftSection={<span className="dot" style={{ background: color }} />}
            data-phone={line.registered ? wanted : "connecting"}
          >
            {text}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {wanted === "paused" && (
            <Menu.Item
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              onClick={() => phone.want("available")}
            >
              {t("desk.backToWork")}
            </Menu.Item>
          )}
          <Menu.Label>
            <Text size="xs">{t("desk.pauseReason")}</Text>
          </Menu.Label>
          {REASONS.map(([value, Icon]) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={18} aria-hidden />}
              onClick={() => phone.want("paused", value)}
            >
              {t(`desk.reasons.${value}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconPhoneOutgoing size={18} aria-hidden />}
            disabled={!!talking}
            onClick={dialDialog.open}
          >
            {t("desk.dial.title")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconAdjustments size={18} aria-hidden />}
            onClick={audioDialog.open}
          >
            {t("desk.audio.title")}
          </Menu.Item>
          <Menu.Item leftSection={<IconKeyboard size={18} aria-hidden />} onClick={keysDialog.open}>
            {t("desk.keys.title")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconPhoneOff size={18} aria-hidden />}
            disabled={!!talking}
            onClick={() => phone.want("off")}
          >
            {t("desk.off")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
