import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Address = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | keyof AnchorProps>;

function PlainButton({ ref, ...props }: ButtonProps & Address & { ref?: Ref<HTMLAnchorElement> }) {
  return <Button {...props} ref={ref} component="a" />;
}

function PlainText({ ref, ...props }: AnchorProps & Address & { ref?: Ref<HTMLAnchorElement> }) {
  return <Anchor {...props} ref={ref} />;
}

/** Links of the console in the shape of a button and of text. */
export const ButtonLink = createLink(PlainButton);
export const TextLink = createLink(PlainText);
