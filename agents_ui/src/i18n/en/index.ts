import type { Texts } from "../es";
import { agenda, finder } from "./agenda";
import { account, app, closed, connection, error, login, nav } from "./app";
import { alerts, calls, reason, step } from "./calls";
import { demo } from "./demo";
import { desk } from "./desk";
import { event, log } from "./log";
import { confirmation, consent, duplicate, patient } from "./patient";
import { reports } from "./reports";
import { room, state } from "./room";
import { tickets } from "./tickets";

export const en: Texts = {
  app,
  nav,
  account,
  login,
  connection,
  closed,
  error,
  calls,
  reason,
  step,
  patient,
  duplicate,
  consent,
  confirmation,
  alerts,
  agenda,
  finder,
  log,
  event,
  tickets,
  state,
  room,
  reports,
  demo,
  desk,
};
