import {
  ActionIcon,
  type ActionIconProps,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
} from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Address = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | keyof AnchorProps>;

function PlainButton({ ref, ...props }: ButtonProps & Address & { ref?: Ref<HTMLAnchorElement> }) {
  return <Button {...props} ref={ref} component="a" />;
}

function PlainText({ ref, ...props }: AnchorProps & Address & { ref?: Ref<HTMLAnchorElement> }) {
  return <Anchor {...props} ref={ref} />;
}

function PlainIcon({
  ref,
  ...props
}: ActionIconProps & Address & { ref?: Ref<HTMLAnchorElement> }) {
  return <ActionIcon {...props} ref={ref} component="a" />;
}

/** Links of the console in the shape of a button, of text and of an icon. */
export const ButtonLink = createLink(PlainButton);
export const IconLink = createLink(PlainIcon);
export const TextLink = createLink(PlainText);
