import { Button, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { AgentOnBoard } from "@/api/types";
import { useFailureText } from "@/components/states";
import { useDesk } from "@/desk/state";

/** A supervisor puts an agent into another state, with a note the agent reads. */
export function ChangeState({ agent, close }: { agent: AgentOnBoard; close: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const reasons = useDesk()?.reasons ?? [];
  const [wanted, setWanted] = useState("");
  const [note, setNote] = useState("");
  const change = useMutation({
    mutationFn: () => {
      const [state, reason = ""] = wanted.split(" ") as ["available" | "paused" | "off", string?];
      return unwrap(
        api.PUT("/api/v1/room/agents/{username}/state", {
          params: { path: { username: agent.username } },
          body: { state, reason, note },
        }),
      );
    },
    onSuccess: () => {
      notifications.show({ message: t("room.changeDone"), color: "teal" });
      close();
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("room.changeTitle", { name: agent.name })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Text size="sm" c="dimmed" mb="sm">
          {t("room.changeHint")}
        </Text>
        <Radio.Group label={t("room.newState")} value={wanted} onChange={setWanted} required>
          <Stack gap="xs" mt="xs">
            <Radio value="available" label={t("state.available")} />
            {reasons.map((reason) => (
              <Radio
                key={reason.code}
                value={`paused ${reason.code}`}
                label={`${t("state.paused")}: ${reason.name.toLowerCase()}`}
              />
            ))}
            <Radio value="off" label={t("state.off")} />
          </Stack>
        </Radio.Group>
        <TextInput
          mt="md"
          label={t("room.noteFor", { name: agent.name })}
          value={note}
          maxLength={300}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" fullWidth mt="md" disabled={!wanted} loading={change.isPending}>
          {t("room.change")}
        </Button>
      </form>
    </Modal>
  );
}
