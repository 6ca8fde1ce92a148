import type { Texts } from "../es";

export const demo: Texts["demo"] = {
  title: "Phone the clinic",
  intro:
    "This is a real phone inside the browser. The clinic is a demo: its patients do not exist, and you may book, move or cancel what you like.",
  who: "Which number do you call from?",
  whoHint: "The clinic knows the number, as in a real call.",
  family: "Family of {{count}}",
  birth: "born {{date}}",
  unknown: "A number they do not know",
  anonymous: "Withheld number",
  other: "Another number",
  otherLabel: "Number in international form",
  otherError: "Write the number with its country code, for example +34612345678.",
  closed:
    "The clinic is closed: it {{opens}}. Until then the assistant answers, books and changes appointments, but cannot pass you to anybody.",
  ready: "Ready to call",
  dialling: "Calling…",
  ringing: "Ringing…",
  talking: "On the line",
  ended: "Call ended",
  again: "Call again",
  dial: "Phone the clinic",
  hangup: "Hang up",
  mute: "Mute",
  unmute: "Unmute the microphone",
  keypad: "Keypad",
  keyHint: "Your keyboard works too: 0–9, * and #.",
  micHint:
    "The browser will ask for the microphone. Without it the clinic does not hear you, but keys work. The audio does not leave this server.",
  you: "You",
  clinic: "The clinic",
  captions: "What is said",
  captionsEmpty: "When you call, the conversation can be read here as it is spoken.",
  hints: "What to try",
  hint: {
    book: {
      say: "Quería pedir cita para una limpieza",
      does: "Books by voice. Key 1 does it too.",
    },
    urgent: {
      say: "Tengo mucho dolor, es urgente",
      does: "While the clinic is open, see how it goes first in the queue.",
    },
    mine: {
      say: "¿Cuándo tengo cita?",
      does: "It asks for the date of birth before it tells anything.",
    },
    hours: { say: "¿A qué hora cierran hoy?", does: "A frequent question, at any hour." },
    person: {
      say: "Quiero hablar con una persona",
      does: "While the clinic is open it goes to the desk. Key 0 does it too.",
    },
  },
  watch: "Open the console in another window and watch the call live",
  problem: {
    microphone_denied:
      "The browser may not use the microphone. Press the padlock in the address bar, allow the microphone and call again.",
    microphone_missing:
      "No microphone was found. Connect one and call again, or call by keys only.",
    insecure:
      "The browser gives the microphone only over https or on this very machine. Open the page with https.",
    switch_unavailable:
      "The switch (Asterisk) does not answer. Check that “make up” is running and try again.",
    busy: "The line is busy. Call again in a moment.",
    rejected: "The switch refused the call.",
    demo_off:
      "The demo phone works only with the demo clinic and from this very machine, or after logging in.",
    lost: "The connection to the switch was lost.",
  },
  withoutMic: "Call by keys only",
  console: "Go to the console",
};
