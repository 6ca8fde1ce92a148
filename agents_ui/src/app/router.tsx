import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { Crashed, NotFound } from "@/components/states";
import { client, type DoneFilters, type LogFilters, queries } from "./queries";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/entrar",
  component: lazyRouteComponent(() => import("@/screens/login/login"), "Login"),
  validateSearch: (search: Record<string, unknown>): { to?: string; ended?: boolean } => ({
    to: typeof search.to === "string" && search.to.startsWith("/") ? search.to : undefined,
    ended: search.ended === true ? true : undefined,
  }),
});

const demo = createRoute({
  getParentRoute: () => root,
  path: "/telefono",
  component: lazyRouteComponent(() => import("@/screens/demo/demo"), "DemoPhone"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await client.ensureQueryData(queries.me);
    if (!me) throw redirect({ to: "/entrar", search: { to: location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/llamadas" });
  },
});

const calls = createRoute({
  getParentRoute: () => shell,
  path: "/llamadas",
  component: lazyRouteComponent(() => import("@/screens/calls/calls"), "Calls"),
  validateSearch: (search: Record<string, unknown>): { llamada?: string } => ({
    llamada: typeof search.llamada === "string" ? search.llamada : undefined,
  }),
});

interface AgendaSearch {
  dia?: string;
  sede?: number;
  vista?: "semana";
  /** Who is being booked for. */
  paciente?: number;
}

const agenda = createRoute({
  getParentRoute: () => shell,
  path: "/agenda",
  component: lazyRouteComponent(() => import("@/screens/agenda/agenda"), "Agenda"),
  validateSearch: (search: Record<string, unknown>): AgendaSearch => ({
    dia: /^\d{4}-\d\d-\d\d$/.test(String(search.dia)) ? String(search.dia) : undefined,
    sede: Number.isInteger(search.sede) ? Number(search.sede) : undefined,
    vista: search.vista === "semana" ? "semana" : undefined,
    paciente: Number.isInteger(search.paciente) ? Number(search.paciente) : undefined,
  }),
});

const log = createRoute({
  getParentRoute: () => shell,
  path: "/registro",
  component: lazyRouteComponent(() => import("@/screens/log/log"), "Log"),
  validateSearch: (search: Record<string, unknown>): LogFilters => search as LogFilters,
});

const call = createRoute({
  getParentRoute: () => shell,
  path: "/registro/$callId",
  component: lazyRouteComponent(() => import("@/screens/log/detail"), "CallPage"),
});

const tickets = createRoute({
  getParentRoute: () => shell,
  path: "/tareas",
  component: lazyRouteComponent(() => import("@/screens/tickets/tickets"), "Tickets"),
});

const room = createRoute({
  getParentRoute: () => shell,
  path: "/sala",
  component: lazyRouteComponent(() => import("@/screens/room/room"), "Room"),
  validateSearch: (search: Record<string, unknown>): DoneFilters & { log?: boolean | undefined } =>
    search,
});

const reports = createRoute({
  getParentRoute: () => shell,
  path: "/informes",
  component: lazyRouteComponent(() => import("@/screens/reports/reports"), "Reports"),
  validateSearch: (search: Record<string, unknown>): { desde?: string; hasta?: string } => ({
    desde: /^\d{4}-\d\d-\d\d$/.test(String(search.desde)) ? String(search.desde) : undefined,
    hasta: /^\d{4}-\d\d-\d\d$/.test(String(search.hasta)) ? String(search.hasta) : undefined,
  }),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    demo,
    shell.addChildren([home, calls, agenda, log, call, tickets, room, reports]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Crashed,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
