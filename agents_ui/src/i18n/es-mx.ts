import type { Texts } from "./es";

type Part<Tree> = { [Key in keyof Tree]?: Tree[Key] extends string ? string : Part<Tree[Key]> };

/** What Mexico says otherwise; the rest is read in `es`. */
export const esMx: Part<Texts> = {
  app: {
    tagline: "El conmutador de su clínica",
    throwAway: "Lo que escribió no está guardado. ¿Descartarlo?",
    required: "Llene este campo.",
    crashed: "Esta pantalla falló",
  },
  nav: { reports: "Reportes" },
  account: { allBranches: "Todas las sucursales" },
  login: {
    title: "Entrar a la consola",
    ended: "Su sesión terminó. Entre de nuevo para seguir.",
    point1: "Quién llama y por qué, antes de contestar",
  },
  connection: { live: "En vivo" },
  error: {
    offline: "No hay conexión con el servidor. Revise la red y vuelva a intentarlo.",
    internal: "Algo falló en el servidor. Vuelva a intentarlo.",
    answered: "Ya contestó alguien, o el buzón de voz: la llamada no se puede recuperar.",
    off_work: "Ya terminó su turno. Solo esa persona puede empezar otro.",
    conflict: "Alguien lo cambió antes. Actualice y vuelva a intentarlo.",
    title: "No se pudo cargar",
    slot_taken: "Acaban de tomar ese horario. Elija otro.",
    hold_gone: "El horario apartado venció. Elíjalo otra vez.",
    in_the_past: "Esa hora ya pasó.",
    too_late: "Pasó demasiado tiempo para deshacerlo. Agende una cita nueva.",
    wrong_transition: "La cita cambió de estado. Véala otra vez.",
    wrong_number: "Uno de los teléfonos no es válido. Escríbalo con lada.",
    not_callable:
      "Ese número no existe o está incompleto. Escríbalo completo; si es de otro país, con + y la lada del país.",
    costly_number: "Desde aquí no se llama a números con costo especial.",
  },
  calls: {
    chooseHint:
      "Haga clic en una de la lista, o llegue a ella con el tabulador y presione Enter. La que suene en su teléfono se abre sola.",
    chooseNoneHint:
      "Las que hay las atienden el asistente u otras personas, y su contenido solo lo ven ellas. La que suene en su teléfono se abre sola.",
    notYoursHint:
      "Puede leer las llamadas que usted atendió. Si necesita esta, pídasela a un supervisor.",
    pressed: "Marcó",
    file: "Expediente",
  },
  reason: {
    book: "Agendar cita",
    cancel: "Cancelar cita",
    insurance: "Seguros médicos",
    documents: "Estudios y documentos",
  },
  step: {
    pedir_cita: "Agendar cita",
    anular_cita: "Cancelar cita",
    primera_hora: "Primer horario libre",
  },
  patient: {
    loading: "Buscando el expediente…",
    unknownHint:
      "El número no está en ningún expediente. El asistente pregunta el nombre y la fecha de nacimiento.",
    provisional: "Expediente por completar",
    document: "CURP o identificación",
    balance: "Saldo pendiente",
    noBalance: "Sin adeudos",
    close: "Cerrar el expediente",
    edit: "Editar expediente",
    book: "Agendar cita",
    keepIt: "Regresar a su expediente",
    saved: "Expediente guardado",
    severalHint: "Escriba cada uno y presione Enter.",
  },
  duplicate: {
    maybe: "Quizá ya tenga expediente",
    useThis: "Usar este expediente",
    title: "Unir dos expedientes",
    explain:
      "Las citas, llamadas, teléfonos, notas, consentimientos y tareas de {{merged}} pasan al expediente de {{kept}}. Queda anotado quién lo hizo y se puede deshacer.",
    merge: "Unir expedientes",
    merged: "Expedientes unidos",
    separated: "Expedientes separados de nuevo",
    history: "Expedientes unidos",
    reason: {
      same_document: "misma identificación",
      similar_document: "identificación casi igual",
      other_document: "otra identificación",
    },
  },
  confirmation: {
    again: "Aún no se pudo enviar ({{reason}}); se volverá a intentar",
    notSetUp:
      "Todavía no se pueden enviar correos: falta indicar el servidor de correo (AURICULA_SMTP_HOST; vea docs/operations.md). Avise a quien administra el conmutador.",
    reason: {
      certificate_refused: "el certificado del servidor de correo no es confiable",
      not_ahead: "la cita ya no está vigente",
    },
  },
  alerts: {
    ringingHint: "Conteste en la consola.",
    dueHint: "Ya llegó su hora: está en Tareas.",
  },
  agenda: {
    branch: "Sucursal",
    closed: "La sucursal está cerrada este día",
    heldFor: "Apartando… {{time}}",
    byPhone: "Agendada por teléfono",
    reference: "Folio",
    holiday: "Día festivo: {{name}}",
    keys: "B buscar horario · D día · S semana · H hoy · ← →",
    book: "Agendar cita",
    bookAt: "Agendar cita: {{when}}",
    bookWith: "Agendar cita con {{name}}",
    moveHint: "Para cambiarla, arrástrela o presione Espacio sobre ella y use las flechas.",
    cancelTitle: "¿Cancelar esta cita?",
    cancelYes: "Sí, cancelar",
    change: { cancel: "Cancelar cita", arrive: "Ya llegó", miss: "No vino" },
    done: {
      book: "Cita agendada para {{name}}: {{when}}, con {{who}}",
      cancel: "Cita de {{name}} cancelada",
      arrive: "{{name}} ya llegó",
      miss: "{{name}} no vino",
    },
    hitch: {
      slot_taken: "Acaban de tomar las {{time}}",
      slot_takenHint: "Otra persona o el asistente fue más rápido. No se cambió nada.",
      overlapHint: "Otra cita ocupa parte de ese tiempo. No se cambió nada.",
      clash: "La cita dura {{minutes}} min y de {{from}} a {{to}} ya hay otra. No se cambió nada.",
      outside_hoursHint: "Está fuera del horario o en ausencia. No se cambió nada.",
      next: "Usar el siguiente horario: {{when}}, {{who}}",
      none: "No hay más horarios con este profesional.",
    },
    drag: {
      instructions:
        "Para cambiar la cita presione Espacio, muévala con las flechas y presione Espacio otra vez. Escape la deja como estaba.",
      weekInstructions:
        "Para cambiar la cita de día presione Espacio, muévala con las flechas y presione Espacio otra vez. Escape la deja como estaba.",
    },
    status: {
      held: "Apartando",
      booked: "Agendada",
      arrived: "Ya llegó",
      cancelled: "Cancelada",
      expired: "Vencida",
    },
  },
  finder: {
    title: "Buscar horario",
    words: "Qué horario busca, con sus palabras",
    example: "Primera cita de limpieza por la tarde",
    results: "Horarios libres",
    none: "No hay horarios así. Pruebe otro día o sin profesional.",
    notUnderstood: "No se entendió. Pruebe con un servicio y un día.",
    given: "Agendada",
  },
  log: {
    back: "Regresar al registro",
    listenedBy: "Quién la escuchó",
    audioFailed: "No se pudo cargar el audio.",
    unreached: { busy: "Estaba ocupado" },
  },
  event: {
    queue_place_kept: "Cuelga y guarda su lugar en la cola",
    queue_place_waiting: "{{by}} le devuelve su lugar en la cola",
    turn_keys: "El paciente marca {{keys}}",
    patient_changed: "Cambia el expediente",
    action: {
      book_appointment: "Agendar una cita",
      cancel_appointment: "Cancelar una cita",
      join_waiting_list: "Anotarse en la lista de espera",
    },
    result: {
      booked: "cita agendada",
      cancelled: "cancelada",
      holiday: "día festivo",
      joined: "anotado",
      not_joined: "no se anotó",
    },
    understood: { branch: "una sucursal" },
  },
  tickets: {
    take: "Yo me encargo",
    kept: {
      hint: "Guardan su lugar en la cola; el conmutador les llama cuando les toca.",
      cancelHint: "El conmutador ya no le llamará. El motivo queda anotado en su llamada.",
      reasons: { served: "Ya se le atendió", asked: "Lo pidió el paciente" },
      restored: "Vuelve a su lugar en la cola",
    },
  },
  state: {
    byTitle: "{{name}} cambió su estado: {{state}}",
    byLater: "{{name}} pidió para después de la llamada: {{state}}",
    endedTitle: "Su turno terminó",
    keys: "Teclas 1–9 para elegir, Enter para terminar",
  },
  room: {
    hidden: "Otra sucursal",
    logTitle: "Lo que hizo supervisión",
    act: { place_waiting: "Devolver su lugar" },
    did: { place_waiting: "{{by}} devolvió su lugar en {{detail}} a quien íbamos a llamar" },
  },
  reports: { title: "Reportes" },
  demo: {
    intro:
      "Este es un teléfono de verdad dentro del navegador. La clínica es de demostración: sus pacientes no existen y puede agendar, cambiar o cancelar lo que quiera.",
    otherError: "Escriba el número con lada internacional, por ejemplo +525512345678.",
    closed:
      "La clínica está cerrada: {{opens}}. Mientras tanto el asistente contesta, agenda citas y las cambia, pero no puede comunicarle con nadie.",
    keyHint: "También con el teclado de su computadora: 0–9, * y #.",
    hint: {
      book: {
        say: "Quisiera agendar una cita para una limpieza",
        does: "Agenda una cita hablando. También con la tecla 1.",
      },
      urgent: { does: "Con la clínica abierta, vea cómo pasa al frente de la cola." },
    },
    watch: "Abra la consola en otra ventana y vea la llamada en vivo",
    problem: {
      microphone_denied:
        "El navegador no tiene permiso para usar el micrófono. Haga clic en el candado de la barra de direcciones, permita el micrófono y vuelva a llamar.",
      insecure:
        "El navegador solo da el micrófono en https o en este mismo equipo. Abra la página con https.",
      switch_unavailable:
        "El conmutador (Asterisk) no responde. Compruebe que «make up» está en marcha y vuelva a intentarlo.",
      rejected: "El conmutador rechazó la llamada.",
      demo_off:
        "El teléfono de demostración solo funciona con la clínica de demostración y desde este mismo equipo, o con la sesión iniciada.",
      lost: "Se perdió la conexión con el conmutador.",
    },
  },
  desk: {
    rings: "Llamada entrante: {{name}}. F2 para contestar.",
    answer: "Contestar",
    hangupLater:
      "Sin conexión no se puede avisar al conmutador: la llamada se cortará del todo en cuanto vuelva.",
    notDone: "No se pudo hacer",
    changed: "La llamada cambió mientras tanto. Vea cómo está y vuelva a intentarlo.",
    handed: { title: "Llamada en transferencia", answered: "Ya contestó {{name}}." },
    consult: {
      cancel: "Regresar con el paciente",
      askedOver: "Terminó la consulta de {{name}}.",
      over: {
        answered: "Terminó la consulta con {{name}}",
        unreachable: "No se pudo llamar a {{name}}",
      },
    },
    dial: { hint: "Con o sin lada. Primero suena su teléfono y después el del paciente." },
    audio: { ringerHint: "El timbre puede sonar en otro dispositivo, aunque hable con audífonos." },
    keys: { shift: "Shift", answer: "Contestar" },
    reasons: { paperwork: "Trámites", training: "Capacitación" },
  },
};
