export const demo = {
  title: "Llame a la clínica",
  intro:
    "Este es un teléfono de verdad dentro del navegador. La clínica es de demostración: sus pacientes no existen y puede pedir, cambiar o anular lo que quiera.",
  who: "¿Desde qué número llama?",
  whoHint: "La clínica reconoce el número, como con una llamada real.",
  family: "Familia de {{count}}",
  birth: "nació el {{date}}",
  unknown: "Un número que no conocen",
  anonymous: "Número oculto",
  other: "Otro número",
  otherLabel: "Número en formato internacional",
  otherError: "Escriba el número con prefijo, por ejemplo +34612345678.",
  closed:
    "La clínica está cerrada: {{opens}}. Mientras tanto el asistente contesta, da citas y las cambia, pero no puede pasarle con nadie.",
  ready: "Listo para llamar",
  dialling: "Llamando…",
  ringing: "Sonando…",
  talking: "En llamada",
  ended: "Llamada terminada",
  again: "Volver a llamar",
  dial: "Llamar a la clínica",
  hangup: "Colgar",
  mute: "Silenciar",
  unmute: "Activar micrófono",
  keypad: "Teclado",
  keyHint: "También con el teclado de su ordenador: 0–9, * y #.",
  micHint:
    "El navegador pedirá el micrófono. Sin él la clínica no le oye, pero puede usar las teclas. El audio no sale de este servidor.",
  you: "Usted",
  clinic: "La clínica",
  captions: "Lo que se dice",
  captionsEmpty: "Al llamar, aquí se lee la conversación mientras se habla.",
  hints: "Qué probar",
  hint: {
    book: {
      say: "Quería pedir cita para una limpieza",
      does: "Pide una cita hablando. También con la tecla 1.",
    },
    urgent: {
      say: "Tengo mucho dolor, es urgente",
      does: "Con la clínica abierta, vea cómo pasa delante en la cola.",
    },
    mine: {
      say: "¿Cuándo tengo cita?",
      does: "Le pedirá su fecha de nacimiento antes de decir nada.",
    },
    hours: { say: "¿A qué hora cierran hoy?", does: "Pregunta frecuente, a cualquier hora." },
    person: {
      say: "Quiero hablar con una persona",
      does: "Con la clínica abierta, pasa a recepción. También con la tecla 0.",
    },
  },
  watch: "Abra la consola en otra ventana y vea la llamada en directo",
  problem: {
    microphone_denied:
      "El navegador no tiene permiso para usar el micrófono. Pulse el candado de la barra de direcciones, permita el micrófono y vuelva a llamar.",
    microphone_missing:
      "No se encuentra ningún micrófono. Conecte uno y vuelva a llamar, o llame solo con teclas.",
    insecure:
      "El navegador solo da el micrófono en https o en esta misma máquina. Abra la página con https.",
    switch_unavailable:
      "La centralita (Asterisk) no responde. Compruebe que «make up» está en marcha y vuelva a intentarlo.",
    busy: "La línea está ocupada. Vuelva a llamar en un momento.",
    rejected: "La centralita ha rechazado la llamada.",
    demo_off:
      "El teléfono de demostración solo funciona con la clínica de demostración y desde esta misma máquina, o con la sesión iniciada.",
    lost: "Se ha perdido la conexión con la centralita.",
  },
  withoutMic: "Llamar solo con teclas",
  console: "Ir a la consola",
};
