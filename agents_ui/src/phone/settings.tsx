import { Alert, Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { IconMicrophone, IconPlayerStop, IconVolume } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { phone } from "./agent";
import { devices, useDevices, usePlugged } from "./devices";
import { microphone, type Problem } from "./line";
import { Meter } from "./meter";
import { useRingtone } from "./sound";

const TEST_MS = 4_000;

/** Microphone, loudspeaker and bell, and a test of each. */
export function AudioSettings({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      closeButtonProps={{ "aria-label": t("app.close") }}
      opened={opened}
      onClose={close}
      title={t("desk.audio.title")}
      centered
    >
      {opened && <Settings />}
    </Modal>
  );
}

function Settings() {
  const { t } = useTranslation();
  const chosen = useDevices();
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [bell, setBell] = useState(false);
  const plugged = usePlugged(stream);
  useRingtone(bell, chosen.ringer);
  useEffect(() => {
    let own: MediaStream | null = null;
    let over = false;
    microphone(chosen.microphone).then((found) => {
      if (typeof found === "string") {
        setProblem(found);
        return;
      }
      if (over) for (const track of found.getTracks()) track.stop();
      else {
        own = found;
        setProblem(null);
        setStream(found);
      }
    });
    return () => {
      over = true;
      for (const track of own?.getTracks() ?? []) track.stop();
      setStream(null);
    };
  }, [chosen.microphone]);
  const options = (kind: MediaDeviceKind) => [
    { value: "", label: t("desk.audio.system") },
    ...plugged
      .filter((one) => one.kind === kind && one.deviceId && one.deviceId !== "default")
      .map((one, index) => ({
        value: one.deviceId,
        label: one.label || t("desk.audio.unnamed", { number: index + 1 }),
      })),
  ];
  const chooseMicrophone = async (id: string) => {
    devices.choose({ microphone: id });
    const failed = await phone.line.speakInto(id);
    if (failed) setProblem(failed);
  };
  return (
    <Stack>
      {problem && (
        <Alert color="red" role="alert">
          {t(`demo.problem.${problem}`)}
        </Alert>
      )}
      <Select
        label={t("desk.audio.microphone")}
        data={options("audioinput")}
        value={chosen.microphone}
        onChange={(id) => void chooseMicrophone(id ?? "")}
        allowDeselect={false}
      />
      <Meter label={t("desk.audio.level")} stream={stream} />
      <MicrophoneTest stream={stream} speaker={chosen.speaker} />
      <Select
        label={t("desk.audio.speaker")}
        data={options("audiooutput")}
        value={chosen.speaker}
        onChange={(id) => devices.choose({ speaker: id ?? "" })}
        allowDeselect={false}
      />
      <Select
        label={t("desk.audio.ringer")}
        description={t("desk.audio.ringerHint")}
        data={options("audiooutput")}
        value={chosen.ringer}
        onChange={(id) => devices.choose({ ringer: id ?? "" })}
        allowDeselect={false}
      />
      <Group>
        <Button
          variant="default"
          leftSection={<IconVolume size={18} aria-hidden />}
          aria-pressed={bell}
          onClick={() => setBell(!bell)}
        >
          {t(bell ? "desk.audio.stop" : "desk.audio.ring")}
        </Button>
      </Group>
    </Stack>
  );
}

/** Records some seconds and plays them back: what the patient would hear. */
function MicrophoneTest({ stream, speaker }: { stream: MediaStream | null; speaker: string }) {
  const { t } = useTranslation();
  const [stage, setStage] = useState<"idle" | "recording" | "playing">("idle");
  const stopping = useRef<(() => void) | null>(null);
  useEffect(() => () => stopping.current?.(), []);
  const begin = () => {
    if (!stream) return;
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    const timer = setTimeout(() => recorder.stop(), TEST_MS);
    stopping.current = () => {
      clearTimeout(timer);
      if (recorder.state !== "inactive") recorder.stop();
    };
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = async () => {
      const address = URL.createObjectURL(new Blob(parts, { type: recorder.mimeType }));
      const audio = new Audio(address);
      const done = () => {
        URL.revokeObjectURL(address);
        stopping.current = null;
        setStage("idle");
      };
      audio.onended = done;
      stopping.current = () => {
        audio.pause();
        done();
      };
      setStage("playing");
      await audio.setSinkId?.(speaker).catch(() => undefined);
      await audio.play().catch(done);
    };
    recorder.start();
    setStage("recording");
  };
  return (
    <Group gap="sm">
      <Button
        variant={stage === "idle" ? "light" : "filled"}
        disabled={!stream}
        leftSection={
          stage === "idle" ? (
            <IconMicrophone size={18} aria-hidden />
          ) : (
            <IconPlayerStop size={18} aria-hidden />
          )
        }
        onClick={() => (stage === "idle" ? begin() : stopping.current?.())}
      >
        {t(stage === "idle" ? "desk.audio.test" : "desk.audio.stop")}
      </Button>
      <Text size="sm" c="dimmed" role="status">
        {t(`desk.audio.${stage}`)}
      </Text>
    </Group>
  );
}
