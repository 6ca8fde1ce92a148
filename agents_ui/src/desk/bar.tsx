import { Button, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconAdjustments,
  IconBell,
  IconBellOff,
  IconDoorExit,
  IconKeyboard,
  IconPhone,
  IconPhoneOutgoing,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import { client, queries } from "@/app/queries";
import { useNow } from "@/components/now";
import { useFailureText } from "@/components/states";
import { duration } from "@/format";
import { useLivePart } from "@/live/hooks";
import { phone, useAgentPhone } from "@/phone/agent";
import { DialDialog } from "@/phone/dial";
import { AudioSettings } from "@/phone/settings";
import { ShortcutSheet } from "@/phone/shortcuts";
import { usePermission } from "./alerts";
import { STATE_COLORS, useDesk, useStateName } from "./state";

/** Asks the server for another state; the screen changes when its event arrives. */
export function useWish() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return useMutation({
    mutationFn: (wish: { state: "available" | "paused" | "off"; reason?: string }) =>
      unwrap(
        api.PUT("/api/v1/me/state", { body: { state: wish.state, reason: wish.reason ?? "" } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: queries.desk.queryKey }),
    onError: (error) =>
      notifications.show({
        message:
          error instanceof Failure && error.code === "disposition_missing"
            ? t("state.chooseFirst")
            : failureText(error),
        color: "red",
      }),
  });
}

/** The agent's state with its time, and the way to change it; of the away, the notice has it. */
export function DeskBar() {
  const { t } = useTranslation();
  const { wanted, failed, begins, line } = useAgentPhone();
  const desk = useDesk();
  const nameOf = useStateName();
  const wish = useWish();
  const skew = useLivePart((state) => state.skew);
  const alerts = usePermission();
  const now = useNow(1000, skew);
  const [audio, audioDialog] = useDisclosure(false);
  const [dial, dialDialog] = useDisclosure(false);
  const [keys, keysDialog] = useDisclosure(false);
  const state = desk?.now.state ?? "off";
  const late = state === "paused" && !!desk?.now.until && Date.parse(desk.now.until) < now;
  const elapsed = desk?.now.since && (
    <Text span size="sm" ml={8} className="num" c={late ? "red" : "dimmed"}>
      {duration(Math.max(0, (now - Date.parse(desk.now.since)) / 1000))}
    </Text>
  );
  if (wanted === "off" || !desk || (state === "off" && !begins)) {
    const atWork = desk && state !== "off";
    const start = t(wanted !== "off" && line.registered ? "state.begin" : "state.start");
    return (
      <>
        {atWork && (
          <Text span size="sm" fw={600} style={{ whiteSpace: "nowrap" }}>
            <span
              className="dot"
              style={{ background: STATE_COLORS[state], display: "inline-block", marginRight: 8 }}
            />
            {nameOf(state, desk.now.reason)}
            {elapsed}
          </Text>
        )}
        {(state !== "away" || failed) && (
          <Button
            size="sm"
            variant="default"
            leftSection={<IconPhone size={17} aria-hidden />}
            onClick={() => phone.want("available")}
            loading={!desk}
            {...(atWork && !failed && { "aria-label": start })}
          >
            {failed ? t("state.failed") : atWork ? t("state.connect") : start}
          </Button>
        )}
      </>
    );
  }
  const busy = state === "on_call" || state === "ringing";
  const connecting = !line.registered && !busy;
  const text = connecting ? t("state.connecting") : nameOf(state, desk.now.reason);
  const later =
    busy && desk.now.wish !== "available" ? nameOf(desk.now.wish, desk.now.wish_reason) : "";
  return (
    <>
      <AudioSettings opened={audio} close={audioDialog.close} />
      <DialDialog opened={dial} close={dialDialog.close} />
      <ShortcutSheet opened={keys} close={keysDialog.close} />
      <Menu position="bottom-end" width={270} shadow="md">
        <Menu.Target>
          <Button
            size="sm"
            variant="default"
            leftSection={
              <span
                className="dot"
                style={{ background: connecting ? STATE_COLORS.away : STATE_COLORS[state] }}
              />
            }
            data-phone={line.registered ? state : "connecting"}
          >
            <span className="visually-hidden">{t("state.menu", { state: text })} </span>
            {text}
            {!connecting && elapsed}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {late && <Menu.Label c="red">{t("state.tooLong")}</Menu.Label>}
          {later && <Menu.Label>{t("state.afterCall", { what: later })}</Menu.Label>}
          {(state === "paused" || state === "away" || state === "wrap_up" || later) && (
            <Menu.Item
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              onClick={() => wish.mutate({ state: "available" })}
            >
              {t(busy ? "state.keepAvailable" : "state.available_again")}
            </Menu.Item>
          )}
          <Menu.Label>{t(busy ? "state.pauseAfter" : "state.pauseFor")}</Menu.Label>
          {desk.reasons.map((reason) => (
            <Menu.Item
              key={reason.code}
              leftSection={<IconPlayerPause size={18} aria-hidden />}
              rightSection={
                reason.limit_s && (
                  <Text size="xs" c="dimmed">
                    {t("state.limit", { minutes: Math.round(reason.limit_s / 60) })}
                  </Text>
                )
              }
              onClick={() => wish.mutate({ state: "paused", reason: reason.code })}
            >
              {reason.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconPhoneOutgoing size={18} aria-hidden />}
            disabled={busy}
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
          {alerts.state === "default" && (
            <Menu.Item leftSection={<IconBell size={18} aria-hidden />} onClick={alerts.ask}>
              {t("alerts.ask")}
            </Menu.Item>
          )}
          {alerts.state === "denied" && (
            <Menu.Item leftSection={<IconBellOff size={18} aria-hidden />} disabled>
              {t("alerts.denied")}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconDoorExit size={18} aria-hidden />}
            disabled={busy}
            onClick={() => phone.want("off")}
          >
            {t("state.end")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
