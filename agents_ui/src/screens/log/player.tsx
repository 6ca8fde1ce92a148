import { ActionIcon, Button, Menu, Text, Tooltip, useComputedColorScheme } from "@mantine/core";
import {
  IconMicrophoneOff,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward10,
  IconRewindForward10,
} from "@tabler/icons-react";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import WaveSurfer from "wavesurfer.js";
import type { CallDetail, Recording } from "@/api/types";
import { duration } from "@/format";

export interface PlayerHandle {
  /** Play from a second of the recording on. */
  playFrom: (second: number) => void;
}

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export function Player({ recording, ref }: { recording: Recording; ref?: Ref<PlayerHandle> }) {
  const { t } = useTranslation();
  const dark = useComputedColorScheme() === "dark";
  const box = useRef<HTMLDivElement>(null);
  const wave = useRef<WaveSurfer | null>(null);
  const [ready, setReady] = useState(false);
  const [failed, setFailed] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [time, setTime] = useState(0);
  const [length, setLength] = useState(recording.duration_s ?? 0);
  const [speed, setSpeed] = useState(1);

  useEffect(() => {
    if (!box.current) return;
    const surfer = WaveSurfer.create({
      container: box.current,
      url: recording.audio,
      height: 44,
      barWidth: 2,
      barGap: 1.5,
      barRadius: 2,
      normalize: true,
      waveColor: dark ? "#44586b" : "#b9c7d3",
      progressColor: dark ? "#36b0a6" : "#0f766f",
      cursorColor: dark ? "#eee" : "#18212d",
      dragToSeek: true,
    });
    wave.current = surfer;
    surfer.on("ready", (seconds) => {
      setLength(seconds);
      setReady(true);
    });
    surfer.on("error", () => setFailed(true));
    surfer.on("play", () => setPlaying(true));
    surfer.on("pause", () => setPlaying(false));
    surfer.on("timeupdate", setTime);
    return () => {
      wave.current = null;
      surfer.destroy();
    };
  }, [recording.audio, dark]);

  useImperativeHandle(ref, () => ({
    playFrom: (second) => {
      wave.current?.setTime(Math.max(0, second));
      void wave.current?.play();
    },
  }));

  const skip = (seconds: number) => wave.current?.skip(seconds);
  const choose = (rate: number) => {
    setSpeed(rate);
    wave.current?.setPlaybackRate(rate, true);
  };
  return (
    <section
      className="player"
      aria-label={t("log.recording")}
      data-ready={ready}
      data-playing={playing}
    >
      <Tooltip label={t("log.back10")}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          disabled={!ready}
          onClick={() => skip(-10)}
          aria-label={t("log.back10")}
        >
          <IconRewindBackward10 size={22} />
        </ActionIcon>
      </Tooltip>
      <ActionIcon
        size={44}
        radius="xl"
        disabled={!ready}
        onClick={() => wave.current?.playPause()}
        aria-label={t(playing ? "log.pause" : "log.play")}
      >
        {playing ? <IconPlayerPauseFilled size={22} /> : <IconPlayerPlayFilled size={22} />}
      </ActionIcon>
      <div style={{ minWidth: 0 }}>
        <div ref={box} />
        {failed && (
          <Text size="sm" c="red" role="alert">
            {t("log.audioFailed")}
          </Text>
        )}
      </div>
      <Text size="sm" className="num" miw={86} ta="right">
        {duration(time)} / {duration(length)}
      </Text>
      <div style={{ display: "flex", gap: 4 }}>
        <Tooltip label={t("log.forward10")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            disabled={!ready}
            onClick={() => skip(10)}
            aria-label={t("log.forward10")}
          >
            <IconRewindForward10 size={22} />
          </ActionIcon>
        </Tooltip>
        <Menu>
          <Menu.Target>
            <Button
              variant="subtle"
              color="gray"
              size="compact-md"
              aria-label={`${t("log.speed")}: ${speed}×`}
              className="num"
            >
              {speed}×
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {SPEEDS.map((rate) => (
              <Menu.Item key={rate} onClick={() => choose(rate)}>
                {rate}×
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </section>
  );
}

/** Why there is nothing to play. */
export function NoPlayer({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const [first] = call.recording_files;
  let text = t("log.noRecording");
  if (first?.status === "recording") text = t("log.processing");
  else if (first?.status === "lost") text = t("log.lost");
  else if (first?.status === "erased") text = t("log.erased");
  else if (first) text = t("log.notYours");
  else if (call.recording_consent === "refused") text = t("log.refusedRecording");
  return (
    <div className="player-note">
      <IconMicrophoneOff size={20} aria-hidden />
      {text}
    </div>
  );
}
